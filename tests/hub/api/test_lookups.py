# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Lookups at the API: who may ask, what is answered, and what the log says of it."""

import os
from collections.abc import Iterator, Sequence
from typing import Any, Self, cast

import pytest
from pydantic import BaseModel

from connectors.sdk import (
    Context,
    Criteria,
    Delivered,
    Finding,
    Found,
    Lookup,
    Manifest,
    NotFound,
    Outcome,
    Question,
    Rejected,
    Role,
    Unavailable,
)
from connectors.sdk.fencing.fence import OPEN, Fence
from contracts.text import Text
from hub.access.decision import Grant, Verb
from hub.config.lookups import Askable, LookupSection
from hub.lookups.desk import Ledger, Window, open_window
from hub.observing.lookups import lookup_metrics
from hub.ports.journal import JournalDown, LookupRecord
from tests.connectors.hostile.bad_lookup import CONNECTOR
from tests.hub.api.house import House
from tests.hub.api.test_dead import post
from tests.hub.api.test_description import description, holds
from tests.support.access import RULE

__all__ = ["description"]  # the fixture

NAME, PERSON = "companies", "K-made-up"
HIT = Found(({"name": "示例企业", "share": 12, "since": None},), complete=False)


class Nothing(BaseModel):
    """No settings."""


class Register:
    """A register that answers what it is given, in turn; the last answer for ever."""

    manifest = Manifest(kind="register", title=Text("库", "register"), roles=frozenset({Role.LOOKUP}))
    lookup_config = Nothing

    def __init__(self, *findings: Finding) -> None:
        self.findings = list(findings)
        self.asked: list[Question] = []

    def criteria(self, config: BaseModel) -> Criteria:
        return Criteria(required=frozenset({"code"}), optional=frozenset({"name"}))

    def lookup(self, config: BaseModel, context: Context) -> Lookup:
        return self

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        pass

    async def ask(self, question: Question) -> Finding:
        self.asked.append(question)
        return self.findings.pop(0) if len(self.findings) > 1 else self.findings[0]

    async def check(self) -> Outcome:
        return Delivered()


@pytest.fixture
def granted(house: House) -> Iterator[None]:
    """The portal may ask."""
    grants = cast("dict[tuple[str, Verb], list[Grant]]", house.hub.rules.access.grants)
    grants["portal", Verb.LOOK_UP] = [Grant(rule=RULE, contracts=frozenset({NAME}))]
    yield
    del grants["portal", Verb.LOOK_UP]


@pytest.fixture
def opened(house: House, granted: None) -> Iterator[Any]:
    lookups = cast("dict[str, Window]", house.hub.lookups)

    def opened(register: Register, **cache: float) -> Register:
        section = LookupSection.model_validate({"connector": "register", "systems": ["portal"], "cache": cache})
        nothing = Nothing()
        reference = "connectors.register:CONNECTOR"
        criteria = register.criteria(nothing)
        askable = Askable(NAME, section, register, reference, nothing, register.manifest, criteria, OPEN)
        ledger = Ledger(house.hub.journal.lookup_records, house.hub.ids)
        lookups[NAME] = Window(askable, register, house.hub.clock, house.hub.log, ledger)
        return register

    yield opened
    lookups.clear()


async def ask(house: House, who: str = "portal", **changes: Any) -> tuple[int, dict[str, Any]]:
    question = {"criteria": {"code": PERSON}, "purpose": "办理事项 1 的核验", **changes}
    return await post(house, f"/v1/lookups/{NAME}", question, who)


async def test_an_answer_is_what_the_register_says(house: House, description: dict[str, Any], opened: Any) -> None:
    register = opened(Register(HIT, NotFound()))
    status, found = await ask(house)
    _, nothing = await ask(house)

    holds(description, "LookupAnswer", found)
    assert (status, found["found"], found["complete"], found["stale"]) == (200, True, False, False)
    assert found["records"] == [{"name": "示例企业", "share": 12, "since": None}]
    assert (nothing["found"], nothing["records"]) == (False, [])
    assert [(one.criteria, one.purpose) for one in register.asked] == [({"code": PERSON}, "办理事项 1 的核验")] * 2


