# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A contract version that is rolled out hub by hub: no hub at work ever meets a message that it cannot read."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from contracts.catalogue import builtin
from contracts.contract import Contract
from contracts.refusal import Refusal
from contracts.registry import Registry
from hub.path import accept
from hub.ports.journal import Activations, InUse, JournalDown, State, Unready, Unspoken
from hub.vocabulary import LIVING, Vocabulary
from tests.support.hubs import Destination, Rig, at_work, bearer, event, hub_on, received
from tests.support.journals import SteppedClock, bench
from tests.support.sinks import ScriptedSink

TYPE = "cn.gov.process.step"
STEP = builtin().versions(TYPE)[0]
NEXT = replace(STEP, version=99)
OLD = builtin()
NEW = Registry([*OLD.all(), NEXT])


async def answer(rig: Rig, case: str, contract: Contract = NEXT) -> bytes | Refusal:
    one = event(case, contract=TYPE, dataschema=contract.schema_uri)
    return await accept(rig.hub, bearer(one.source), one, received(one))


async def test_a_version_waits_until_every_hub_at_work_knows_it(journal_dsn: str) -> None:
    housing = {"housing": Destination(sink=ScriptedSink())}
    async with hub_on(journal_dsn, housing, name="new", registry=NEW) as new:
        async with hub_on(journal_dsn, {"housing": Destination(sink=ScriptedSink())}, name="old", registry=OLD) as old:
            waiting = await answer(new, "case-1")
            assert isinstance(waiting, Refusal)
            assert (waiting.code, waiting.retry_after) == ("E_CONTRACT_INACTIVE", 5.0)
            assert "old" in waiting.detail.zh
            assert isinstance(await answer(old, "case-2", STEP), bytes)
            assert isinstance(await answer(new, "case-3", STEP), bytes)
        # The old hub left; the same bytes are now accepted.
        assert isinstance(await answer(new, "case-1"), bytes)


async def test_a_hub_that_does_not_know_what_is_in_use_does_not_join(journal_dsn: str) -> None:
    async with hub_on(journal_dsn, {"housing": Destination(sink=ScriptedSink())}, name="new", registry=NEW) as new:
        assert isinstance(await answer(new, "case-1"), bytes)
        async with bench(journal_dsn, own=False) as other:
            joined = await other.journal.ownerships.join("old", other.incarnation, {STEP.schema_uri})
            assert joined == Unspoken((NEXT.schema_uri,))
            known = {contract.schema_uri for contract in NEW.all()}
            assert await other.journal.ownerships.join("newer", other.incarnation, known) is None


async def test_a_version_in_use_is_retired_only_when_nothing_needs_it(journal_dsn: str) -> None:
    async with bench(journal_dsn, own=False) as desk:
        activations = desk.journal.activations
        async with hub_on(journal_dsn, {"housing": Destination(sink=ScriptedSink())}, registry=NEW) as rig:
            assert isinstance(await answer(rig, "case-1"), bytes)
            assert await activations.retire(NEXT.schema_uri, TYPE, 99, LIVING) == InUse(hubs=1, deliveries=1)
        assert await activations.retire(NEXT.schema_uri, TYPE, 99, LIVING) == InUse(hubs=0, deliveries=1)
        async with (
            hub_on(journal_dsn, {"housing": Destination(sink=ScriptedSink())}, registry=NEW) as rig,
            at_work(rig.hub),
        ):
            await rig.until_state(State.DELIVERED)
        assert await activations.active() == (NEXT.schema_uri,)
        assert await activations.retire(NEXT.schema_uri, TYPE, 99, LIVING) is None
        assert await activations.active() == ()


async def test_a_hub_that_slept_while_a_version_came_into_use_works_on_nothing(journal_dsn: str) -> None:
    """It counts as gone after ten seconds of the database's clock; here it never beat at all."""
    async with (
        bench(journal_dsn, own=False) as desk,
        hub_on(
            journal_dsn,
            {"housing": Destination(sink=ScriptedSink())},
            name="sleeper",
            registry=OLD,
            clock=SteppedClock(),
        ) as sleeper,
    ):
        assert await desk.journal.activations.activate(NEXT.schema_uri, LIVING) == Unready(("sleeper",))
        assert await desk.journal.activations.activate(NEXT.schema_uri, 0.0) is None  # nobody was seen in no time
        async with at_work(sleeper.hub):
            assert sleeper.hub.vocabulary.unspoken == (NEXT.schema_uri,)
            assert sleeper.hub.leases.held == {}
            assert sleeper.logged("contracts in use are unknown here")


@dataclass(slots=True)
class Counted:
    """The activations of a journal, and how often they were asked."""

    inner: Activations
    asked: int = 0

    async def activate(self, schema: str, ttl: float) -> Unready | JournalDown | None:
        self.asked += 1
        return await self.inner.activate(schema, ttl)

    async def active(self) -> Sequence[str] | JournalDown:
        return await self.inner.active()

    async def retire(self, schema: str, contract: str, version: int, ttl: float) -> InUse | JournalDown | None:
        return await self.inner.retire(schema, contract, version, ttl)


async def test_of_many_first_messages_one_asks(journal_dsn: str) -> None:
    async with hub_on(journal_dsn, {"housing": Destination(sink=ScriptedSink())}, registry=NEW) as rig:
        counted = Counted(rig.hub.journal.activations)
        hub = replace(rig.hub, vocabulary=Vocabulary(counted))
        answers = await asyncio.gather(*(answer(replace(rig, hub=hub), f"case-{n}") for n in range(50)))

    assert all(isinstance(one, bytes) for one in answers)
    assert counted.asked == 1


@dataclass(slots=True)
class Silent(Counted):
    """A journal that answers when it is told to, and then that it is away."""

    heard: asyncio.Event = field(default_factory=asyncio.Event)
    told: asyncio.Event = field(default_factory=asyncio.Event)

    async def activate(self, schema: str, ttl: float) -> Unready | JournalDown | None:
        self.asked += 1
        self.heard.set()
        await self.told.wait()
        return JournalDown("silent")


async def test_on_a_silent_journal_nobody_waits_for_more_than_one_answer(journal_dsn: str) -> None:
    async with hub_on(journal_dsn, {"housing": Destination(sink=ScriptedSink())}, registry=NEW) as rig:
        silent = Silent(rig.hub.journal.activations)
        hub = replace(rig.hub, vocabulary=Vocabulary(silent))
        senders = [asyncio.create_task(answer(replace(rig, hub=hub), f"case-{n}")) for n in range(50)]
        await silent.heard.wait()
        await asyncio.sleep(0)  # each of them has come as far as the question
        senders[0].cancel()  # who asked may leave; the others are answered all the same
        silent.told.set()
        answers = await asyncio.gather(*senders[1:])

    assert {one.code if isinstance(one, Refusal) else "taken" for one in answers} == {"E_JOURNAL_DOWN"}
    assert silent.asked == 1
    assert not hub.vocabulary.asking


@pytest.mark.parametrize("contract", [STEP, NEXT])
async def test_activation_is_idempotent(journal_dsn: str, contract: Contract) -> None:
    async with bench(journal_dsn, own=False) as desk:
        for _ in range(2):
            assert await desk.journal.activations.activate(contract.schema_uri, LIVING) is None
        assert await desk.journal.activations.active() == (contract.schema_uri,)
