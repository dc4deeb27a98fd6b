# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Who watches the cases: supervision, performance, credit, reconciliation. 监管与对账"""

from collections.abc import Sequence

from contracts.contract import Contract
from contracts.families.oversight import (
    credit_published,
    performance_reported,
    reconciliation_answered,
    reconciliation_counted,
    reconciliation_declared,
    record_available,
    supervision_ordered,
    supervision_warned,
)

CONTRACTS: Sequence[Contract] = (
    supervision_warned.CONTRACT,
    supervision_ordered.CONTRACT,
    performance_reported.CONTRACT,
    credit_published.CONTRACT,
    record_available.CONTRACT,
    reconciliation_declared.CONTRACT,
    reconciliation_answered.CONTRACT,
    reconciliation_counted.CONTRACT,
)
