# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Front databases keep the rules of the SDK, on PostgreSQL and on MariaDB, writing and reading."""

from collections.abc import AsyncIterator

import pytest

from connectors.sdk.conformance import ConnectorSuite
from connectors.sdk.source_conformance import SourceSuite
from tests.connectors.far_database import (
    SECRETS,
    DatabaseFarSide,
    DatabaseFeed,
    LeasedFeed,
    QueryableDatabase,
    Server,
)

REFERENCE = "connectors.front_db:CONNECTOR"


class TestPostgres(ConnectorSuite):
    reference = REFERENCE
    secrets = SECRETS

    @pytest.fixture
    async def far_side(self, postgres_server: Server) -> AsyncIterator[DatabaseFarSide]:
        async with DatabaseFarSide(postgres_server) as far:
            yield far


class TestMariadb(ConnectorSuite):
    reference = REFERENCE
    secrets = SECRETS

    @pytest.fixture
    async def far_side(self, mariadb_server: Server) -> AsyncIterator[DatabaseFarSide]:
        async with DatabaseFarSide(mariadb_server) as far:
            yield far


class TestQueryable(ConnectorSuite):
    reference = REFERENCE
    secrets = SECRETS

    @pytest.fixture
    async def far_side(self, mariadb_server: Server) -> AsyncIterator[QueryableDatabase]:
        async with QueryableDatabase(mariadb_server) as far:
            yield far


class TestPostgresIn(SourceSuite):
    reference = REFERENCE
    secrets = SECRETS

    @pytest.fixture
    async def feed(self, postgres_server: Server) -> AsyncIterator[DatabaseFeed]:
        async with DatabaseFeed(postgres_server) as feed:
            yield feed


class TestMariadbIn(SourceSuite):
    reference = REFERENCE
    secrets = SECRETS

    @pytest.fixture
    async def feed(self, mariadb_server: Server) -> AsyncIterator[DatabaseFeed]:
        async with DatabaseFeed(mariadb_server) as feed:
            yield feed


class TestPostgresLeasedIn(SourceSuite):
    reference = REFERENCE
    secrets = SECRETS

    @pytest.fixture
    async def feed(self, postgres_server: Server) -> AsyncIterator[LeasedFeed]:
        async with LeasedFeed(postgres_server) as feed:
            yield feed


class TestMariadbLeasedIn(SourceSuite):
    reference = REFERENCE
    secrets = SECRETS

    @pytest.fixture
    async def feed(self, mariadb_server: Server) -> AsyncIterator[LeasedFeed]:
        async with LeasedFeed(mariadb_server) as feed:
            yield feed
