# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Opening a source, a receiver, and a destination: its sink in this process or in its own, and the policy of its section."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import time, timedelta

from pydantic import BaseModel
from structlog.typing import FilteringBoundLogger

from connectors.mailbox import MailboxConfig
from connectors.sdk import Answers, Awaited, Context, Role, Shelf, Sink, Source
from connectors.sdk.answers import NoAnswers
from connectors.sdk.host import ProcessSink
from connectors.sdk.metrics import Meter
from connectors.sdk.process import Limits, Order
from connectors.sdk.receiver_host import OpenReceiver, ProcessReceiver
from connectors.sdk.session import open_session
from connectors.sdk.source_host import ProcessSource
from hub.breakers import BreakerPolicy
from hub.claim_check import Standing, SystemIntake, SystemShelf
from hub.config.answering import answer_within
from hub.config.intake import Called, Fetched
from hub.config.load import Endpoint, Loaded
from hub.config.own_number import OwnNumberSection
from hub.config.recovery import BreakerSection
from hub.hearing import Hearing
from hub.inlet import Bringer, Inlet
from hub.item_forms import ItemForms
from hub.limiting import Limiting
from hub.outlet import Fetching, Machine, Outlet
from hub.pace import Pace, PacedSlots, Window
from hub.policy import Learns, Policy
from hub.ports.clock import Clock
from hub.ports.journal import Processes
from hub.processors.intake import Intake
from hub.processors.kinds import emitted
from hub.processors.processor import Processor
from hub.reception import Reception
from hub.slots import Slots
from hub.stages.translate import Form

UNWAITED = Limits(enter_seconds=0)
"""A hub with many processes to start waits for none of them: whoever needs one first does."""


@asynccontextmanager
async def open_outlet(
    endpoint: Endpoint,
    form: Form,
    secret: Callable[[str], str],
    clock: Clock,
    log: FilteringBoundLogger,
    answers: Answers | None = None,
    standing: Standing | None = None,
) -> AsyncIterator[Outlet]:
    """The destination, open until the block ends. A far side that is away is no obstacle."""
    section, promises = endpoint.section, endpoint.promises
    meter = Meter(promises.metrics)
    async with open_sink(endpoint, secret, clock, log, meter, answers, standing) as sink:
        yield Outlet(
            name=endpoint.name,
            system=section.system,
            sink=sink,
            form=form,
            policy=policy_of(endpoint),
            slots=_slots(endpoint, clock),
            log=log.bind(destination=endpoint.name),
            fetching=_fetching(endpoint.settings),
            breaker=_breaker(section.breaker),
            quarantine=asyncio.Lock() if endpoint.isolation == "process" else None,
            kind=promises.kind,
            meter=meter,
            after=section.after,
        )


def open_machine(
    endpoint: Endpoint,
    processor: Processor,
    form: Form,
    processes: Processes,
    answers: Answers,
    log: FilteringBoundLogger,
) -> Outlet:
    """The destination of a processor. Nothing of it needs to be closed."""
    return Outlet(
        name=endpoint.name,
        system=endpoint.section.system,
        sink=Intake(endpoint.name, processor, processes),
        form=form,
        policy=policy_of(endpoint),
        slots=Slots(endpoint.concurrency),
        log=log.bind(destination=endpoint.name),
        kind=endpoint.promises.kind,
        machine=Machine(processor, endpoint.section.system, answers),
    )


