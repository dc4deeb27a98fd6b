# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A hub behind its real server, on real sockets."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hub.config.deployment import Limits
from tests.hub.api.house import House, open_house, write_config
from tests.support.postgres import PrivatePostgres, find_postgres


@pytest.fixture(scope="session")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """Heads must come within half a second, and who is silent is left after five."""
    folder: Path = tmp_path_factory.mktemp("abuse")
    limits = Limits(body_bytes=64 * 1024, receive_seconds=1, header_seconds=0.5)
    async with PrivatePostgres(find_postgres(18)) as postgres:
        loaded = write_config(folder, await postgres.fresh_database())
        async with open_house(loaded, limits, idle=5.0) as opened:
            yield opened
