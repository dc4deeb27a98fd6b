# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A changed contract, tried on what a real hub recorded: whom it would refuse, for what, and nothing of anybody's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import chain

import pytest

from contracts.catalogue import builtin
from contracts.cloudevent import CloudEvent
from contracts.contract import Contract
from contracts.conversion import Conversion, Finding, Inexpressible, Loss, Record
from contracts.example import but
from contracts.registry import Registry
from contracts.rules import AbsentWhen, RequiredWhen, Rule
from contracts.text import Text
from hub.ports.journal import JournalDown, Recorded
from hub.trial import BATCH, SAMPLES, SenderReport, Trial, recorded_since
from tests.support.hubs import APPLICATION, Destination, Rig, event, hub_on
from tests.support.postgres import PrivatePostgres
from tests.support.sinks import ScriptedSink

pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")

FIRST, SECOND = builtin().versions(APPLICATION)
BEGINNING = timedelta(days=1)

NAMES = {"name": "测试申请人戊", "id_type": "111", "id_number": "99000019900101013X"}
SUMMARY = "测试申请人戊要开一间示例餐厅"
CONTACT = {"name": "测试联系人壬", "mobile": "00000000012"}
ADDRESS = "测试区示例街 9 号"
PERSONAL = (NAMES["name"], NAMES["id_number"], SUMMARY, CONTACT["name"], CONTACT["mobile"], ADDRESS, "示例表单内容")


def application(case: str, source: str = "portal", contract: Contract = FIRST, **changes: object) -> CloudEvent:
    """An application that is full of people."""
    data = {
        **but(contract.examples[0].data, summary=SUMMARY, contact=CONTACT),
        "case_no": case,
        "applicant": {"type": "1", **NAMES, "address": ADDRESS},
        "form": {
            "item_code": contract.examples[0].data["item_code"],
            "form_version": 1,
            "data": {"anything": "示例表单内容"},
        },
    }
    return event(case, source=source, dataschema=contract.schema_uri, data=but(data, **changes))  # type: ignore[arg-type]


def changed(*contracts: Contract) -> Registry:
    """The catalogue with these in place of, or beside, those it has."""
    return Registry({**{one.schema_uri: one for one in (*builtin().all(), *contracts)}}.values())


def stricter(contract: Contract, *rules: Rule) -> Contract:
    return replace(contract, rules=(*contract.rules, *rules))


async def recorded(rig: Rig, since: timedelta = BEGINNING) -> list[Recorded]:
    batches = [batch async for batch in recorded_since(rig.hub.journal.lookups, rig.clock.now() - since)]
    assert not any(isinstance(batch, JournalDown) for batch in batches)
    return list(chain.from_iterable(batches))  # type: ignore[arg-type]


async def tried(dsn: str, registry: Registry, *events: CloudEvent) -> Mapping[tuple[str, str], SenderReport]:
    """The reports of a trial of everything that a hub accepted."""
    place = Destination(sink=ScriptedSink())
    async with hub_on(dsn, {"housing": place}, systems=("portal", "counter")) as rig:
        for one in events:
            await rig.accept(one)
        trial = Trial(registry)
        for message in await recorded(rig):
            trial.take(message)
    return trial.reports


def told(report: SenderReport) -> list[tuple[str, str, int]]:
    return [(code, path, trouble.count) for (code, path), trouble in report.troubles.items()]


async def test_contracts_as_they_were_refuse_nobody_of_their_own_version(journal_dsn: str) -> None:
    reports = await tried(journal_dsn, builtin(), application("a"), application("b"), application("c", contract=SECOND))

    assert {key: (one.messages, one.refused) for key, one in reports.items()} == {
        ("portal", FIRST.schema_uri): (2, 0),
        ("portal", SECOND.schema_uri): (3, 0),
    }
    assert told(reports["portal", FIRST.schema_uri]) == []


async def test_a_stricter_rule_is_told_to_those_who_break_it(journal_dsn: str) -> None:
    rule = RequiredWhen("project_code", "channel", ("3",))
    reports = await tried(
        journal_dsn,
        changed(stricter(FIRST, rule)),
        application("a"),
        application("b", channel="3"),
        application("c", "counter", channel="3"),
        application("d", "counter", channel="3", project_code="0000-000000-00-00-000000"),
    )

    portal, counter = reports["portal", FIRST.schema_uri], reports["counter", FIRST.schema_uri]
    assert (portal.messages, portal.refused, counter.messages, counter.refused) == (2, 1, 2, 1)
    assert told(portal) == told(counter) == [("E_V_RULE", "$.data.project_code", 1)]


async def test_a_message_with_several_faults_is_refused_once(journal_dsn: str) -> None:
    rules = (RequiredWhen("project_code", "channel", ("2",)), RequiredWhen("package_no", "channel", ("2",)))
    reports = await tried(journal_dsn, changed(stricter(FIRST, *rules)), application("a"), application("b"))

    report = reports["portal", FIRST.schema_uri]
    assert (report.messages, report.refused) == (2, 2)
    assert told(report) == [("E_V_RULE", "$.data.project_code", 2), ("E_V_RULE", "$.data.package_no", 2)]


