# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The rules for answers find each flaw by exactly the rule that it breaks."""

import pytest

from connectors.sdk import rule as rules
from connectors.sdk.answer_rules import ANSWER_RULES
from connectors.sdk.bench import Isolation
from connectors.sdk.conformance import bench_for
from tests.connectors.hostile.postbox import Postbox

FLAWS = [
    ("HONEST", set()),
    ("PROOFLESS", {"gives_the_final_answer"}),
    ("CODELESS", {"gives_a_refusal"}),
    ("SLOW", {"answers_at_once_are_heard"}),
    ("CONFUSED", {"answers_are_told_apart"}),
    ("FICKLE", {"a_repeated_answer_harms_nobody"}),
    ("OFFENDED", {"answers_survive_an_outage"}),
    ("FORGETFUL", {"answers_survive_a_restart"}),
    ("CARELESS", {"gives_again_what_was_not_kept"}),
]


@pytest.mark.parametrize(("name", "broken"), FLAWS)
async def test_each_breaks_its_rule_and_no_other(name: str, broken: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "PATIENCE_SECONDS", 3.0)  # a rule that is broken is waited for in vain
    found = {
        rule.name
        for rule in ANSWER_RULES
        if await rule.broken(bench_for(f"tests.connectors.hostile.postbox:{name}", Postbox(), Isolation.NONE))
    }

    assert found == broken


def test_every_rule_has_its_breaker() -> None:
    assert {rule.name for rule in ANSWER_RULES} == set().union(*(broken for _, broken in FLAWS))
