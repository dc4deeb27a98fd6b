# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The rules for receivers under pytest, adopted as the :class:`connectors.sdk.conformance.ConnectorSuite` is:

    class TestFaxServer(ReceiverSuite):
        reference = "acme_fax:CONNECTOR"

        @pytest.fixture
        def caller(self):
            return FaxCaller()  # a connectors.sdk.caller.Caller

No receiver is exempt from any of them.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

import pytest

from connectors.sdk.caller import Caller
from connectors.sdk.discovery import Broken, load_receiver
from connectors.sdk.receiver_rules import RECEIVER_RULES, ReceiverBench, ReceiverRule


class ReceiverSuite:
    """One test per rule. A subclass gives ``reference`` and the fixture ``caller``, maybe ``secrets``."""

    reference: ClassVar[str]
    secrets: ClassVar[Mapping[str, str]] = MappingProxyType({})

    @pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.name) for rule in RECEIVER_RULES])
    async def test_receiver_rule(self, rule: ReceiverRule, caller: Caller) -> None:
        """The receiver keeps the rule."""
        connector = load_receiver(self.reference)
        assert not isinstance(connector, Broken), connector
        broken = await rule.broken(ReceiverBench(connector=connector, caller=caller, secret=self.secrets.__getitem__))
        assert not broken, f"{rule.name}: {broken}"
