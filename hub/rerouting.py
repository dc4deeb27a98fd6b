# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Which table is in force: what a hub begins with, follows, and what operators may do about it. 路由表的启用

A table is checked before it is activated, and kept whole under its version; each hub reads it from the journal and replaces its
own between two messages. So hubs differ for a moment, and never plan by half a table; each message names the one it was planned
by.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import orjson
from structlog.typing import FilteringBoundLogger

from contracts.located import Fault, parse
from contracts.text import Text
from hub.acting import Order
from hub.clearance import OutOfScope
from hub.ports.clock import Clock
from hub.ports.ids import Ids
from hub.ports.journal import (
    Act,
    Acted,
    InForce,
    JournalDown,
    NoSuch,
    Overtaken,
    RequestTaken,
    RouteTables,
)
from hub.route_book import RouteBook
from hub.second_person import SecondPerson, Unapproved
from hub.tables import Tables
from routing.index import CompiledTable
from routing.trying import Ran, run


@dataclass(frozen=True, slots=True)
class Unusable:
    """Why a table cannot be activated: its faults, those of its cases, or the cases that it fails."""

    faults: tuple[Fault, ...] = ()
    failed: tuple[str, ...] = ()


_NEVER = -1
"""The number of no activation."""

Answer: TypeAlias = Acted | Overtaken | Unusable | NoSuch | RequestTaken | JournalDown | OutOfScope | Unapproved


@dataclass(frozen=True, slots=True, kw_only=True)
class Rerouting:
    """All that changing tables needs; beside a running hub or without any."""

    clock: Clock
    ids: Ids
    journal: RouteTables
    tables: Tables
    second: SecondPerson | None = None

    async def activate(
        self, order: Order, text: str, file: str, *, cases: str | None = None, expected: str | None = None
    ) -> Answer:
        """Make a table the active one of every hub, if it can be used and passes its cases; ``expected``: only if that version
        is the active one now.
        """
        compiled = self._checked(text, file, cases)
        if isinstance(compiled, Unusable):
            return compiled
        now = await self.journal.in_force()
        if isinstance(now, JournalDown):
            return now
        seq, active = (now.seq, now.version) if now is not None else (0, "")
        version = compiled.table.version_id
        act = self._act("activate_routes", order, version, expected)
        if hindered := await self._hindered(act, order, version, text):
            return hindered
        # The journal says that somebody else was first, since this may be an act that it had already.
        return await self.journal.activate(act, version, text, seq if expected in {None, active} else _NEVER)

    async def reactivate(self, order: Order, version: str, *, expected: str | None = None) -> Answer:
        """The same of a table that the journal has: the way back."""
        text = await self.journal.content(version)
        if text is None:
            return NoSuch()
        if isinstance(text, JournalDown):
            return text
        return await self.activate(order, text, version, expected=expected)

    async def cast(self, order: Order, text: str, file: str) -> Answer:
        """Let a table run in the shadow of the active one: it delivers nowhere, and what it would do otherwise is recorded."""
        compiled = self._checked(text, file, None)
        if isinstance(compiled, Unusable):
            return compiled
        version = compiled.table.version_id
        act = self._act("shadow_routes", order, version, None)
        return await self._hindered(act, order, version, text) or await self.journal.cast(act, version, text)

    async def recast(self, order: Order, version: str) -> Answer:
        """The same of a table that the journal has."""
        text = await self.journal.content(version)
        if text is None:
            return NoSuch()
        return text if isinstance(text, JournalDown) else await self.cast(order, text, version)

    async def uncast(self, order: Order) -> Answer:
        """No table runs in the shadow from now on. What was recorded stays."""
        act = self._act("unshadow_routes", order, "", None)
        return await self._hindered(act, order, "", "") or await self.journal.cast(act, "", "")

    async def _hindered(
        self, act: Act, order: Order, version: str, text: str
    ) -> OutOfScope | Unapproved | JournalDown | None:
        """A table is everybody's: who is there for some only may not change it. It may want a second person."""
        if not order.scope.whole:
            return OutOfScope()
        return None if self.second is None else await self.second.cleared(act, [version], 1, text)

    def _checked(self, text: str, file: str, cases: str | None) -> CompiledTable | Unusable:
        compiled = self.tables.usable(text, file)
        if isinstance(compiled, tuple):
            return Unusable(compiled)
        if cases is None:
            return compiled
        located = parse(cases, "cases")
        ran = (located,) if isinstance(located, Fault) else run(located, compiled, self.tables.registry)
        if not isinstance(ran, Ran):
            return Unusable(ran)
        return Unusable(failed=tuple(one.name for one in ran.failed)) if ran.failed else compiled

    def _act(self, kind: str, order: Order, version: str, expected: str | None) -> Act:
        content = orjson.dumps([kind, version, expected])
        return Act(
            id=self.ids.new(),
            request=order.request,
            digest=hashlib.sha256(content).digest(),
            kind=kind,
            actor=order.actor,
            via=order.via,
            reason=order.reason,
            subject=f"routes {version}".strip(),
            acted_at=self.clock.now(),
        )


