# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The life of a case, from the application to its collection. 办件"""

from collections.abc import Sequence

from contracts.contract import Contract
from contracts.families.handling import (
    acceptance_decided,
    acceptance_decided_v2,
    application_submitted,
    application_submitted_v2,
    collection_recorded,
    completion_decided,
    completion_decided_v2,
    consultation_requested,
    correction_requested,
    correction_supplied,
    licence_issued,
    licence_issued_v2,
    material_supplied,
    opinion_given,
    opinion_given_v2,
    opinion_requested,
    opinions_gathered,
    package_divided,
    package_progressed,
    package_submitted,
    prereview_decided,
    process_step,
    special_ended,
    special_started,
    supplement_progressed,
)

CONTRACTS: Sequence[Contract] = (
    application_submitted.CONTRACT,
    application_submitted_v2.CONTRACT,
    prereview_decided.CONTRACT,
    correction_requested.CONTRACT,
    correction_supplied.CONTRACT,
    acceptance_decided.CONTRACT,
    acceptance_decided_v2.CONTRACT,
    process_step.CONTRACT,
    special_started.CONTRACT,
    special_ended.CONTRACT,
    completion_decided.CONTRACT,
    completion_decided_v2.CONTRACT,
    licence_issued.CONTRACT,
    licence_issued_v2.CONTRACT,
    collection_recorded.CONTRACT,
    material_supplied.CONTRACT,
    supplement_progressed.CONTRACT,
    package_submitted.CONTRACT,
    package_divided.CONTRACT,
    package_progressed.CONTRACT,
    consultation_requested.CONTRACT,
    opinion_requested.CONTRACT,
    opinion_given.CONTRACT,
    opinion_given_v2.CONTRACT,
    opinions_gathered.CONTRACT,
)
