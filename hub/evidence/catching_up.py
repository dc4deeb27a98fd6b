# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Bringing the log up to date for a command, where no hub is at work: indices, and a checkpoint over all of them."""

from hub.evidence.state import NoteSigner
from hub.ports.clock import Clock
from hub.ports.journal import EvidenceLog, JournalDown
from hub.ports.journal.sequencing import Checkpoint, LogDamaged

_BATCH = 2_000


async def catch_up(log: EvidenceLog, notes: NoteSigner, clock: Clock) -> LogDamaged | JournalDown | None:
    """Lead for a moment, if nobody does: a hub that is at work does all this by itself."""
    async with log.lead() as lead:
        if lead is None or isinstance(lead, LogDamaged | JournalDown):
            return lead
        given: object = _BATCH
        while given:
            given = await lead.sequence(_BATCH)
            if isinstance(given, LogDamaged | JournalDown):
                return given
            if not isinstance(given, int):
                return None
        newest = await log.newest()
        if isinstance(newest, JournalDown):
            return newest
        if lead.size and (newest is None or newest.size < lead.size):
            made = await lead.checkpoint(notes.of(lead.log), clock.now())
            return None if isinstance(made, Checkpoint) or not isinstance(made, LogDamaged | JournalDown) else made
    return None
