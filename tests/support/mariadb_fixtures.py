# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The fixtures that lend MariaDB to the tests: one private server for the whole run."""

from collections.abc import AsyncIterator

import pytest

from tests.support.mariadb import REMEDY, PrivateMariadb, find_mariadb
from tests.support.missing import missing


@pytest.fixture(scope="session")
async def shared_mariadb() -> AsyncIterator[PrivateMariadb]:
    """The server, as the last test left it, perhaps dead. Tests ask for ``mariadb``."""
    program = find_mariadb()
    if program is None:
        missing(REMEDY)
    async with PrivateMariadb(program) as server:
        yield server


@pytest.fixture
async def mariadb(shared_mariadb: PrivateMariadb) -> PrivateMariadb:
    """A running server of the tests' own, which the test may kill and restart."""
    await shared_mariadb.ensure_running()
    return shared_mariadb
