# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The rules for answers that come later under pytest, adopted beside the :class:`connectors.sdk.conformance.ConnectorSuite`:

    class TestFaxAnswers(AnswerSuite):
        reference = "acme_fax:CONNECTOR"

        @pytest.fixture
        async def far_side(self):
            async with FaxMachine() as machine:  # a connectors.sdk.answer_rules.AnsweringFarSide
                yield machine

For every kind whose sinks hear the answers themselves. Where a receiver or a source of the kind hears them, its far side has an
attribute ``answers``, set to the bench's, and its ``answer`` calls that receiver with them. Every rule of
:mod:`connectors.sdk.answer_rules` runs in the test's process and in a child process; one that cannot apply is named in ``exempt``
with its reason, runs all the same, and turns red when it is kept after all.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

import pytest

from connectors.sdk.answer_rules import ANSWER_RULES, AnsweringFarSide
from connectors.sdk.bench import Isolation
from connectors.sdk.conformance import bench_for, refuse_bending
from connectors.sdk.rule import Rule

_CASES = [
    pytest.param(rule, isolation, id=f"{rule.name}-{isolation}") for rule in ANSWER_RULES for isolation in Isolation
]


class AnswerSuite:
    """One test per rule and isolation. A subclass gives ``reference`` and the fixture ``far_side``, maybe ``secrets``."""

    reference: ClassVar[str]
    exempt: ClassVar[Mapping[str, str]] = MappingProxyType({})
    secrets: ClassVar[Mapping[str, str]] = MappingProxyType({})

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        refuse_bending(cls, AnswerSuite, {rule.name for rule in ANSWER_RULES}, cls.exempt)

    def test_it_promises_receipts(self, far_side: AnsweringFarSide) -> None:
        """Whoever gives answers says so in the manifest."""
        assert bench_for(self.reference, far_side, Isolation.NONE, self.secrets).promised.receipts

    @pytest.mark.parametrize(("rule", "isolation"), _CASES)
    async def test_answer_rule(self, rule: Rule, isolation: Isolation, far_side: AnsweringFarSide) -> None:
        """The connector keeps the rule, or is exempt and indeed does not."""
        reason = self.exempt.get(rule.name)
        if reason is not None and isolation is not min(rule.isolations):
            pytest.xfail(reason)  # that it does not keep the rule is seen once, not in every isolation
        broken = await rule.broken(bench_for(self.reference, far_side, isolation, self.secrets))
        if reason is not None:
            assert broken, f"the exemption from {rule.name} is stale: {reason}"
            pytest.xfail(reason)
        assert not broken, f"{rule.name}: {broken}"
