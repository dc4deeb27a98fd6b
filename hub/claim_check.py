# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Claim check (取件凭据): what a connector is lent of the hub, so that it can follow a notice to the record that it announces.

The record goes on the path as its system's message, and materials come from and go to the hub's own store. Connectors are
opened before there is a hub, so both are lent empty, and until the hub stands they answer that it is not the time.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import assert_never

from structlog.typing import FilteringBoundLogger

from connectors.sdk import Disposition, Item, Material, NoMaterial, NotNow, Rejected, Unavailable
from connectors.sdk.intake import Lent
from hub.config.deployment import Limits
from hub.inlet import Bringer
from hub.items import accept_items
from hub.ports.journal import BeingRemoved, JournalDown
from hub.ports.materials import Corrupt, DigestMismatch, Stored, StoreDown, TooLong
from hub.running import Hub

_NOT_YET = Unavailable("HUB_STARTING: the hub does not stand yet")


@dataclass(slots=True)
class Standing:
    """Where the hub is, once it stands. ``limits`` say the most that it takes."""

    limits: Limits
    hub: Hub | None = None


class SystemIntake:
    """The way in for one system."""

    def __init__(self, standing: Standing, system: str, log: FilteringBoundLogger) -> None:
        self._standing = standing
        self._bringer = Bringer(system=system, body_bytes=standing.limits.body_bytes, log=log)

    async def bring(self, items: Sequence[Item]) -> Sequence[Disposition]:
        """As the port says. A hub that has no room puts everything off."""
        hub = self._standing.hub
        if hub is None or hub.intake.refusal() is not None:
            return [NotNow()] * len(items)
        return await accept_items(hub, self._bringer, items)


class SystemShelf:
    """The materials that one system may see, and a place for those that it brings."""

    def __init__(self, standing: Standing, system: str) -> None:
        self._standing = standing
        self._system = system

    async def lend(self, digest: str, most: int) -> Lent:
        """As the port says."""
        hub = self._standing.hub
        if hub is None:
            return _NOT_YET
        known = await hub.journal.materials.readable(digest, self._system)
        match known:
            case None:
                return NoMaterial()
            case JournalDown():
                return Unavailable("JOURNAL_DOWN: the journal is away")
            case (size, media_type):
                if size > most:
                    return Rejected("MATERIAL_TOO_LARGE", f"A material has {size} bytes, and {most} may go this way.")
        body = await _whole(hub, digest)
        return body if isinstance(body, Unavailable) else Material(media_type, body)

    async def keep(self, digest: str, material: Material) -> Rejected | Unavailable | None:
        """As the port says: stored first, then recorded, then looked for once more, as an upload is."""
        hub = self._standing.hub
        if hub is None:
            return _NOT_YET
        result = await hub.materials.put(
            digest, _once(material.body), self._standing.limits.material_bytes, self._system
        )
        match result:
            case TooLong():
                return Rejected("MATERIAL_TOO_LARGE", "A material has more bytes than the hub takes.")
            case DigestMismatch():
                return Rejected("MATERIAL_DIFFERS", "A material's bytes are not what its digest names.")
            case StoreDown():
                return Unavailable("STORE_DOWN: the store does not take the material")
            case Stored(size=size):
                pass
            case _:
                assert_never(result)
        kept = await hub.journal.materials.keep(digest, self._system, size, material.media_type, hub.clock.now())
        if isinstance(kept, JournalDown):
            return Unavailable("JOURNAL_DOWN: the journal is away")
        if isinstance(kept, BeingRemoved) or await hub.materials.exists(digest) is not True:
            return Unavailable("MATERIAL_BEING_REMOVED: it is being removed this moment")
        return None


async def _whole(hub: Hub, digest: str) -> bytes | Unavailable:
    """All of its bytes: its length was looked at before."""
    async with hub.materials.open(digest) as reading:
        if reading is None or isinstance(reading, StoreDown):
            return Unavailable("STORE_DOWN: the store does not give the material")
        pieces = bytearray()
        while True:
            piece = await reading.read()
            if isinstance(piece, StoreDown | Corrupt):
                return Unavailable("STORE_DOWN: the store does not give the material whole")
            if not piece:
                return bytes(pieces)
            pieces += piece


async def _once(body: bytes) -> AsyncIterator[bytes]:
    yield body
