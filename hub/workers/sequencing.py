# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The sequencer at work (定序): one hub gives leaves their indices and signs checkpoints over the log.

A message is accepted and delivered whether or not this runs: what is queued waits, and nothing of it is lost.
"""

from certs.evidence.note import read_note
from hub.evidence.state import Trouble
from hub.ports.journal import JournalDown
from hub.ports.journal.sequencing import Checkpoint, Fenced, Lead, LogDamaged
from hub.running import Hub

EVERY = 0.2
"""Seconds between two looks into the queue."""
CHECKPOINT_EVERY = 5.0
"""Seconds between two checkpoints, when there is news."""
_ANOTHER_LEADS = 2.0
_DAMAGED = 30.0
_BATCH = 2_000


async def sequence(hub: Hub) -> None:
    """Lead if nobody does; until cancelled."""
    await _introduce(hub)
    while True:
        wait = _ANOTHER_LEADS
        async with hub.journal.log.lead() as lead:
            match lead:
                case LogDamaged(reason):
                    hub.evidence.trouble = Trouble.DAMAGED
                    hub.log.error("the evidence log is damaged", reason=reason)
                    wait = _DAMAGED
                case JournalDown() | None:
                    await _keep(hub)
                case _:
                    wait = await lead_on(hub, lead)
        await hub.clock.sleep(wait)


async def _introduce(hub: Hub) -> None:
    """Make known by which certificates this hub signs, before it has signed anything that needs them."""
    now = hub.clock.now()
    for role, certificate in hub.evidence.certificates():
        while isinstance(
            await hub.journal.log.know(role, certificate.digest("sha256"), certificate.der, now), JournalDown
        ):
            await hub.clock.sleep(_ANOTHER_LEADS)


async def lead_on(hub: Hub, lead: Lead) -> float:
    """Lead until something ends it; the seconds after which to try again."""
    if behind := await _behind(hub, lead):
        hub.evidence.trouble = Trouble.BEHIND
        hub.log.error("the evidence log is not that of the kept checkpoint", reason=behind)
        return _DAMAGED
    hub.evidence.trouble = None
    checkpoint = await hub.journal.log.newest()
    if isinstance(checkpoint, JournalDown):
        return _ANOTHER_LEADS
    size, due = checkpoint.size if checkpoint else 0, hub.clock.monotonic()
    while True:
        given = await lead.sequence(_BATCH)
        if not isinstance(given, int):
            return _ended(hub, given)
        signer = hub.evidence.notes
        if signer is not None and lead.size > size and hub.clock.monotonic() >= due:
            made = await lead.checkpoint(signer.of(lead.log), hub.clock.now())
            if not isinstance(made, Checkpoint):
                return _ended(hub, made)
            size, due = made.size, hub.clock.monotonic() + CHECKPOINT_EVERY
            _kept(hub, made)
        if given < _BATCH:
            await hub.clock.sleep(EVERY)


def _ended(hub: Hub, why: Fenced | LogDamaged | JournalDown) -> float:
    if isinstance(why, LogDamaged):
        hub.evidence.trouble = Trouble.DAMAGED
        hub.log.error("the evidence log is damaged", reason=why.reason)
        return _DAMAGED
    return _ANOTHER_LEADS


async def _behind(hub: Hub, lead: Lead) -> str:
    """What tells that this database is not the one of the kept checkpoint: an old backup, a log that was cut off, a fork.

    To go on would be to sign another history than the one that was told. Empty: nothing.
    """
    kept = hub.evidence.kept.read() if hub.evidence.kept is not None else None
    note = read_note(kept) if kept is not None else None
    if note is None or note.origin != f"govhub/{lead.log}":
        return ""
    if note.size > lead.size:
        return f"it has {lead.size} leaves, and once had {note.size}"
    root = await hub.journal.log.root(note.size)
    return f"the first {note.size} leaves are others" if isinstance(root, bytes) and root != note.root else ""


async def _keep(hub: Hub) -> None:
    """Keep the checkpoint that another hub's lead has made."""
    newest = await hub.journal.log.newest()
    if isinstance(newest, Checkpoint):
        _kept(hub, newest)


def _kept(hub: Hub, made: Checkpoint) -> None:
    if hub.evidence.kept is None:
        return
    before = read_note(hub.evidence.kept.read() or b"")
    now = read_note(made.note)
    if before is not None and now is not None and before.origin == now.origin and before.size >= now.size:
        return
    if error := hub.evidence.kept.keep(made.note):
        hub.log.warning("the checkpoint could not be kept outside of the database", reason=str(error))
