# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Made-up values for the tests of single stages."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import orjson

from connectors.sdk import Idempotency
from contracts.bindings.event_format import attributes_of
from contracts.cloudevent import CloudEvent
from contracts.strict_json import canonical
from hub.policy import Court, Policy
from hub.ports.bus import QueueName
from hub.ports.clock import SystemClock
from hub.ports.ids import TimeOrderedIds
from hub.ports.journal import Claim

NOW = datetime(2026, 3, 2, 1, 5, tzinfo=UTC)
MESSAGE = UUID("01960000-0000-7000-8000-000000000001")
DELIVERY = UUID("01960000-0000-7000-8000-000000000002")
HOLDER = UUID("01960000-0000-7000-8000-000000000003")

POLICY = Policy(
    attempts=12,
    age=timedelta(hours=72),
    first=1.0,
    longest=300.0,
    idempotency=Idempotency.NATIVE,
    ordered_completion=False,
    dead_continues=False,
)


def court(chance: float = 1.0) -> Court:
    return Court("hub-1", TimeOrderedIds(SystemClock()), lambda: chance)


def claim_of(
    event: CloudEvent | None = None, *, failures: int = 0, attempt: int = 1, accepted_at: datetime = NOW
) -> Claim:
    """A claim on this event, as COMMIT 1 would have written it."""
    event = event or CloudEvent(id="m", source="portal", type="cn.gov.test", subject="a", data={})
    return Claim(
        delivery_id=DELIVERY,
        message_id=MESSAGE,
        destination="housing",
        queue=QueueName("default", 1),
        case="a",
        contract=event.type,
        version=1,
        attempt=attempt,
        failures=failures,
        suspect=False,
        holder=HOLDER,
        epoch=1,
        accepted_at=accepted_at,
        claimed_at=NOW,
        expires_at=None,
        attributes=orjson.dumps(attributes_of(event)),
        canonical=canonical(event.data),
    )
