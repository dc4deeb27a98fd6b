# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The port a connector implements to bring messages in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, Self, TypeAlias

from pydantic import BaseModel

from connectors.sdk.manifest import Manifest
from connectors.sdk.outcomes import Outcome
from connectors.sdk.sink import Context

SIGNATURE = "Govhub-Signature"
"""The header, of HTTP as of a message, with a sender's detached signature: DER in Base64."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A sender's detached signature that came with a message in a form of its own, unread.

    ``signature`` is DER in Base64. ``over`` are the exact bytes that it is said to be over, with their content type. Whoever
    hands this on answers for one thing: each attribute of the item and its data are made of these bytes and of
    configuration, and of nothing else, so that the signature serves for no other message.
    """

    signature: str
    over: bytes
    content_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One message as it lies outside, unread, and serialisable.

    ``token`` is what it is settled by; it means something to its source alone. ``headers`` are whatever stands beside the
    body, under the names of the CloudEvents AMQP binding where it is an event in binary mode; values are texts, bytes,
    booleans, whole numbers or moments with an offset. ``body`` are the exact bytes. ``signed`` is its sender's signature over
    what it was made of; one over the body itself, an event in structured mode, may stand among the headers as well.
    """

    token: int
    content_type: str | None
    body: bytes
    headers: Mapping[str, object] = field(default_factory=dict)
    signed: Signed | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """The hub has it, durably: outside it may be forgotten. ``receipt`` is the hub's, for whoever can pass it on."""

    receipt: bytes = field(default=b"", compare=False)


@dataclass(frozen=True, slots=True)
class Refused:
    """The hub will never take it as it is: it goes where people look, with the reason. ``code`` is stable; ``problem`` is
    the problem document (RFC 9457, JSON), free of personal data.
    """

    code: str
    problem: bytes


@dataclass(frozen=True, slots=True)
class NotNow:
    """The hub did not take it this time: it comes again, best after so many seconds."""

    retry_after: float = field(default=5.0, compare=False)


Disposition: TypeAlias = Taken | Refused | NotNow


class Source(Protocol):
    """An open way in. Used as ``async with connector.source(config, context) as source``, once.

    Entering waits for nobody: a far side that is away is waited for by ``take``. What was not settled when it is left, or
    when the hub dies, comes again. At most the configured prefetch is unsettled at any time.
    """

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *exc: object) -> None: ...

    async def take(self) -> Sequence[Item]:
        """Wait for messages; then those at hand, one at least, in the order in which they lie outside.

        One task at a time. May be cancelled at any await, and no message is lost by that. Outages are waited out in here
        and told to the log once; raising is a bug.
        """
        ...

    async def settle(self, answers: Sequence[tuple[int, Disposition]]) -> None:
        """Say what became of items, by token, in any order and grouping.

        Returns soon: what takes its time, as a refused message on its way to where people look, goes on inside, and until
        it is safe there the message stays unsettled. A token the far side does not remember (it was away in between) is
        passed over, its message comes again. Never raises.
        """
        ...

    async def check(self) -> Outcome:
        """Whether the far side answers, without any effect there: ``Delivered`` or the reason why not."""
        ...


class SourceConnector(Protocol):
    """A kind of connector with the role ``source``; the entry point is the same as for a sink."""

    @property
    def manifest(self) -> Manifest:
        """The most this kind can promise."""
        ...

    @property
    def source_config(self) -> type[BaseModel]:
        """A frozen pydantic model with a field ``prefetch``; unknown keys are refused, every field has a description."""
        ...

    def source(self, config: Any, context: Context) -> Source:
        """A new, unopened source. ``config`` is an instance of :attr:`source_config`. Pure: touches nothing."""
        ...
