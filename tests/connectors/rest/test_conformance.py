# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The REST kind keeps the rules its role is shipped with."""

from collections.abc import AsyncIterator
from types import MappingProxyType

import pytest

from connectors.sdk.conformance import ConnectorSuite
from connectors.sdk.receiver_conformance import ReceiverSuite
from tests.connectors.far_http import HttpFarSide, QueryableFarSide, TokenFarSide
from tests.connectors.webhook_caller import SECRET, WebhookCaller


class TestRest(ConnectorSuite):
    reference = "connectors.rest:CONNECTOR"

    @pytest.fixture
    async def far_side(self) -> AsyncIterator[HttpFarSide]:
        async with HttpFarSide() as far:
            yield far


class TestRestWithToken(ConnectorSuite):
    reference = "connectors.rest:CONNECTOR"
    secrets = MappingProxyType({"token": "made-up-token"})

    @pytest.fixture
    async def far_side(self) -> AsyncIterator[TokenFarSide]:
        async with TokenFarSide() as far:
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
