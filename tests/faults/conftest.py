# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What the rows ask for: servers, the stand, the repetition and its seed."""

import asyncio
import os
from collections.abc import AsyncIterator

import pytest

from tests.faults.row import Row
from tests.faults.sizes import SEED, chosen
from tests.faults.stand import HOUSING, ILL, REGISTRY, SEALS, Servers, Stand
from tests.faults.watch import open_files, resident_bytes
from tests.support.postgres import PrivatePostgres
from tests.support.rabbitmq import RabbitNode


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every row as often as the size says."""
    if "repetition" in metafunc.fixturenames:
        metafunc.parametrize("repetition", range(1, chosen().repetitions + 1))


@pytest.fixture
def seed(repetition: int) -> int:
    """Another for every repetition, and the same again for the same ``GOVHUB_FAULTS_SEED``."""
    return int(os.environ[SEED]) + repetition - 1


@pytest.fixture(scope="session")
async def servers(private_rabbitmq: RabbitNode) -> AsyncIterator[Servers]:
    postgres = PrivatePostgres()
    try:
        await asyncio.gather(postgres.start(), private_rabbitmq.ensure_running())
        yield Servers(postgres, private_rabbitmq)
    finally:
        await postgres.close()


@pytest.fixture(scope="session")
async def stand(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stand]:
    """Two hubs and two recipients, one of them blind: warmed up, so that idle is known."""
    folder = tmp_path_factory.mktemp("stand")
    async with Stand(
        servers, folder, "stand", places=(HOUSING, SEALS, REGISTRY, *ILL), sources=("load", "ill", "asked")
    ) as opened:
        async with Row(opened, "warm-up", chosen(), 0, 0) as row:
            await row.flowing(60)
        opened.idle_bytes = max(resident_bytes(hub.pid) for hub in opened.hubs.values())
        opened.idle_files = max(open_files(hub.pid, opened.pooled) for hub in opened.hubs.values())
        yield opened
