# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The worker of one source: what it brings goes through the path in bulk, and is settled after COMMIT 1."""

from collections.abc import Sequence
from itertools import count

import orjson

from connectors.sdk import Answer, Item, Refused, Taken
from contracts.bindings import amqp
from contracts.cloudevent import CloudEvent
from contracts.problem import problem
from contracts.refusal import Refusal
from contracts.text import Text
from hub.inlet import Inlet
from hub.passage import Received
from hub.path import accept_all
from hub.running import Hub

_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 5.0
_NO_TYPE = "application/octet-stream"


async def take(hub: Hub, inlet: Inlet) -> None:
    """Take and settle until cancelled. What is in hand then is not settled, and comes again; the journal knows it."""
    while True:
        await hub.headway.room(hub.clock)
        items = await inlet.source.take()
        began = hub.clock.monotonic()
        await hand_over(hub, inlet, items)
        if hub.headway.is_ahead:  # nobody is waited for then: half of the time is for deliveries
            await hub.clock.sleep(hub.clock.monotonic() - began)


async def hand_over(hub: Hub, inlet: Inlet, items: Sequence[Item]) -> None:
    """Settle all of these, in their order; those the hub cannot take now are kept in hand and tried again."""
    waiting = list(items)
    for attempt in count():
        if hub.intake.pause:
            await hub.clock.sleep(hub.intake.pause)
        answers = [None] * len(waiting) if hub.intake.refusal() else await _answers(hub, inlet, waiting)
        settled: list[tuple[int, Answer]] = [
            (item.token, answer) for item, answer in zip(waiting, answers, strict=True) if answer is not None
        ]
        inlet.taken += sum(isinstance(answer, Taken) for _, answer in settled)
        inlet.refused += sum(isinstance(answer, Refused) for _, answer in settled)
        waiting = [item for item, answer in zip(waiting, answers, strict=True) if answer is None]
        inlet.waiting = len(waiting)
        await inlet.source.settle(settled)
        if not waiting:
            return
        if not attempt:
            inlet.log.warning("source waits", messages=len(waiting))
        await hub.clock.sleep(min(_FIRST_PAUSE * 2.0 ** min(attempt, 16), _LONGEST_PAUSE))


async def _answers(hub: Hub, inlet: Inlet, items: Sequence[Item]) -> Sequence[Answer | None]:
    """One for each item; None: not now."""
    read = [_read(inlet, item) for item in items]
    messages = [one for one in read if not isinstance(one, Refusal)]
    try:
        accepted = iter(await accept_all(hub, inlet.system, messages))
    except Exception as bug:  # a bug, and perhaps one message's alone: the others must not wait for it
        if len(items) == 1:
            inlet.log.error("bug in intake", exc_info=bug)
            refusal = Refusal("E_BUG", Text("中枢处理这条消息时出错。", "The hub failed on this message."))
            return [_refused(await hub.refuse(inlet.system, None, refusal, items[0].body))]
        return [answer for item in items for answer in await _answers(hub, inlet, [item])]
    return [
        _refused(await hub.refuse(inlet.system, None, one, item.body))
        if isinstance(one, Refusal)
        else _answer(next(accepted))
        for item, one in zip(items, read, strict=True)
    ]


def _read(inlet: Inlet, item: Item) -> tuple[CloudEvent, Received] | Refusal:
    if len(item.body) > inlet.body_bytes:
        detail = Text(f"报文超过 {inlet.body_bytes} 字节。", f"The body has more than {inlet.body_bytes} bytes.")
        return Refusal("E_TOO_LARGE", detail)
    event = amqp.read(item.content_type, item.headers, item.body)
    return event if isinstance(event, Refusal) else (event, Received(item.content_type or _NO_TYPE, item.body))


def _answer(accepted: bytes | Refusal) -> Answer | None:
    match accepted:
        case bytes():
            return Taken()
        case Refusal(retry_after=None):
            return _refused(accepted)
        case Refusal():
            return None


def _refused(refusal: Refusal) -> Refused:
    return Refused(refusal.code, orjson.dumps(problem(refusal, None)))
