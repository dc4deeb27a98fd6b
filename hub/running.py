# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A running hub: all that the path works with, put together once by :mod:`hub.app`."""

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import assert_never
from uuid import UUID

import orjson
from structlog.typing import FilteringBoundLogger

from certs.api_key import KeyRing
from certs.receipt import refusal_statement
from contracts.cloudevent import CloudEvent
from contracts.digest import content_digest
from contracts.lifecycle.refusing import refusal as unlawful
from contracts.problem import problem
from contracts.refusal import Refusal
from contracts.text import Text
from hub.answering import AnswerDesk
from hub.archive.case_files import CaseFiles
from hub.breakers import Breakers
from hub.capacity import Capacity
from hub.catalogue.standing import Catalogue
from hub.config.observed import TelemetrySection
from hub.config.performance import PerformanceSection
from hub.config.proxy import ProxySection
from hub.evidence.state import Evidence
from hub.headway import Headway
from hub.health import Health
from hub.hearing import Hearing
from hub.identities.identities import Identities
from hub.in_hand import InHand
from hub.inlet import Inlet
from hub.keeping import Keeping
from hub.legal_clock import LegalClock
from hub.lifecycle import Parking
from hub.lookups.desk import Window
from hub.naming import Names
from hub.observing.observer import Observer
from hub.observing.pulse import Pulse
from hub.oidc import Issuer
from hub.oidc_code import CodeFlow
from hub.operators import Operators
from hub.outlet import Outlet
from hub.passage import Place
from hub.performance.overdue import Overdue
from hub.policy import Court
from hub.ports.bus import Bus, QueueName
from hub.ports.clock import Clock
from hub.ports.ids import Ids
from hub.ports.journal import (
    Archived,
    ForeignCase,
    IdTaken,
    Journal,
    JournalDown,
    MessageView,
    RefusalRecord,
    Unlawful,
    Unwritable,
)
from hub.ports.materials import Materials
from hub.ports.probe import Probe
from hub.rates import Rates
from hub.reception import Reception
from hub.reconcile.agreement import Agreements
from hub.route_book import RouteBook
from hub.second_person import SecondPerson
from hub.sign_in import SignIn
from hub.stages.validate import Rules
from hub.tables import Tables
from hub.timekeeping import ClockWatch
from hub.vocabulary import Vocabulary

_BUSY_SECONDS = 5.0


