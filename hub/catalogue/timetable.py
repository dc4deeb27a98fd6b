# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""When items should come: which run a moment belongs to, when a full run is over, and since when something is late."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from contracts.families.fields import BEIJING
from hub.config.catalogue import CatalogueSection, FullRunSection
from hub.health import Condition
from hub.ports.journal.cataloguing import Ledger, RunKey

SETTLED = timedelta(minutes=2)
"""What was accepted in the last moment of a full run has been looked at by then."""

_DAY = timedelta(days=1)


def run_of(section: CatalogueSection, moment: datetime) -> RunKey:
    """The run in which something accepted at this moment came. A full run is of the day on which it began."""
    local = moment.astimezone(BEIJING)
    for back in (0, 1) if section.full is not None else ():
        day = local.date() - back * _DAY
        assert section.full is not None, "it was asked"
        run = RunKey(full=True, day=day)
        began, ended = hours(section.full, run)
        if began <= local < ended:
            return run
    return RunKey(full=False, day=local.date())


def hours(full: FullRunSection, run: RunKey) -> tuple[datetime, datetime]:
    """From when until when the full run of a day is."""
    began = datetime.combine(run.day, full.first, BEIJING)
    ended = datetime.combine(run.day, full.last, BEIJING)
    return began, ended if ended > began else ended + _DAY


def over(section: CatalogueSection, now: datetime) -> Iterator[RunKey]:
    """The full runs of the last days that are over and may be closed, the oldest first."""
    if section.full is None:
        return
    today = now.astimezone(BEIJING).date()
    for back in range(3, -1, -1):
        run = RunKey(full=True, day=today - back * _DAY)
        if hours(section.full, run)[1] + SETTLED <= now:
            yield run


def late(section: CatalogueSection, ledger: Ledger, now: datetime) -> Iterator[Condition]:
    """What should have come by now and did not."""
    patience = timedelta(hours=section.late_hours)
    heard = ledger.heard_at or ledger.since
    if now - heard > patience:
        yield Condition("items", f"no item came since {heard.isoformat(timespec='seconds')}", heard + patience)
    full = ledger.full_at or ledger.since
    if section.full is not None and now - full > patience:
        yield Condition(
            "items_full", f"no full run of the items since {full.isoformat(timespec='seconds')}", full + patience
        )
