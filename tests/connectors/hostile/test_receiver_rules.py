# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Each rule for receivers finds out who breaks it, and only that rule does."""

import pytest

from connectors.rest import CONNECTOR
from connectors.rest.webhook import Webhook
from connectors.sdk.bench import Isolation
from connectors.sdk.receiver import ReceiverConnector
from connectors.sdk.receiver_rules import RECEIVER_RULES, ReceiverBench
from tests.connectors.hostile.receivers import (
    FRAGILE,
    Faulty,
    Fickle,
    Forgetful,
    Fragile,
    Gullible,
    Muddled,
    Optimist,
    Secretive,
    Slow,
)
from tests.connectors.webhook_caller import SECRET, WebhookCaller


async def broken_by(connector: ReceiverConnector, reference: str = "") -> set[str]:
    """The rules it breaks; in a child process, if there is a reference for it."""
    bench = ReceiverBench(
        connector=connector,
        caller=WebhookCaller(),
        secret={"callback": SECRET}.__getitem__,
        reference=reference,
        isolation=Isolation.PROCESS if reference else Isolation.NONE,
    )
    return {rule.name for rule in RECEIVER_RULES if await rule.broken(bench)}


@pytest.mark.parametrize(
    ("receiver", "rule"),
    [
        (Gullible, "turns_forgeries_away"),
        (Forgetful, "a_repeat_brings_the_same"),
        (Fragile, "survives_any_bytes"),
        (Slow, "survives_any_bytes"),
        (Muddled, "keeps_calls_apart"),
        (Fickle, "tells_what_was_taken"),
        (Secretive, "tells_what_was_refused"),
        (Optimist, "tells_what_was_put_off"),
    ],
)
async def test_who_breaks_a_rule_is_found_out(receiver: type[Webhook], rule: str) -> None:
    assert await broken_by(Faulty(receiver)) == {rule}


async def test_who_breaks_a_rule_in_a_process_of_its_own_is_found_out() -> None:
    assert await broken_by(FRAGILE, "tests.connectors.hostile.receivers:FRAGILE") == {"survives_any_bytes"}


async def test_ours_breaks_none() -> None:
    assert await broken_by(CONNECTOR) == set()
