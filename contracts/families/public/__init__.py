# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What the public and its identities bring: ratings, inquiries, appointments, identity. 公众服务"""

from collections.abc import Sequence

from contracts.contract import Contract
from contracts.families.public import evaluation_recorded, evaluation_recorded_v2

CONTRACTS: Sequence[Contract] = (evaluation_recorded.CONTRACT, evaluation_recorded_v2.CONTRACT)
