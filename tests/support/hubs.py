# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Whole hubs under test, put together by hand: a real journal, the memory bus, and sinks that tests can speak through.

async with hub_on(dsn, {"housing": Destination(sink=ScriptedSink())}) as rig:
    async with at_work(rig.hub):
        await rig.accept(event("case-1"))
        await rig.until_settled(1)
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import orjson
import structlog
from structlog.testing import LogCapture
from structlog.typing import FilteringBoundLogger

from certs.api_key import KeyRing, digest_of
from connectors.sdk import Answers, Idempotency, Rendering, Sink
from contracts.bindings.http import write_structured
from contracts.catalogue import builtin
from contracts.cloudevent import CloudEvent
from contracts.dialects.dialect import Dialect
from contracts.negotiation import Spoken, negotiate
from contracts.refusal import Refusal
from contracts.registry import Registry
from hub.answering import AnswerDesk
from hub.breakers import BreakerPolicy, Breakers
from hub.bus.memory import MemoryBus
from hub.evidence.state import Evidence
from hub.hearing import Hearing
from hub.journal.postgres import open_journal
from hub.lookups.desk import Window
from hub.materials.local import LocalMaterials
from hub.observing.observer import Observer
from hub.observing.pulse import Pulse
from hub.outlet import Machine, Outlet
from hub.passage import Place, Received
from hub.path import accept
from hub.policy import Court, Policy
from hub.ports.bus import Bus
from hub.ports.ids import TimeOrderedIds
from hub.ports.journal import (
    ClaimResult,
    Deliveries,
    Journal,
    JournalDown,
    MessageView,
    Settled,
    Settlement,
    SettlementResult,
    State,
)
from hub.ports.probe import Probe, Quiet
from hub.processors.intake import Intake
from hub.processors.processor import Processor
from hub.route_book import RouteBook
from hub.running import Hub, Leases
from hub.slots import Slots
from hub.stages.translate import Form
from hub.stages.validate import Rules, Speaker
from hub.tables import Tables
from hub.vocabulary import Vocabulary
from hub.workers.at_work import working
from hub.workers.owning import Owner
from hub.workers.relaying import Sweep, relay_offers
from routing.index import CompiledTable, compile_table
from routing.programs import compile_expressions
from routing.table import RouteTable, load
from tests.support.access import everything
from tests.support.journals import SteppedClock
from tests.support.sealing import SEALING

PARTITIONS = 4
WITHIN = 30.0
APPLICATION = "cn.gov.application.submitted"

POLICY = Policy(
    attempts=12,
    age=timedelta(hours=72),
    first=0.01,
    longest=0.05,
    idempotency=Idempotency.NATIVE,
    ordered_completion=False,
    dead_continues=False,
)
"""As a deployment's, but impatient."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """A destination of a hub under test; its system bears its name unless said otherwise."""

    sink: Sink
    system: str = ""
    group: str = "default"
    ordered: bool = True
    priority: int = 5
    rendering: Rendering = Rendering.STRUCTURED
    timeout: float = 5.0
    policy: Policy = POLICY
    slots: int = 32
    spoken: Spoken | None = None
    breaker: BreakerPolicy | None = None
    processor: Processor | None = None
    final: frozenset[str] = frozenset()
    answers: Answers | None = None
    """Who takes the final answers of the processor; None: the hub itself."""


def key_of(system: str) -> str:
    """The made-up API key of a system."""
    return f"ghk_made-up-key-of-{system}"


def bearer(system: str) -> str:
    """The ``Authorization`` header of a system."""
    return f"Bearer {key_of(system)}"


def event(
    case: str, id_: str | None = None, *, source: str = "portal", contract: str = APPLICATION, **changes: Any
) -> CloudEvent:
    """A valid event: the contract's own first example, about this case. ``changes`` are fields of the envelope."""
    (known, *_) = builtin().versions(contract)
    plain = CloudEvent(
        id=id_ or f"{case}-1",
        source=source,
        type=contract,
        subject=case,
        dataschema=known.schema_uri,
        data={**known.examples[0].data, known.subject: case},
    )
    return replace(plain, **changes)


def received(one: CloudEvent) -> Received:
    """The event as it would have come over HTTP in structured mode."""
    return Received(*write_structured(one))


def table(routes: str) -> CompiledTable:
    """The table of these routes, written as the items of a YAML list, or as a whole document."""
    text = routes if routes.startswith("version:") else f"version: 1\nroutes:\n{routes}"
    loaded = load(text, "routes.yaml")
    assert isinstance(loaded, RouteTable), "\n".join(map(str, loaded))
    expressions = compile_expressions(loaded, builtin())
    assert not expressions.faults, "\n".join(map(str, expressions.faults))
    return compile_table(loaded, programs=expressions.programs)


