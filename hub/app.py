# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Puts a hub together from a deployment: the one place that names concrete adapters. Starts it, drains it, stops it."""

import os
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias
from uuid import UUID

from structlog.typing import FilteringBoundLogger

from certs.envelope import KeyTrouble
from certs.evidence.receipts import ReceiptSigner
from connectors.sdk import Answers
from contracts.text import Text
from hub.answering import AnswerDesk
from hub.breakers import Breakers
from hub.bus.memory import MemoryBus
from hub.bus.rabbitmq import RabbitBus
from hub.capacity import capacity_of
from hub.catalogue.standing import Catalogue
from hub.claim_check import Standing
from hub.config.answering import answers_for
from hub.config.credentials import Secrets, secrets_of
from hub.config.identities import identities_of, keys_of
from hub.config.intake import Called, Fetched
from hub.config.load import Endpoint, Loaded, resolve_secret
from hub.config.naming import names_of
from hub.evidence.keys import evidence_of
from hub.evidence.state import Evidence
from hub.journal.data_keys import Sealing
from hub.journal.embedded import EmbeddedFault
from hub.journal.embedded.keeper import Keeper
from hub.journal.embedded.visiting import visit
from hub.journal.migrate import Migrated, MigrationRefused
from hub.journal.postgres import migrate_database, open_journal
from hub.keeping import Keeping
from hub.lifecycle import Parking, Policies
from hub.lookups.desk import Ledger, open_window
from hub.materials.stores import Stores, open_stores
from hub.observing.observer import Observer
from hub.observing.opening import observer_of
from hub.observing.pulse import Pulse
from hub.openings import form_of, hearing_of, open_inlet, open_machine, open_outlet, open_reception, policy_of
from hub.operating import code_flow_of, issuer_of, operators_of, second_person_of, sign_in_of
from hub.outlet import Outlet
from hub.policy import Court
from hub.ports.bus import Bus
from hub.ports.clock import Clock, SystemClock
from hub.ports.crash import VARIABLE, fuse_of
from hub.ports.ids import Ids, TimeOrderedIds
from hub.ports.journal import Journal, JournalDown, Processes
from hub.ports.materials import MaterialKeys
from hub.ports.probe import Probe, Quiet
from hub.privacy.master import sealing_of
from hub.reconcile.agreement import Agreements, agreements_of
from hub.rerouting import follow
from hub.route_book import RouteBook
from hub.rules import rules_of
from hub.running import Hub, Leases
from hub.stages.translate import Form
from hub.start_failures import Failure, disagreement, not_joined, unreachable, unsealed
from hub.timekeeping import ClockWatch
from hub.vocabulary import Vocabulary
from hub.workers.at_work import working

