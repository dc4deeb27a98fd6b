# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The port a connector implements to carry messages out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol, Self, TypeAlias

import aiohttp
from pydantic import BaseModel
from structlog.typing import FilteringBoundLogger

from connectors.sdk.answers import Answers, Awaited, NoAnswers
from connectors.sdk.intake import Intake, Shelf
from connectors.sdk.manifest import Manifest
from connectors.sdk.metrics import Metrics, Unmeasured
from connectors.sdk.outcomes import Outcome, QueryOutcome
from connectors.sdk.parcel import Parcel

Settings: TypeAlias = Mapping[str, object]
"""A destination's settings as written in the configuration, before a connector's config model has seen them."""


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  # because a connector that is run by itself has no clock but the system's


class Sink(Protocol):
    """An open way to one far side. Used as ``async with connector.sink(config, context) as sink``, once.

    Entering opens nothing that must be repaired later: a far side that is away at start is found by ``send``.
    Leaving releases everything, also while sends are under way (they end as ``InDoubt`` or ``Unavailable``); a send
    after that is ``Unavailable``.
    """

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *exc: object) -> None: ...

    async def send(self, parcel: Parcel) -> Outcome:
        """Carry one parcel.

        Concurrency: called concurrently, up to the destination's limit. Cancellation: may be cancelled at any await;
        the hub then counts the outcome as ``InDoubt``. Idempotency: the same ``idempotency_key`` may come again.
        Failures are returned, all of them; raising is a bug and counts as ``InDoubt``. Must end within
        ``parcel.timeout``; a time-out before the first byte left is ``Unavailable``, after it ``InDoubt``.
        """
        ...

    async def query(self, idempotency_key: str) -> QueryOutcome:
        """What became of an earlier send. Called only where the manifest says ``queryable``; others answer ``InDoubt``.

        ``Delivered``, ``Accepted``, ``Rejected``: the far side's word about that send, which settles it. ``NotSeen``: the
        far side's word that it never had the key; the hub sends again. ``Unavailable``: it cannot be asked now.
        ``InDoubt``: it was asked and does not know yet, or nobody can read what it says. After the last two the hub asks
        again later. Whatever is less than the far side's own word about this very key is never ``NotSeen``.
        No effect at the far side; safe to repeat.
        """
        ...

    async def check(self) -> Outcome:
        """Whether the far side answers, without any effect there: ``Delivered`` or the reason why not."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What the hub lends a connector. Nothing else of the hub is reachable.

    ``http`` is a session with its own pool for this destination; it keeps no cookies and follows no proxy of the
    environment. ``secret(name)`` gives the present value of a configured secret at every call, so that rotation is
    live; it raises ``KeyError`` for a name that this destination's settings do not name. ``monotonic`` is the injected
    clock, in seconds; ``now`` is the time of day with an offset, for what must be stamped. ``metrics`` takes what the
    manifest declares. ``answers`` takes the final answers to what was ``Accepted``; ``awaited`` tells which of them
    are to come, in the hub's process. ``intake`` and ``shelf`` are the hub's own
    way in and its materials, lent to sinks in the hub's process; None elsewhere. ``log`` is for what an operator must
    know: normal operation writes nothing, and no line holds personal data or a secret.
    """

    destination: str
    http: aiohttp.ClientSession
    log: FilteringBoundLogger
    secret: Callable[[str], str]
    monotonic: Callable[[], float]
    metrics: Metrics = field(default_factory=Unmeasured)
    answers: Answers = field(default_factory=NoAnswers)
    now: Callable[[], datetime] = field(default_factory=lambda: _now)
    intake: Intake | None = None
    shelf: Shelf | None = None
    awaited: Awaited | None = None


class Connector(Protocol):
    """One kind of connector: found by the entry point group ``govhub.connectors``."""

    @property
    def manifest(self) -> Manifest:
        """The most this kind can promise."""
        ...

    @property
    def config(self) -> type[BaseModel]:
        """A frozen pydantic model; unknown keys are refused, every field has a description."""
        ...

    def promises(self, config: Any) -> Manifest:
        """What this kind promises as configured: the same kind, and never more than :attr:`manifest`. Pure."""
        ...

    def sink(self, config: Any, context: Context) -> Sink:
        """A new, unopened sink. ``config`` is an instance of :attr:`config`. Pure: touches nothing."""
        ...
