# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The AMQP kind keeps the rules its role is shipped with."""

from collections.abc import AsyncIterator

import pytest

from connectors.sdk.conformance import ConnectorSuite
from connectors.sdk.source_conformance import SourceSuite
from tests.connectors.far_amqp import AmqpFarSide, AmqpFeed


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
