# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What every connector must keep: each rule is a function that says how it is broken, or an empty string.

The rules need no test runner: :mod:`connectors.sdk.conformance` runs them under pytest, a command may run them in a
table. A rule that needs something to have happened at the far side waits for that, never for a time.
"""

import asyncio
from dataclasses import replace
from typing import Any

from connectors.sdk.bench import Bench, Isolation
from connectors.sdk.describing_rules import DESCRIBING_RULES
from connectors.sdk.far_side import Behaviour
from connectors.sdk.lifecycle_rules import LIFECYCLE_RULES
from connectors.sdk.manifest import Idempotency
from connectors.sdk.outcomes import Delivered, InDoubt, NotSeen, Rejected, Unavailable
from connectors.sdk.quiet_rules import QUIET_RULES
from connectors.sdk.rule import PATIENCE_SECONDS, Rule, entering, parcel_of, taken, unless
from connectors.sdk.trust_rules import TRUST_RULES

_DEADLINE_SECONDS = 0.3
_SLACK_SECONDS = 2.0  # for a busy machine: a connector that needs the guard is known by its outcome
_LOOP_GAP_SECONDS = 1.5
_HANGING_SECONDS = 0.5  # a send that is not over by then hangs, and was not only slower than its parcel
RULES: list[Rule] = []
_rule = entering(RULES)


@_rule()
async def carries_bytes_untouched(bench: Bench) -> str:
    """What arrives is what was sent: any bytes, none at all, and many."""
    bodies = [bytes(range(256)), "　𠮷\r\n ".encode("gb18030"), b"", b"\0" * 1_500_000]
    async with bench.open() as sink:
        outcomes = [
            await sink.send(parcel_of(f"bytes-{number}", body=body, content_type="application/octet-stream"))
            for number, body in enumerate(bodies)
        ]
    arrived = [(one.body, one.content_type) for one in bench.far_side.arrived]
    if not all(map(taken, outcomes)):
        return f"a good parcel was not taken: {outcomes}"
    return unless(arrived == [(body, "application/octet-stream") for body in bodies], "other bytes or types arrived")


@_rule()
async def carries_attributes(bench: Bench) -> str:
    """The key and every attribute arrive, in any script."""
    attributes = {
        "specversion": "1.0",
        "id": "m-1",
        "source": "门户/portal",
        "type": "cn.gov",
        "subject": '办"件" 100%',
    }
    async with bench.open() as sink:
        outcome = await sink.send(parcel_of("key-1", attributes=attributes))
    arrived = [(one.idempotency_key, dict(one.attributes)) for one in bench.far_side.arrived]
    return unless(taken(outcome) and arrived == [("key-1", attributes)], f"{outcome}; arrived: {arrived}")


@_rule()
async def repeat_is_safe(bench: Bench) -> str:
    """The same parcel again comes under the same key, and is answered as well as the first."""
    async with bench.open() as sink:
        outcomes = [await sink.send(parcel_of("key-1", attempt=attempt)) for attempt in (1, 2)]
    keys = {one.idempotency_key for one in bench.far_side.arrived}
    return unless(all(map(taken, outcomes)) and keys == {"key-1"}, f"{outcomes}; keys: {keys}")


@_rule()
async def sends_once(bench: Bench) -> str:
    """One send is one arrival, also when its answer is lost: repeating is the hub's decision."""
    await bench.far_side.behave(Behaviour.CUT)
    async with bench.open() as sink:
        await sink.send(parcel_of("key-1"))
    return unless(len(bench.far_side.arrived) == 1, f"{len(bench.far_side.arrived)} arrivals of one send")


@_rule()
async def refusal_is_rejected(bench: Bench) -> str:
    """What the far side refuses for good is never tried again."""
    await bench.far_side.behave(Behaviour.REFUSE)
    async with bench.open() as sink:
        outcome = await sink.send(parcel_of("key-1"))
    return unless(isinstance(outcome, Rejected) and bool(outcome.code), f"a refusal ends as {outcome}")


@_rule()
async def outage_is_unavailable(bench: Bench) -> str:
    """What the far side certainly did not take may be sent again."""
    await bench.far_side.behave(Behaviour.OUTAGE)
    async with bench.open() as sink:
        outcome = await sink.send(parcel_of("key-1"))
    return unless(isinstance(outcome, Unavailable), f"an outage ends as {outcome}")


