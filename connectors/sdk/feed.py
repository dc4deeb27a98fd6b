# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The far side a source is tried against: messages lie there until they are settled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from connectors.sdk.sink import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Lying:
    """One message as it is put outside."""

    content_type: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class Feed(Protocol):
    """Written by a connector's author for the rules of :mod:`connectors.sdk.source_rules`. Begins empty and at hand."""

    @property
    def settings(self) -> Settings:
        """The settings of a source that points here, with ``prefetch`` 20 and a place for refused messages."""
        ...

    async def put(self, messages: Sequence[Lying]) -> None:
        """Lay these messages out, after those that lie there."""
        ...

    async def until_left(self, count: int) -> None:
        """Return once exactly so many messages lie there with nobody having them in hand."""
        ...

    async def until_refused(self, count: int) -> Sequence[tuple[bytes, str]]:
        """Return once so many messages lie where refused ones go: their bodies and the codes beside them."""
        ...

    async def outage(self, *, away: bool) -> None:
        """Be away from now on, or be back."""
        ...
