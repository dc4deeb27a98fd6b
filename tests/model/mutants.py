# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Hubs with one thing wrong, which the model has to find: each a small harm done to the real hub for the length of a block."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest

import hub.journal.queries
import hub.journal.settlements
import hub.rerouting
import hub.workers.processing
from contracts.located import Fault
from hub.journal.queries import queries
from hub.ports.bus import QueueName
from hub.ports.journal import Acceptance, AcceptanceResult, Acceptances, Duplicate, IdTaken, JournalDown, Settlement
from hub.ports.probe import Point
from hub.workers.processing import _Taken, _Turns
from routing.index import CompiledTable
from tests.model.acts import Act, Activate, Apply, Consult, Doom, Opine, Repeat, Send, Tell, Trouble, Work
from tests.model.lives import Mend
from tests.model.recipients import Mood
from tests.support.hubs import Rig

Mutant = Callable[[], AbstractContextManager[Mend]]


def _untouched(rig: Rig) -> Rig:
    return rig


@contextmanager
def _said(changes: Mapping[str, tuple[str, str]]) -> Iterator[None]:
    """Statements of the journal with a piece of each replaced."""
    told = dict(queries())
    for name, (was, now) in changes.items():
        assert was in told[name], f"{name} does not say so any more"
        told[name] = told[name].replace(was, now)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hub.journal.queries, "queries", lambda: told)
        yield


@contextmanager
def passes_by_what_failed() -> Iterator[Mend]:
    """A lane goes on when its head has failed and waits for its next attempt."""

    def freed(batch: Sequence[Settlement]) -> Mapping[tuple[str, str], QueueName]:
        return {(s.claim.destination, s.claim.case): s.claim.queue for s in batch}

    with pytest.MonkeyPatch.context() as patch, _said({"advance_lanes": ("not o.yields", "o.failures = 0")}):
        patch.setattr(hub.journal.settlements, "_freed", freed)
        yield _untouched


@contextmanager
def repeats_blindly() -> Iterator[Mend]:
    """What a dead hub was sending is sent again, whether or not the far side keeps the key."""
    with _said(
        {"recover_sending": ("case when o.destination = any($3::text[]) then", "case when $3::text[] is not null then")}
    ):
        yield _untouched


@contextmanager
def forgets_what_was_offered() -> Iterator[Mend]:
    """What was on the bus of a dead hub is never offered again."""
    with _said({"recover_offered": ("where grp", "where false and grp"), "astray": ("where", "where false and")}):
        yield _untouched


@contextmanager
def forgets_what_joined_late() -> Iterator[Mend]:
    """What joins a process during its last turn is never heard of."""
    with _said({"rest_processes": ("r.finished and not p.heard", "r.finished")}):
        yield _untouched


@contextmanager
def keeps_what_is_parked() -> Iterator[Mend]:
    """What waits in the parking waits for ever."""
    with _said({"parked_overdue": ("where pass_at <= $1", "where false and pass_at <= $1")}):
        yield _untouched


@contextmanager
def plans_by_half_a_table() -> Iterator[Mend]:
    """A table that was activated is named by the messages, and they go by the one before it."""
    known: Any = hub.rerouting._table

    async def half(
        journal: Any, tables: Any, version: str, before: Mapping[str, CompiledTable]
    ) -> CompiledTable | Sequence[Fault] | JournalDown:
        found = await known(journal, tables, version, before)
        old = next(iter(before.values()), None)
        return replace(old, table=found.table) if isinstance(found, CompiledTable) and old is not None else found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hub.rerouting, "_table", half)
        yield _untouched


@contextmanager
def forgets_an_emission() -> Iterator[Mend]:
    """The last telling of a process is not made, and nobody notices."""
    decided = _Turns._decided

    def forgetful(self: _Turns, *told: Any) -> _Taken:
        taken = decided(self, *told)
        return replace(taken, unsure=()) if taken.turn.answer is not None else taken

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hub.workers.processing._Turns, "_decided", forgetful)
        yield _untouched


@dataclass(slots=True)
class _Careless:
    """Acceptances that tell a repeat what they please."""

    inner: Acceptances
    repeat: Callable[[Acceptance, AcceptanceResult], AcceptanceResult]

    async def accept(self, acceptance: Acceptance) -> AcceptanceResult:
        return self.repeat(acceptance, await self.inner.accept(acceptance))

    async def accept_all(self, acceptances: Sequence[Acceptance]) -> Sequence[AcceptanceResult]:
        return await self.inner.accept_all(acceptances)

    async def refuse(self, record: Any) -> JournalDown | None:
        return await self.inner.refuse(record)

    def mend(self, rig: Rig) -> Rig:
        inside = rig.hub
        self.inner = inside.journal.acceptances
        return replace(rig, hub=replace(inside, journal=replace(inside.journal, acceptances=self)))


def _careless(repeat: Callable[[Acceptance, AcceptanceResult], AcceptanceResult]) -> Mend:
    def mend(rig: Rig) -> Rig:
        return _Careless(rig.hub.journal.acceptances, repeat).mend(rig)

    return mend


@contextmanager
def makes_a_new_receipt() -> Iterator[Mend]:
    """A duplicate gets a receipt of its own."""
    yield _careless(lambda one, told: Duplicate(one.receipt) if isinstance(told, Duplicate) else told)


@contextmanager
def takes_any_content() -> Iterator[Mend]:
    """Another content under a known id is taken for the same."""
    yield _careless(lambda one, told: Duplicate(one.receipt) if isinstance(told, IdTaken) else told)


MUTANTS: Sequence[tuple[Mutant, Sequence[Act]]] = (
    (passes_by_what_failed, (Trouble("housing", Mood.AWAY, 1), Send((Apply(0),), rush=True), Send((Apply(0),)))),
    (repeats_blindly, (Doom(0, Point.AFTER_SEND, 1), Send((Apply(0),)))),
    (forgets_what_was_offered, (Doom(0, Point.BEFORE_PUBLISH, 1), Send((Apply(0),)))),
    (
        forgets_what_joined_late,
        (Doom(0, Point.BEFORE_ACCEPT_COMMIT, 1), Send((Consult(0, 0, 100),), rush=True), Send((Opine(0, 1, 2),))),
    ),
    (keeps_what_is_parked, (Send((Tell(0, 1),)),)),
    (plans_by_half_a_table, (Activate(1, 0), Work(0), Send((Apply(0),)))),
    (forgets_an_emission, (Send((Consult(0, 0, 100),)),)),
    (makes_a_new_receipt, (Send((Apply(0),)), Send((Repeat(0),)))),
    (takes_any_content, (Send((Apply(0),)), Send((Repeat(0, altered=True),)))),
)
"""Each with a small plan that shows its harm."""

FOUND_SOON: Sequence[Mutant] = (keeps_what_is_parked, forgets_an_emission, makes_a_new_receipt)
"""Those that a few plans find."""
