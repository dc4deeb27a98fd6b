# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a connector promises, written down before it runs."""

from dataclasses import dataclass
from enum import StrEnum

from connectors.sdk.metrics import Metric
from contracts.text import Text

_UNSAID = Text("", "")


class Idempotency(StrEnum):
    """What a repeated send does at the far side."""

    NATIVE = "native"
    """The far side honours the idempotency key: a repeat has no second effect, so the hub repeats after ``InDoubt``."""
    QUERYABLE = "queryable"
    """The far side can be asked whether a key has had its effect: the hub asks before it repeats."""
    NONE = "none"
    """Neither: an unknown outcome waits for a person."""


class Rendering(StrEnum):
    """What the hub puts into a parcel's body. The attributes stand beside it either way."""

    DATA = "data"
    """The event's data alone, in its own content type."""
    STRUCTURED = "structured"
    """The whole event in the CloudEvents JSON format."""


class Role(StrEnum):
    """What a kind of connector can be."""

    SINK = "sink"
    """It carries messages out: :class:`connectors.sdk.Connector`."""
    SOURCE = "source"
    """It brings messages in: :class:`connectors.sdk.SourceConnector`."""
    LOOKUP = "lookup"
    """It answers questions: :class:`connectors.sdk.LookupConnector`."""
    RECEIVER = "receiver"
    """It is called, and what it is told are messages: :class:`connectors.sdk.ReceiverConnector`. Not together with
    ``SOURCE``: a source of the deployment is one or the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """Static facts; the hub plans by them and never finds out at run time.

    ``kind`` is the name the entry point has. ``ordered``: the far side needs a case's messages in order, so the next
    waits for the previous one. ``ordered_completion``: an ``Accepted`` keeps the lane until its final answer is in.
    ``rendering``: what the body holds. ``max_body_bytes``: the largest body this kind can carry. ``roles``: what it can be;
    all else is about its sinks, unless it says otherwise. ``concurrency``: how many sends at a time do it good, unless the
    deployment says otherwise. ``summary``: one sentence on what it connects. ``receipts``: the far side says itself what
    became of what it took: an ``Accepted`` is followed by an answer, given to ``Context.answers``, and every ``Delivered``
    carries what the far side gave as proof. ``source_ordered``: its sources bring messages in the order in which they lie
    outside. ``metrics``: everything it counts and measures.
    """

    kind: str
    title: Text
    idempotency: Idempotency = Idempotency.NATIVE
    ordered: bool = True
    ordered_completion: bool = False
    rendering: Rendering = Rendering.STRUCTURED
    max_body_bytes: int = 16 * 1024 * 1024
    roles: frozenset[Role] = frozenset({Role.SINK})
    concurrency: int = 32
    summary: Text = _UNSAID
    receipts: bool = False
    source_ordered: bool = True
    metrics: tuple[Metric, ...] = ()
