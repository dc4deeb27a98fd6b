# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What one stage hands the next. Stages know these values and never each other."""

from dataclasses import dataclass
from datetime import datetime

from certs.submission import Submitted
from contracts.cloudevent import CloudEvent
from contracts.contract import Checked, Contract
from contracts.refusal import Refusal
from hub.access.decision import Allowed
from hub.observing.stopwatch import Stopwatch
from hub.ports.journal import Acceptance, Difference, PlannedDelivery


@dataclass(frozen=True, slots=True)
class Received:
    """The bytes as they came. ``traceparent`` is that of the hop that brought them, unread; ``signed`` the signature that stood
    beside them, unread, and ``signature`` the same, verified. ``alone``: they are one message's, not cut out of a batch.
    ``covering``: everything of the message was made of these bytes, though they are no event in structured mode.
    """

    content_type: str
    raw: bytes
    traceparent: str = ""
    signed: str | None = None
    signature: Submitted | None = None
    alone: bool = True
    covering: bool = False


@dataclass(frozen=True, slots=True)
class Valid:
    """A message that may be planned. ``expires_at`` comes from the ``expirytime`` extension; ``allowed`` is by which rule its
    sender may send it.
    """

    event: CloudEvent
    contract: Contract
    checked: Checked
    case: str
    digest: bytes
    any_case: bool
    expires_at: datetime | None
    allowed: Allowed


@dataclass(frozen=True, slots=True)
class Place:
    """What planning knows of a destination. ``final`` are the emissions of a processor there that nothing undoes."""

    system: str
    group: str
    ordered: bool
    priority: int
    final: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Planned:
    """The deliveries of one message, the systems they make parties to the case, and the table that said so."""

    deliveries: tuple[PlannedDelivery, ...]
    parties: tuple[str, ...]
    table_version: str


@dataclass(frozen=True, slots=True)
class Otherwise:
    """What a table in the shadow would do otherwise with one message than the table that it was planned by; versions of both."""

    shadow: str
    active: str
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Unplanned:
    """A valid message that the routes refuse, and by which table."""

    refusal: Refusal
    valid: Valid
    table_version: str
    otherwise: Otherwise | None = None


@dataclass(frozen=True, slots=True)
class Ready:
    """What COMMIT 1 will write, how many warnings its sender is given with the receipt, and how long it took to get here.

    ``otherwise`` is what a table in the shadow would do; None: there is none.
    """

    acceptance: Acceptance
    warnings: int
    received: Received
    watch: Stopwatch
    otherwise: Otherwise | None = None


@dataclass(frozen=True, slots=True)
class PutOff:
    """A message that cannot be taken at the moment; what follows in its case must not be taken before it."""

    case: str
    refusal: Refusal
