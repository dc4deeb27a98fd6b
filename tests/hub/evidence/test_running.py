# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Evidence of a hub at work: from the acceptance to a container that a stranger verifies."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import asyncpg
import pytest

from certs.evidence.container import read
from certs.evidence.findings import Verdict
from certs.evidence.note import key_id, origin_of, read_note, signed_note
from certs.evidence.receipts import ReceiptSigner
from certs.evidence.roles import Role
from certs.evidence.tree import is_consistent
from certs.evidence.verify import verify
from certs.submission import Submitted
from certs.suites.detached import DetachedSigner
from connectors.sdk.session import open_session
from contracts.refusal import Refusal
from hub.evidence.authority import Authority
from hub.evidence.catching_up import catch_up
from hub.evidence.checking import Fault, Report, check
from hub.evidence.exporting import Exported, Exporter, NotCovered
from hub.evidence.kept import KeptCheckpoint
from hub.evidence.refused import refused
from hub.evidence.state import Evidence, NoteSigner, Trouble
from hub.path import accept
from hub.ports.journal import JournalDown, Record
from hub.ports.journal.sequencing import Checkpoint
from hub.ports.materials import StoreDown
from hub.workers.sequencing import lead_on, sequence
from hub.workers.stamping import stamp_once
from tests.certs.evidence.making import intl_key
from tests.support.evidence import had, is_lead, signer_for
from tests.support.hubs import Destination, Rig, at_work, bearer, event, hub_on, received
from tests.support.sinks import ScriptedSink
from tests.support.tsa import Tsa


@pytest.fixture
def evidence(tmp_path: Path) -> Evidence:
    seals = signer_for(Role.RECEIPTS)
    return Evidence(
        NoteSigner(signer_for(Role.LOG)), ReceiptSigner(seals), seals, KeptCheckpoint(tmp_path / "evidence")
    )


@pytest.fixture
async def rig(dsn: str, evidence: Evidence) -> AsyncIterator[Rig]:
    async with hub_on(dsn, {"housing": Destination(sink=ScriptedSink())}, evidence=evidence) as opened:
        yield opened


def exporter(rig: Rig, *, stamping: bool = False, patience: float = 20.0) -> Exporter:
    seals = rig.hub.evidence.seals
    assert seals is not None
    return Exporter(
        hub="hub-1", log=rig.hub.journal.log, signer=seals, clock=rig.clock, stamping=stamping, patience=patience
    )


async def records_of(rig: Rig, case: str) -> Sequence[Record]:
    found = await rig.hub.case_files.records(case, 100)
    assert not isinstance(found, JournalDown | StoreDown)
    return found


async def exported(rig: Rig, case: str, *, stamping: bool = False) -> Exported:
    records = await records_of(rig, case)
    made = await exporter(rig, stamping=stamping).export(case, records)
    assert isinstance(made, Exported), made
    return made


async def test_a_case_is_exported_and_verified_and_the_same_twice(rig: Rig) -> None:
    async with at_work(rig.hub):
        await rig.accept(event("case-1"))
        await rig.accept(event("case-2"))
        await rig.until_settled(2)
        first = await exported(rig, "case-1")
        again = await exported(rig, "case-1")
    assert first.data == again.data
    result = verify(first.data, tuple(one for _, one in rig.hub.evidence.certificates()), rig.clock.now())
    assert result.verdict is Verdict.PASSED, result.findings
    assert [one.kind for one in result.structure.said] == ["accepted", "delivered"]
    assert {one.fields.get("case", "case-1") for one in result.structure.said} == {"case-1"}


