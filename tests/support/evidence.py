# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Logs with leaves in them, and keys that sign for them."""

from collections.abc import Sequence
from typing import TypeGuard, TypeVar

from certs.evidence.development import development_pair
from certs.evidence.note import Note, read_note
from certs.evidence.roles import Role
from certs.suites.choosing import Unfit, signer_of
from certs.suites.suite import Signer
from hub.evidence.state import NoteSigner
from hub.ports.clock import SystemClock
from hub.ports.journal import Acceptance, Committed, JournalDown
from hub.ports.journal.sequencing import Checkpoint, Lead, LogDamaged
from tests.support.journals import Bench

T = TypeVar("T")


def signer_for(role: Role, hub: str = "hub-1") -> Signer:
    """A new key of intl-1 for one part."""
    key, certificate = development_pair(hub, role, SystemClock().now())
    signer = signer_of(certificate, key)
    assert not isinstance(signer, Unfit), signer
    return signer


async def accepted(desk: Bench, count: int) -> Sequence[Acceptance]:
    """So many messages, one commit each, in their order."""
    made = [desk.acceptance() for _ in range(count)]
    for one in made:
        assert isinstance(await desk.journal.acceptances.accept(one), Committed)
    return made


async def sequenced(desk: Bench, notes: NoteSigner | None = None, limit: int = 1000) -> Note | None:
    """Everything that is queued has its index; with a signer there is a checkpoint over it."""
    async with desk.journal.log.lead() as lead:
        assert is_lead(lead), lead
        while given := await lead.sequence(limit):
            assert isinstance(given, int), given
        if notes is None:
            return None
        made = await lead.checkpoint(notes.of(lead.log), desk.clock.now())
        assert isinstance(made, Checkpoint), made
        return read_note(made.note)


def is_lead(lead: object) -> TypeGuard[Lead]:
    """Whether this is the right to append."""
    return hasattr(lead, "sequence")


def had(answer: T | JournalDown | LogDamaged) -> T:
    """An answer that must be a good one."""
    assert not isinstance(answer, JournalDown | LogDamaged), answer
    return answer