async def test_samples_are_few_and_tell_which_message_and_nothing_of_anybody(journal_dsn: str) -> None:
    rules = (AbsentWhen("summary", "channel", ("2",)), AbsentWhen("contact", "channel", ("2",)))
    events = [application(f"case-{n}") for n in range(SAMPLES + 2)]
    reports = await tried(journal_dsn, changed(stricter(FIRST, *rules)), *events)

    (summary, contact) = reports["portal", FIRST.schema_uri].troubles.values()
    assert summary.count == contact.count == SAMPLES + 2
    assert [one.record["case_no"] for one in summary.samples] == ["case-0", "case-1", "case-2"]
    assert len({one.message for one in summary.samples}) == SAMPLES
    shown = str(reports)
    assert [secret for secret in PERSONAL if secret in shown] == []


@dataclass(frozen=True, slots=True)
class Parting:
    """To a made-up next version, which calls the channel otherwise and knows no channel 9 and no summary."""

    def up(self, record: Record) -> tuple[Finding, ...]:
        record["way"] = record.pop("channel")
        if record["way"] == "9":
            return (Inexpressible("$.data.channel", Text("没有此来源", "No such channel")),)
        return (Loss("$.data.summary", Text("没有摘要", "No summary")),) if record.pop("summary", None) else ()

    def down(self, record: Record) -> tuple[Finding, ...]:
        record["channel"] = record.pop("way")
        return ()

    def text(self) -> Text:
        return Text("测试", "for tests")


class Next(FIRST.model):  # type: ignore[name-defined,misc]
    """The application as a made-up next version has it."""

    channel: str | None = None
    way: str


NEXT = replace(
    FIRST,
    version=2,
    model=Next,
    rules=(AbsentWhen("package_no", "way", ("3",)),),
    conversion=Conversion((Parting(),)),
)


async def test_a_newer_version_is_tried_through_its_conversion(journal_dsn: str) -> None:
    registry = Registry([FIRST, NEXT])
    reports = await tried(
        journal_dsn,
        registry,
        application("a"),
        application("b", drop=("summary",)),
        application("c", channel="9"),
        application("d", channel="3", package_no="TC-1"),
    )

    older, newer = reports["portal", FIRST.schema_uri], reports["portal", NEXT.schema_uri]
    assert (older.messages, older.refused, told(older)) == (4, 0, [])
    assert (newer.messages, newer.refused) == (4, 2)
    assert told(newer) == [
        ("LOSS", "$.data.summary", 2),
        ("INEXPRESSIBLE", "$.data.channel", 1),
        ("E_V_RULE", "$.data.package_no", 1),
    ]
    assert [secret for secret in PERSONAL if secret in str(reports)] == []


async def test_what_its_own_version_refuses_now_is_not_converted(journal_dsn: str) -> None:
    """A conversion trusts that its record satisfies the version it comes from."""

    class Wanting(FIRST.model):  # type: ignore[name-defined,misc]
        way: str

    class Trusting(Parting):
        def up(self, record: Record) -> tuple[Finding, ...]:
            del record["way"]
            return super().up(record)

    registry = Registry([replace(FIRST, model=Wanting), replace(NEXT, conversion=Conversion((Trusting(),)))])
    reports = await tried(journal_dsn, registry, application("a"))

    assert set(reports) == {("portal", FIRST.schema_uri)}
    assert reports["portal", FIRST.schema_uri].refused == 1


async def test_contracts_that_the_code_does_not_have_are_left_out(journal_dsn: str) -> None:
    step = "cn.gov.process.step"
    reports = await tried(journal_dsn, Registry(builtin().versions(step)), application("a"), event("b", contract=step))

    assert list(reports) == [("portal", builtin().versions(step)[0].schema_uri)]


async def test_only_what_was_accepted_within_the_period_is_read(journal_dsn: str) -> None:
    async with hub_on(journal_dsn, {"housing": Destination(sink=ScriptedSink())}) as rig:
        await rig.accept(application("old"))
        rig.clock.step(hours=3)
        await rig.accept(application("new"))

        assert [one.case for one in await recorded(rig, timedelta(hours=2))] == ["new"]
        assert [one.case for one in await recorded(rig, timedelta(hours=4))] == ["old", "new"]


async def test_everything_is_read_batch_by_batch(journal_dsn: str) -> None:
    count = BATCH + 3
    async with hub_on(journal_dsn, {"housing": Destination(sink=ScriptedSink())}) as rig:
        for n in range(count):
            await rig.accept(event(f"case-{n}"))
        batches: list[Sequence[Recorded]] = []
        async for batch in recorded_since(rig.hub.journal.lookups, rig.clock.now() - BEGINNING):
            assert not isinstance(batch, JournalDown)
            batches.append(batch)

    assert [len(batch) for batch in batches] == [BATCH, 3]
    assert [one.case for one in chain.from_iterable(batches)] == [f"case-{n}" for n in range(count)]


async def test_a_journal_that_goes_away_ends_the_reading(postgres: PrivatePostgres) -> None:
    dsn = await postgres.fresh_database()
    async with hub_on(dsn, {"housing": Destination(sink=ScriptedSink())}) as rig:
        await rig.accept(application("a"))
        await postgres.kill()

        batches = [one async for one in recorded_since(rig.hub.journal.lookups, rig.clock.now() - BEGINNING)]

    assert [type(one) for one in batches] == [JournalDown]
