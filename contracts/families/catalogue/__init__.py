# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What may be applied for: items and investment projects. 事项与项目"""

from collections.abc import Sequence

from contracts.contract import Contract

CONTRACTS: Sequence[Contract] = ()
