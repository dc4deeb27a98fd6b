# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The parts of one message, all by one connection and each of them once."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeAlias

from connectors.sdk.metrics import Metric, MetricKind, Metrics
from connectors.sdk.outcomes import InDoubt, Rejected, Unavailable
from connectors.sdk.sms.conversation import Unanswered
from connectors.sdk.sms.turns import Turns
from contracts.text import Text

_PAUSE_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class PartTaken:
    """The gateway took a part under this name."""

    name: str


PartOutcome: TypeAlias = PartTaken | Rejected | Unavailable | InDoubt
Submitting: TypeAlias = Callable[[float], Awaitable[PartTaken | Rejected | Unavailable]]
"""Submits one part within so many seconds; raises :class:`Unanswered` when it left and no answer came."""

METRICS: Final = (
    Metric(
        name="parts",
        kind=MetricKind.COUNTER,
        title=Text("提交的短信条数，按结果", "Parts that were submitted, by their result"),
        label="result",
        values=("taken", "throttled", "refused", "unanswered"),
    ),
    Metric(
        name="reports",
        kind=MetricKind.COUNTER,
        title=Text("状态报告，按状态", "Status reports, by their state"),
        label="state",
        values=("DELIVRD", "EXPIRED", "DELETED", "UNDELIV", "ACCEPTD", "UNKNOWN", "REJECTD"),
    ),
)


async def submitted(
    parts: Sequence[Submitting], seconds: float, metrics: Metrics, turns: Turns, numbers: int = 1
) -> list[PartTaken] | Rejected | Unavailable | InDoubt:
    """All parts; where some were taken and others not it is in doubt, ``PARTLY_TAKEN``: nobody may send it again.

    The first goes alone: what the gateway refuses for the number or the account it refuses there, and nothing is half sent. Of
    the others one that the gateway puts off goes again, since the gateway itself says that it has not taken it.
    """
    deadline = asyncio.get_running_loop().time() + seconds
    turned = [partial(_in_turn, one, turns, numbers) for one in parts]
    first = await _once(turned[0], deadline, metrics)
    if not isinstance(first, PartTaken):
        return first
    outcomes = [first, *await asyncio.gather(*(_persistently(one, deadline, metrics) for one in turned[1:]))]
    taken = [one for one in outcomes if isinstance(one, PartTaken)]
    if len(taken) == len(parts):
        return taken
    other = next(one for one in outcomes if not isinstance(one, PartTaken))
    why = other.code if isinstance(other, Rejected) else other.reason.partition(":")[0]
    return InDoubt(f"PARTLY_TAKEN: 网关只收下 {len(taken)}/{len(parts)} 条 / the gateway took not all parts ({why})")


async def _in_turn(part: Submitting, turns: Turns, numbers: int, seconds: float) -> PartTaken | Rejected | Unavailable:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    late = await turns.take(numbers, seconds)
    if late is not None:
        return late
    outcome = await part(deadline - loop.time())
    if isinstance(outcome, Unavailable) and outcome.retry_after is not None:
        turns.rest(outcome.retry_after)
    return outcome


async def _persistently(part: Submitting, deadline: float, metrics: Metrics) -> PartOutcome:
    loop = asyncio.get_running_loop()
    while True:
        outcome = await _once(part, deadline, metrics)
        # Where there is no time to wait for, the connection is over or its window full: no other one may take the part.
        if not isinstance(outcome, Unavailable) or outcome.retry_after is None:
            return outcome
        pause = outcome.retry_after or _PAUSE_SECONDS
        if loop.time() + pause >= deadline:
            return outcome
        await asyncio.sleep(pause)


async def _once(part: Submitting, deadline: float, metrics: Metrics) -> PartOutcome:
    try:
        outcome = await part(max(deadline - asyncio.get_running_loop().time(), 0.0))
    except Unanswered as unanswered:
        metrics.count("parts", label="unanswered")
        return InDoubt(str(unanswered))
    match outcome:
        case PartTaken():
            metrics.count("parts", label="taken")
        case Rejected():
            metrics.count("parts", label="refused")
        case Unavailable(retry_after=seconds):
            if seconds is not None:
                metrics.count("parts", label="throttled")
    return outcome
