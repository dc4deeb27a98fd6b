# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What the public and its identities bring: ratings, inquiries, appointments, identity. 公众服务"""

from collections.abc import Sequence

from contracts.contract import Contract
from contracts.families.public import (
    appointment_changed,
    evaluation_recorded,
    evaluation_recorded_v2,
    identity_asserted,
    inquiry_answered,
    inquiry_submitted,
)

CONTRACTS: Sequence[Contract] = (
    identity_asserted.CONTRACT,
    appointment_changed.CONTRACT,
    evaluation_recorded.CONTRACT,
    evaluation_recorded_v2.CONTRACT,
    inquiry_submitted.CONTRACT,
    inquiry_answered.CONTRACT,
)
