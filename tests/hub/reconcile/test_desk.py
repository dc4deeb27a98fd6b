# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Reconciling with a hub that delivers: days close, late and corrected messages have their rules, what is missing is mended."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from certs.reconciliation_statement import statement_key
from connectors.sdk import Idempotency, InDoubt
from contracts.codes import RecordDifference
from contracts.families.fields import BEIJING
from contracts.families.oversight.reconciliation_counted import CONTRACT as MANIFEST
from contracts.reconciling.agreed import Agreed, AgreedField
from contracts.refusal import Refusal
from hub.acting import Order
from hub.ports.journal import Acted, Pace, State
from hub.ports.journal.reconciling import Reconciliation, Verdict
from hub.reconcile.agreement import Agreement, Agreements
from hub.reconcile.desk import Reconciling
from hub.reconcile.opening import reconciling_of
from hub.workers.reconciling import reconcile_once
from tests.support.far_counts import FarCount
from tests.support.hubs import APPLICATION, POLICY, Destination, Rig, at_work, event, hub_on
from tests.support.sinks import ScriptedSink

pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")

NAME = "sheng-shenqing"


def agreement(rig: Rig, **changes: Any) -> Agreement:
    contract = rig.hub.rules.registry.versions(APPLICATION)[-1]
    plain = Agreement(
        name=NAME,
        title="省平台申请",
        agreed=Agreed(APPLICATION, contract.version),
        contract=contract,
        system="province",
        destination="province",
        latest=False,
        closes=timedelta(hours=2),
        timely=timedelta(hours=24),
    )
    return replace(plain, **changes)


@dataclass(frozen=True, slots=True)
class Table:
    """A hub that delivers to the province, and what reconciling needs."""

    rig: Rig
    sink: ScriptedSink
    agreement: Agreement
    desk: Reconciling
    day: date

    async def send(self, case: str, id_: str | None = None) -> Any:
        return await self.rig.accept(event(case, id_))

    async def lines(self, counted: Reconciliation) -> dict[str, bytes]:
        """Our lines of a count by case; of one case the last."""
        found = await self.desk.journal.lines(counted.id, list(range(8192)), latest=self.agreement.latest)
        assert isinstance(found, list)
        return {line.line.decode().partition("\t")[0]: line.line for line in found}

    async def counted(self) -> Reconciliation:
        counted = await self.desk.run(self.agreement.name, self.day, "keeper")
        assert isinstance(counted, Reconciliation), counted
        return counted

    def far(self, *lines: bytes, **changes: Any) -> FarCount:
        plain = FarCount(agreement=self.agreement, day=self.day, counted_at=self.rig.clock.now(), lines=lines)
        return replace(plain, **changes)

    async def hear(self, far: FarCount) -> Reconciliation:
        """Until nothing more is wanted."""
        heard = await self.desk.hear(far.manifest(), "province", "test")
        while isinstance(heard, Reconciliation) and heard.verdict is Verdict.LIST_WANTED:
            heard = await self.desk.hear(far.manifest(heard.wanted), "province", "test")
        assert isinstance(heard, Reconciliation), heard
        return heard


@pytest.fixture
def scripts() -> dict[str, Any]:
    return {}


@pytest.fixture
async def desk(dsn: str, scripts: dict[str, Any]) -> AsyncIterator[Table]:
    sink = ScriptedSink(scripts)
    policy = replace(POLICY, idempotency=Idempotency.NONE)
    async with hub_on(dsn, {"province": Destination(sink=sink, policy=policy)}) as rig, at_work(rig.hub):
        known = agreement(rig)
        yield _table(rig, sink, known)


def _table(rig: Rig, sink: ScriptedSink, known: Agreement) -> Table:
    hub = replace(rig.hub, agreements=Agreements(all={known.name: known}))
    return Table(rig, sink, known, reconciling_of(hub), rig.clock.now().astimezone(BEIJING).date())


async def test_a_day_is_counted_when_it_is_closed(desk: Table) -> None:
    refused = await desk.desk.run(NAME, desk.day, "keeper")
    assert isinstance(refused, Refusal)
    assert refused.code == "E_RECONCILIATION_DAY_OPEN"

    await desk.send("a")
    await desk.rig.until_settled(1)
    desk.rig.clock.step(days=2)
    counted = await desk.counted()
    assert counted.root is not None
    assert (counted.root.records, counted.verdict) == (1, Verdict.NONE)
    assert (await desk.hear(desk.far(*(await desk.lines(counted)).values()))).verdict is Verdict.AGREED