@asynccontextmanager
async def open_sink(
    endpoint: Endpoint,
    secret: Callable[[str], str],
    clock: Clock,
    log: FilteringBoundLogger,
    meter: Meter,
    answers: Answers | None = None,
    standing: Standing | None = None,
) -> AsyncIterator[Sink]:
    """The destination's sink alone, where its isolation says."""
    log = log.bind(destination=endpoint.name)
    async with open_session(endpoint.concurrency) as http:
        context = Context(
            destination=endpoint.name,
            http=http,
            log=log,
            secret=secret,
            monotonic=clock.monotonic,
            now=clock.now,
            metrics=meter,
            answers=answers or NoAnswers(),
            awaited=_awaited(answers),
            intake=None if standing is None else SystemIntake(standing, endpoint.section.system, log),
            shelf=None if standing is None else SystemShelf(standing, endpoint.section.system),
        )
        match endpoint.isolation:
            case "hub":
                assert endpoint.connector is not None, "what runs here is loaded here"
                opening = endpoint.connector.sink(endpoint.settings, context)
            case "process":
                order = Order(
                    reference=endpoint.reference,
                    settings=endpoint.section.settings,
                    destination=endpoint.name,
                    fence=endpoint.fence,
                )
                opening = ProcessSink(
                    order,
                    secret=secret,
                    log=log,
                    monotonic=clock.monotonic,
                    limits=UNWAITED,
                    meter=meter,
                    answers=context.answers,
                )
        async with opening as sink:
            yield sink


@asynccontextmanager
async def open_inlet(
    intake: Fetched,
    body_bytes: int,
    secret: Callable[[str], str],
    clock: Clock,
    log: FilteringBoundLogger,
    answers: Answers | None = None,
    standing: Standing | None = None,
) -> AsyncIterator[Inlet]:
    """The source, open until the block ends; it brings nothing before it is asked. A far side that is away is no obstacle."""
    manifest = intake.manifest
    meter = Meter(manifest.metrics)
    async with open_source(intake, secret, clock, log, meter, answers, standing) as source:
        yield Inlet(
            name=intake.name,
            system=intake.section.system,
            source=source,
            log=log.bind(source=intake.name),
            body_bytes=body_bytes,
            kind=manifest.kind,
            meter=meter,
        )


@asynccontextmanager
async def open_source(
    intake: Fetched,
    secret: Callable[[str], str],
    clock: Clock,
    log: FilteringBoundLogger,
    meter: Meter,
    answers: Answers | None = None,
    standing: Standing | None = None,
) -> AsyncIterator[Source]:
    """The source alone, where its isolation says."""
    shelf = None if standing is None else SystemShelf(standing, intake.section.system)
    async with _lent(intake.name, secret, clock, log, meter, answers, shelf) as context:
        match intake.isolation:
            case "hub":
                assert intake.connector is not None, "what runs here is loaded here"
                opening = intake.connector.source(intake.settings, context)
            case "process":
                order = Order(
                    reference=intake.reference,
                    settings=intake.section.settings,
                    destination=intake.name,
                    role=Role.SOURCE,
                    fence=intake.fence,
                )
                opening = ProcessSource(
                    order,
                    secret=secret,
                    log=context.log,
                    monotonic=clock.monotonic,
                    limits=UNWAITED,
                    meter=meter,
                    answers=context.answers,
                )
        async with opening as source:
            yield source


@asynccontextmanager
async def open_reception(
    intake: Called,
    body_bytes: int,
    secret: Callable[[str], str],
    clock: Clock,
    log: FilteringBoundLogger,
    answers: Answers | None = None,
) -> AsyncIterator[Reception]:
    """The receiver, open until the block ends; nobody is heard before the hub's API serves."""
    manifest = intake.manifest
    meter = Meter(manifest.metrics)
    async with _lent(intake.name, secret, clock, log, meter, answers) as context:
        match intake.isolation:
            case "hub":
                assert intake.connector is not None, "what runs here is loaded here"
                opening: AbstractAsyncContextManager[OpenReceiver] = intake.connector.receiver(intake.settings, context)
            case "process":
                order = Order(
                    reference=intake.reference,
                    settings=intake.section.settings,
                    destination=intake.name,
                    role=Role.RECEIVER,
                    fence=intake.fence,
                )
                opening = ProcessReceiver(
                    order,
                    secret=secret,
                    log=context.log,
                    monotonic=clock.monotonic,
                    limits=UNWAITED,
                    meter=meter,
                    answers=context.answers,
                )
        bringer = Bringer(system=intake.section.system, body_bytes=body_bytes, log=context.log)
        async with opening as receiver:
            yield Reception(
                name=intake.name, bringer=bringer, receiver=receiver, log=context.log, kind=manifest.kind, meter=meter
            )