def everything_to(*destinations: str) -> str:
    """One route that sends every message to all of these."""
    return f"  - {{name: everything, when: {{}}, to: [{', '.join(destinations)}]}}\n"


def captured_log() -> tuple[FilteringBoundLogger, LogCapture]:
    """A logger, and what is written to it."""
    capture = LogCapture()
    log: FilteringBoundLogger = structlog.wrap_logger(
        None, processors=[capture], wrapper_class=structlog.make_filtering_bound_logger(0)
    )
    return log, capture


@dataclass(slots=True)
class Watched:
    """The deliveries of a journal, with a bell that rings at every settlement that was written."""

    inner: Deliveries
    settled: list[Settlement] = field(default_factory=list)
    bell: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def claim(self, delivery: UUID, *, alone: bool = False, trial: bool = False) -> ClaimResult:
        return await self.inner.claim(delivery, alone=alone, trial=trial)

    async def disown(self) -> int | JournalDown:
        return await self.inner.disown()

    async def settle(self, settlement: Settlement) -> SettlementResult:
        result = await self.inner.settle(settlement)
        if isinstance(result, Settled):
            async with self.bell:
                self.settled.append(result.instead or settlement)
                self.bell.notify_all()
        return result


@dataclass(frozen=True, slots=True, kw_only=True)
class Rig:
    """A hub with what a test wants to hold of it. Its clock stands still until it is stepped."""

    hub: Hub
    clock: SteppedClock
    watched: Watched
    log: LogCapture

    async def accept(self, one: CloudEvent) -> UUID:
        """Have an event accepted that must be; the id of its message."""
        receipt = await accept(self.hub, bearer(one.source), one, received(one))
        assert not isinstance(receipt, Refusal), receipt
        return UUID(orjson.loads(receipt)["message"])

    async def until(self, enough: Callable[[Sequence[Settlement]], bool]) -> Sequence[Settlement]:
        """Wait until the settlements that were written are enough."""
        async with asyncio.timeout(WITHIN), self.watched.bell:
            await self.watched.bell.wait_for(lambda: enough(self.watched.settled))
        return list(self.watched.settled)

    async def until_settled(self, count: int) -> Sequence[Settlement]:
        """Wait until so many settlements are written, whatever they say."""
        return await self.until(lambda settled: len(settled) >= count)

    async def until_state(self, state: State, count: int = 1) -> Sequence[Settlement]:
        """Wait until so many settlements say this state."""
        return await self.until(lambda settled: sum(s.state is state for s in settled) >= count)

    async def view(self, message: UUID) -> MessageView:
        found = await self.hub.journal.lookups.message(message)
        assert found is not None
        assert not isinstance(found, JournalDown)
        return found

    async def state(self, message: UUID, n: int = 0) -> State:
        """The state of a message's nth delivery, by name of destination."""
        return (await self.view(message)).deliveries[n].state

    def logged(self, line: str) -> list[dict[str, object]]:
        """The lines of that name that were written to the log."""
        return [dict(entry) for entry in self.log.entries if entry["event"] == line]