async def test_a_refusal_is_evidence_that_a_stranger_verifies(rig: Rig, dsn: str) -> None:
    wrong = event("case-1", data={"item": "x"})
    answer = await accept(rig.hub, bearer("portal"), wrong, received(wrong))
    assert isinstance(answer, Refusal)
    for role, one in rig.hub.evidence.certificates():
        await rig.hub.journal.log.know(role, one.digest("sha256"), one.der, rig.clock.now())
    await settled_log(rig)
    connection = await asyncpg.connect(dsn)
    try:
        (row,) = await connection.fetch("select id, code, digest from refusal")
        found = await refused(rig.hub.journal.log, str(row["id"]))
        assert not isinstance(found, JournalDown)
        made = await exporter(rig).export(str(row["id"]), found)
        assert isinstance(made, Exported), made
        again = await exporter(rig).export(str(row["id"]), found)
        assert isinstance(again, Exported)
        assert again.data == made.data
        result = verify(made.data, tuple(one for _, one in rig.hub.evidence.certificates()), rig.clock.now())
        assert result.verdict is Verdict.PASSED, result.findings
        (said,) = result.structure.said
        assert (said.kind, said.fields["system"], said.fields["id"]) == ("refused", "portal", wrong.id)
        assert said.fields["code"] == row["code"] == answer.code
        told = read(made.data)["receipts/0001.json"]
        assert row["digest"].hex().encode() in told, "what opens the statement is there"

        report = await check(rig.hub.journal.log)
        assert isinstance(report, Report)
        assert (report.findings, report.statements) == ([], 1)
        with pytest.raises(asyncpg.RestrictViolationError):
            await connection.execute("update refusal set code = 'E_OTHER'")
        await connection.execute("set session_replication_role = replica")
        for act, fault in (
            ("update refusal set statement = '{ }'", Fault.STATEMENT_CHANGED),
            ("delete from refusal", Fault.STATEMENT_MISSING),
        ):
            await connection.execute(act)
            report = await check(rig.hub.journal.log)
            assert isinstance(report, Report)
            assert report.first is not None
            assert (report.first.fault, report.first.index) == (fault, 0)
        await connection.execute(
            "insert into refusal (id, system, code, problem, digest, refused_at, statement, leaf) "
            "values (gen_random_uuid(), 's', 'c', '', '', now(), '{ }', '')"
        )
        report = await check(rig.hub.journal.log)
        assert isinstance(report, Report)
        assert Fault.OUTSIDE in {one.fault for one in report.findings}
    finally:
        await connection.close()


async def test_what_a_sender_signed_goes_along_if_it_is_asked_for(rig: Rig) -> None:
    signer, one = intl_key(None, rig.clock.now()), event("case-1")
    brought = received(one)
    suite = signer.suite
    signed = Submitted(
        suite=suite.name, digest=suite.digest(brought.raw), signature=DetachedSigner(signer).over(brought.raw),
        certificate=b"", status_at=None, stale=False,
    )  # fmt: skip
    assert isinstance(await accept(rig.hub, bearer("portal"), one, replace(brought, signature=signed)), bytes)
    for role, mine in rig.hub.evidence.certificates():
        await rig.hub.journal.log.know(role, mine.digest("sha256"), mine.der, rig.clock.now())
    await settled_log(rig)
    records = await records_of(rig, "case-1")
    anchors = (*(mine for _, mine in rig.hub.evidence.certificates()), signer.certificate)
    for contents in (True, False):
        made = await replace(exporter(rig), contents=contents).export("case-1", records)
        assert isinstance(made, Exported), made
        result = verify(made.data, anchors, rig.clock.now())
        assert result.verdict is Verdict.PASSED, result.findings
        assert {found.code for found in result.findings} == {"TIME_CLAIMED", "DELIVERY_OPEN"}
        assert {said.kind for said in result.structure.said} == {"accepted", "submission"}
        parts = [content for name, content in read(made.data).items() if name.startswith("parts/")]
        assert parts == ([brought.raw] if contents else [])


async def test_what_is_no_refusal_is_not_exported(rig: Rig) -> None:
    assert await refused(rig.hub.journal.log, "case-1") == []
    assert await refused(rig.hub.journal.log, "01960000-0000-7000-8000-000000000001") == []


async def test_what_no_checkpoint_covers_is_not_exported(rig: Rig) -> None:
    await rig.accept(event("case-1"))
    records = await records_of(rig, "case-1")
    assert await exporter(rig, patience=0.0).export("case-1", records) == NotCovered(1)
    assert rig.hub.evidence.notes is not None
    assert await catch_up(rig.hub.journal.log, rig.hub.evidence.notes, rig.clock) is None
    assert isinstance(await exporter(rig, patience=0.0).export("case-1", records), Exported)


