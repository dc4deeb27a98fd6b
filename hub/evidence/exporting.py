# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The evidence of one case as a container that anybody can verify without us: the same bytes whenever it is made. 证据导出

It holds what the hub said (statements and receipts), where that stands in the log, a signed checkpoint over it and the stamps of
that. Contents of messages are not in it, unless they are asked for and their senders signed them: who has them compares digests.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from uuid import UUID

from certs.evidence.container import MANIFEST, SEAL, manifest, write
from certs.evidence.note import origin_of
from certs.evidence.plain_json import canonical
from certs.evidence.structure import CASE, LEAVES, NOTE, README
from certs.leaf import ACCEPTED, REFUSED, SUBMISSION
from certs.suites.detached import DetachedSigner
from certs.suites.suite import Signer
from hub.evidence.readme import TEXT
from hub.ports.clock import Clock
from hub.ports.journal import EvidenceLog, JournalDown, Record, Row
from hub.ports.journal.sequencing import Checkpoint, LogDamaged

_LOOK_AGAIN = 0.5


@dataclass(frozen=True, slots=True)
class NotCovered:
    """So many leaves of the case are under no checkpoint yet: no hub is at work, or its log does not go on."""

    leaves: int


@dataclass(frozen=True, slots=True)
class Exported:
    """The container, and how many statements are in it. ``stamped``: whether there is a time stamp."""

    data: bytes
    messages: int
    statements: int
    size: int
    stamped: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Exporter:
    """What exporting needs. ``stamping``: whether checkpoints of this deployment are stamped at all. ``contents``: signed
    messages go along, as they were received. ``patience``: how long it waits for a checkpoint, in seconds.
    """

    hub: str
    log: EvidenceLog
    signer: Signer
    clock: Clock
    stamping: bool = False
    contents: bool = False
    issuers: Sequence[bytes] = field(default=())
    patience: float = 30.0

    async def export(self, case: str, records: Sequence[Record]) -> Exported | NotCovered | LogDamaged | JournalDown:
        """The container of a case of which these are the records."""
        placed = await self._placed(records)
        if not isinstance(placed, _Placed):
            return placed
        files: dict[str, bytes] = {}
        leaves = []
        for n, (index, leaf, record) in enumerate(placed.leaves, start=1):
            kind, statement = str(leaf["kind"]), _bytes(leaf["statement"])
            place, receipt = f"evidence/{n:04}-{kind}.json", None
            files[place] = statement
            if kind == ACCEPTED or (kind == REFUSED and "receipt" in record.message):
                receipt = f"receipts/{n:04}.json"
                files[receipt] = _bytes(record.message["receipt"])
            if kind == SUBMISSION and self.contents:
                files[f"parts/{n:04}.bin"] = _bytes(record.message["raw"])
            path = await self.log.inclusion(index, placed.checkpoint.size)
            if isinstance(path, LogDamaged | JournalDown):
                return path
            leaves.append(
                {
                    "index": index,
                    "kind": kind,
                    "leaf": _bytes(leaf["hash"]).hex(),
                    "statement": place,
                    "receipt": receipt,
                    "path": [step.hex() for step in path],
                }
            )
        files[LEAVES] = canonical(leaves)
        return await self._sealed(case, placed, files, len(records))

    async def _placed(self, records: Sequence[Record]) -> "_Placed | NotCovered | LogDamaged | JournalDown":
        """The leaves in the order of the log, and the first checkpoint over all of them; waited for if need be."""
        known = {_key(leaf): (leaf, record) for record in records for leaf in record.leaves}
        waited = self.clock.monotonic() + self.patience
        while True:
            places = await self.log.places([record.id for record in records])
            if isinstance(places, JournalDown):
                return places
            found = {(message, leaf): index for message, leaf, index in places if (message, leaf) in known}
            covering = await self.log.covering(max(found.values(), default=-1) + 1) if found else None
            if isinstance(covering, JournalDown):
                return covering
            if len(found) == len(known) and covering is not None:
                rows = sorted(((index, *known[key]) for key, index in found.items()), key=itemgetter(0))
                return _Placed(rows, covering)
            if self.clock.monotonic() >= waited:
                return NotCovered(len(known) - len(found) or len(known))
            await self.clock.sleep(_LOOK_AGAIN)

    async def _sealed(
        self, case: str, placed: "_Placed", files: dict[str, bytes], messages: int
    ) -> Exported | JournalDown:
        checkpoint, head = placed.checkpoint, await self.log.head()
        certificates = await self.log.certificates()
        if isinstance(head, JournalDown):
            return head
        if isinstance(certificates, JournalDown):
            return certificates
        stamps = "present" if checkpoint.stamps else "pending" if self.stamping else "none"
        files[CASE] = canonical(
            {"v": 1, "case": case, "hub": self.hub, "log": origin_of(str(head.log)), "stamps": stamps}
        )
        files[NOTE], files[README] = checkpoint.note, TEXT.encode()
        files |= {f"checkpoints/stamp-{n}.tst": token for n, (_, token) in enumerate(checkpoint.stamps[:9], start=1)}
        own = ("receipts", self.signer.certificate.der)
        files |= {
            _named(role, der): der for role, der in {*certificates, own, *(("issuer", one) for one in self.issuers)}
        }
        content = manifest(files)
        seal = await self._seal(content)
        if isinstance(seal, JournalDown):
            return seal
        data = write(files | {MANIFEST: content, SEAL: seal})
        return Exported(data, messages, len(placed.leaves), checkpoint.size, bool(checkpoint.stamps))

    async def _seal(self, content: bytes) -> bytes | JournalDown:
        """The signature over this manifest, the same for ever: made once and kept."""
        key = hashlib.sha256(self.signer.certificate.der + content).digest()
        known = await self.log.seal(key)
        if known is not None:
            return known
        return await self.log.keep_seal(key, DetachedSigner(self.signer).over(content), self.clock.now())


@dataclass(frozen=True, slots=True)
class _Placed:
    leaves: Sequence[tuple[int, Row, Record]]
    checkpoint: Checkpoint


def _key(leaf: Row) -> tuple[UUID, UUID]:
    message, one = leaf["message_id"], leaf["id"]
    return UUID(str(message)), UUID(str(one))


def _named(role: str, der: bytes) -> str:
    return f"trust/{role}-{hashlib.sha256(der).hexdigest()[:16]}.crt"


def _bytes(value: object) -> bytes:
    assert isinstance(value, bytes | bytearray | memoryview)
    return bytes(value)
