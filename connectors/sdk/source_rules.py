# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What every source must keep: each rule says how it is broken, or an empty string. As :mod:`connectors.sdk.rules`."""

import asyncio

from connectors.sdk.bench import Isolation
from connectors.sdk.describing_rules import config_fault, credential_fault, manifest_fault
from connectors.sdk.feed import Lying
from connectors.sdk.manifest import Role
from connectors.sdk.outcomes import Delivered
from connectors.sdk.source import NotNow, Refused, Taken
from connectors.sdk.source_bench import SourceBench
from connectors.sdk.source_rule import MOMENT_SECONDS, PREFETCH, SourceRule, bodies, entering, messages, take
from connectors.sdk.source_trust_rules import SOURCE_TRUST_RULES

SOURCE_RULES: list[SourceRule] = []
_rule = entering(SOURCE_RULES)


@_rule(Isolation.NONE)
async def manifest_and_config_are_sound(bench: SourceBench) -> str:
    """It says that it is a source; its settings are frozen, described, exemplified and strict."""
    if Role.SOURCE not in bench.connector.manifest.roles:
        return "its manifest does not have the role"
    model = bench.connector.source_config
    if fault := manifest_fault(bench.connector.manifest):
        return fault
    if "prefetch" not in model.model_fields:
        return "no setting prefetch"
    return config_fault(model, bench.feed.settings) or credential_fault(model)


@_rule()
async def brings_everything_once_and_in_order(bench: SourceBench) -> str:
    """What is settled as taken does not come again, and nothing is left out; in order, where that is promised."""
    await bench.feed.put(messages(3 * PREFETCH))
    brought: list[bytes] = []
    async with bench.open() as source:
        while len(brought) < 3 * PREFETCH:
            items = await source.take()
            brought += bodies(items)
            await source.settle([(item.token, Taken()) for item in items])
    await bench.feed.until_left(0)
    expected = [message.body for message in messages(3 * PREFETCH)]
    if not bench.connector.manifest.source_ordered:
        brought.sort(key=int)
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
        items = await take(source, 3)
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
    await bench.feed.put(messages(5))
    async with bench.open() as source:
        first = await take(source, 5)
        await source.settle([(first[0].token, Taken())])
    await bench.feed.until_left(4)
    async with bench.open() as source:
        again = await take(source, 4)
        await source.settle([(item.token, Taken()) for item in again])
    await bench.feed.until_left(0)
    return "" if sorted(bodies(again)) == sorted(bodies(first[1:])) else f"first {first}, then {again}"


@_rule()
async def not_now_comes_again(bench: SourceBench) -> str:
    """What was given back is brought again, by the same source."""
    await bench.feed.put(messages(1))
    async with bench.open() as source:
        first = await take(source, 1)
        await source.settle([(first[0].token, NotNow())])
        again = await take(source, 1)
        await source.settle([(again[0].token, Taken())])
    await bench.feed.until_left(0)
    return "" if bodies(first) == bodies(again) else f"first {first}, then {again}"


@_rule()
async def refused_goes_aside_and_blocks_nobody(bench: SourceBench) -> str:
    """A refused message lies where people look, with its code; those behind it go on."""
    await bench.feed.put(messages(2 * PREFETCH))
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
    await bench.feed.put(messages(PREFETCH + 5))
    async with bench.open() as source:
        items = await take(source, PREFETCH)
        if len(items) > PREFETCH:
            return f"{len(items)} in hand"
        more = asyncio.ensure_future(source.take())
        await asyncio.wait({more}, timeout=MOMENT_SECONDS)
        if more.done():
            return f"{len(items) + len(more.result())} in hand"
        await source.settle([(items[0].token, Taken())])
        return "" if len(await more) == 1 else "settling one brought more than one"


@_rule()
async def a_cancelled_take_loses_nothing(bench: SourceBench) -> str:
    """Whoever stops waiting may wait again."""
    async with bench.open() as source:
        waiting = asyncio.ensure_future(source.take())
        await asyncio.wait({waiting}, timeout=MOMENT_SECONDS)
        waiting.cancel()
        await asyncio.wait({waiting})
        await bench.feed.put(messages(5))
        items = await take(source, 5)
        await source.settle([(item.token, Taken()) for item in items])
    await bench.feed.until_left(0)
    return "" if bodies(items) == [message.body for message in messages(5)] else f"brought {items}"


@_rule()
async def waits_out_an_outage(bench: SourceBench) -> str:
    """A far side that is away at the start, or goes away later, costs time and nothing else."""
    await bench.feed.put(messages(2))
    await bench.feed.outage(away=True)
    async with bench.open() as source:
        waiting = asyncio.ensure_future(source.take())
        await asyncio.wait({waiting}, timeout=MOMENT_SECONDS)
        if waiting.done():
            return "something came out of an outage"
        there = await source.check()
        await bench.feed.outage(away=False)
        items = list(await waiting)
        items += await take(source, 2 - len(items)) if len(items) < 2 else []
        await bench.feed.outage(away=True)
        await source.settle([(item.token, Taken()) for item in items])
        await bench.feed.outage(away=False)
        await bench.feed.put(messages(1, first=9))
        while b"9" not in bodies(items):  # the two may come once more: nobody heard that they were settled
            items = list(await source.take())
            await source.settle([(item.token, Taken()) for item in items])
    await bench.feed.until_left(0)
    return "" if not isinstance(there, Delivered) else "an outage is checked as well"


@_rule()
async def check_has_no_effect(bench: SourceBench) -> str:
    """A check says that somebody is there, and takes nothing."""
    await bench.feed.put(messages(1))
    async with bench.open() as source:
        there = await source.check()
    await bench.feed.until_left(1)
    return "" if isinstance(there, Delivered) else f"checked as {there}"


SOURCE_RULES += SOURCE_TRUST_RULES