async def settled_log(rig: Rig) -> Checkpoint:
    """Everything queued is in the log, under a checkpoint."""
    assert rig.hub.evidence.notes is not None
    assert await catch_up(rig.hub.journal.log, rig.hub.evidence.notes, rig.clock) is None
    newest = await rig.hub.journal.log.newest()
    assert isinstance(newest, Checkpoint)
    return newest


async def test_the_newest_checkpoint_is_kept_outside_and_a_log_behind_it_is_not_gone_on_with(rig: Rig) -> None:
    await rig.accept(event("case-1"))
    made = await settled_log(rig)
    kept, notes = rig.hub.evidence.kept, rig.hub.evidence.notes
    assert kept is not None
    assert notes is not None
    note = read_note(made.note)
    assert note is not None
    key = key_id(note.origin, notes.signer.certificate.spki, "intl-1")
    ahead = signed_note(note.origin, 5, bytes(32), key, notes.signer.sign)
    kept.keep(ahead)
    async with rig.hub.journal.log.lead() as lead:
        assert is_lead(lead)
        assert await lead_on(rig.hub, lead) > 0
    assert rig.hub.evidence.trouble is Trouble.BEHIND
    assert [one.reason for one in rig.hub.evidence.conditions(rig.clock.now())] == ["EVIDENCE_LOG_BEHIND"]
    kept.keep(signed_note(note.origin, 1, bytes(32), key, notes.signer.sign))
    async with rig.hub.journal.log.lead() as lead:
        assert is_lead(lead)
        assert await lead_on(rig.hub, lead) > 0, "as many leaves, and other ones"
        assert note.origin == origin_of(str(lead.log))


async def test_checkpoints_follow_each_other(rig: Rig) -> None:
    await rig.accept(event("case-1"))
    old = await settled_log(rig)
    await rig.accept(event("case-2"))
    new = await settled_log(rig)
    proof = had(await rig.hub.journal.log.consistency(old.size, new.size))
    assert is_consistent((old.size, old.root), (new.size, new.root), proof)


async def test_the_sequencer_keeps_its_checkpoint_outside(rig: Rig) -> None:
    await rig.accept(event("case-1"))
    kept = rig.hub.evidence.kept
    assert kept is not None
    work = asyncio.create_task(sequence(rig.hub))
    try:
        async with asyncio.timeout(20):
            while kept.read() is None:
                await rig.clock.sleep(0.02)
    finally:
        work.cancel()
    note = read_note(kept.read() or b"")
    assert note is not None
    assert note.size == 1


def awaited(rig: Rig) -> datetime | None:
    return rig.hub.evidence.awaited_since


async def test_an_outage_awaits_its_stamp_and_the_next_authority_gives_it(rig: Rig, tmp_path: Path) -> None:
    first, second = Tsa(tmp_path / "one", status=503).prepare(), Tsa(tmp_path / "two").prepare()
    await rig.accept(event("case-1"))
    async with first.serving(), second.serving(), open_session() as http:
        rig.hub.evidence.authorities = (Authority(first.url, first.anchors),)
        made = await settled_log(rig)
        await stamp_once(rig.hub, http)
        assert awaited(rig) == made.made_at
        later = rig.clock.now() + timedelta(minutes=6)
        assert [one.reason for one in rig.hub.evidence.conditions(later)] == ["TIMESTAMPS_AWAITED"]
        assert [one["reason"] for one in rig.logged("no time stamp")] == ["HTTP 503"]

        rig.hub.evidence.authorities = (Authority(first.url, first.anchors), Authority(second.url, second.anchors))
        await stamp_once(rig.hub, http)
        assert awaited(rig) is None
        await stamp_once(rig.hub, http)
        assert len(second.asked) == 1, "a checkpoint is stamped once"
    covering = await rig.hub.journal.log.covering(1)
    assert isinstance(covering, Checkpoint)
    assert [authority for authority, _ in covering.stamps] == [second.url]
