# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Our connectors keep the rules they are shipped with, in the hub's process and in a child."""

from collections.abc import AsyncIterator
from types import MappingProxyType

import pytest

from connectors.sdk.conformance import ConnectorSuite
from connectors.sdk.discovery import Broken, load_source, offered
from connectors.sdk.far_side import Nowhere
from connectors.sdk.receiver_conformance import ReceiverSuite
from connectors.sdk.source_conformance import SourceSuite
from tests.connectors.far_amqp import AmqpFarSide, AmqpFeed
from tests.connectors.far_http import HttpFarSide, QueryableFarSide
from tests.connectors.webhook_caller import SECRET, WebhookCaller

_NOBODY_TO_CALL = "a mailbox calls nobody: the department fetches, and no far side can refuse, hang or be away"


class TestRest(ConnectorSuite):
    reference = "connectors.rest:CONNECTOR"

    @pytest.fixture
    async def far_side(self) -> AsyncIterator[HttpFarSide]:
        async with HttpFarSide() as far:
            yield far


class TestQueryableRest(ConnectorSuite):
    reference = "connectors.rest:CONNECTOR"

    @pytest.fixture
    async def far_side(self) -> AsyncIterator[QueryableFarSide]:
        async with QueryableFarSide() as far:
            yield far


class TestWebhook(ReceiverSuite):
    reference = "connectors.rest:CONNECTOR"
    secrets = MappingProxyType({"callback": SECRET})

    @pytest.fixture
    def caller(self) -> WebhookCaller:
        return WebhookCaller()


class TestMailbox(ConnectorSuite):
    reference = "connectors.mailbox:CONNECTOR"
    exempt = MappingProxyType(
        dict.fromkeys(
            [
                "carries_bytes_untouched",
                "carries_attributes",
                "repeat_is_safe",
                "sends_once",
                "refusal_is_rejected",
                "outage_is_unavailable",
                "recovers_after_outage",
                "hang_ends_at_the_deadline",
                "cut_is_in_doubt",
                "sends_concurrently",
                "closes_while_sending",
                "check_sees_an_outage",
            ],
            _NOBODY_TO_CALL,
        )
    )

    @pytest.fixture
    def far_side(self) -> Nowhere:
        return Nowhere({})


class TestAmqp(ConnectorSuite):
    reference = "connectors.amqp:CONNECTOR"

    @pytest.fixture
    async def far_side(self, rabbitmq: str) -> AsyncIterator[AmqpFarSide]:
        async with AmqpFarSide(rabbitmq) as far:
            yield far


class TestAmqpIn(SourceSuite):
    reference = "connectors.amqp:CONNECTOR"

    @pytest.fixture
    async def feed(self, rabbitmq: str) -> AsyncIterator[AmqpFeed]:
        async with AmqpFeed(rabbitmq) as far:
            yield far


def test_every_installed_connector_of_ours_is_tried() -> None:
    installed = {entry.value for entry in offered().values() if not isinstance(entry, Broken)}
    ours = {reference for reference in installed if reference.startswith("connectors.")}

    assert ours == {suite.reference for suite in (TestAmqp, TestRest, TestMailbox)}
    assert {one for one in ours if not isinstance(load_source(one), Broken)} == {TestAmqpIn.reference}
