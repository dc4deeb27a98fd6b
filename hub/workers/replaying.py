# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Replays at work: whatever hub looks next carries one on, from what stands in the journal."""

from datetime import timedelta

from hub.ports.journal import Item, JournalDown, Leaf, Release, ReplayView, Stop
from hub.ramp import decide
from hub.replay_evidence import replay_leaf
from hub.running import Hub

_TICK = 0.5
_FORGET_EVERY = 3600.0
_FORGOTTEN_AFTER = timedelta(hours=1)


async def replay(hub: Hub) -> None:
    """Carry replays on until cancelled, and now and then forget groups that nothing is left of."""
    forget_at = hub.clock.monotonic()
    while True:
        await replay_once(hub)
        if hub.clock.monotonic() >= forget_at:
            forget_at += _FORGET_EVERY
            await hub.journal.dead_letters.forget(hub.clock.now() - _FORGOTTEN_AFTER)
        await hub.clock.sleep(_TICK)


async def replay_once(hub: Hub) -> int:
    """One look at every replay that is due; how many this hub carried on."""
    due = await hub.journal.replays.due()
    if isinstance(due, JournalDown):
        return 0
    now = hub.clock.now()

    def leaf(item: Item, view: ReplayView) -> Leaf:
        return replay_leaf(hub.name, hub.ids, item, view, now)

    carried = 0
    for one in due:
        decision = await hub.journal.replays.advance(one, decide, leaf, now)
        match decision:
            case Release(count, step):
                hub.log.info("replay", replay=str(one), step=step, deliveries=count)
            case Stop(code, detail):
                hub.log.warning("replay stopped", replay=str(one), code=code, detail=detail)
            case _:
                pass
        carried += decision is not None and not isinstance(decision, JournalDown)
    return carried
