# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What every connector must keep: each rule is a function that says how it is broken, or an empty string.

The rules need no test runner: :mod:`connectors.sdk.conformance` runs them under pytest, a command may run them in a
table. A rule that needs something to have happened at the far side waits for that, never for a time.
"""

import asyncio
import contextvars
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from connectors.sdk.bench import Bench, Isolation
from connectors.sdk.far_side import Behaviour
from connectors.sdk.manifest import Idempotency
from connectors.sdk.outcomes import Accepted, Delivered, InDoubt, NotSeen, QueryOutcome, Rejected, Unavailable
from connectors.sdk.parcel import Parcel

Check = Callable[[Bench], Awaitable[str]]

_PATIENCE_SECONDS = 30.0
_DEADLINE_SECONDS = 0.3
_SLACK_SECONDS = 2.0  # for a busy machine: a connector that needs the guard is known by its outcome
_LOOP_GAP_SECONDS = 1.5
_STRENGTH = (Idempotency.NONE, Idempotency.QUERYABLE, Idempotency.NATIVE)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; its name is the function's. ``isolations`` are the ways of running a connector it can judge."""

    name: str
    check: Check
    isolations: frozenset[Isolation]

    async def broken(self, bench: Bench) -> str:
        """How the connector breaks this rule; empty when it keeps it. Ends, and raises nothing, whatever it does."""
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                return await self.check(bench)
        except TimeoutError:
            return f"not finished after {_PATIENCE_SECONDS:g} s"
        except Exception as error:  # noqa: BLE001  # because the connector under trial may raise anything anywhere
            return f"raised {type(error).__name__}: {error}"


RULES: list[Rule] = []


def _rule(*isolations: Isolation) -> Callable[[Check], Check]:
    def enter(check: Check) -> Check:
        RULES.append(Rule(getattr(check, "__name__", ""), check, frozenset(isolations or Isolation)))
        return check

    return enter


def _parcel(key: str, **changes: Any) -> Parcel:
    parcel = Parcel(
        idempotency_key=key,
        content_type="application/json",
        body='{"caseNumber":"办件-1"}'.encode(),
        attributes={"specversion": "1.0", "id": key, "source": "portal", "type": "cn.gov.application.submitted"},
        timeout=10.0,
    )
    return replace(parcel, **changes)


def _taken(outcome: QueryOutcome) -> bool:
    return isinstance(outcome, Delivered | Accepted)


def _unless(kept: bool, otherwise: str) -> str:  # noqa: FBT001  # because it reads as a sentence
    return "" if kept else otherwise


@_rule(Isolation.NONE)
async def manifest_is_sound(bench: Bench) -> str:
    """Both titles are there, and a configuration never promises more than the kind."""
    manifest = bench.connector.manifest
    promised = bench.promised
    if not (manifest.kind.isidentifier() and manifest.title.zh.strip() and manifest.title.en.strip()):
        return "the kind is no name, or a title is missing"
    if promised.kind != manifest.kind or promised.max_body_bytes > manifest.max_body_bytes:
        return "it promises another kind, or larger bodies, than its manifest"
    stronger = _STRENGTH.index(promised.idempotency) > _STRENGTH.index(manifest.idempotency)
    return _unless(not stronger, f"it promises {promised.idempotency}, its manifest only {manifest.idempotency}")


@_rule(Isolation.NONE)
async def config_is_strict(bench: Bench) -> str:
    """Frozen, every field described and with an example, unknown keys refused."""
    model = bench.connector.config
    if not model.model_config.get("frozen"):
        return "the config model is not frozen"
    bare = [name for name, field in model.model_fields.items() if not (field.description and field.examples)]
    if bare:
        return f"no description or no example: {', '.join(bare)}"
    try:
        model.model_validate({**bench.far_side.settings, "no_such_setting": 1})
    except ValidationError:
        return ""
    return "an unknown setting is taken in silence"


@_rule()
async def carries_bytes_untouched(bench: Bench) -> str:
    """What arrives is what was sent: any bytes, none at all, and many."""
    bodies = [bytes(range(256)), "　𠮷\r\n ".encode("gb18030"), b"", b"\0" * 1_500_000]
    async with bench.open() as sink:
        outcomes = [
            await sink.send(_parcel(f"bytes-{number}", body=body, content_type="application/octet-stream"))
            for number, body in enumerate(bodies)
        ]
    arrived = [(one.body, one.content_type) for one in bench.far_side.arrived]
    if not all(map(_taken, outcomes)):
        return f"a good parcel was not taken: {outcomes}"
    return _unless(arrived == [(body, "application/octet-stream") for body in bodies], "other bytes or types arrived")


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
        outcome = await sink.send(_parcel("key-1", attributes=attributes))
    arrived = [(one.idempotency_key, dict(one.attributes)) for one in bench.far_side.arrived]
    return _unless(_taken(outcome) and arrived == [("key-1", attributes)], f"{outcome}; arrived: {arrived}")


