# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The mailbox kind keeps the rules its role is shipped with."""

from types import MappingProxyType

import pytest

from connectors.sdk.conformance import ConnectorSuite
from connectors.sdk.far_side import Nowhere

_NOBODY_TO_CALL = (
    "a mailbox calls nobody: the department fetches, and test_department.py holds what it fetches and says to this rule"
)


class TestMailbox(ConnectorSuite):
    reference = "connectors.mailbox:CONNECTOR"
    exempt = MappingProxyType(
        dict.fromkeys(
            [
                "carries_bytes_untouched",
                "carries_attributes",
                "repeat_is_safe",
                "sends_once",
                "refusal_is_rejected",
                "outage_is_unavailable",
                "recovers_after_outage",
                "hang_ends_at_the_deadline",
                "cut_is_in_doubt",
                "sends_concurrently",
                "closes_while_sending",
                "obeys_cancellation",
                "check_sees_an_outage",
            ],
            _NOBODY_TO_CALL,
        )
    )

    @pytest.fixture
    def far_side(self) -> Nowhere:
        return Nowhere({})
