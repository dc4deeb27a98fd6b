# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Rules about what a source says, keeps to itself, and leaves behind."""

import asyncio
import threading
from pathlib import Path

from connectors.sdk.bench import Isolation, lent
from connectors.sdk.feed import Lying
from connectors.sdk.outcomes import Delivered
from connectors.sdk.source import Refused, Taken
from connectors.sdk.source_bench import SourceBench
from connectors.sdk.source_rule import MOMENT_SECONDS, SourceRule, bodies, entering, messages, take
from connectors.sdk.traps import aimed, unvouched

SOURCE_TRUST_RULES: list[SourceRule] = []
_rule = entering(SOURCE_TRUST_RULES)

_SETTLING_SECONDS = 3.0
_LOOP_GAP_SECONDS = 1.5
_PERSON = ("990101194912310028", "欧阳小测")
"""Nobody: an identity number of no place (GB/T 2260 has no code from 99), and a name."""


@_rule(Isolation.NONE)
async def making_one_touches_nothing(bench: SourceBench) -> str:
    """Before a source is entered, no secret was asked for and nothing was taken."""
    config = bench.connector.source_config.model_validate(bench.feed.settings)
    await bench.feed.put(messages(1))
    async with lent(bench.secret, bench.overheard, bench.meter) as context:
        bench.connector.source(config, context)
    await bench.feed.until_left(1)
    return "" if not bench.secret.asked else f"it asked for {bench.secret.asked}"


@_rule()
async def a_strange_token_is_passed_over(bench: SourceBench) -> str:
    """Settling what was never brought, or was settled before, disturbs nobody."""
    await bench.feed.put(messages(2))
    async with bench.open() as source:
        items = await take(source, 2)
        await source.settle([(10**15, Taken())])
        await source.settle([(items[0].token, Taken())])
        await source.settle([(items[0].token, Taken()), (items[1].token, Taken())])
    await bench.feed.until_left(0)
    return ""


@_rule()
async def check_sees_an_outage(bench: SourceBench) -> str:
    """A check of a far side that is away says so."""
    await bench.feed.outage(away=True)
    async with bench.open() as source:
        there = await source.check()
    await bench.feed.outage(away=False)
    return "" if not isinstance(there, Delivered) else "an outage is checked as well"


@_rule(Isolation.NONE)
async def keeps_the_loop_free(bench: SourceBench) -> str:
    """While it works, everybody else in the process does too."""
    clock = asyncio.get_running_loop().time
    gaps = [0.0]

    async def tick() -> None:
        before = clock()
        while True:
            await asyncio.sleep(0.01)
            gaps.append(clock() - before)
            before = clock()

    await bench.feed.put([*messages(5), Lying(content_type="text/plain", body=b"x" * 4_000_000)])
    async with bench.open() as source:
        ticking = asyncio.create_task(tick())
        await asyncio.sleep(0)  # so that it ticks before a source that never lets go
        items = await take(source, 6)
        await source.settle([(item.token, Taken()) for item in items])
        await source.check()
        await asyncio.sleep(0.02)  # two ticks, also after a source that never let go
        ticking.cancel()
        await asyncio.wait({ticking})
    return "" if max(gaps) < _LOOP_GAP_SECONDS else f"the loop stood still for {max(gaps):.2f} s"


@_rule()
async def is_quiet(bench: SourceBench) -> str:
    """Silence is health: normal operation writes no log line."""
    await bench.feed.put(messages(5))
    async with bench.open() as source:
        items = await take(source, 5)
        await source.settle([(item.token, Taken()) for item in items])
        await source.check()
    return "" if not bench.overheard.said else f"it said: {bench.overheard.said[:3]}"


@_rule()
async def an_outage_is_told_once(bench: SourceBench) -> str:
    """However long a far side is away, the log says so once or twice, and not at every try."""
    await bench.feed.outage(away=True)
    async with bench.open() as source:
        waiting = asyncio.ensure_future(source.take())
        await asyncio.wait({waiting}, timeout=MOMENT_SECONDS * 4)
        waiting.cancel()
        await asyncio.wait({waiting})
    await bench.feed.outage(away=False)
    said = len(bench.overheard.said)
    return "" if said <= 3 else f"{said} lines about one outage: {bench.overheard.said[:3]}"