@_rule()
async def repeat_is_safe(bench: Bench) -> str:
    """The same parcel again comes under the same key, and is answered as well as the first."""
    async with bench.open() as sink:
        outcomes = [await sink.send(_parcel("key-1", attempt=attempt)) for attempt in (1, 2)]
    keys = {one.idempotency_key for one in bench.far_side.arrived}
    return _unless(all(map(_taken, outcomes)) and keys == {"key-1"}, f"{outcomes}; keys: {keys}")


@_rule()
async def sends_once(bench: Bench) -> str:
    """One send is one arrival, also when its answer is lost: repeating is the hub's decision."""
    await bench.far_side.behave(Behaviour.CUT)
    async with bench.open() as sink:
        await sink.send(_parcel("key-1"))
    return _unless(len(bench.far_side.arrived) == 1, f"{len(bench.far_side.arrived)} arrivals of one send")


@_rule()
async def refusal_is_rejected(bench: Bench) -> str:
    """What the far side refuses for good is never tried again."""
    await bench.far_side.behave(Behaviour.REFUSE)
    async with bench.open() as sink:
        outcome = await sink.send(_parcel("key-1"))
    return _unless(isinstance(outcome, Rejected) and bool(outcome.code), f"a refusal ends as {outcome}")


@_rule()
async def outage_is_unavailable(bench: Bench) -> str:
    """What the far side certainly did not take may be sent again."""
    await bench.far_side.behave(Behaviour.OUTAGE)
    async with bench.open() as sink:
        outcome = await sink.send(_parcel("key-1"))
    return _unless(isinstance(outcome, Unavailable), f"an outage ends as {outcome}")


@_rule()
async def recovers_after_outage(bench: Bench) -> str:
    """The same sink delivers once the far side is back."""
    async with bench.open() as sink:
        await bench.far_side.behave(Behaviour.OUTAGE)
        during = await sink.send(_parcel("key-1"))
        await bench.far_side.behave(Behaviour.ACCEPT)
        after = await sink.send(_parcel("key-1", attempt=2))
    arrived = len(bench.far_side.arrived)
    return _unless(not _taken(during) and _taken(after) and arrived == 1, f"{during}, then {after}; arrived {arrived}")


@_rule()
async def hang_ends_at_the_deadline(bench: Bench) -> str:
    """A far side that takes and never answers costs the parcel's time-out and not more; nobody knows what it did."""
    await bench.far_side.behave(Behaviour.HANG)
    clock = asyncio.get_running_loop().time
    async with bench.open() as sink:
        began = clock()
        outcome = await sink.send(_parcel("key-1", timeout=_DEADLINE_SECONDS))
        took = clock() - began
    if not isinstance(outcome, InDoubt) or outcome.reason.startswith("OVERDUE"):
        return f"a hang ends as {outcome}"
    return _unless(took < _DEADLINE_SECONDS + _SLACK_SECONDS, f"took {took:.2f} s of {_DEADLINE_SECONDS} s")


@_rule()
async def cut_is_in_doubt(bench: Bench) -> str:
    """A connection cut after the request was taken leaves everything open."""
    await bench.far_side.behave(Behaviour.CUT)
    async with bench.open() as sink:
        outcome = await sink.send(_parcel("key-1"))
    return _unless(isinstance(outcome, InDoubt), f"a cut ends as {outcome}")


@_rule()
async def sends_concurrently(bench: Bench) -> str:
    """A send that waits for the far side keeps no other one waiting."""
    await bench.far_side.behave(Behaviour.HANG)
    async with bench.open() as sink, asyncio.TaskGroup() as group:
        slow = group.create_task(sink.send(_parcel("slow", timeout=3.0)))
        await bench.far_side.until_arrived(1)
        await bench.far_side.behave(Behaviour.ACCEPT)
        others = await asyncio.gather(*(sink.send(_parcel(f"key-{number}")) for number in range(20)))
        waiting = not slow.done()
        slow.cancel()
    keys = sorted(one.idempotency_key for one in bench.far_side.arrived)
    complete = keys == sorted(["slow", *(f"key-{number}" for number in range(20))])
    return _unless(waiting and complete and all(map(_taken, others)), f"{len(keys)} of 21 arrived: {set(others)}")


