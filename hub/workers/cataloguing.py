# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The item catalogue at work: takes in what lies in its inbox, closes full runs that are over, and looks at what is late."""

from datetime import timedelta

from contracts.families.fields import BEIJING
from hub.catalogue.taking_in import take_in
from hub.catalogue.timetable import hours, over
from hub.config.catalogue import CatalogueSection
from hub.outlet import Outlet
from hub.ports.journal import JournalDown, Turn
from hub.running import Hub

_TICK = 1.0
_TIDY = 30.0


async def keep_catalogue(hub: Hub) -> None:
    """Until cancelled; does nothing where no catalogue is kept."""
    section = hub.catalogue.section
    outlet = None if section is None else hub.outlets.get(section.inbox)
    while True:
        if section is None or outlet is None:
            await hub.clock.sleep(3600)
            continue
        if not await catalogue_once(hub, section, outlet):
            await outlet.doorbell.rung(_TICK)


async def catalogue_once(hub: Hub, section: CatalogueSection, outlet: Outlet, every: float = _TIDY) -> bool:
    """One round. Whether there was anything in the inbox: then there may be more."""
    with outlet.doorbell.looking():
        taken = await take_in(hub, section, outlet)
    if isinstance(taken, JournalDown):
        return False
    if not taken:
        await _tidy(hub, section, every)
    ledger = await hub.journal.item_catalogue.ledger(hub.clock.now())
    if not isinstance(ledger, JournalDown):
        hub.catalogue.ledger = ledger
    return taken > 0


async def _tidy(hub: Hub, section: CatalogueSection, every: float) -> None:
    """When the inbox is empty."""
    now = hub.clock.now()
    async with hub.journal.chores.turn("item catalogue", every) as turn:
        if not isinstance(turn, Turn):
            return
        for run in over(section, now):
            assert section.full is not None, "a full run is over"
            vanished = await hub.journal.item_catalogue.close(run, *hours(section.full, run))
            if isinstance(vanished, int):
                hub.log.info("items", run=run.id, vanished=vanished)
        today = now.astimezone(BEIJING).date()
        await hub.journal.item_catalogue.forget(today - timedelta(days=section.keep_days))
        turn.done = True
