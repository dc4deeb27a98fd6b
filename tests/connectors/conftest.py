# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What the tests of every connector are lent: a far side, and the context the hub would give."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest
import structlog

from connectors.sdk import Answers, Context, Parcel
from connectors.sdk.session import open_session
from tests.connectors.far_database import MariadbServer, PostgresServer, Relay, Server
from tests.connectors.far_http import HttpFarSide
from tests.support.mariadb import PrivateMariadb
from tests.support.postgres import PrivatePostgres, find_postgres

SECRETS = {"token": "made-up-token", "key": "made-up-key", "front-db": "made-up"}


@pytest.fixture
async def far_side() -> AsyncIterator[HttpFarSide]:
    async with HttpFarSide() as far:
        yield far


@pytest.fixture
def secrets() -> dict[str, str]:
    return dict(SECRETS)


@pytest.fixture
async def context(secrets: dict[str, str]) -> AsyncIterator[Context]:
    async with open_session() as session:
        yield Context(
            destination="department",
            http=session,
            log=structlog.get_logger(),
            secret=secrets.__getitem__,
            monotonic=asyncio.get_running_loop().time,
        )


@pytest.fixture
def context_with(context: Context) -> Callable[[Answers], Context]:
    """The same context, with somewhere to give final answers."""
    return lambda answers: replace(context, answers=answers)


@pytest.fixture
def parcel() -> Callable[..., Parcel]:
    def make(key: str = "key-1", **changes: object) -> Parcel:
        fields: dict[str, object] = {
            "idempotency_key": key,
            "content_type": "application/json",
            "body": '{"caseNumber":"办件-1"}'.encode(),
            "attributes": {"specversion": "1.0", "id": key, "source": "portal", "type": "cn.gov.application.submitted"},
            "timeout": 5.0,
        }
        return Parcel(**(fields | changes))  # type: ignore[arg-type]

    return make


@pytest.fixture(scope="session")
async def far_postgres() -> AsyncIterator[PrivatePostgres]:
    """A department's PostgreSQL: one version is enough for what is not about versions."""
    async with PrivatePostgres(find_postgres(15)) as server:
        yield server


@pytest.fixture
async def postgres_server(far_postgres: PrivatePostgres) -> AsyncIterator[Server]:
    await far_postgres.ensure_running()
    server = PostgresServer(await far_postgres.fresh_database())
    yield server
    await server.close()


@pytest.fixture
async def mariadb_server(mariadb: PrivateMariadb) -> AsyncIterator[Server]:
    server = MariadbServer(mariadb, await mariadb.fresh_database())
    yield server
    await server.close()


@pytest.fixture(params=["postgresql", "mariadb"])
def server(request: pytest.FixtureRequest) -> Server:
    """An empty database on either make."""
    found: Server = request.getfixturevalue("postgres_server" if request.param == "postgresql" else "mariadb_server")
    return found


@pytest.fixture
async def relay(server: Server) -> AsyncIterator[Relay]:
    """The way to it."""
    before = Relay(server)
    await before.listen()
    yield before
    await before.hang_up()