@_rule()
async def closes_while_sending(bench: Bench) -> str:
    """Closing does not wait for the far side; what was under way ends in doubt, what comes later is unavailable."""
    await bench.far_side.behave(Behaviour.HANG)
    async with asyncio.timeout(_PATIENCE_SECONDS / 2):
        async with bench.open() as sink:
            under_way = asyncio.create_task(sink.send(_parcel("key-1", timeout=_PATIENCE_SECONDS)))
            await bench.far_side.until_arrived(1)
        outcome = await under_way
        late = await sink.send(_parcel("key-2"))
    kept = isinstance(outcome, InDoubt) and isinstance(late, Unavailable) and len(bench.far_side.arrived) == 1
    return _unless(kept, f"under way: {outcome}, later: {late}")


@_rule(Isolation.NONE)
async def obeys_cancellation(bench: Bench) -> str:
    """A cancelled send ends at once, cancelled, and the sink goes on."""
    await bench.far_side.behave(Behaviour.HANG)
    async with bench.open_bare() as sink:
        under_way = asyncio.ensure_future(sink.send(_parcel("key-1")))
        await bench.far_side.until_arrived(1)
        under_way.cancel()
        await asyncio.wait({under_way}, timeout=1)
        if not under_way.cancelled():
            return "a cancelled send goes on, or ends as if it had not been cancelled"
        await bench.far_side.behave(Behaviour.ACCEPT)
        return _unless(_taken(await sink.send(_parcel("key-2"))), "after a cancelled send the sink takes nothing")


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
        await sink.send(_parcel("key-1"))
        await sink.send(_parcel("key-2", body=b"x" * 4_000_000))
        await sink.check()
        ticking.cancel()
        await asyncio.wait({ticking})
    return _unless(max(gaps) < _LOOP_GAP_SECONDS, f"the loop stood still for {max(gaps):.2f} s")


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
            await sink.send(_parcel("key-1"))
            await bench.far_side.behave(Behaviour.OUTAGE)
            await sink.send(_parcel("key-2"))
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
    return _unless(not left, f"{len(left)} tasks still run")


@_rule()
async def check_has_no_effect(bench: Bench) -> str:
    """A check says that somebody is there, and nothing arrives."""
    async with bench.open() as sink:
        there = await sink.check()
    arrived = len(bench.far_side.arrived)
    return _unless(isinstance(there, Delivered) and arrived == 0, f"{there}, {arrived} arrived")


@_rule()
async def check_sees_an_outage(bench: Bench) -> str:
    """A check of a far side that is away says so."""
    await bench.far_side.behave(Behaviour.OUTAGE)
    async with bench.open() as sink:
        away = await sink.check()
    return _unless(not _taken(away), f"an outage is checked as {away}")


@_rule()
async def query_answers(bench: Bench) -> str:
    """Who can be asked knows what was delivered, and what never came; who cannot says that nobody knows."""
    async with bench.open() as sink:
        sent = await sink.send(_parcel("key-1"))
        known = await sink.query("key-1")
        unknown = await sink.query("never-sent")
    if bench.promised.idempotency is Idempotency.QUERYABLE:
        return _unless(known == sent and isinstance(unknown, NotSeen), f"asked: {known}, never sent: {unknown}")
    return _unless(isinstance(known, InDoubt) or known == sent, f"asked: {known}")


@_rule()
async def query_knows_what_was_cut(bench: Bench) -> str:
    """Who can be asked knows of a send whose answer was lost: that is what asking is for. It has no effect itself."""
    await bench.far_side.behave(Behaviour.CUT)
    async with bench.open() as sink:
        await sink.send(_parcel("key-1"))
        known = await sink.query("key-1")
    arrived = len(bench.far_side.arrived)
    cannot = bench.promised.idempotency is not Idempotency.QUERYABLE
    return _unless(cannot or (_taken(known) and arrived == 1), f"asked: {known}, {arrived} arrived")


@_rule()
async def outage_is_no_answer_to_a_query(bench: Bench) -> str:
    """That nobody could be asked never counts as "not seen": what was sent would be sent twice."""
    async with bench.open() as sink:
        await sink.send(_parcel("key-1"))
        await bench.far_side.behave(Behaviour.OUTAGE)
        asked = [await sink.query(key) for key in ("key-1", "never-sent")]
    return _unless(not any(isinstance(one, NotSeen) for one in asked), f"asked in an outage: {asked}")


@_rule()
async def is_quiet(bench: Bench) -> str:
    """Silence is health: normal operation writes no log line."""
    async with bench.open() as sink:
        await sink.check()
        for number in range(3):
            await sink.send(_parcel(f"key-{number}"))
    return _unless(not bench.said, f"it said: {bench.said[:3]}")


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
            *[await sink.send(replace(_parcel("key-1"), **change)) for change in odd],
            await sink.query("键 \0"),
        ]
    bad = [one for one in outcomes if isinstance(one, InDoubt) and one.reason.startswith("CONNECTOR_")]
    return _unless(not bad, f"{bad}")