@dataclass(slots=True)
class Leases:
    """The partitions this hub may work on, by its own monotonic clock: epoch and the moment the lease runs out."""

    clock: Clock
    held: dict[QueueName, tuple[int, float]] = field(default_factory=dict)
    leaving: set[QueueName] = field(default_factory=set)
    """Held still, but nothing new is taken there."""

    def lasts(self, queue: QueueName) -> bool:
        """Whether the partition is this hub's still."""
        mine = self.held.get(queue)
        return mine is not None and self.clock.monotonic() < mine[1]

    def valid(self, queue: QueueName, epoch: int) -> bool:
        """Whether a claim made under this epoch may still be sent."""
        mine = self.held.get(queue)
        return mine is not None and mine[0] == epoch and self.clock.monotonic() < mine[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """Everything the path needs; nothing in here is made by the path itself."""

    name: str
    clock: Clock
    ids: Ids
    probe: Probe
    log: FilteringBoundLogger
    observer: Observer
    pulse: Pulse
    journal: Journal
    bus: Bus
    materials: Materials
    archive: Materials
    keys: KeyRing
    rules: Rules
    routes: RouteBook
    places: Mapping[str, Place]
    partitions: int
    outlets: Mapping[str, Outlet]
    court: Court
    answers: AnswerDesk
    leases: Leases
    vocabulary: Vocabulary
    breakers: Breakers
    operators: Operators = field(default_factory=Operators)
    keeping: Keeping = field(default_factory=Keeping)
    telemetry: TelemetrySection = field(default_factory=TelemetrySection)
    health: Health = field(default_factory=Health)
    intake: Capacity = field(default_factory=Capacity)
    quarantine: asyncio.Lock = field(default_factory=asyncio.Lock)
    in_hand: InHand = field(default_factory=InHand)
    inlets: Mapping[str, Inlet] = field(default_factory=dict)
    receptions: Mapping[str, Reception] = field(default_factory=dict)
    proxy: ProxySection | None = None
    headway: Headway = field(default_factory=Headway)
    lookups: Mapping[str, Window] = field(default_factory=dict)
    hearing: Hearing = field(default_factory=Hearing)
    agreements: Agreements = field(default_factory=Agreements)
    catalogue: Catalogue = field(default_factory=Catalogue)
    tables: Tables | None = None
    legal_clock: LegalClock = field(default_factory=LegalClock)
    names: Names | None = None
    sign_in: SignIn | None = None
    issuer: Issuer | None = None
    code_flow: CodeFlow | None = None
    second: SecondPerson | None = None
    parking: Parking = field(default_factory=Parking)
    rates: Rates = field(default_factory=Rates)
    evidence: Evidence = field(default_factory=Evidence)
    clock_watch: ClockWatch = field(default_factory=ClockWatch)
    performance: PerformanceSection | None = None
    reports: Overdue = field(default_factory=Overdue)
    identities: Identities = field(default_factory=Identities.none)

    @property
    def queues(self) -> tuple[QueueName, ...]:
        """Every partition of every group."""
        groups = sorted({"default"} | {place.group for place in self.places.values()})
        return tuple(QueueName(group, p) for group in groups for p in range(self.partitions))

    @property
    def case_files(self) -> CaseFiles:
        """Cases whole, wherever their messages are."""
        return CaseFiles(self.journal, self.archive)

    def owns(self, queue: QueueName, epoch: int) -> bool:
        """Checked on the monotonic clock before each send."""
        return self.leases.valid(queue, epoch)

    async def first_receipt(self, system: str, event: CloudEvent) -> bytes | None:
        """The stored receipt of this very message, if it was accepted before."""
        first = await self.journal.lookups.message_by_sender_id(system, event.id)
        if isinstance(first, MessageView) and first.digest == content_digest(event):
            return first.receipt
        return None

    async def refuse(
        self,
        system: str,
        event: CloudEvent | None,
        refusal: Refusal,
        raw: bytes,
        id_: UUID | None = None,
        routing: str = "",
    ) -> Refusal:
        """Record a refusal of a known sender, and hand it on. A journal that is down does not change the answer.

        ``event`` is None where none could be read; ``routing`` is what is kept of a message that the routes refused.
        """
        key, now, digest, salt = id_ or self.ids.new(), self.clock.now(), hashlib.sha256(raw).digest(), self.ids.salt()
        statement = refusal_statement(
            hub=self.name,
            refusal_id=key,
            system=system,
            sender_id=event.id if event else "",
            contract=event.type if event else "",
            code=refusal.code,
            digest=digest,
            salt=salt,
            refused_at=now,
        )
        record = RefusalRecord(
            id=key,
            system=system,
            sender_id=event.id if event else None,
            contract=event.type if event else None,
            code=refusal.code,
            problem=orjson.dumps(problem(refusal, None)),
            digest=digest,
            refused_at=now,
            routing=routing,
            statement=statement.body,
            leaf=statement.hash,
            salt=salt,
        )
        if not isinstance(refusal.retry_after, float):
            await self.journal.acceptances.refuse(record)
        self.observer.refused(system, refusal.code)
        if refusal.code == "E_JOURNAL_DOWN":
            self.journal.commits.trouble["answer"] = refusal.code  # whoever watches tries a write of their own
        return refusal

    def refusal_of(self, result: IdTaken | Archived | ForeignCase | Unlawful | Unwritable | JournalDown) -> Refusal:
        """What a sender is told when COMMIT 1 did not take the message."""
        match result:
            case IdTaken():
                return Refusal(
                    "E_ID_REUSE",
                    Text("这个 id 已被另一内容的消息使用并已受理。", "This id was accepted before with other content."),
                )
            case Archived():
                return Refusal(
                    "E_TOO_OLD",
                    Text(
                        "这条消息早已受理并已归档，不再执行。",
                        "This message was accepted long ago and is archived; it is not carried out again.",
                    ),
                )
            case ForeignCase():
                return Refusal(
                    "E_CASE_FOREIGN",
                    Text("该办件与本系统无关。", "This case is not one of your system's."),
                )
            case Unlawful(judged, message):
                self.observer.figures.misfits[judged.rule, "refused"] += 1
                return unlawful(judged, message)
            case Unwritable(reason):
                self.log.error("unwritable", reason=reason)
                return Refusal("E_BUG", Text("中枢无法登记这条消息。", "The hub could not record this message."))
            case JournalDown(reason):
                self.log.warning("journal down", reason=reason)
                return Refusal(
                    "E_JOURNAL_DOWN",
                    Text("中枢的登记库暂时不可用，消息未接收。", "The journal is away; the message was not accepted."),
                    retry_after=_BUSY_SECONDS,
                )
            case _:
                assert_never(result)
