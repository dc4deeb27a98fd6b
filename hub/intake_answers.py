# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What senders are told after COMMIT 1, or instead of it: a receipt, or a refusal that is journaled. 接收答复"""

import asyncio
from collections.abc import Sequence

from contracts.cloudevent import CloudEvent
from contracts.refusal import Refusal
from hub.passage import Ready, Received
from hub.ports.journal import AcceptanceResult, Committed, Duplicate
from hub.running import Hub


def told(hub: Hub, ready: Ready, result: AcceptanceResult) -> bytes | Refusal:
    """What COMMIT 1 made of a message: its receipt, or the refusal that is still to be answered with."""
    if not isinstance(result, Committed) or result.parked:
        for delivery in ready.acceptance.deliveries:
            hub.headway.end(delivery.id)
    if not isinstance(result, Committed | Duplicate):
        return hub.refusal_of(result)
    if isinstance(result, Committed):
        hub.observer.accepted(ready, result)
        if ready.otherwise is not None:
            hub.routes.note(ready.acceptance.message_id, ready.otherwise)
    else:
        hub.observer.repeated(ready.acceptance.system, result.receipt)
    return result.receipt


async def answered(
    hub: Hub, system: str, event: CloudEvent, received: Received, answer: bytes | Refusal
) -> bytes | Refusal:
    """The last word to a sender. A refusal is journaled, unless the very message was accepted before."""
    if isinstance(answer, bytes):
        return answer
    # What was accepted once stays accepted, though the same bytes would be refused today (too old, expired, not allowed).
    # A refusal for the moment (the journal is away) says nothing about the message, and whoever asked is not kept waiting.
    first = await hub.first_receipt(system, event) if answer.retry_after is None else None
    if first is None:
        return await hub.refuse(system, event, answer, received.raw)
    hub.observer.repeated(system, first)
    return first


async def all_answered(
    hub: Hub, system: str, messages: Sequence[tuple[CloudEvent, Received]], answers: Sequence[bytes | Refusal]
) -> Sequence[bytes | Refusal]:
    """The same of a batch, message by message: its refusals are journaled together."""
    last = list(answers)
    refused = [n for n, one in enumerate(answers) if isinstance(one, Refusal)]
    words = await asyncio.gather(*(answered(hub, system, *messages[n], answers[n]) for n in refused))
    for n, word in zip(refused, words, strict=True):
        last[n] = word
    return last