@pytest.mark.parametrize("who", ["archives", "superior"])
async def test_whoever_is_not_named_finds_nothing_there(who: str, house: House, opened: Any) -> None:
    register = opened(Register(HIT))
    status, problem = await ask(house, who)

    assert (status, problem["code"], register.asked) == (404, "E_NOT_FOUND", [])


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"criteria": {}}, "$.criteria.code"),
        ({"criteria": {"code": "1", "kode": "1"}}, "$.criteria.kode"),
        ({"criteria": {"code": 1}}, "$.criteria.code"),
        ({"purpose": ""}, "$.purpose"),
        ({"more": 1}, "$.more"),
    ],
)
async def test_a_wrong_question_is_refused_by_its_path(
    changes: dict[str, Any], path: str, house: House, opened: Any
) -> None:
    register = opened(Register(HIT))
    status, problem = await ask(house, **changes)

    assert (status, problem["code"], register.asked) == (422, "E_BODY_INVALID", [])
    assert path in [one["path"] for one in problem["violations"]]


async def test_a_refusal_and_an_outage_are_told_apart(house: House, opened: Any) -> None:
    opened(Register(Rejected("DB_NOT_ALLOWED", "register"), Unavailable("NO_CONNECTION: away")))
    refused, away = await ask(house), await ask(house)

    assert (refused[0], refused[1]["code"]) == (422, "E_LOOKUP_REJECTED")
    assert (away[0], away[1]["code"], away[1]["retry_after"]) == (503, "E_LOOKUP_UNAVAILABLE", 5.0)


@pytest.mark.usefixtures("granted")
async def test_a_third_partys_lookup_that_ends_its_process_leaves_the_hub_serving(house: House) -> None:
    section = LookupSection.model_validate({"connector": "bad_lookup", "systems": ["portal"]})
    reference = "tests.connectors.hostile.bad_lookup:CONNECTOR"
    criteria = Criteria(optional=frozenset({"key"}))
    askable = Askable(NAME, section, None, reference, None, CONNECTOR.manifest, criteria, Fence())
    lookups = cast("dict[str, Window]", house.hub.lookups)
    async with open_window(askable, {"token": "made-up"}.__getitem__, house.hub.clock, house.hub.log) as window:
        lookups[NAME] = window
        there, away = await ask(house, criteria={"key": "well"}), await ask(house, criteria={"key": "exit"})
        lookups.clear()

    assert (there[0], there[1]["found"]) == (200, True)
    assert there[1]["records"][0]["pid"] != os.getpid()
    assert (away[0], away[1]["code"], away[1]["retry_after"]) == (503, "E_LOOKUP_UNAVAILABLE", 5.0)


async def test_what_is_remembered_is_not_asked_again_and_old_answers_bridge_an_outage(
    house: House, opened: Any
) -> None:
    register = opened(Register(HIT), hit_seconds=60)
    answers = [await ask(house) for _ in range(2)]
    assert len(register.asked) == 1
    assert [body["found"] for _, body in answers] == [True, True]

    register = opened(Register(HIT, Unavailable("NO_CONNECTION: away")), stale_seconds=60)
    fresh, old = await ask(house), await ask(house)
    assert len(register.asked) == 2
    assert (fresh[1]["stale"], old[1]["stale"], old[1]["records"]) == (False, True, fresh[1]["records"])


async def test_the_line_says_who_and_why_and_not_about_whom(house: House, opened: Any) -> None:
    opened(Register(HIT))
    before = len(lines(house))
    await ask(house)
    (line,) = lines(house)[before:]

    assert (line["system"], line["purpose"], line["criteria"]) == ("portal", "办理事项 1 的核验", ["code"])
    assert (line["outcome"], line["records"]) == ("Found", 1)
    assert PERSON not in repr(line)
    assert "示例企业" not in repr(line)


