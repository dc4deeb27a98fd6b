# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The rules for receivers under pytest, adopted as the :class:`connectors.sdk.conformance.ConnectorSuite` is:

    class TestFaxServer(ReceiverSuite):
        reference = "acme_fax:CONNECTOR"

        @pytest.fixture
        def caller(self):
            return FaxCaller()  # a connectors.sdk.caller.Caller

Every rule of :mod:`connectors.sdk.receiver_rules` runs in the test's process and in a child process. No receiver is exempt
from any of them.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

import pytest

from connectors.sdk.bench import Isolation
from connectors.sdk.caller import Caller
from connectors.sdk.conformance import refuse_bending
from connectors.sdk.discovery import Broken, load_receiver
from connectors.sdk.receiver_rules import RECEIVER_RULES, ReceiverBench, ReceiverRule

_CASES = [
    pytest.param(rule, isolation, id=f"{rule.name}-{isolation}") for rule in RECEIVER_RULES for isolation in Isolation
]


class ReceiverSuite:
    """One test per rule and isolation. A subclass gives ``reference`` and the fixture ``caller``, maybe ``secrets``.

    A rule that cannot apply, because the kind's callers bring no messages but answers, is named in ``exempt`` with its reason;
    it runs all the same and turns red when it is kept after all.
    """

    reference: ClassVar[str]
    exempt: ClassVar[Mapping[str, str]] = MappingProxyType({})
    secrets: ClassVar[Mapping[str, str]] = MappingProxyType({})

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        refuse_bending(cls, ReceiverSuite, {rule.name for rule in RECEIVER_RULES}, cls.exempt)

    @pytest.mark.parametrize(("rule", "isolation"), _CASES)
    async def test_receiver_rule(self, rule: ReceiverRule, isolation: Isolation, caller: Caller) -> None:
        """The receiver keeps the rule, or is exempt and indeed does not."""
        reason = self.exempt.get(rule.name)
        if reason is not None and isolation is not min(Isolation):
            pytest.xfail(reason)  # that it does not keep the rule is seen once, not in every isolation
        connector = load_receiver(self.reference)
        assert not isinstance(connector, Broken), connector
        bench = ReceiverBench(
            connector=connector,
            caller=caller,
            secret=self.secrets.__getitem__,
            reference=self.reference,
            isolation=isolation,
        )
        broken = await rule.broken(bench)
        if reason is not None:
            assert broken, f"the exemption from {rule.name} is stale: {reason}"
            pytest.xfail(reason)
        assert not broken, f"{rule.name}: {broken}"
