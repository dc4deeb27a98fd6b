# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The far side a connector is tried against: real where it can be, and under the rules' control."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from connectors.sdk.sink import Settings


class Behaviour(StrEnum):
    """What the far side does with whatever reaches it from now on."""

    ACCEPT = "accept"
    """Takes it and says so."""
    REFUSE = "refuse"
    """Refuses it for good."""
    OUTAGE = "outage"
    """Takes nothing, and lets it be known: connections refused, or an answer that says come back later."""
    HANG = "hang"
    """Takes it whole and never answers."""
    CUT = "cut"
    """Takes it whole, then cuts the connection without an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """One parcel as the far side received it; ``attributes`` decoded, under their plain CloudEvents names."""

    idempotency_key: str
    content_type: str
    body: bytes
    attributes: Mapping[str, str] = field(default_factory=dict)


class FarSide(Protocol):
    """Written by a connector's author for the rules of :mod:`connectors.sdk.rules`. Begins with ``ACCEPT``.

    One that takes messages of one contract alone has a ``good_body`` too: the bytes of a good one.
    """

    @property
    def settings(self) -> Settings:
        """The settings of a destination that points at this far side and carries everything a parcel holds."""
        ...

    @property
    def arrived(self) -> Sequence[Arrived]:
        """Everything that arrived whole, in order, under any behaviour but ``OUTAGE``."""
        ...

    async def behave(self, behaviour: Behaviour) -> None:
        """Behave like this from now on. What hangs already keeps hanging until the far side is closed."""
        ...

    async def until_arrived(self, count: int) -> None:
        """Return once so many parcels have arrived."""
        ...


class Nowhere:
    """For a connector that calls nobody: nothing ever arrives. Its suite says which rules that exempts it from."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.arrived: Sequence[Arrived] = ()

    async def behave(self, behaviour: Behaviour) -> None:
        """There is nobody to behave."""

    async def until_arrived(self, count: int) -> None:
        """Nothing will; there is no use in waiting."""
