# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a running hub has for its evidence, and how that stands."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from certs.evidence.note import key_id, origin_of, signed_note
from certs.evidence.receipts import ReceiptSigner
from certs.evidence.roles import Role
from certs.suites.suite import Signer
from certs.x509.certificate import Certificate
from hub.evidence.authority import Authority
from hub.evidence.kept import KeptCheckpoint
from hub.health import Condition

_PATIENCE = timedelta(minutes=5)
"""A stamp may come so late before anybody is told."""


class Trouble(StrEnum):
    """Why the log does not go on. Intake and delivery do."""

    DAMAGED = "EVIDENCE_LOG_DAMAGED"
    BEHIND = "EVIDENCE_LOG_BEHIND"
    """The database has less, or other things, than a checkpoint that was kept: an old backup, perhaps."""


@dataclass(frozen=True, slots=True)
class NoteSigner:
    """Signs checkpoints with the log's key, which signs nothing else."""

    signer: Signer

    def of(self, log: UUID) -> Callable[[int, bytes], bytes]:
        """Signs size and root of that log."""
        origin, suite = origin_of(str(log)), self.signer.suite.name
        key = key_id(origin, self.signer.certificate.spki, suite)
        return lambda size, root: signed_note(origin, size, root, key, self.signer.sign)


@dataclass(slots=True)
class Evidence:
    """``notes`` signs checkpoints, ``receipts`` receipts and ``seals`` exports; None: nobody does. ``kept``: the checkpoint
    outside of the database.
    """

    notes: NoteSigner | None = None
    receipts: ReceiptSigner | None = None
    seals: Signer | None = None
    kept: KeptCheckpoint | None = None
    authorities: tuple[Authority, ...] = ()
    trouble: Trouble | None = None
    awaited_since: datetime | None = None
    """When the oldest checkpoint was made that no stamp vouches for, directly or by a later one."""

    def certificates(self) -> Iterator[tuple[str, Certificate]]:
        """Those of the keys that sign here, with their parts."""
        if self.seals is not None:
            yield Role.RECEIPTS.name.lower(), self.seals.certificate
        if self.notes is not None:
            yield Role.LOG.name.lower(), self.notes.signer.certificate

    def conditions(self, now: datetime) -> Iterator[Condition]:
        """What a person should see to; since it is first seen."""
        if self.trouble is not None:
            yield Condition("evidence", self.trouble.value, now)
        if self.awaited_since is not None and now - self.awaited_since > _PATIENCE:
            yield Condition("timestamps", "TIMESTAMPS_AWAITED", self.awaited_since)