async def follow(
    book: RouteBook, journal: RouteTables, tables: Tables, log: FilteringBoundLogger, known: Mapping[str, CompiledTable]
) -> JournalDown | None:
    """Go by what the journal has in force. ``known`` are tables that are here already, by version.

    A table that this hub cannot use is told, and the hub goes on by the one it has.
    """
    now = await journal.in_force()
    if now is None or isinstance(now, JournalDown):
        return now
    if (found := await _follow_active(book, journal, tables, log, now, known)) is not None:
        return found
    return await _follow_shadow(book, journal, tables, log, now, known)


async def _follow_active(
    book: RouteBook,
    journal: RouteTables,
    tables: Tables,
    log: FilteringBoundLogger,
    now: InForce,
    known: Mapping[str, CompiledTable],
) -> JournalDown | None:
    if now.seq == book.seq:
        return None
    table = await _table(journal, tables, now.version, {book.active.table.version_id: book.active, **known})
    match table:
        case JournalDown():
            return table
        case CompiledTable():
            book.active, book.seq, book.trouble = table, now.seq, ""
            log.info("routes", version=now.version, seq=now.seq)
        case faults:
            book.seq, book.trouble = now.seq, f"{now.version}: {_first(faults)}"
            log.error("routes not usable", version=now.version, faults=len(faults), first=_first(faults))
    return None


async def _follow_shadow(
    book: RouteBook,
    journal: RouteTables,
    tables: Tables,
    log: FilteringBoundLogger,
    now: InForce,
    known: Mapping[str, CompiledTable],
) -> JournalDown | None:
    if now.shadow in {book.shadow.table.version_id if book.shadow is not None else "", book.refused}:
        return None
    book.refused = ""
    if not now.shadow:
        book.shadow = None
        return None
    table = await _table(journal, tables, now.shadow, known)
    match table:
        case JournalDown():
            return table
        case CompiledTable():
            book.shadow = table
            log.info("routes in the shadow", version=now.shadow)
        case faults:
            book.shadow, book.refused = None, now.shadow
            log.error("shadow not usable", version=now.shadow, first=_first(faults))
    return None


async def _table(
    journal: RouteTables, tables: Tables, version: str, known: Mapping[str, CompiledTable]
) -> CompiledTable | Sequence[Fault] | JournalDown:
    if version in known:
        return known[version]
    text = await journal.content(version)
    if isinstance(text, JournalDown):
        return text
    assert text is not None, "what is in force was kept"
    return tables.usable(text, f"routes@{version}")


def _first(faults: Sequence[Fault]) -> str:
    return f"{faults[0].code} {faults[0].at.line}:{faults[0].at.column}" if faults else ""


def said_of(answer: Unusable) -> Text:
    """What stands in the way, in one sentence."""
    if answer.failed:
        named = ", ".join(answer.failed[:5])
        return Text(f"有 {len(answer.failed)} 个用例未通过：{named}", f"{len(answer.failed)} cases fail: {named}")
    return Text(
        "；".join(f"{one.code} 第 {one.at.line} 行" for one in answer.faults[:5]),
        "; ".join(f"{one.code} line {one.at.line}" for one in answer.faults[:5]),
    )
