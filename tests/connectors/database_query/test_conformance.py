# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The database lookup keeps the rules its role is shipped with, on PostgreSQL and on MariaDB."""

from collections.abc import AsyncIterator

import pytest

from connectors.sdk.lookup_conformance import LookupSuite
from tests.connectors.database_query.register import DatabaseRegister
from tests.connectors.far_database import SECRETS, Server


class TestDatabaseQuery(LookupSuite):
    reference = "connectors.database_query:CONNECTOR"
    secrets = SECRETS

    @pytest.fixture
    async def register(self, server: Server) -> AsyncIterator[DatabaseRegister]:
        async with DatabaseRegister(server) as register:
            yield register
