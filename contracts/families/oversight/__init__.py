# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Who watches the cases: supervision, performance, credit, reconciliation. 监管与对账"""

from collections.abc import Sequence

from contracts.contract import Contract

CONTRACTS: Sequence[Contract] = ()