_JOURNAL_PATIENCE = 30.0
_FITTING = Text("请使用与数据库相符的版本。", "Use the version that fits the database.")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is injected: the clock, ids, chance and the probe of the path."""

    clock: Clock
    ids: Ids
    probe: Probe

    @classmethod
    def of_this_machine(cls, environment: Mapping[str, str] = os.environ) -> "Surroundings":
        clock = SystemClock()
        return cls(clock, TimeOrderedIds(clock), fuse_of(environment.get(VARIABLE, "")) or Quiet())


Started: TypeAlias = Hub | Failure


@asynccontextmanager
async def running(
    loaded: Loaded, log: FilteringBoundLogger, surroundings: Surroundings | None = None
) -> AsyncIterator[Started]:
    """A hub at work, without its HTTP face; at the end it takes nothing more, drains, and stops in order."""
    around = surroundings or Surroundings.of_this_machine()
    async with AsyncExitStack() as stack:
        incarnation = around.ids.new()
        evidence = evidence_of(loaded, around.clock, log)
        journal = await _journal(
            loaded, stack, around, incarnation, log, sealing_of(loaded, log, make=True), signer=evidence.receipts
        )
        if isinstance(journal, Failure):
            yield journal
            return
        speaks = frozenset(contract.schema_uri for contract in loaded.registry.all())
        joined = await journal.ownerships.join(loaded.deployment.hub.name, incarnation, speaks)
        if joined is not None:
            yield not_joined(joined, loaded)
            return
        if failure := await disagreement(journal, loaded):
            yield failure
            return
        book = await _book(journal, loaded, around, log)
        if isinstance(book, JournalDown):
            yield unreachable(book.reason)
            return
        observer = observer_of(loaded, log, around.clock)
        stack.push_async_callback(observer.tracer.close)
        bus = _bus(loaded, around, observer)
        hub = await _assemble(loaded, stack, around, journal, bus, observer, book, evidence)
        stack.push_async_callback(bus.close)
        state = await bus.open(hub.queues)
        log.info("bus", state=type(state).__name__, reason=getattr(state, "reason", ""))
        async with working(hub):
            yield hub


@asynccontextmanager
async def consulting(loaded: Loaded, log: FilteringBoundLogger) -> AsyncIterator[Journal | Failure]:
    """The journal for a command that asks it something, beside the running hubs or without any: nobody joins."""
    around = Surroundings.of_this_machine()
    async with AsyncExitStack() as stack:
        visited = visit(_database_directory(loaded)) if _journal_address(loaded) == "embedded" else None
        yield await _journal(loaded, stack, around, around.ids.new(), log, sealing_of(loaded), visited)


def _journal_address(loaded: Loaded) -> str:
    return resolve_secret(loaded.deployment.journal, os.environ, loaded.home) or ""


def _database_directory(loaded: Loaded) -> Path:
    return loaded.path(loaded.deployment.hub.data) / "postgres"


async def _journal(
    loaded: Loaded,
    stack: AsyncExitStack,
    around: Surroundings,
    incarnation: UUID,
    log: FilteringBoundLogger,
    sealing: Sealing | KeyTrouble | None,
    visited: str | None = None,
    signer: ReceiptSigner | None = None,
) -> Journal | Failure:
    address = visited or _journal_address(loaded)
    if address == "embedded":
        keeper = Keeper(_database_directory(loaded), around.clock, log)
        embedded = await keeper.start()
        if isinstance(embedded, EmbeddedFault):
            return Failure(embedded.text, embedded.remedy, embedded.log)
        stack.push_async_callback(keeper.stop)
        address = embedded
    waited = around.clock.monotonic() + _JOURNAL_PATIENCE
    while True:
        opened = await open_journal(
            address,
            clock=around.clock,
            ids=around.ids,
            probe=around.probe,
            incarnation=incarnation,
            signer=signer,
            sealing=sealing,
        )
        match opened:
            case Journal():
                stack.push_async_callback(opened.close)
                return opened
            case MigrationRefused(reason):
                return Failure(reason, _FITTING)
            case KeyTrouble() as trouble:
                return unsealed(trouble)
            case JournalDown(reason):
                if around.clock.monotonic() >= waited:
                    return unreachable(reason)
        await around.clock.sleep(1.0)


async def _book(
    journal: Journal, loaded: Loaded, around: Surroundings, log: FilteringBoundLogger
) -> RouteBook | JournalDown:
    """The table in force: that of the file, if it never was active in this journal, else what operators made of it since."""
    book, version = RouteBook(loaded.table), loaded.table.table.version_id
    begun = await journal.route_tables.begin(
        version, loaded.routes_text, loaded.deployment.hub.name, around.clock.now()
    )
    if isinstance(begun, JournalDown):
        return begun
    if begun.version != version:
        log.warning("the file's routes are not in force", file=version, active=begun.version)
    down = await follow(book, journal.route_tables, loaded.tables, log, {version: loaded.table})
    return down or book


def _bus(loaded: Loaded, around: Surroundings, observer: Observer) -> Bus:
    address = resolve_secret(loaded.deployment.bus, os.environ, loaded.home) or ""
    if address == "memory":
        return MemoryBus(around.clock, str(around.ids.new()))
    return RabbitBus(address, around.clock, around.ids, secrets.SystemRandom().random, on_foreign=observer.set_aside)


async def _assemble(
    loaded: Loaded,
    stack: AsyncExitStack,
    around: Surroundings,
    journal: Journal,
    bus: Bus,
    observer: Observer,
    book: RouteBook,
    evidence: Evidence,
) -> Hub:
    deployment, log, forms = loaded.deployment, observer.log, loaded.item_forms()
    court = Court(deployment.hub.name, around.ids, secrets.SystemRandom().random)
    policies = {name: policy_of(endpoint) for name, endpoint in loaded.endpoints.items()}
    desk = AnswerDesk(
        journal.answers, journal.unanswered, court, around.clock, observer, log, policies, hearing_of(loaded)
    )
    limits, standing = deployment.limits, Standing(deployment.limits)
    outlets = {
        name: await _outlet(
            loaded,
            stack,
            around,
            endpoint,
            form_of(loaded, endpoint, forms, book.limit),
            log,
            desk.of(name),
            standing,
            journal.processes,
        )
        for name, endpoint in loaded.endpoints.items()
    }
    inlets = {
        name: await stack.enter_async_context(
            open_inlet(
                intake,
                limits.body_bytes,
                secrets_of(loaded, intake.section.settings),
                around.clock,
                log,
                desk.of(answers_for(intake.settings, intake.section.settings)),
                standing,
            )
        )
        for name, intake in loaded.intakes.items()
        if isinstance(intake, Fetched)
    }
    receptions = {
        name: await stack.enter_async_context(
            open_reception(
                intake,
                limits.body_bytes,
                secrets_of(loaded, intake.section.settings),
                around.clock,
                log,
                desk.of(answers_for(intake.settings, intake.section.settings)),
            )
        )
        for name, intake in loaded.intakes.items()
        if isinstance(intake, Called)
    }
    ledger = Ledger(journal.lookup_records, around.ids)
    lookups = {
        name: await stack.enter_async_context(
            open_window(one, secrets_of(loaded, one.section.settings), around.clock, log, ledger)
        )
        for name, one in loaded.lookups.items()
    }
    stores = await stack.enter_async_context(stores_of(loaded, journal.material_keys))
    sign_in = sign_in_of(deployment.operating, journal, around.clock, around.ids)
    issuer = issuer_of(deployment.operating, journal.accounts, around.clock)
    standing.hub = Hub(
        name=deployment.hub.name,
        clock=around.clock,
        ids=around.ids,
        probe=around.probe,
        log=log,
        observer=observer,
        pulse=Pulse(around.clock, log),
        telemetry=deployment.telemetry,
        journal=journal,
        bus=bus,
        materials=stores.materials,
        archive=stores.archive,
        keeping=Keeping.of(deployment.materials, deployment.retention),
        keys=keys_of(deployment.systems),
        identities=identities_of(loaded, around.clock),
        clock_watch=ClockWatch(around.clock),
        rules=rules_of(loaded, forms),
        routes=book,
        tables=loaded.tables,
        places=loaded.places(),
        partitions=deployment.partitions,
        outlets=outlets,
        inlets=inlets,
        lookups=lookups,
        receptions=receptions,
        proxy=deployment.hub.proxy,
        court=court,
        answers=desk,
        hearing=desk.hearing,
        leases=Leases(around.clock),
        vocabulary=Vocabulary(journal.activations),
        intake=capacity_of(limits),
        breakers=Breakers(
            journal.gates,
            journal.offers,
            {name: outlet.breaker for name, outlet in outlets.items() if outlet.breaker is not None},
        ),
        agreements=agreements_for(loaded),
        catalogue=Catalogue(deployment.items),
        legal_clock=loaded.legal_clock(),
        performance=deployment.performance,
        parking=Parking(Policies.of(deployment.lifecycle)),
        evidence=evidence,
        names=names_of(deployment, journal.aliases, around.clock),
        operators=operators_of(deployment),
        sign_in=sign_in,
        issuer=issuer,
        code_flow=code_flow_of(deployment.operating, issuer, sign_in, _secrets(loaded)),
        second=second_person_of(deployment.operating, journal, around.clock, around.ids),
    )
    return standing.hub


async def _outlet(
    loaded: Loaded,
    stack: AsyncExitStack,
    around: Surroundings,
    endpoint: Endpoint,
    form: Form,
    log: FilteringBoundLogger,
    answers: Answers,
    standing: Standing,
    processes: Processes,
) -> Outlet:
    secret = secrets_of(loaded, endpoint.section.settings)
    if (kind := endpoint.processor) is not None:
        processor = kind.processor(endpoint.settings, loaded.home, secret, loaded.legal_clock())
        return open_machine(endpoint, processor, form, processes, answers, log)
    return await stack.enter_async_context(open_outlet(endpoint, form, secret, around.clock, log, answers, standing))


def stores_of(loaded: Loaded, keys: MaterialKeys | None) -> AbstractAsyncContextManager[Stores]:
    """Where the deployment's materials and archive lie, for the length of a block; ``keys`` are the journal's."""
    section = loaded.deployment.materials
    return open_stores(section, loaded.path(section.folder or loaded.deployment.hub.data), _secrets(loaded), keys)


def agreements_for(loaded: Loaded) -> Agreements:
    """What the deployment reconciles, with its key."""
    return agreements_of(loaded.deployment, loaded.registry, _secrets(loaded))


def _secrets(loaded: Loaded) -> Secrets:
    def secret(name: str) -> str:
        """The present value, read at every call: rotation is live."""
        value = resolve_secret(loaded.deployment.secrets[name], os.environ, loaded.home)
        if value is None:
            raise KeyError(name)
        return value

    return secret


async def bring_up_to_date(loaded: Loaded) -> Migrated | Failure:
    """Migrate the database of a deployment without starting a hub."""
    address = _journal_address(loaded)
    if address == "embedded":
        return Failure(
            Text("内置数据库由中枢启动时自动升级。", "The embedded database is migrated when the hub starts."),
            Text("请运行 govhub run。", "Run govhub run."),
        )
    result = await migrate_database(address)
    match result:
        case Migrated():
            return result
        case MigrationRefused(reason):
            return Failure(reason, _FITTING)
        case JournalDown(reason):
            return unreachable(reason)