async def test_every_question_is_in_the_journal_without_what_it_was_about(
    house: House, description: dict[str, Any], opened: Any
) -> None:
    opened(Register(HIT, NotFound(), Rejected("CODE_WRONG", "no"), Unavailable("NO_CONNECTION: away")))
    for number in range(4):
        await ask(house, purpose=f"核验 {number}\u0000")
    status, page = await house.get(f"/v1/lookup-records?lookup={NAME}&limit=4", "watcher")
    holds(description, "LookupEntries", page)
    mine = await house.get(
        f"/v1/lookup-records?system=portal&lookup={NAME}&limit=2&after={page['lookups'][1]['record']}", "watcher"
    )
    nobodys = await house.get("/v1/lookup-records?system=civil", "watcher")

    assert status == 200
    told = [(one["purpose"], one["outcome"], one["code"], one["records"], one["manner"]) for one in page["lookups"]]
    assert told == [
        ("核验 3\ufffd", "unavailable", "NO_CONNECTION", 0, "asked"),
        ("核验 2\ufffd", "rejected", "CODE_WRONG", 0, "asked"),
        ("核验 1\ufffd", "not_found", "", 0, "asked"),
        ("核验 0\ufffd", "found", "", 1, "asked"),
    ]
    assert {(one["system"], tuple(one["criteria"])) for one in page["lookups"]} == {("portal", ("code",))}
    assert [one["record"] for one in mine[1]["lookups"]] == [one["record"] for one in page["lookups"][2:]]
    assert nobodys[1] == {"lookups": [], "next": None}
    assert PERSON not in repr(page)


async def test_what_cannot_be_recorded_is_not_told(house: House, opened: Any) -> None:
    opened(Register(HIT))
    lookups = cast("dict[str, Window]", house.hub.lookups)
    lookups[NAME] = Window(
        lookups[NAME]._askable, Register(HIT), house.hub.clock, house.hub.log, Ledger(_Away(), house.hub.ids)
    )
    status, problem = await ask(house)

    assert (status, problem["code"]) == (503, "E_JOURNAL_DOWN")
    assert "示例企业" not in repr(problem)


class _Away:
    """Records of a journal that is away."""

    async def record(self, record: LookupRecord) -> JournalDown:
        return JournalDown("away")

    async def newest(self, *_: object, **__: object) -> JournalDown:
        return JournalDown("away")

    async def forget(self, *_: object) -> JournalDown:
        return JournalDown("away")


@pytest.mark.parametrize(("query", "status"), [("after=x", 400), ("limit=x", 400)])
async def test_a_page_that_is_none_is_refused(house: House, query: str, status: int) -> None:
    assert (await house.get(f"/v1/lookup-records?{query}", "watcher"))[0] == status


async def test_only_operators_read_the_records(house: House) -> None:
    assert (await house.get("/v1/lookup-records", "portal"))[0] in {401, 403, 404}


def lines(house: House) -> Sequence[dict[str, Any]]:
    """The lines about lookups so far."""
    return [call.kwargs for call in house.logged.calls if "lookup" in call.args or call.kwargs.get("event") == "lookup"]


async def test_questions_are_counted_by_what_came_of_them(house: House, opened: Any) -> None:
    opened(Register(HIT, Unavailable("NO_CONNECTION: away")), hit_seconds=60)
    for _ in range(3):
        await ask(house)
    await ask(house, criteria={"code": "another"})
    family = {
        sample.labels["outcome"] + " " + sample.labels["manner"]: sample.value
        for metric in lookup_metrics(house.hub)
        if metric.name == "govhub_lookup_questions"
        for sample in metric.samples
    }

    assert family == {"Found asked": 1, "Found remembered": 2, "Unavailable asked": 1}
