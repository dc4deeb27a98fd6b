# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""One hub for all tests of the API: each test uses cases and ids of its own."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from hub.config.deployment import Limits
from tests.hub.api.house import House, open_house, write_config
from tests.support.postgres import PrivatePostgres, find_postgres

LIMITS = Limits(body_bytes=64 * 1024, batch=20, material_bytes=3 * 1024 * 1024, receive_seconds=1)


@pytest.fixture(scope="session")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """A hub on a PostgreSQL of its own and the memory bus."""
    folder: Path = tmp_path_factory.mktemp("api")
    async with PrivatePostgres(find_postgres(15)) as postgres:
        loaded = write_config(folder, await postgres.fresh_database())
        async with open_house(loaded, LIMITS, idle=2.0) as opened:
            yield opened


@pytest.fixture(autouse=True)
def no_bugs(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever a test sends, the hub never meets a bug by it."""
    yield
    if "house" in request.fixturenames:
        logged = request.getfixturevalue("house").logged
        errors = [call.kwargs for call in logged.calls if call.method_name == "error"]
        logged.calls.clear()
        for error in errors:
            if isinstance(error.get("exc_info"), BaseException):
                raise error["exc_info"]
        assert errors == []
