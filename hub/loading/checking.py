# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Whether a row would be taken, before anything is sent: the very stages that the hub would hold it against. 逐行检查

A row that is refused keeps back what follows in its case: steps must not go up where their acceptance did not.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from contracts.bindings import amqp
from contracts.cloudevent import CloudEvent
from contracts.digest import content_digest
from contracts.refusal import Refusal, Violation
from contracts.text import Text
from hub.loading.export import Unread, Written
from hub.passage import Place
from hub.ports.clock import Clock
from hub.ports.ids import Ids
from hub.stages.plan import plan
from hub.stages.understand import understand
from hub.stages.validate import Rules, validate
from routing.index import CompiledTable

_ELSEWHERE: Final = Text(
    "路由会把这一行送往 {found}，而装载只走 {wanted}。",
    "The routes would send this row to {found}; a load goes to {wanted} and nowhere else.",
)
_KEPT_BACK: Final = Text(
    "同一办件的前面一行（{file}:{line}）被拒收，这一行不先报。",
    "An earlier row of the case ({file}:{line}) is refused, and this one must not go before it.",
)


@dataclass(frozen=True, slots=True)
class Fit:
    """A row that would be taken, as an event."""

    row: Written
    event: CloudEvent


@dataclass(frozen=True, slots=True)
class Unfit:
    """A row that would not, or was not, and why; ``violations`` where its data are wrong."""

    file: str
    line: int
    code: str
    text: Text
    violations: tuple[Violation, ...] = ()

    @classmethod
    def of(cls, row: Written | Unread, refusal: Refusal) -> "Unfit":
        """What a stage says of a row."""
        return cls(row.file, row.line, refusal.code, refusal.detail, tuple(refusal.violations))


@dataclass(slots=True, kw_only=True)
class Checker:
    """Holds rows against the rules of a deployment, in their order; remembers the cases of refused rows."""

    rules: Rules
    table: CompiledTable
    places: Mapping[str, Place]
    partitions: int
    ids: Ids
    clock: Clock
    system: str
    destination: str
    refused: dict[str, tuple[str, int]] = field(default_factory=dict)

    def check(self, row: Written | Unread) -> Fit | Unfit:
        """One row."""
        if isinstance(row, Unread):
            return Unfit(row.file, row.line, row.code, row.text)
        event = amqp.read(row.content_type, row.headers, row.body)
        if isinstance(event, Refusal):
            return Unfit.of(row, event)
        unfit = self._unfit(row, event)
        if unfit is not None and event.subject:
            self.refused.setdefault(event.subject, (row.file, row.line))
        return unfit or Fit(row, event)

    def refuse(self, fit: Fit) -> None:
        """The hub refused a row that seemed to fit: what follows in its case is kept back too."""
        if fit.event.subject:
            self.refused.setdefault(fit.event.subject, (fit.row.file, fit.row.line))

    def _unfit(self, row: Written, event: CloudEvent) -> Unfit | None:
        understood = understand(self.rules.registry, self.rules.speakers[self.system].dialects, event)
        if isinstance(understood, Refusal):
            return Unfit.of(row, understood)
        valid = validate(self.rules, self.system, understood, content_digest(event), self.clock.now())
        if isinstance(valid, Refusal):
            return Unfit.of(row, valid)
        now = self.clock.now()
        planned = plan(self.table, self.places, self.partitions, self.ids, self.system, valid, now)
        if isinstance(planned, Refusal):
            return Unfit.of(row, planned)
        found = sorted({one.destination for one in planned.deliveries})
        if found != [self.destination]:
            told = _ELSEWHERE.filled(found=", ".join(found), wanted=self.destination)
            return Unfit(row.file, row.line, "LOAD_ELSEWHERE", told)
        if earlier := self.refused.get(valid.case):
            return Unfit(row.file, row.line, "LOAD_KEPT_BACK", _KEPT_BACK.filled(file=earlier[0], line=earlier[1]))
        return None
