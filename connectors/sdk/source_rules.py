# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What every source must keep: each rule says how it is broken, or an empty string. As :mod:`connectors.sdk.rules`."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from pydantic import ValidationError

from connectors.sdk.bench import Isolation
from connectors.sdk.feed import Lying
from connectors.sdk.manifest import Role
from connectors.sdk.outcomes import Delivered
from connectors.sdk.source import Item, NotNow, Refused, Source, Taken
from connectors.sdk.source_bench import SourceBench

PREFETCH = 20
_PATIENCE_SECONDS = 30.0
_MOMENT_SECONDS = 0.5  # how long nothing must happen for it to count as nothing


Check = Callable[[SourceBench], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class SourceRule:
    """One rule; its name is the function's. ``isolations`` are the ways of running a source it can judge."""

    name: str
    check: Check = field(repr=False)
    isolations: frozenset[Isolation]

    async def broken(self, bench: SourceBench) -> str:
        """How the source breaks this rule; empty when it keeps it. Ends, and raises nothing, whatever it does."""
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                return await self.check(bench)
        except TimeoutError:
            return f"not finished after {_PATIENCE_SECONDS:g} s"
        except Exception as error:  # noqa: BLE001  # because the source under trial may raise anything anywhere
            return f"raised {type(error).__name__}: {error}"


SOURCE_RULES: list[SourceRule] = []


def _rule(*isolations: Isolation) -> Callable[[Check], Check]:
    def enter(check: Check) -> Check:
        SOURCE_RULES.append(SourceRule(getattr(check, "__name__", ""), check, frozenset(isolations or Isolation)))
        return check

    return enter


def _messages(count: int, first: int = 0) -> list[Lying]:
    return [Lying(content_type="application/json", body=b"%d" % number) for number in range(first, first + count)]


async def _take(source: Source, count: int) -> list[Item]:
    """Take until so many are in hand."""
    items: list[Item] = []
    while len(items) < count:
        items += await source.take()
    return items


def _bodies(items: Sequence[Item]) -> list[bytes]:
    return [item.body for item in items]


@_rule(Isolation.NONE)
async def manifest_and_config_are_sound(bench: SourceBench) -> str:
    """It says that it is a source; its settings are frozen, described, exemplified and strict."""
    if Role.SOURCE not in bench.connector.manifest.roles:
        return "its manifest does not have the role"
    model = bench.connector.source_config
    bare = [name for name, known in model.model_fields.items() if not (known.description and known.examples)]
    if bare or not model.model_config.get("frozen") or "prefetch" not in model.model_fields:
        return f"not frozen, without prefetch, or without description or example: {bare}"
    try:
        model.model_validate({**bench.feed.settings, "no_such_setting": 1})
    except ValidationError:
        return ""
    return "an unknown setting is taken in silence"


@_rule()
async def brings_everything_once_and_in_order(bench: SourceBench) -> str:
    """What is settled as taken does not come again, and nothing is left out."""
    await bench.feed.put(_messages(3 * PREFETCH))
    brought: list[bytes] = []
    async with bench.open() as source:
        while len(brought) < 3 * PREFETCH:
            items = await source.take()
            brought += _bodies(items)
            await source.settle([(item.token, Taken()) for item in items])
    await bench.feed.until_left(0)
    expected = [message.body for message in _messages(3 * PREFETCH)]
    return "" if brought == expected else f"brought {brought}"


@_rule()
async def brings_bytes_untouched(bench: SourceBench) -> str:
    """Any bytes, none at all, and many; the content type and the headers beside them."""
    bodies = [bytes(range(256)), b"", b"\0" * 1_500_000]
    messages = [
        Lying(content_type="application/octet-stream", body=body, headers={"cloudEvents:subject": '办"件" 100%'})
        for body in bodies
    ]
    await bench.feed.put(messages)
    async with bench.open() as source:
        items = await _take(source, 3)
        await source.settle([(item.token, Taken()) for item in items])
    same = all(
        item.body == message.body
        and item.content_type == message.content_type
        and message.headers.items() <= item.headers.items()
        for item, message in zip(items, messages, strict=True)
    )
    return "" if same else "other bytes, types or headers came in"


@_rule()
async def unsettled_comes_back(bench: SourceBench) -> str:
    """What was in hand when the source was left comes again, from the first."""
    await bench.feed.put(_messages(5))
    async with bench.open() as source:
        first = await _take(source, 5)
        await source.settle([(first[0].token, Taken())])
    await bench.feed.until_left(4)
    async with bench.open() as source:
        again = await _take(source, 4)
        await source.settle([(item.token, Taken()) for item in again])
    await bench.feed.until_left(0)
    return "" if sorted(_bodies(again)) == sorted(_bodies(first[1:])) else f"first {first}, then {again}"


@_rule()
async def not_now_comes_again(bench: SourceBench) -> str:
    """What was given back is brought again, by the same source."""
    await bench.feed.put(_messages(1))
    async with bench.open() as source:
        first = await _take(source, 1)
        await source.settle([(first[0].token, NotNow())])
        again = await _take(source, 1)
        await source.settle([(again[0].token, Taken())])
    await bench.feed.until_left(0)
    return "" if _bodies(first) == _bodies(again) else f"first {first}, then {again}"


@_rule()
async def refused_goes_aside_and_blocks_nobody(bench: SourceBench) -> str:
    """A refused message lies where people look, with its code; those behind it go on."""
    await bench.feed.put(_messages(2 * PREFETCH))
    brought = 0
    async with bench.open() as source:
        while brought < 2 * PREFETCH:
            items = await source.take()
            brought += len(items)
            refused = Refused("E_CONTRACT_INVALID", b'{"code":"E_CONTRACT_INVALID"}')
            await source.settle([(item.token, refused if int(item.body) % 3 == 0 else Taken()) for item in items])
        aside = await bench.feed.until_refused(len(range(0, 2 * PREFETCH, 3)))
        await bench.feed.until_left(0)
    kept = {(b"%d" % number, "E_CONTRACT_INVALID") for number in range(0, 2 * PREFETCH, 3)}
    return "" if set(aside) == kept else f"set aside: {aside}"


@_rule()
async def never_more_than_prefetch(bench: SourceBench) -> str:
    """So many unsettled, and not one more until one is settled."""
    await bench.feed.put(_messages(PREFETCH + 5))
    async with bench.open() as source:
        items = await _take(source, PREFETCH)
        if len(items) > PREFETCH:
            return f"{len(items)} in hand"
        more = asyncio.ensure_future(source.take())
        await asyncio.wait({more}, timeout=_MOMENT_SECONDS)
        if more.done():
            return f"{len(items) + len(more.result())} in hand"
        await source.settle([(items[0].token, Taken())])
        return "" if len(await more) == 1 else "settling one brought more than one"


@_rule()
async def a_cancelled_take_loses_nothing(bench: SourceBench) -> str:
    """Whoever stops waiting may wait again."""
    async with bench.open() as source:
        waiting = asyncio.ensure_future(source.take())
        await asyncio.wait({waiting}, timeout=_MOMENT_SECONDS)
        waiting.cancel()
        await asyncio.wait({waiting})
        await bench.feed.put(_messages(5))
        items = await _take(source, 5)
        await source.settle([(item.token, Taken()) for item in items])
    await bench.feed.until_left(0)
    return "" if _bodies(items) == [message.body for message in _messages(5)] else f"brought {items}"


@_rule()
async def waits_out_an_outage(bench: SourceBench) -> str:
    """A far side that is away at the start, or goes away later, costs time and nothing else."""
    await bench.feed.put(_messages(2))
    await bench.feed.outage(away=True)
    async with bench.open() as source:
        waiting = asyncio.ensure_future(source.take())
        await asyncio.wait({waiting}, timeout=_MOMENT_SECONDS)
        if waiting.done():
            return "something came out of an outage"
        there = await source.check()
        await bench.feed.outage(away=False)
        items = list(await waiting)
        items += await _take(source, 2 - len(items)) if len(items) < 2 else []
        await bench.feed.outage(away=True)
        await source.settle([(item.token, Taken()) for item in items])
        await bench.feed.outage(away=False)
        await bench.feed.put(_messages(1, first=9))
        while b"9" not in _bodies(items):  # the two may come once more: nobody heard that they were settled
            items = list(await source.take())
            await source.settle([(item.token, Taken()) for item in items])
    await bench.feed.until_left(0)
    return "" if not isinstance(there, Delivered) else "an outage is checked as well"


@_rule()
async def check_has_no_effect(bench: SourceBench) -> str:
    """A check says that somebody is there, and takes nothing."""
    await bench.feed.put(_messages(1))
    async with bench.open() as source:
        there = await source.check()
    await bench.feed.until_left(1)
    return "" if isinstance(there, Delivered) else f"checked as {there}"
