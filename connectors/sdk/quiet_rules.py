# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Rules about silence: what a connector says while all is well, what it leaves behind, and what it must never repeat."""

import asyncio
import contextvars
import threading
from pathlib import Path
from typing import Any

from connectors.sdk.bench import Bench, Isolation
from connectors.sdk.far_side import Behaviour
from connectors.sdk.outcomes import Delivered, QueryOutcome
from connectors.sdk.rule import Rule, entering, parcel_of, unless

QUIET_RULES: list[Rule] = []
_rule = entering(QUIET_RULES)

_SETTLING_SECONDS = 3.0
_PERSON = ("990101194912310028", "欧阳小测", "13800000000")
"""Nobody: an identity number of no place (GB/T 2260 has no code from 99), a name, a number that is given to nobody."""


@_rule()
async def is_quiet(bench: Bench) -> str:
    """Silence is health: normal operation writes no log line."""
    async with bench.open() as sink:
        await sink.check()
        for number in range(3):
            await sink.send(parcel_of(f"key-{number}"))
    return unless(not bench.said, f"it said: {bench.said[:3]}")


_inside: contextvars.ContextVar[bool] = contextvars.ContextVar("whether the connector is what runs", default=False)


@_rule(Isolation.NONE)
async def leaves_nothing_behind(bench: Bench) -> str:
    """When it is closed, no task that it began is running."""
    loop = asyncio.get_running_loop()
    factory: Any = loop.get_task_factory()
    begun: set[asyncio.Future[Any]] = set()

    def record(loop: asyncio.AbstractEventLoop, coroutine: Any, **extra: Any) -> asyncio.Future[Any]:
        task = factory(loop, coroutine, **extra) if factory else asyncio.Task(coroutine, loop=loop, **extra)
        if _inside.get():  # the far side's tasks, on the same loop, have another context
            begun.add(task)
        return task

    async def work() -> None:
        _inside.set(True)
        async with bench.open_bare() as sink:
            await sink.send(parcel_of("key-1"))
            await bench.far_side.behave(Behaviour.OUTAGE)
            await sink.send(parcel_of("key-2"))
            await sink.check()

    loop.set_task_factory(record)
    try:
        await asyncio.create_task(work())
    finally:
        loop.set_task_factory(factory)
    if begun:
        await asyncio.wait(begun, timeout=1)
    left = [task for task in begun if not task.done()]
    for task in left:
        task.cancel()
    return unless(not left, f"{len(left)} tasks still run")


@_rule(Isolation.NONE)
async def leaves_no_descriptors_or_threads(bench: Bench) -> str:
    """What was opened is closed: a second use needs no more files, sockets and threads than the first."""

    async def use(number: int) -> None:
        async with bench.open_bare() as sink:
            await bench.far_side.behave(Behaviour.ACCEPT)
            await sink.send(parcel_of(f"key-{number}"))
            await bench.far_side.behave(Behaviour.OUTAGE)
            await sink.send(parcel_of(f"away-{number}"))

    await use(1)
    await asyncio.sleep(0.05)
    before = _held()
    for number in range(2, 5):
        await use(number)
    async with asyncio.timeout(_SETTLING_SECONDS * 2):
        for _ in range(60):
            now = _held()
            if now[0] <= before[0] and now[1] <= before[1]:
                return ""
            await asyncio.sleep(_SETTLING_SECONDS / 60)  # the far side closes its own ends in its own time
    return f"descriptors and threads grow with each use: from {before} to {now}"


def _held() -> tuple[int, int]:
    """Descriptors and threads of this process; those of the loop's own pool are everybody's."""
    threads = [one for one in threading.enumerate() if not one.name.startswith("asyncio_")]
    return sum(1 for _ in Path("/proc/self/fd").iterdir()), len(threads)


@_rule(Isolation.NONE)
async def says_nothing_personal(bench: Bench) -> str:
    """Nothing of a body or of a person stands in a log line or in an outcome, whatever happens."""
    number, name, telephone = _PERSON
    body = f'{{"id":"{number}","name":"{name}","telephone":"{telephone}"}}'.encode()
    outcomes: list[QueryOutcome] = []
    async with bench.open() as sink:
        for behaviour in (Behaviour.ACCEPT, Behaviour.REFUSE, Behaviour.OUTAGE, Behaviour.CUT):
            await bench.far_side.behave(behaviour)
            outcomes.append(await sink.send(parcel_of(f"person-{behaviour}", body=body)))
    said = " ".join([*bench.overheard.lines, *map(repr, outcomes)])
    return unless(not any(one in said for one in _PERSON), "a person stands in a log line or an outcome")


@_rule()
async def measures_what_it_declares(bench: Bench) -> str:
    """Every metric that is used stands in the manifest, with its kind."""
    async with bench.open() as sink:
        await sink.check()
        await sink.send(parcel_of("key-1"))
        await bench.far_side.behave(Behaviour.OUTAGE)
        await sink.send(parcel_of("key-2"))
    return unless(not bench.meter.undeclared, f"not declared: {', '.join(sorted(bench.meter.undeclared))}")


@_rule()
async def gives_receipts(bench: Bench) -> str:
    """Who promises receipts gives one with every delivery."""
    async with bench.open() as sink:
        outcome = await sink.send(parcel_of("key-1"))
    without = bench.promised.receipts and isinstance(outcome, Delivered) and not outcome.receipt
    return unless(not without, "delivered without the receipt its manifest promises")
