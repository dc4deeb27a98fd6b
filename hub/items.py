# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What sources and receivers bring, on the path: in bulk, in one COMMIT 1, and an answer for each."""

import asyncio
from collections.abc import Mapping, Sequence

import orjson

from connectors.sdk import Disposition, Item, NotNow, Refused, Taken
from contracts.bindings import amqp
from contracts.cloudevent import CloudEvent
from contracts.problem import problem
from contracts.refusal import Refusal
from contracts.text import Text
from hub.inlet import Bringer
from hub.passage import Received
from hub.path import accept_all
from hub.running import Hub
from hub.stages.verify_signature import verify_signature

_NO_TYPE = "application/octet-stream"
_SOURCE = "cloudEvents:source"
_SIGNATURE = "govhub-signature"
_BUG = Refusal("E_BUG", Text("中枢处理这条消息时出错。", "The hub failed on this message."))


async def accept_items(hub: Hub, bringer: Bringer, items: Sequence[Item]) -> Sequence[Disposition]:
    """One answer for each, in their order. A bug one message meets is that message's alone."""
    read = [_read(hub, bringer, item) for item in items]
    for n, one in enumerate(read):
        if (
            isinstance(one, Refusal) and one.retry_after is not None
        ):  # what follows may be of its case, and keeps its order
            before = await accept_items(hub, bringer, items[:n]) if n else ()
            return [*before, *(NotNow(one.retry_after) for _ in items[n:])]
    messages = [one for one in read if not isinstance(one, Refusal)]
    try:
        accepted = iter(await accept_all(hub, bringer.system, messages))
    except Exception as bug:  # a bug, and perhaps one message's alone: the others must not wait for it
        if len(items) == 1:
            bringer.log.error("bug in intake", exc_info=bug)
            return [_refused(await hub.refuse(bringer.system, None, _BUG, items[0].body))]
        return await _one_by_one(hub, bringer, items, read)
    unread = [(one, item.body) for item, one in zip(items, read, strict=True) if isinstance(one, Refusal)]
    refused = iter(await asyncio.gather(*(hub.refuse(bringer.system, None, refusal, body) for refusal, body in unread)))
    return [_refused(next(refused)) if isinstance(one, Refusal) else _answer(next(accepted)) for one in read]


async def _one_by_one(
    hub: Hub, bringer: Bringer, items: Sequence[Item], read: Sequence[tuple[CloudEvent, Received] | Refusal]
) -> Sequence[Disposition]:
    """What cannot be taken now keeps back whatever follows in its case; where its case is not known yet, everything."""
    answers: list[Disposition] = []
    waiting: dict[str | None, NotNow] = {}
    for item, one in zip(items, read, strict=True):
        case = None if isinstance(one, Refusal) else one[0].subject
        answer: Disposition | None = None if isinstance(one, Refusal) else waiting.get(case, waiting.get(None))
        if answer is None:
            (answer,) = await accept_items(hub, bringer, [item])
        if isinstance(answer, NotNow):
            waiting.setdefault(case, answer)
        answers.append(answer)
    return answers


def _read(hub: Hub, bringer: Bringer, item: Item) -> tuple[CloudEvent, Received] | Refusal:
    if max(len(item.body), 0 if item.signed is None else len(item.signed.over)) > bringer.body_bytes:
        most = bringer.body_bytes
        detail = Text(f"报文超过 {most} 字节。", f"The body has more than {most} bytes.")
        return Refusal("E_TOO_LARGE", detail)
    event = amqp.read(item.content_type, _spoken(bringer.system, item.headers), item.body)
    if isinstance(event, Refusal):
        return event
    verified = verify_signature(hub.identities, bringer.system, event.type, _received(item))
    return verified if isinstance(verified, Refusal) else (event, verified)


def _received(item: Item) -> Received:
    """The bytes as they came: what a signature is over, where the item was made of that."""
    if (signed := item.signed) is not None:
        return Received(signed.content_type, signed.over, signed=signed.signature, covering=True)
    found = next((value for name, value in item.headers.items() if name.lower() == _SIGNATURE), None)
    return Received(item.content_type or _NO_TYPE, item.body, signed=found if isinstance(found, str) else None)


def _spoken(system: str, headers: Mapping[str, object]) -> Mapping[str, object]:
    """An event in binary mode that does not say whose it is, is the speaking system's."""
    if "cloudEvents:type" not in headers or _SOURCE in headers:
        return headers
    return {**headers, _SOURCE: system}


def _answer(accepted: bytes | Refusal) -> Disposition:
    match accepted:
        case bytes():
            return Taken(accepted)
        case Refusal(retry_after=float() | int() as seconds):
            return NotNow(seconds)
        case Refusal():
            return _refused(accepted)


def _refused(refusal: Refusal) -> Refused:
    return Refused(refusal.code, orjson.dumps(problem(refusal, None)))
