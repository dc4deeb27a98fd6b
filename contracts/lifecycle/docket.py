# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The docket of one case (办件进程簿): the records that are known, those that came early, and what a further one changes.

Every early record is judged again whenever the state has changed, in the order in which they came.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

from contracts.lifecycle.judgement import Impossible, Judgement, Lawful, Parked, judge
from contracts.lifecycle.message import MISSING, READINGS, Kind
from contracts.lifecycle.record import Record
from contracts.lifecycle.rules import BARS, CONTRADICTION, CONTRADICTS, WAITS
from contracts.lifecycle.state import State
from contracts.text import Text

_NOTHING = UUID(int=0)
_WAITS: Mapping[str, Text] = {wait.number: wait.needs for wait in WAITS}
_BARS: Mapping[str, Text] = {**{bar.number: bar.text for bar in BARS}, CONTRADICTION: CONTRADICTS}


@dataclass(frozen=True, slots=True)
class Early:
    """A message that came early: its record, and the number of the rule by which it waits, or by which it cannot be any more."""

    message: UUID
    record: Record
    rule: str

    @property
    def waits(self) -> bool:
        """Whether what it waits for may still come."""
        return self.rule in _WAITS

    @property
    def says(self) -> Text:
        """What its rule says: what it waits for, or why it cannot be."""
        return _WAITS[self.rule] if self.waits else _BARS[self.rule]


@dataclass(frozen=True, slots=True)
class Docket:
    """``adopted``: the case was under way before its messages came here. ``records`` are the lawful ones, by kind and key.

    ``upto`` is the newest message that was told.
    """

    records: Mapping[tuple[Kind, str], Record] = field(default_factory=dict)
    early: tuple[Early, ...] = ()
    adopted: bool = False
    upto: UUID = _NOTHING

    @property
    def state(self) -> State:
        """How far the case has come."""
        return State(frozenset(record.message for record in self.records.values()), self.adopted)

    def told(self, message: UUID, record: Record) -> "Told":
        """What becomes of one more message, and of those that waited. A message that waits already waits on."""
        known = next((one for one in self.early if one.message == message), None)
        if known is not None:
            return Told(self, judge(self.state, record.message))
        judged, heard = judge(self.state, record.message), replace(self, upto=max(self.upto, message))
        match judged:
            case Lawful(state):
                return _rejudged(replace(heard, records=_with(self.records, record, state)), judged)
            case Parked(rule):
                return Told(replace(heard, early=(*self.early, Early(message, record, rule))), judged)
            case Impossible():
                return Told(heard, judged)

    def learn(self, message: UUID, record: Record) -> "Docket":
        """Know a record of a message that went its way before: if it is lawful it counts from now on, else it is left at that.
        What waits is judged again with the next one that is told.
        """
        judged, heard = judge(self.state, record.message), replace(self, upto=max(self.upto, message))
        if isinstance(judged, Lawful):
            return replace(heard, records=_with(self.records, record, judged.next))
        return heard

    def adopt(self) -> "Told":
        """Wait for nothing from now on: what came early is lawful as it is, but for what can never be."""
        return _rejudged(replace(self, adopted=True), None)

    def dismiss(self, message: UUID) -> "Docket":
        """Wait no longer with this message, whatever is known: it counts as a record no more."""
        return replace(self, early=tuple(one for one in self.early if one.message != message))


@dataclass(frozen=True, slots=True)
class Told:
    """The docket with what was told. ``released`` are the early messages that are lawful now, in their order; ``struck`` those
    that have turned out impossible, which stay among the early ones under the rule that bars them.
    """

    docket: Docket
    judged: Judgement | None
    released: tuple[UUID, ...] = ()
    struck: tuple[Early, ...] = ()


def _rejudged(docket: Docket, judged: Judgement | None) -> Told:
    """As :func:`contracts.lifecycle.judgement.rejudge`: what is impossible now is not tried again before more is told."""
    waiting, rules, released = list(docket.early), dict[UUID, str](), list[UUID]()
    moved = True
    while moved:
        moved, still = False, list[Early]()
        for one in waiting:
            match judge(docket.state, one.record.message):
                case Lawful(after):
                    docket = replace(docket, records=_with(docket.records, one.record, after))
                    released.append(one.message)
                    moved = True
                case Impossible(rule):
                    rules[one.message] = rule
                case Parked(rule):
                    rules[one.message] = rule
                    still.append(one)
        waiting = still
    gone = set(released)
    early = tuple(replace(one, rule=rules[one.message]) for one in docket.early if one.message not in gone)
    struck = tuple(one for one in early if not one.waits)
    return Told(replace(docket, early=early), judged, tuple(released), struck)


def _with(
    records: Mapping[tuple[Kind, str], Record], record: Record, state: State
) -> Mapping[tuple[Kind, str], Record]:
    """The records of the state that a lawful one has led to: in the place of an earlier one if the state has it so."""
    message = record.message
    key = (message.kind, message.key)
    known, stands = records.get(key), state.record(*key)
    if known is None or message.version > known.message.version:
        return {**records, key: record}
    if stands is None or stands == known.message:
        return records
    gist = {**known.gist, READINGS[message.kind].at: stands.at, **({MISSING: True} if stands.lacking else {})}
    return {**records, key: replace(known, gist=gist)}  # a repeat