async def test_what_is_missing_is_sent_once_more_under_its_own_key(desk: Table) -> None:
    message = await desk.send("lost")
    await desk.send("there")
    await desk.rig.until_settled(2)
    desk.rig.clock.step(days=2)
    lines = await desk.lines(await desk.counted())
    compared = await desk.hear(desk.far(lines["there"]))
    assert (compared.verdict, compared.differences) == (Verdict.DIFFERS, {RecordDifference.MISSING_THERE: 1})

    proposed = await desk.desk.propose(compared.id)
    assert not isinstance(proposed, Refusal)
    assert [(lot.kind.value, lot.count, lot.code) for lot in proposed[1].lots] == [("repeat", 1, "")]
    assert len(desk.sink.arrived) == 2, "a proposal sends nothing"

    order = Order("keeper", "test", "mend-1", "the province lost it")
    acted = await desk.desk.apply(order, compared.id, Pace())
    again = await desk.desk.apply(order, compared.id, Pace())
    assert isinstance(acted, Acted)
    assert isinstance(again, Acted)
    assert (acted.applied, again.id, again.again) == (1, acted.id, True)
    await desk.sink.until_arrived(3)
    first, *_, last = [parcel for parcel in desk.sink.arrived if parcel.attributes["subject"] == "lost"]
    assert first.idempotency_key == last.idempotency_key
    assert (last.attempt, last.attributes["govhublate"]) == (2, "true")
    await desk.rig.until_state(State.DELIVERED, 3)
    (delivery,) = (await desk.rig.view(message)).deliveries
    assert (delivery.state, [one.attempt for one in delivery.attempts]) == (State.DELIVERED, [1, 2])

    recounted = await desk.counted()
    assert (await desk.hear(desk.far(*lines.values()))).verdict is Verdict.AGREED
    assert recounted.root is not None
    assert recounted.late is not None
    assert (recounted.root.records, recounted.late.records) == (1, 1), "of the same day, and late"


async def test_nothing_is_pushed_of_a_case_in_doubt(desk: Table, scripts: dict[str, Any]) -> None:
    await desk.send("a", "first")
    await desk.rig.until_settled(1)
    desk.sink.script("a", InDoubt("cut"))
    await desk.send("a", "second")
    await desk.rig.until_state(State.IN_DOUBT)
    desk.rig.clock.step(days=2)
    counted = await desk.counted()
    assert counted.unfinished == {"in_doubt": 1}
    compared = await desk.hear(desk.far())
    (found,) = await _found(desk, compared)
    assert (found.kind, found.standing) == (RecordDifference.MISSING_THERE, "in_doubt")

    proposed = await desk.desk.propose(compared.id)
    assert not isinstance(proposed, Refusal)
    assert (proposed[0].repeats, proposed[0].left, proposed[1].lots) == ((), {"IN_DOUBT": 1}, ())
    acted = await desk.desk.apply(Order("keeper", "test", "r", "x"), compared.id, Pace())
    assert isinstance(acted, Acted)
    assert acted.applied == 0


async def test_what_comes_in_doubt_after_the_proposal_is_not_pushed_either(desk: Table) -> None:
    await desk.send("a", "first")
    await desk.rig.until_settled(1)
    desk.rig.clock.step(days=2)
    await desk.counted()
    compared = await desk.hear(desk.far())
    desk.sink.script("a", InDoubt("cut"))
    await desk.send("a", "second")
    await desk.rig.until_state(State.IN_DOUBT)

    proposed = await desk.desk.propose(compared.id)
    assert not isinstance(proposed, Refusal)
    assert [(lot.code, lot.state) for lot in proposed[1].lots] == [("IN_DOUBT", "refused")]


async def test_of_one_case_one_message_at_a_time(desk: Table) -> None:
    for id_ in ("first", "second"):
        await desk.send("a", id_)
    await desk.rig.until_settled(2)
    desk.rig.clock.step(days=2)
    await desk.counted()
    compared = await desk.hear(desk.far())

    proposed = await desk.desk.propose(compared.id)
    assert not isinstance(proposed, Refusal)
    assert sorted((lot.code, lot.count) for lot in proposed[1].lots) == [("", 1), ("BEHIND", 1)]