@_rule(Isolation.NONE)
async def leaves_nothing_behind(bench: SourceBench) -> str:
    """What was begun and opened is ended and closed: a second use needs no more tasks, files, sockets and threads."""

    async def use() -> None:
        await bench.feed.put(messages(2))
        async with bench.open() as source:
            items = await take(source, 2)
            await source.settle([(item.token, Taken()) for item in items])
        await bench.feed.until_left(0)

    await use()
    await asyncio.sleep(0.05)
    before = _held()
    for _ in range(3):
        await use()
    for _ in range(60):
        now = _held()
        if all(mine <= theirs for mine, theirs in zip(now, before, strict=True)):
            return ""
        await asyncio.sleep(_SETTLING_SECONDS / 60)  # the far side closes its own ends in its own time
    return f"tasks, descriptors and threads grow with each use: from {before} to {now}"


def _held() -> tuple[int, int, int]:
    threads = [one for one in threading.enumerate() if not one.name.startswith("asyncio_")]
    return len(asyncio.all_tasks()), sum(1 for _ in Path("/proc/self/fd").iterdir()), len(threads)


@_rule(Isolation.NONE)
async def secrets_and_persons_are_not_repeated(bench: SourceBench) -> str:
    """No secret and nothing of a body stands in a log line, or in what config and source print of themselves."""
    body = f'{{"id":"{_PERSON[0]}","name":"{_PERSON[1]}"}}'.encode()
    config = bench.connector.source_config.model_validate(bench.feed.settings)
    await bench.feed.put([Lying(content_type="application/json", body=body)] * 2)
    async with bench.open_bare() as source:
        items = await take(source, 2)
        await source.settle([(items[0].token, Taken()), (items[1].token, Refused("E_X", b'{"code":"E_X"}'))])
        await bench.feed.outage(away=True)
        there = await source.check()
        waiting = asyncio.ensure_future(source.take())
        await asyncio.wait({waiting}, timeout=MOMENT_SECONDS)
        waiting.cancel()
        await asyncio.wait({waiting})
        said = " ".join([*bench.overheard.lines, repr(config), str(config), repr(source), repr(there)])
        await bench.feed.outage(away=False)
    leaked = [value for value in (*bench.secret.given, *_PERSON) if value in said]
    return "" if not leaked else f"{len(leaked)} secrets or persons are printed"


@_rule()
async def rotation_is_live(bench: SourceBench) -> str:
    """A secret is asked for again, at the next connection at the latest: its value may have changed."""
    await bench.feed.put(messages(1))
    async with bench.open() as source:
        items = await take(source, 1)
        await source.settle([(item.token, Taken()) for item in items])
        await bench.feed.until_left(0)
        before = len(bench.secret.asked)
        await bench.feed.outage(away=True)
        waiting = asyncio.ensure_future(source.take())
        await asyncio.wait({waiting}, timeout=MOMENT_SECONDS)
        await bench.feed.outage(away=False)
        await bench.feed.put(messages(1, first=7))
        items = list(await waiting)
        await source.settle([(item.token, Taken()) for item in items])
        while b"7" not in bodies(items):  # what was settled before may come once more: perhaps nobody heard it
            items = list(await source.take())
            await source.settle([(item.token, Taken()) for item in items])
    return "" if not before or len(bench.secret.asked) > before else "it asks for its secrets once and keeps the values"


@_rule(Isolation.NONE)
async def verifies_tls(bench: SourceBench) -> str:
    """Nothing is said to a far side that nobody vouches for."""
    async with unvouched() as trap:
        aim = aimed(bench.feed.settings, trap.port, tls=True)
        if aim is None:
            return ""  # no address in its settings that would be called over TLS
        async with bench.changed(aim).open() as source:
            waiting = asyncio.ensure_future(source.take())
            await asyncio.wait({waiting}, timeout=MOMENT_SECONDS * 2)
            there = await source.check()
            waiting.cancel()
            await asyncio.wait({waiting})
    if trap.fallen:
        return "it spoke to a far side whose certificate nobody vouches for"
    return "" if not isinstance(there, Delivered) else "it checks a far side that nobody vouches for as there"


@_rule()
async def measures_what_it_declares(bench: SourceBench) -> str:
    """Every metric that is used stands in the manifest, with its kind."""
    await bench.feed.put(messages(3))
    async with bench.open() as source:
        items = await take(source, 3)
        await source.settle([(item.token, Taken()) for item in items])
    return "" if not bench.meter.undeclared else f"not declared: {', '.join(sorted(bench.meter.undeclared))}"
