# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Whatever a connector's call does in our own process, an outcome comes back."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from functools import partial
from math import inf, nan
from typing import Any, NoReturn

import pytest

from connectors.sdk import Accepted, Delivered, InDoubt, NotSeen, Rejected, Unavailable
from connectors.sdk.guard import guarded, guarded_query, sound


async def well() -> Delivered:
    return Delivered("R-7")


async def raising() -> NoReturn:
    raise RuntimeError("a message that may name a person")


async def leaving() -> NoReturn:
    raise SystemExit(3)


async def giving_up() -> NoReturn:
    raise asyncio.CancelledError


async def nothing() -> None:
    return None


async def forever() -> None:
    await asyncio.Event().wait()


async def late_but_sure() -> Unavailable:
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        return Unavailable("NOT_SENT")
    raise AssertionError


async def deaf() -> None:
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            if released:
                raise


released: list[bool] = []


def no_coroutine() -> Any:
    return Delivered()


def raising_at_once() -> NoReturn:
    raise RuntimeError


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (well, Delivered("R-7")),
        (raising, InDoubt("CONNECTOR_RAISED: RuntimeError")),
        (raising_at_once, InDoubt("CONNECTOR_RAISED: RuntimeError")),
        (leaving, InDoubt("CONNECTOR_RAISED: SystemExit")),
        (giving_up, InDoubt("CANCELLED: the connector gave up without an outcome")),
        (nothing, InDoubt("CONNECTOR_NONSENSE: what it returned is not an outcome")),
        (no_coroutine, InDoubt("CONNECTOR_RAISED: TypeError")),
        (forever, InDoubt("OVERDUE: out of time")),
        (late_but_sure, Unavailable("NOT_SENT")),
    ],
)
async def test_always_an_outcome(call: Callable[[], Awaitable[object]], expected: object) -> None:
    outcome = await guarded(call, 0.0)
    if isinstance(outcome, InDoubt):
        outcome = InDoubt(re.sub(r" stack [0-9a-f]{16}$", "", outcome.reason))
    assert outcome == expected


async def test_what_was_raised_is_known_by_its_type_and_place_and_not_by_its_message() -> None:
    async def bug(message: str) -> NoReturn:
        raise ValueError(message)

    first, again = [await guarded(partial(bug, message), 0.0) for message in ("made-up 1", "made-up 2")]
    elsewhere = await guarded(raising_at_once, 0.0)

    assert first == again
    assert isinstance(first, InDoubt)
    assert isinstance(elsewhere, InDoubt)
    assert re.fullmatch(r"CONNECTOR_RAISED: ValueError stack [0-9a-f]{16}", first.reason)
    assert first.reason[-16:] != elsewhere.reason[-16:]


async def test_only_a_query_may_say_that_a_key_was_never_seen() -> None:
    async def never() -> NotSeen:
        return NotSeen()

    assert await guarded_query(never, 0.0) == NotSeen()
    assert await guarded(never, 0.0) == InDoubt("CONNECTOR_NONSENSE: what it returned is not an outcome")


async def test_a_call_that_hears_nothing_is_left_behind() -> None:
    before = asyncio.all_tasks()
    outcome = await guarded(deaf, 0.0)
    left = asyncio.all_tasks() - before

    assert outcome == InDoubt("OVERDUE: the connector ignored its time-out and its cancellation")
    released.append(True)
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


async def test_a_cancelled_caller_cancels_the_call() -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def call() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    caller = asyncio.create_task(guarded(call, 60))
    await begun.wait()
    caller.cancel()

    with pytest.raises(asyncio.CancelledError):
        await caller
    await asyncio.wait_for(ended.wait(), 5)


@pytest.mark.parametrize(
    "value",
    [
        Delivered(),
        Accepted("T-9"),
        Rejected("CODE", "detail", ("one", "two")),
        Unavailable("HTTP_503"),
        Unavailable("HTTP_503", 0),
        Unavailable("HTTP_503", 1.5),
        InDoubt("办件"),
    ],
)
def test_sound_outcomes_are_left_alone(value: object) -> None:
    assert sound(value) is value


_any: Any = None


@pytest.mark.parametrize(
    "value",
    [
        None,
        "Delivered",
        Delivered,
        Delivered(_any),
        Delivered("x" * 1_001),
        Delivered("\ud800"),
        Accepted(b"T-9"),  # type: ignore[arg-type]
        Rejected("CODE", "detail", ["one"]),  # type: ignore[arg-type]
        Rejected("CODE", "detail", (1,)),  # type: ignore[arg-type]
        Rejected("CODE", "detail", ("one",) * 101),
        Rejected(_any),
        Unavailable("HTTP_503", -1),
        Unavailable("HTTP_503", nan),
        Unavailable("HTTP_503", inf),
        Unavailable("HTTP_503", retry_after=True),
        Unavailable("HTTP_503", "7"),  # type: ignore[arg-type]
        InDoubt(_any),
    ],
)
def test_anything_else_is_not_an_outcome(value: object) -> None:
    assert sound(value) is None