async def test_what_the_far_side_has_more_is_told_and_left_alone(desk: Table) -> None:
    await desk.send("a")
    await desk.rig.until_settled(1)
    desk.rig.clock.step(days=2)
    lines = await desk.lines(await desk.counted())
    stranger = lines["a"].replace(b"a\t", b"stranger\t", 1)
    compared = await desk.hear(desk.far(lines["a"], lines["a"], stranger))

    assert compared.differences == {RecordDifference.TWICE: 1, RecordDifference.MISSING_HERE: 1}
    proposed = await desk.desk.propose(compared.id)
    assert not isinstance(proposed, Refusal)
    assert proposed[0].left == {"NOT_MENDED_BY_SENDING_TWICE": 1, "NOT_MENDED_BY_SENDING_MISSING_HERE": 1}


async def test_what_is_delivered_after_the_day_closed_is_late(desk: Table) -> None:
    await desk.send("timely")
    await desk.rig.until_settled(1)
    await desk.rig.hub.journal.gates.pause(_pause(desk))
    await desk.send("late")
    desk.rig.clock.step(days=2)
    await desk.rig.hub.journal.gates.resume(_pause(desk, "resume"))
    await desk.rig.until_settled(2)
    counted = await desk.counted()
    assert counted.root is not None
    assert counted.late is not None
    assert (counted.root.records, counted.late.records) == (1, 1)

    lines = await desk.lines(counted)
    told_apart = desk.far(lines["timely"], late=(lines["late"],))
    assert (await desk.hear(told_apart)).verdict is Verdict.AGREED
    desk.rig.clock.step(seconds=1)
    assert (await desk.hear(desk.far(*lines.values()))).verdict is Verdict.AGREED, "one that does not tell it apart"
    desk.rig.clock.step(seconds=1)
    assert (await desk.hear(desk.far(*lines.values(), late=()))).verdict is Verdict.AGREED, "one that saw it in time"
    desk.rig.clock.step(seconds=1)
    assert (await desk.hear(desk.far(lines["timely"]))).differences == {RecordDifference.MISSING_THERE: 1}


def _pause(desk: Table, kind: str = "pause") -> Any:
    return desk.desk.acting._act(kind, Order("keeper", "test", kind, "x"), "province")


async def test_where_the_far_side_keeps_the_latest_the_latest_version_counts(desk: Table) -> None:
    latest = replace(desk.agreement, latest=True)
    table = _table(desk.rig, desk.sink, latest)
    for case, id_ in (("a", "a1"), ("a", "a2"), ("b", "b1")):
        await table.send(case, id_)
    await table.rig.until_settled(3)
    table.rig.clock.step(days=2)
    counted = await table.counted()
    assert counted.root is not None
    assert (counted.root.records, counted.superseded) == (2, 1)

    await table.send("b", "b2")
    await table.rig.until_settled(4)
    table.rig.clock.step(seconds=1)
    again = await table.counted()
    assert again.root is not None
    assert (again.root.records, again.superseded) == (1, 2), "b is of another day now, on both sides"


async def test_manifests_that_are_of_no_use_are_refused_with_the_place(desk: Table) -> None:
    for case in "abcdef":
        await desk.send(case)
    await desk.rig.until_settled(6)
    desk.rig.clock.step(days=2)
    counted = await desk.counted()
    far = desk.far(*list((await desk.lines(counted)).values())[1:])
    wrong = {
        "E_RECONCILIATION_UNCOUNTED": {"day": "2020-01-01", "manifest_no": f"DZ-{NAME}-20200101"},
        "E_NOT_FOUND": {"agreement": "nothing"},
    }
    for code, changes in wrong.items():
        await _refused(desk, far.manifest(**changes), code)
    others: tuple[tuple[str, dict[str, Any]], ...] = (
        ("$.data.rule", {"rule": "0" * 64}),
        ("$.data.contract_version", {"contract_version": 1}),
        ("$.data.contract_type", {"contract_type": "cn.gov.process.step"}),
        ("$.data.manifest_no", {"manifest_no": "DZ-other-20260302"}),
        ("$.data.declared_by", {"declared_by": "sender"}),
    )
    for path, wrongly in others:
        await _refused(desk, far.manifest(**wrongly), "E_RECONCILIATION_OTHER", path)
    nodes = far.document([""])["nodes"]
    first = {**nodes[0], "count": nodes[0]["count"] + 1}
    await _refused(desk, far.manifest(nodes=[first, *nodes[1:]]), "E_RECONCILIATION_CONTRADICTS", "$.data.nodes[0]")
    assert (await _hear(desk, far.manifest())).verdict is Verdict.LIST_WANTED
    await _refused(desk, far.manifest(count=9), "E_RECONCILIATION_CONTRADICTS", "$.data.digest")
    older = replace(far, counted_at=far.counted_at - timedelta(hours=1))
    await _refused(desk, older.manifest(), "E_RECONCILIATION_STALE", "$.data.counted_at")
    refused = await desk.desk.hear(far.manifest(), "portal", "test")
    assert isinstance(refused, Refusal)
    assert refused.code == "E_NOT_FOUND", "somebody else's manifest"


