# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Asking every source, now and then, whether its far side answers: silence may be that nobody writes, or that nobody is there."""

import asyncio
from typing import Never

from connectors.sdk import Accepted, Delivered, InDoubt, Outcome, Rejected, Unavailable
from connectors.sdk.guard import QUESTION_SECONDS, guarded
from hub.inlet import Inlet, Trouble
from hub.observing.codes import speakable
from hub.running import Hub

EVERY = 15.0


async def sound_sources(hub: Hub) -> Never:
    """Ask them all at once, again and again. Runs until cancelled."""
    while True:
        await asyncio.gather(*(sound(hub, inlet) for inlet in hub.inlets.values()))
        await hub.clock.sleep(EVERY)


async def sound(hub: Hub, inlet: Inlet) -> None:
    """Ask one. A check has no effect there, and a source that hangs or raises over it is in trouble, and nothing else."""
    code = _trouble(await guarded(inlet.source.check, QUESTION_SECONDS))
    inlet.looked = True
    if not code:
        inlet.trouble = None
    elif inlet.trouble is None or inlet.trouble.code != code:
        inlet.trouble = Trouble(code, inlet.trouble.since if inlet.trouble is not None else hub.clock.now())


def _trouble(outcome: Outcome) -> str:
    """What is wrong, as a code; empty when nothing is."""
    match outcome:
        case Delivered() | Accepted():
            return ""
        case Rejected(code=code):
            return speakable(code)
        case Unavailable(reason=reason) | InDoubt(reason=reason):
            return speakable(reason.partition(":")[0])
