# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The suite finds each hostile connector by exactly the rule it breaks."""

import pytest

from connectors.sdk.bench import Isolation
from connectors.sdk.conformance import ConnectorSuite, bench_for
from connectors.sdk.far_side import Nowhere
from connectors.sdk.rules import RULES
from tests.connectors.far_http import QueryableFarSide, TokenFarSide

SECRETS = {"token": "made-up-token"}
BREAKERS = "tests.connectors.hostile.rule_breakers"


@pytest.mark.parametrize(
    ("name", "broken"),
    [
        ("HONEST", set()),
        ("RAISING", {"raises_nothing"}),
        ("NONSENSE", {"outage_is_unavailable"}),
        ("HANGING", {"hang_ends_at_the_deadline"}),
        ("BLOCKING", {"keeps_the_loop_free"}),
        ("SWALLOWING", {"obeys_cancellation"}),
        ("LEAKING", {"leaves_nothing_behind"}),
        ("TRIMMING", {"carries_bytes_untouched"}),
        ("FORGETTING", {"carries_attributes"}),
        ("CHATTING", {"is_quiet"}),
        ("REPEATING", {"sends_once"}),
        ("HOPING", {"cut_is_in_doubt"}),
        ("QUEUEING", {"sends_concurrently"}),
        ("PROBING", {"check_has_no_effect"}),
        ("LAX", {"config_is_strict"}),
        ("BOASTING", {"manifest_is_sound"}),
        ("FOLLOWING", {"follows_no_redirect"}),
        ("TRUSTING", {"verifies_tls"}),
        ("KEEPING", {"rotation_is_live"}),
        ("PRINTING", {"secret_stays_secret"}),
        ("EXPECTING", {"missing_secret_is_unavailable"}),
        ("GOSSIPING", {"says_nothing_personal"}),
        ("HOARDING", {"leaves_no_descriptors_or_threads"}),
        ("UNCOUNTED", {"measures_what_it_declares"}),
        ("HASTY", {"making_one_touches_nothing"}),
        ("RESIGNED", {"opens_while_the_far_side_is_away"}),
        ("JEALOUS", {"opens_twice"}),
        ("BY_VALUE", {"credentials_are_references"}),
        ("RECEIPTLESS", {"gives_receipts"}),
        ("OPTIMISTIC", {"check_sees_an_outage"}),
        ("RENAMING", {"repeat_is_safe"}),
        ("DOUBTING", {"refusal_is_rejected"}),
        ("SULKING", {"recovers_after_outage"}),
        ("CLINGING", {"closes_while_sending"}),
    ],
)
async def test_each_breaks_its_rule_and_no_other(name: str, broken: set[str]) -> None:
    found = set()
    for rule in RULES:
        async with TokenFarSide() as far_side:
            if await rule.broken(bench_for(f"{BREAKERS}:{name}", far_side, Isolation.NONE, SECRETS)):
                found.add(rule.name)

    assert found == broken


@pytest.mark.parametrize(
    ("name", "broken"),
    [
        ("HONEST", set()),
        ("PRESUMING", {"outage_is_no_answer_to_a_query"}),
        ("FORGETFUL", {"query_answers"}),
        ("AMNESIAC", {"query_knows_what_was_cut"}),
    ],
)
async def test_who_can_be_asked_breaks_its_rule_and_no_other(name: str, broken: set[str]) -> None:
    found = set()
    for rule in RULES:
        async with QueryableFarSide() as far_side:
            if await rule.broken(bench_for(f"{BREAKERS}:{name}", far_side, Isolation.NONE)):
                found.add(rule.name)

    assert found == broken


def test_every_rule_has_its_breaker() -> None:
    marks = [one for one in test_each_breaks_its_rule_and_no_other.pytestmark if one.name == "parametrize"]  # type: ignore[attr-defined]
    more = [one for one in test_who_can_be_asked_breaks_its_rule_and_no_other.pytestmark if one.name == "parametrize"]  # type: ignore[attr-defined]
    broken = set().union(*(rules for mark in (*marks, *more) for _, rules in mark.args[1]))

    assert {rule.name for rule in RULES} == broken


class TestTheSuiteCannotBeBentInSilence:
    def test_by_replacing_its_test(self) -> None:
        with pytest.raises(TypeError, match="replaces test_rule"):
            type("TestBent", (ConnectorSuite,), {"reference": "x:Y", "test_rule": None})

    def test_by_an_exemption_without_a_reason(self) -> None:
        with pytest.raises(TypeError, match="no reason for its exemption from sends_once"):
            type("TestBent", (ConnectorSuite,), {"reference": "x:Y", "exempt": {"sends_once": "later"}})

    def test_by_an_exemption_from_nothing(self) -> None:
        with pytest.raises(TypeError, match="rules that do not exist: sends_twice"):
            type(
                "TestBent", (ConnectorSuite,), {"reference": "x:Y", "exempt": {"sends_twice": "a good reason, really"}}
            )

    async def test_by_an_exemption_that_has_outlived_its_reason(self) -> None:
        suite = type(
            "TestBent",
            (ConnectorSuite,),
            {"reference": "connectors.mailbox:CONNECTOR", "exempt": {"is_quiet": "it used to write log lines"}},
        )()
        rule = next(rule for rule in RULES if rule.name == "is_quiet")

        with pytest.raises(AssertionError, match="the exemption from is_quiet is stale"):
            await suite.test_rule(rule, Isolation.NONE, Nowhere({}))

    def test_by_naming_no_connector(self) -> None:
        with pytest.raises(LookupError, match="cannot be loaded"):
            bench_for("no_such_module:CONNECTOR", Nowhere({}), Isolation.NONE)
