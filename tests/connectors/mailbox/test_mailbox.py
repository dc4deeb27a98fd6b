# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A mailbox holds nothing and forgets nothing: the journal is its shelf."""

from collections.abc import Callable

import pytest
from pydantic import ValidationError

from connectors.mailbox import CONNECTOR, MailboxConfig
from connectors.sdk import Accepted, Context, Delivered, Idempotency, Parcel


async def test_a_message_waits_under_its_key(context: Context, parcel: Callable[..., Parcel]) -> None:
    async with CONNECTOR.sink(MailboxConfig(), context) as sink:
        assert await sink.send(parcel("key-1")) == Accepted("key-1")
        assert await sink.send(parcel("key-1", attempt=2)) == Accepted("key-1")
        assert await sink.query("key-1") == Accepted("key-1")
        assert await sink.check() == Delivered()


def test_its_lane_waits_for_the_acknowledgement() -> None:
    manifest = CONNECTOR.promises(MailboxConfig())

    assert (manifest.ordered, manifest.ordered_completion, manifest.idempotency) == (True, True, Idempotency.NATIVE)


@pytest.mark.parametrize(
    "settings",
    [
        {"lease_seconds": 4},
        {"lease_seconds": 3601},
        {"max_batch": 0},
        {"max_batch": 501},
        {"max_wait_seconds": -1},
        {"max_wait_seconds": 61},
        {"max_age_seconds": 0},
        {"lease": 60},
    ],
)
def test_its_settings_have_bounds(settings: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        MailboxConfig.model_validate(settings)