@_rule()
async def recovers_after_outage(bench: Bench) -> str:
    """The same sink delivers once the far side is back."""
    async with bench.open() as sink:
        await bench.far_side.behave(Behaviour.OUTAGE)
        during = await sink.send(parcel_of("key-1"))
        await bench.far_side.behave(Behaviour.ACCEPT)
        after = await sink.send(parcel_of("key-1", attempt=2))
    arrived = len(bench.far_side.arrived)
    return unless(not taken(during) and taken(after) and arrived == 1, f"{during}, then {after}; arrived {arrived}")


@_rule()
async def hang_ends_at_the_deadline(bench: Bench) -> str:
    """A far side that takes and never answers costs the parcel's time-out and not more; nobody knows what it did."""
    clock = asyncio.get_running_loop().time
    async with bench.open() as sink:
        await sink.check()  # some need longer than the deadline to reach the far side for the first time
        await bench.far_side.behave(Behaviour.HANG)
        began = clock()
        outcome = await sink.send(parcel_of("key-1", timeout=_DEADLINE_SECONDS))
        took = clock() - began
    if not isinstance(outcome, InDoubt) or outcome.reason.startswith("OVERDUE"):
        return f"a hang ends as {outcome}"
    return unless(took < _DEADLINE_SECONDS + _SLACK_SECONDS, f"took {took:.2f} s of {_DEADLINE_SECONDS} s")


@_rule()
async def cut_is_in_doubt(bench: Bench) -> str:
    """A connection cut after the request was taken leaves everything open."""
    await bench.far_side.behave(Behaviour.CUT)
    async with bench.open() as sink:
        outcome = await sink.send(parcel_of("key-1"))
    return unless(isinstance(outcome, InDoubt), f"a cut ends as {outcome}")


@_rule()
async def sends_concurrently(bench: Bench) -> str:
    """A send that waits for the far side keeps no other one waiting."""
    await bench.far_side.behave(Behaviour.HANG)
    async with bench.open() as sink, asyncio.TaskGroup() as group:
        slow = group.create_task(sink.send(parcel_of("slow", timeout=3.0)))
        await bench.far_side.until_arrived(1)
        await bench.far_side.behave(Behaviour.ACCEPT)
        others = await asyncio.gather(*(sink.send(parcel_of(f"key-{number}")) for number in range(20)))
        waiting = not slow.done()
        slow.cancel()
    keys = sorted(one.idempotency_key for one in bench.far_side.arrived)
    complete = keys == sorted(["slow", *(f"key-{number}" for number in range(20))])
    return unless(waiting and complete and all(map(taken, others)), f"{len(keys)} of 21 arrived: {set(others)}")


@_rule()
async def closes_while_sending(bench: Bench) -> str:
    """Closing does not wait for the far side; what was under way ends in doubt, what comes later is unavailable."""
    await bench.far_side.behave(Behaviour.HANG)
    async with asyncio.timeout(PATIENCE_SECONDS / 2):
        async with bench.open() as sink:
            under_way = asyncio.create_task(sink.send(parcel_of("key-1", timeout=PATIENCE_SECONDS)))
            await bench.far_side.until_arrived(1)
        outcome = await under_way
        late = await sink.send(parcel_of("key-2"))
    kept = isinstance(outcome, InDoubt) and isinstance(late, Unavailable) and len(bench.far_side.arrived) == 1
    return unless(kept, f"under way: {outcome}, later: {late}")


@_rule(Isolation.NONE)
async def obeys_cancellation(bench: Bench) -> str:
    """A cancelled send ends at once, cancelled, and the sink goes on."""
    await bench.far_side.behave(Behaviour.HANG)
    async with bench.open_bare() as sink:
        under_way = asyncio.ensure_future(sink.send(parcel_of("key-1")))
        await bench.far_side.until_arrived(1)
        over, _ = await asyncio.wait({under_way}, timeout=_HANGING_SECONDS)
        if over:
            return "there is nothing to cancel: the far side does not hang"
        under_way.cancel()
        await asyncio.wait({under_way}, timeout=1)
        if not under_way.cancelled():
            return "a cancelled send goes on, or ends as if it had not been cancelled"
        await bench.far_side.behave(Behaviour.ACCEPT)
        return unless(taken(await sink.send(parcel_of("key-2"))), "after a cancelled send the sink takes nothing")


