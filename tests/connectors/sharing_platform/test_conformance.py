# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The kind keeps the SDK's rules in each of its roles, against the platform that ships with it."""

from collections.abc import AsyncIterator

import pytest

from connectors.sdk.conformance import ConnectorSuite
from connectors.sdk.lookup_conformance import LookupSuite
from connectors.sdk.source_conformance import SourceSuite
from tests.connectors.sharing_platform.far import SECRETS, SharingFarSide, SharingFeed, SharingRegister

REFERENCE = "connectors.sharing_platform:CONNECTOR"


class TestSharing(ConnectorSuite):
    reference = REFERENCE
    secrets = SECRETS

    @pytest.fixture
    async def far_side(self) -> AsyncIterator[SharingFarSide]:
        async with SharingFarSide() as far:
            yield far


class TestSharingIn(SourceSuite):
    reference = REFERENCE
    secrets = SECRETS

    @pytest.fixture
    async def feed(self) -> AsyncIterator[SharingFeed]:
        async with SharingFeed() as feed:
            yield feed


class TestVerification(LookupSuite):
    reference = REFERENCE
    secrets = SECRETS

    @pytest.fixture(params=["rest", "soap"])
    async def register(self, request: pytest.FixtureRequest) -> AsyncIterator[SharingRegister]:
        async with SharingRegister(request.param) as register:
            yield register
