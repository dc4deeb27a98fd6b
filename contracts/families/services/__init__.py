# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What other platforms do for a case: verification, payment, seals, notices, shipments. 支撑服务"""

from collections.abc import Sequence

from contracts.contract import Contract

CONTRACTS: Sequence[Contract] = ()