@_rule(Isolation.NONE)
async def keeps_the_loop_free(bench: Bench) -> str:
    """While it works, everybody else in the process does too."""
    clock = asyncio.get_running_loop().time
    gaps = [0.0]

    async def tick() -> None:
        before = clock()
        while True:
            await asyncio.sleep(0.01)
            gaps.append(clock() - before)
            before = clock()

    async with bench.open() as sink:
        ticking = asyncio.create_task(tick())
        await sink.send(parcel_of("key-1"))
        await sink.send(parcel_of("key-2", body=b"x" * 4_000_000))
        await sink.check()
        ticking.cancel()
        await asyncio.wait({ticking})
    return unless(max(gaps) < _LOOP_GAP_SECONDS, f"the loop stood still for {max(gaps):.2f} s")


@_rule()
async def check_has_no_effect(bench: Bench) -> str:
    """A check says that somebody is there, and nothing arrives."""
    async with bench.open() as sink:
        there = await sink.check()
    arrived = len(bench.far_side.arrived)
    return unless(isinstance(there, Delivered) and arrived == 0, f"{there}, {arrived} arrived")


@_rule()
async def check_sees_an_outage(bench: Bench) -> str:
    """A check of a far side that is away says so."""
    await bench.far_side.behave(Behaviour.OUTAGE)
    async with bench.open() as sink:
        away = await sink.check()
    return unless(not taken(away), f"an outage is checked as {away}")


@_rule()
async def query_answers(bench: Bench) -> str:
    """Who can be asked knows what was delivered, and what never came; who cannot says that nobody knows."""
    async with bench.open() as sink:
        sent = await sink.send(parcel_of("key-1"))
        known = await sink.query("key-1")
        unknown = await sink.query("never-sent")
    if bench.promised.idempotency is Idempotency.QUERYABLE:
        return unless(known == sent and isinstance(unknown, NotSeen), f"asked: {known}, never sent: {unknown}")
    return unless(isinstance(known, InDoubt) or known == sent, f"asked: {known}")


@_rule()
async def query_knows_what_was_cut(bench: Bench) -> str:
    """Who can be asked knows of a send whose answer was lost: that is what asking is for. It has no effect itself."""
    await bench.far_side.behave(Behaviour.CUT)
    async with bench.open() as sink:
        await sink.send(parcel_of("key-1"))
        known = await sink.query("key-1")
    arrived = len(bench.far_side.arrived)
    cannot = bench.promised.idempotency is not Idempotency.QUERYABLE
    return unless(cannot or (taken(known) and arrived == 1), f"asked: {known}, {arrived} arrived")


@_rule()
async def outage_is_no_answer_to_a_query(bench: Bench) -> str:
    """That nobody could be asked never counts as "not seen": what was sent would be sent twice."""
    async with bench.open() as sink:
        await sink.send(parcel_of("key-1"))
        await bench.far_side.behave(Behaviour.OUTAGE)
        asked = [await sink.query(key) for key in ("key-1", "never-sent")]
    return unless(not any(isinstance(one, NotSeen) for one in asked), f"asked in an outage: {asked}")


@_rule()
async def raises_nothing(bench: Bench) -> str:
    """Whatever it is handed ends as an outcome, and one with sound fields."""
    odd: list[dict[str, Any]] = [
        {"content_type": "a\r\nX-Evil: 1"},
        {"content_type": ""},
        {"idempotency_key": "键 \0"},
        {"attributes": {"": "", "no name": "\0"}},
        {"attributes": {"id": "\ud800"}},
        {"attributes": {"id": "x" * 100_000}},
        {"timeout": 0.0},
        {"body": b""},
    ]
    async with bench.open() as sink:
        outcomes = [
            *[await sink.send(replace(parcel_of("key-1"), **change)) for change in odd],
            await sink.query("键 \0"),
        ]
    bad = [one for one in outcomes if isinstance(one, InDoubt) and one.reason.startswith("CONNECTOR_")]
    return unless(not bad, f"{bad}")


RULES[:0] = [*DESCRIBING_RULES, *LIFECYCLE_RULES]
RULES += [*TRUST_RULES, *QUIET_RULES]