async def test_the_same_manifest_twice_is_one_and_a_later_count_replaces_it(desk: Table) -> None:
    await desk.send("a")
    await desk.rig.until_settled(1)
    desk.rig.clock.step(days=2)
    lines = await desk.lines(await desk.counted())
    far = desk.far()
    first = await desk.hear(far)
    assert await desk.hear(far) == replace(first, compared_at=desk.rig.clock.now())
    later = desk.far(lines["a"], counted_at=far.counted_at + timedelta(minutes=1))
    mended = await desk.hear(later)
    assert (mended.verdict, mended.differences) == (Verdict.AGREED, {})


async def test_a_statement_is_made_once_and_openssl_believes_it(desk: Table, tmp_path: Path) -> None:
    await desk.send("a")
    await desk.rig.until_settled(1)
    desk.rig.clock.step(days=2)
    counted = await desk.counted()
    unsigned = await desk.desk.state(counted.id, "keeper")
    assert isinstance(unsigned, Refusal)
    assert unsigned.code == "E_RECONCILIATION_UNFINISHED"
    compared = await desk.hear(desk.far())
    unsigned = await desk.desk.state(compared.id, "keeper")
    assert isinstance(unsigned, Refusal)
    assert unsigned.code == "E_RECONCILIATION_UNSIGNED"

    private = ec.generate_private_key(ec.SECP256R1())
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    signing = replace(desk.desk, key=lambda: statement_key(pem))
    stated = await signing.state(compared.id, "keeper")
    desk.rig.clock.step(hours=1)
    again = await signing.state(compared.id, "somebody else")
    assert isinstance(stated, Reconciliation)
    assert isinstance(again, Reconciliation)
    assert stated.statement is not None
    assert (again.statement, again.signature) == (stated.statement, stated.signature)
    told = orjson.loads(stated.statement)
    assert (told["by"], told["verdict"], told["differences"]) == ("keeper", "differs", {"missing_there": 1})
    assert (told["from"], told["to"], told["day"]) == ("hub-1", "province", str(desk.day))
    public = tmp_path / "public.pem"
    public.write_bytes(
        private.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    (tmp_path / "s.json").write_bytes(stated.statement)
    (tmp_path / "s.sig").write_bytes(stated.signature or b"")
    verify = ["openssl", "dgst", "-sha256", "-verify", "public.pem", "-signature", "s.sig", "s.json"]
    process = await asyncio.create_subprocess_exec(*verify, cwd=tmp_path, stdout=asyncio.subprocess.PIPE)
    told_by_openssl, _ = await process.communicate()
    assert b"Verified OK" in told_by_openssl


async def test_fields_records_and_versions(desk: Table) -> None:
    """What a department sends us, compared in the older version, by some fields."""
    agreed = Agreed(
        APPLICATION, 1, (AgreedField("item", ("item_code",)), AgreedField("who", ("applicant", "name"))), ()
    )
    known = replace(desk.agreement, agreed=agreed, destination="", system="portal")
    table = _table(desk.rig, desk.sink, known)
    await table.send("a")
    table.rig.clock.step(days=2)
    counted = await table.counted()
    lines = await table.lines(counted)
    data = event("a").data
    assert isinstance(data, dict)
    assert lines["a"] == agreed.key("a", {}) + agreed.rest(1, agreed.content(data))
    heard = await table.desk.hear(table.far(lines["a"]).manifest(), "portal", "test")
    assert isinstance(heard, Reconciliation)
    assert heard.verdict is Verdict.AGREED
    table.rig.clock.step(seconds=1)
    missing = table.far()
    compared = await table.desk.hear(missing.manifest(), "portal", "test")
    assert isinstance(compared, Reconciliation)
    proposed = await table.desk.propose(compared.id)
    assert not isinstance(proposed, Refusal)
    assert proposed[0].left == {"THEIRS_TO_SEND": 1}


async def test_a_scorecard_counts_what_came_when_and_how_complete(desk: Table) -> None:
    now = desk.rig.clock.now()
    for case, age in (("a", 1), ("b", 30)):
        await desk.rig.accept(event(case, source="portal", time=now - timedelta(hours=age)))
    await desk.rig.until_settled(2)
    desk.rig.clock.step(days=2)
    lines = await desk.lines(await desk.counted())
    await desk.hear(desk.far(lines["a"]))
    received = replace(desk.agreement, name="men-hu", destination="", system="portal")
    both = replace(desk.desk, agreements={NAME: desk.agreement, "men-hu": received})

    cards = await both.scorecard(desk.day, desk.day + timedelta(days=1))
    assert not isinstance(cards, Refusal)
    by_system = {card.system: card for card in cards}
    assert (by_system["province"].completeness, by_system["province"].days_differing) == (0.5, 1)
    assert (by_system["portal"].timeliness, by_system["portal"].messages) == (0.5, 2)
    assert (by_system["portal"].lag, by_system["portal"].lagging) == (1.0, {APPLICATION: 1})
    refused = await both.scorecard(desk.day, desk.day)
    assert isinstance(refused, Refusal)


async def test_manifests_travel_as_messages_and_answer_each_other(dsn: str) -> None:
    """The far side speaks through the hub's ordinary door, and hears through an ordinary destination."""
    sink, box = ScriptedSink(), ScriptedSink()
    places = {"province": Destination(sink=sink), "province-box": Destination(sink=box, system="province")}
    routes = (
        f"  - {{name: work, when: {{contract: {APPLICATION}}}, to: [province]}}\n"
        f"  - {{name: counts, when: {{contract: {MANIFEST.type}}}, to: [province-box]}}\n"
    )
    async with hub_on(dsn, places, routes=routes, systems=("portal", "platform")) as rig, at_work(rig.hub):
        known = agreement(rig)
        hub = replace(rig.hub, agreements=Agreements(all={NAME: known}, speaks_as="platform"))
        table = Table(rig, sink, known, reconciling_of(hub), rig.clock.now().astimezone(BEIJING).date())
        for case in "abc":
            await table.send(case)
        await rig.until_settled(3)
        rig.clock.step(days=1, hours=3)
        await reconcile_once(hub, 0)
        (said,) = await box.until_arrived(1)
        ours = orjson.loads(said.body)["data"]
        assert (ours["manifest_no"], ours["count"], ours["from_system"]) == (known.manifest(table.day), 3, "platform")

        counted = await table.desk.of_day(NAME, table.day)
        assert isinstance(counted, Reconciliation)
        lines = await table.lines(counted)
        far = table.far(lines["a"], lines["b"])
        wanted: list[str] = []
        for n in range(1, 6):
            told = MANIFEST.examples[0].data | far.document(wanted, wanted=[""] if n == 1 else [])
            await rig.accept(
                event(told["manifest_no"], f"far-{n}", source="province", contract=MANIFEST.type, data=told)
            )
            await reconcile_once(hub, 0)
            compared = await table.desk.of_day(NAME, table.day)
            assert isinstance(compared, Reconciliation)
            if compared.verdict is not Verdict.LIST_WANTED:
                break
            answered = orjson.loads((await box.until_arrived(n * 2 + 1))[-1].body)["data"]
            wanted = answered["wanted"]
            assert wanted == list(compared.wanted)
    assert isinstance(compared, Reconciliation)
    assert compared.verdict is Verdict.DIFFERS
    assert compared.differences == {RecordDifference.MISSING_THERE: 1}


async def _found(desk: Table, counted: Reconciliation) -> list[Any]:
    found = await desk.desk.differences(counted.id)
    assert isinstance(found, list)
    return found


async def _hear(desk: Table, manifest: Any) -> Reconciliation:
    heard = await desk.desk.hear(manifest, "province", "test")
    assert isinstance(heard, Reconciliation), heard
    return heard


async def _refused(desk: Table, manifest: Any, code: str, path: str = "") -> None:
    refused = await desk.desk.hear(manifest, "province", "test")
    assert isinstance(refused, Refusal), refused
    assert refused.code == code
    assert [one.path for one in refused.violations] == ([path] if path else [])