@asynccontextmanager
async def hub_on(
    dsn: str,
    destinations: Mapping[str, Destination],
    *,
    routes: str | None = None,
    systems: Sequence[str] = ("portal",),
    bus: Callable[[Bus], Bus] = lambda bus: bus,
    probe: Probe | None = None,
    name: str = "hub-1",
    registry: Registry | None = None,
    dialects: Mapping[str, tuple[Dialect, ...]] | None = None,
    clock: SteppedClock | None = None,
    data: Path | None = None,
    lookups: Mapping[str, Window] | None = None,
    emitted: frozenset[str] = frozenset(),
    tables: Tables | None = None,
    evidence: Evidence | None = None,
) -> AsyncIterator[Rig]:
    """A hub on this database, joined, its bus open, none of its loops running: see :func:`at_work` and :func:`by_hand`.

    Without ``routes`` everything goes everywhere. ``systems`` may send anything about any case, each with the key of
    :func:`key_of` and in its ``dialects``; so may the systems of the destinations. ``bus`` may wrap the memory bus.
    ``emitted`` are the contracts that its processors emit.
    """
    clock = clock or SteppedClock()
    ids, probe = TimeOrderedIds(clock), probe or Quiet()
    log, capture = captured_log()
    async with AsyncExitStack() as stack:
        if data is None:
            data = Path(stack.enter_context(TemporaryDirectory(prefix="govhub-materials-")))
        incarnation = ids.new()
        evidence = evidence or Evidence()
        journal = await open_journal(
            dsn, clock=clock, ids=ids, probe=probe, incarnation=incarnation, signer=evidence.receipts, sealing=SEALING
        )
        assert isinstance(journal, Journal), journal
        stack.push_async_callback(journal.close)
        known_contracts = registry or builtin()
        speaks = frozenset(contract.schema_uri for contract in known_contracts.all())
        assert await journal.ownerships.join(name, incarnation, speaks) is None
        watched = Watched(journal.deliveries)
        known = dict.fromkeys([*systems, *(one.system or at for at, one in destinations.items())])
        court, observer = Court(name, ids, lambda: 0.5), Observer(log, clock)
        book = RouteBook(table(everything_to(*destinations) if routes is None else routes))
        desk = AnswerDesk(
            journal=journal.answers,
            unanswered=journal.unanswered,
            court=court,
            clock=clock,
            observer=observer,
            log=log,
            policies={at: one.policy for at, one in destinations.items()},
            hearing=Hearing(emitted),
        )
        hub = Hub(
            name=name,
            clock=clock,
            ids=ids,
            probe=probe,
            log=log,
            observer=observer,
            pulse=Pulse(clock, log),
            journal=replace(journal, deliveries=watched),
            bus=bus(MemoryBus(clock, str(ids.new()))),
            materials=LocalMaterials(data / "materials", journal.material_keys),
            archive=LocalMaterials(data / "archive"),
            keys=KeyRing.of((system, [digest_of(key_of(system))]) for system in known),
            rules=Rules(
                registry=known_contracts,
                speakers={
                    system: Speaker(any_case=True, dialects=(dialects or {}).get(system, ())) for system in known
                },
                future=timedelta(minutes=5),
                past=timedelta(days=30),
                access=everything(known, {} if lookups is None else lookups),
            ),
            routes=book,
            tables=tables,
            places={
                at: Place(one.system or at, one.group, one.ordered, one.priority, one.final)
                for at, one in destinations.items()
            },
            partitions=PARTITIONS,
            outlets={
                at: await _outlet(stack, at, one, known_contracts, log, journal, one.answers or desk.of(at), book)
                for at, one in destinations.items()
            },
            court=court,
            answers=desk,
            hearing=desk.hearing,
            leases=Leases(clock),
            evidence=evidence,
            lookups={} if lookups is None else lookups,
            vocabulary=Vocabulary(journal.activations),
            breakers=Breakers(
                journal.gates,
                journal.offers,
                {at: one.breaker for at, one in destinations.items() if one.breaker is not None},
            ),
        )
        await hub.bus.open(hub.queues)
        stack.push_async_callback(hub.bus.close)
        yield Rig(hub=hub, clock=clock, watched=watched, log=capture)


async def _outlet(
    stack: AsyncExitStack,
    name: str,
    one: Destination,
    registry: Registry,
    log: FilteringBoundLogger,
    journal: Journal,
    answers: Answers,
    book: RouteBook,
) -> Outlet:
    terms = None if one.spoken is None else negotiate(registry, one.spoken)
    sink = one.sink if one.processor is None else Intake(name, one.processor, journal.processes)
    return Outlet(
        name=name,
        system=one.system or name,
        sink=await stack.enter_async_context(sink),
        form=Form(one.rendering, one.timeout, registry, terms, limits=book.limit),
        policy=one.policy,
        slots=Slots(one.slots),
        breaker=one.breaker,
        log=log,
        machine=None if one.processor is None else Machine(one.processor, one.system or name, answers),
    )


@asynccontextmanager
async def at_work(hub: Hub) -> AsyncIterator[None]:
    """All loops of the hub, as :mod:`hub.workers.at_work` runs them; at the end it drains."""
    async with working(hub):
        yield


@asynccontextmanager
async def by_hand(hub: Hub, *, beating: bool = True) -> AsyncIterator[tuple[Owner, Sweep]]:
    """Partitions are owned and consumed, and commits relayed; windows and sweeps wait for the test's own calls.

    Without ``beating`` there is one beat at the start, and the others are the test's too.
    """
    sweep = Sweep(hub)
    owner = Owner(hub, sweep)
    relaying = asyncio.create_task(relay_offers(hub, sweep.bundles))
    await owner.beat()
    beats = asyncio.create_task(owner.run()) if beating else None
    try:
        yield owner, sweep
    finally:
        if beats is not None:
            beats.cancel()
            await asyncio.gather(beats, return_exceptions=True)
        async with asyncio.timeout(WITHIN):
            await owner.drain()
        relaying.cancel()
        await asyncio.gather(relaying, return_exceptions=True)
