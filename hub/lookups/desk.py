# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Where questions are asked: by whom the deployment allows, from memory where its policy says so, with a record of each.

What is asked is recorded before it is answered: who asked, what for, when, and the outcome; never what about.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import assert_never

from structlog.typing import FilteringBoundLogger

from connectors.sdk import Context, Criteria, Finding, Found, Lookup, NotFound, Question, Rejected, Role, Unavailable
from connectors.sdk.lookup_guard import GuardedLookup
from connectors.sdk.lookup_host import ProcessLookup
from connectors.sdk.process import Limits, Order
from connectors.sdk.session import open_session
from hub.config.lookups import Askable
from hub.lookups.remembering import Memory
from hub.ports.clock import Clock
from hub.ports.ids import Ids
from hub.ports.journal import JournalDown, LookupManner, LookupOutcome, LookupRecord, LookupRecords, Unwritable

_OUTCOMES: Mapping[type, LookupOutcome] = {
    Found: "found",
    NotFound: "not_found",
    Rejected: "rejected",
    Unavailable: "unavailable",
}


@dataclass(frozen=True, slots=True)
class Ledger:
    """Where questions are recorded."""

    records: LookupRecords
    ids: Ids


@dataclass(frozen=True, slots=True)
class Told:
    """What a question came to. ``age`` is in seconds, 0 for an answer given just now; ``stale``: older than the policy
    likes, given because nobody could be asked.
    """

    finding: Finding
    age: float = 0.0
    stale: bool = False
    remembered: bool = False

    @property
    def manner(self) -> LookupManner:
        """How it was come by: ``asked``, ``remembered`` or ``stale``."""
        return "stale" if self.stale else "remembered" if self.remembered else "asked"


class Window:
    """One lookup that is open. ``asked`` counts questions by outcome and manner, ``seconds`` is what they took together, both
    since the hub started.
    """

    def __init__(
        self, askable: Askable, lookup: Lookup, clock: Clock, log: FilteringBoundLogger, ledger: Ledger | None = None
    ) -> None:
        self._askable = askable
        self._lookup = lookup
        self._clock = clock
        self._log = log
        self._ledger = ledger
        self._memory = Memory(askable.section.cache)
        self.asked: Counter[tuple[str, str]] = Counter()
        self.seconds = 0.0
        self._slots = asyncio.Semaphore(askable.section.concurrency or askable.manifest.concurrency)

    @property
    def criteria(self) -> Criteria:
        """What a question must and may say."""
        return self._askable.criteria

    @property
    def askers(self) -> tuple[str, ...]:
        """The systems that the deployment names here; whether one may ask, :mod:`hub.access.decision` decides."""
        return self._askable.section.systems

    async def ask(
        self, criteria: Mapping[str, str], *, system: str, purpose: str, traceparent: str = "", rule: str = ""
    ) -> Told | JournalDown:
        """Ask, or remember. What cannot be recorded is not told. The line says who asked what for, and never what about."""
        asked_at = self._clock.now()
        began = self._clock.monotonic()
        told = await self._told(criteria, purpose, traceparent)
        took = self._clock.monotonic() - began
        self.seconds += took
        self.asked[type(told.finding).__name__, told.manner] += 1
        self._log.info(
            "lookup",
            lookup=self._askable.name,
            system=system,
            purpose=purpose,
            criteria=sorted(criteria),
            outcome=type(told.finding).__name__,
            code=_code(told.finding),
            records=len(told.finding.records) if isinstance(told.finding, Found) else 0,
            age=round(told.age, 1),
            stale=told.stale,
            ms=round(took * 1000, 1),
            rule=rule,
        )
        if self._ledger is None:
            return told
        record = LookupRecord(
            id=self._ledger.ids.new(),
            asked_at=asked_at,
            lookup=self._askable.name,
            system=system,
            purpose=purpose.replace("\0", "\N{REPLACEMENT CHARACTER}"),
            criteria=tuple(sorted(criteria)),
            outcome=_OUTCOMES[type(told.finding)],
            code=_code(told.finding),
            records=len(told.finding.records) if isinstance(told.finding, Found) else 0,
            manner=told.manner,
            took_ms=round(took * 1000),
            rule=rule,
        )
        written = await self._ledger.records.record(record)
        match written:
            case None:
                return told
            case JournalDown():
                return written
            case Unwritable(reason):
                return JournalDown(reason)
            case _:
                assert_never(written)

    async def _told(self, criteria: Mapping[str, str], purpose: str, traceparent: str) -> Told:
        known = self._memory.recall(criteria, self._clock.monotonic())
        if known is not None and not known.stale:
            return Told(known.answer, known.age, remembered=True)
        seconds = self._askable.section.timeout_seconds
        question = Question(criteria=criteria, purpose=purpose, traceparent=traceparent, timeout=seconds)
        try:
            async with asyncio.timeout(seconds):
                await self._slots.acquire()
        except TimeoutError:
            finding: Finding = Unavailable("BUSY: too many questions at a time")
        else:
            try:
                finding = await self._lookup.ask(question)
            finally:
                self._slots.release()
        now = self._clock.monotonic()
        match finding:
            case Found() | NotFound():
                self._memory.keep(criteria, finding, now)
            case Unavailable() if known is not None and (still := self._memory.recall(criteria, now)) is not None:
                return Told(still.answer, still.age, stale=True)
            case _:
                pass
        return Told(finding)


def _code(finding: Finding) -> str:
    match finding:
        case Rejected(code=code):
            return code
        case Unavailable(reason=reason):
            return reason.partition(":")[0]
        case _:
            return ""


@asynccontextmanager
async def open_window(
    askable: Askable,
    secret: Callable[[str], str],
    clock: Clock,
    log: FilteringBoundLogger,
    ledger: Ledger | None = None,
) -> AsyncIterator[Window]:
    """The lookup, open until the block ends. A far side that is away is no obstacle. Without a ledger nothing is recorded."""
    async with open_lookup(askable, secret, clock, log) as lookup:
        yield Window(askable, lookup, clock, log, ledger)


@asynccontextmanager
async def open_lookup(
    askable: Askable, secret: Callable[[str], str], clock: Clock, log: FilteringBoundLogger
) -> AsyncIterator[Lookup]:
    """The lookup alone, where its isolation says."""
    async with open_session() as http:
        context = Context(
            destination=askable.name,
            http=http,
            log=log.bind(lookup=askable.name),
            secret=secret,
            monotonic=clock.monotonic,
            now=clock.now,
        )
        match askable.isolation:
            case "hub":
                assert askable.connector is not None, "what runs here is loaded here"
                opening: AbstractAsyncContextManager[Lookup] = GuardedLookup(
                    askable.connector.lookup(askable.settings, context)
                )
            case "process":
                order = Order(
                    reference=askable.reference,
                    settings=askable.section.settings,
                    destination=askable.name,
                    role=Role.LOOKUP,
                    fence=askable.fence,
                )
                opening = ProcessLookup(
                    order,
                    secret=secret,
                    log=context.log,
                    monotonic=clock.monotonic,
                    limits=Limits(enter_seconds=0),
                )
        async with opening as lookup:
            yield lookup