@asynccontextmanager
async def _lent(
    name: str,
    secret: Callable[[str], str],
    clock: Clock,
    log: FilteringBoundLogger,
    meter: Meter,
    answers: Answers | None = None,
    shelf: Shelf | None = None,
) -> AsyncIterator[Context]:
    async with open_session() as http:
        yield Context(
            destination=name,
            http=http,
            log=log.bind(source=name),
            secret=secret,
            monotonic=clock.monotonic,
            now=clock.now,
            metrics=meter,
            answers=answers or NoAnswers(),
            shelf=shelf,
        )


def form_of(loaded: Loaded, endpoint: Endpoint, forms: ItemForms, limits: Limiting) -> Form:
    """How its messages are written for it."""
    system = endpoint.section.system
    return Form(
        endpoint.promises.rendering,
        endpoint.section.timeout_seconds,
        loaded.registry,
        loaded.agreed.terms[system],
        forms,
        {item: frozenset(known) for item, known in loaded.deployment.systems[system].speaks.forms.items()},
        limits,
    )


def _awaited(answers: object) -> Awaited | None:
    return answers if isinstance(answers, Awaited) else None


def hearing_of(loaded: Loaded) -> Hearing:
    """Hears of what the deployment's processors emit."""
    ends = [one for one in loaded.endpoints.values() if one.processor is not None]
    return Hearing(frozenset().union(*(emitted(one.processor, one.settings) for one in ends if one.processor)))


def policy_of(endpoint: Endpoint) -> Policy:
    """How what is sent there is judged."""
    section, promises = endpoint.section, endpoint.promises
    retry = section.retry
    return Policy(
        attempts=retry.attempts,
        age=timedelta(hours=retry.age_hours),
        immediate=retry.immediate,
        first=retry.first_seconds,
        longest=retry.longest_seconds,
        poison=retry.poison,
        ask_first=section.ask.first_seconds,
        ask_longest=section.ask.longest_seconds,
        idempotency=promises.idempotency,
        ordered_completion=promises.ordered_completion,
        dead_continues=section.on_dead == "continue",
        dead_corrected=section.on_dead == "correct",
        answer_within=answer_within(endpoint.settings, section.settings),
        answered_later=not isinstance(endpoint.settings, MailboxConfig),
        expiries=endpoint.processor.expiries if endpoint.processor is not None else frozenset(),
        learns=None if section.own_number is None else _learns(section.system, section.own_number),
    )


def _learns(system: str, section: OwnNumberSection) -> Learns:
    return Learns(system, re.compile(section.pattern), frozenset(section.contracts))


def _breaker(section: BreakerSection) -> BreakerPolicy | None:
    if not section.enabled:
        return None
    return BreakerPolicy(section.failures, section.first_seconds, section.longest_seconds)


def _slots(endpoint: Endpoint, clock: Clock) -> Slots:
    pace = endpoint.section.pace
    if pace.per_second is None and not pace.windows:
        return Slots(endpoint.concurrency)
    pairs = [one.split("-") for one in pace.windows]
    windows = tuple(Window(time.fromisoformat(begins), time.fromisoformat(ends)) for begins, ends in pairs)
    return PacedSlots(endpoint.concurrency, Pace(clock, pace.per_second, windows))


def _fetching(settings: BaseModel | None) -> Fetching | None:
    """The mailbox is the one kind whose far side the hub's own API serves."""
    if not isinstance(settings, MailboxConfig):
        return None
    return Fetching(
        timedelta(seconds=settings.lease_seconds),
        settings.max_batch,
        settings.max_wait_seconds,
        settings.max_lent,
        timedelta(seconds=settings.max_age_seconds),
    )
