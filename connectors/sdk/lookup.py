# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The port a connector implements to ask a register something and give the answer back at once (查询).

A lookup changes nothing at the far side and leaves no delivery behind: it is a question, not a message. Whether an answer
may be remembered, for how long, and who may ask at all is the hub's to say; a connector asks, every time it is told to.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, Self, TypeAlias

from pydantic import BaseModel

from connectors.sdk.manifest import Manifest
from connectors.sdk.outcomes import Outcome, Rejected, Unavailable
from connectors.sdk.sink import Context

Value: TypeAlias = str | int | float | bool | list["Value"] | dict[str, "Value"] | None
"""What JSON can say. Moments are RFC 3339 texts, decimal numbers are texts, bytes are base64."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked: criteria by name, as texts.

    ``purpose`` is why, in the asking system's words, for a far side that records it. ``traceparent`` is the W3C trace
    context of this hop, well-formed or empty. ``timeout`` is the longest the answer may take, in seconds.
    """

    criteria: Mapping[str, str]
    purpose: str = ""
    traceparent: str = ""
    timeout: float = 10.0


@dataclass(frozen=True, slots=True)
class Found:
    """What the far side has: one record at least, in its order. ``complete`` is false where it has more than may be told."""

    records: tuple[Mapping[str, Value], ...]
    complete: bool = True


@dataclass(frozen=True, slots=True)
class NotFound:
    """The far side looked, and has nothing of the kind: its own word, never an outage and never a wrong question."""


Finding: TypeAlias = Found | NotFound | Rejected | Unavailable
"""What a question comes to. ``Rejected``: this question will never be answered as it is, its ``code`` and ``violations`` say
why. ``Unavailable``: nobody could be asked just now; the same question may be asked again.
"""


class Lookup(Protocol):
    """An open way to ask. Used as ``async with connector.lookup(config, context) as lookup``, once.

    Entering waits for nobody: a far side that is away is found by ``ask``. Leaving releases everything, also while
    questions are under way (they end as ``Unavailable``); a question after that is ``Unavailable``.
    """

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *exc: object) -> None: ...

    async def ask(self, question: Question) -> Finding:
        """Ask once.

        Concurrency: called concurrently, up to the manifest's. Cancellation: may be cancelled at any await, and nothing of
        the question goes on. Idempotency: a question has no effect at the far side, so any may be asked again. Failures
        are returned, all of them; raising is a bug and counts as ``Unavailable``. Must end within ``question.timeout``; a
        time-out is ``Unavailable``. Texts of a failure hold nothing of the criteria's values and none of the records.
        """
        ...

    async def check(self) -> Outcome:
        """Whether the far side answers, without any effect there: ``Delivered`` or the reason why not."""
        ...


class LookupConnector(Protocol):
    """A kind of connector with the role ``lookup``; the entry point is the same as for a sink."""

    @property
    def manifest(self) -> Manifest:
        """The most this kind can promise."""
        ...

    @property
    def lookup_config(self) -> type[BaseModel]:
        """A frozen pydantic model; unknown keys are refused, every field has a description and an example."""
        ...

    def criteria(self, config: Any) -> "Criteria":
        """What a question must and may say under these settings. Pure."""
        ...

    def lookup(self, config: Any, context: Context) -> Lookup:
        """A new, unopened lookup. ``config`` is an instance of :attr:`lookup_config`. Pure: touches nothing."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """The names of criteria: those a question must have, and those it may have. Any other name is refused before asking."""

    required: frozenset[str] = frozenset()
    optional: frozenset[str] = field(default_factory=frozenset)

    def faults(self, given: Mapping[str, str]) -> tuple[str, ...]:
        """The names that are missing, then those that are unknown; empty when the question can be asked."""
        missing = sorted(self.required - given.keys())
        unknown = sorted(given.keys() - self.required - self.optional)
        return (*missing, *unknown)
