# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a sink may be lent of the hub itself, for far sides that exchange by notice and claim check (同步告知).

A notice has keys only. Whoever is sent one fetches the record where it lies, and the record is a message of its own: it goes
into the hub by :class:`Intake`, as if its system had sent it. Its materials come and go by :class:`Shelf`. Both are lent to
sinks that run in the hub's own process; elsewhere the context has None in their place.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

from connectors.sdk.outcomes import Rejected, Unavailable

if TYPE_CHECKING:
    from connectors.sdk.source import Disposition, Item


class Intake(Protocol):
    """The way into the hub, for the system that the destination belongs to."""

    async def bring(self, items: "Sequence[Item]") -> "Sequence[Disposition]":
        """Put messages on the path; an answer for each, in their order, once COMMIT 1 is written.

        Concurrency: called concurrently. Cancellation: at any await; what was committed by then stays, and is known when it
        comes again. Idempotency: a message that was taken before is ``Taken`` again, with the same receipt. ``NotNow``: the
        hub cannot take it this time. Raises nothing.
        """
        ...


@dataclass(frozen=True, slots=True)
class Material:
    """One material, whole: its bytes, and the media type it was stored with."""

    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class NoMaterial:
    """There is no such material that the destination's system may see."""


Lent: TypeAlias = Material | NoMaterial | Rejected | Unavailable


class Shelf(Protocol):
    """The hub's materials (材料), by their digests (``sha256:`` and 64 lower-case hexadecimal digits)."""

    async def lend(self, digest: str, most: int) -> Lent:
        """The material, if the destination's system may see it. ``Rejected``: it has more than ``most`` bytes.
        ``Unavailable``: the store or the journal is away. No effect; may be cancelled anywhere; raises nothing.
        """
        ...

    async def keep(self, digest: str, material: Material) -> Rejected | Unavailable | None:
        """Store it as the destination's system's. ``Rejected``: the bytes are not what the digest names, or too many.
        Idempotent. Cancelled: it may be stored. Raises nothing.
        """
        ...
