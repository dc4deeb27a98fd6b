# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What senders are told after COMMIT 1, or instead of it: a receipt, or a refusal that is journaled. 接收答复"""

import asyncio
from collections.abc import Sequence
from typing import TypeAlias

from contracts.cloudevent import CloudEvent
from contracts.refusal import Refusal
from hub.passage import PutOff, Ready, Received, Unplanned
from hub.ports.journal import AcceptanceResult, Committed, Duplicate
from hub.running import Hub
from hub.unplanned import written


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


Said: TypeAlias = bytes | Refusal | PutOff | Unplanned
"""What the stages and COMMIT 1 made of a message."""


async def answered(hub: Hub, system: str, event: CloudEvent, received: Received, said: Said) -> bytes | Refusal:
    """The last word to a sender. A refusal is journaled, unless the very message was accepted before."""
    if isinstance(said, bytes):
        return said
    answer = said if isinstance(said, Refusal) else said.refusal
    # What was accepted once stays accepted, though the same bytes would be refused today (too old, expired, not allowed).
    # A refusal for the moment (the journal is away) says nothing about the message, and whoever asked is not kept waiting.
    first = await hub.first_receipt(system, event) if answer.retry_after is None else None
    if first is not None:
        hub.observer.repeated(system, first)
        return first
    if not isinstance(said, Unplanned):
        return await hub.refuse(system, event, answer, received.raw)
    refusal = hub.ids.new()
    if said.otherwise is not None:
        hub.routes.note(refusal, said.otherwise)
    return await hub.refuse(system, event, answer, received.raw, refusal, written(said))


async def all_answered(
    hub: Hub, system: str, messages: Sequence[tuple[CloudEvent, Received]], answers: Sequence[Said]
) -> Sequence[bytes | Refusal]:
    """The same of a batch, message by message: its refusals are journaled together."""
    refused = [n for n, one in enumerate(answers) if not isinstance(one, bytes)]
    words = await asyncio.gather(*(answered(hub, system, *messages[n], answers[n]) for n in refused))
    last: dict[int, bytes | Refusal] = dict(zip(refused, words, strict=True))
    return [one if isinstance(one, bytes) else last[n] for n, one in enumerate(answers)]
