# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What other platforms do for a case: verification, payment, seals, notices, shipments. 支撑服务"""

from collections.abc import Sequence

from contracts.contract import Contract
from contracts.families.services import (
    fee_notified,
    notice_dispatched,
    notice_reported,
    notice_requested,
    notice_revoked,
    payment_recorded,
    seal_completed,
    seal_requested,
    seal_withdrawn,
    shipment_event,
    shipment_ordered,
    transaction_ended,
    verification_answered,
    verification_requested,
)

CONTRACTS: Sequence[Contract] = (
    verification_requested.CONTRACT,
    verification_answered.CONTRACT,
    fee_notified.CONTRACT,
    payment_recorded.CONTRACT,
    seal_requested.CONTRACT,
    seal_completed.CONTRACT,
    seal_withdrawn.CONTRACT,
    notice_requested.CONTRACT,
    notice_dispatched.CONTRACT,
    notice_reported.CONTRACT,
    notice_revoked.CONTRACT,
    shipment_ordered.CONTRACT,
    shipment_event.CONTRACT,
    transaction_ended.CONTRACT,
)
