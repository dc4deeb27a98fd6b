# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What the tests of every connector are lent: a far side, and the context the hub would give."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
import structlog

from connectors.sdk import Context, Parcel
from connectors.sdk.session import open_session
from tests.connectors.far_http import HttpFarSide

SECRETS = {"token": "made-up-token", "key": "made-up-key"}


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
