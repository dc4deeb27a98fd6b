# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The fixtures that lend an S3-compatible store to the tests."""

import itertools
from collections.abc import AsyncIterator

import pytest

from hub.materials.s3_client import Bucket
from tests.support.s3 import S3Server

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
async def s3_server() -> AsyncIterator[S3Server]:
    """One server for all tests that leave it running."""
    server = S3Server()
    try:
        await server.start()
        yield server
    finally:
        await server.end()


@pytest.fixture
async def bucket(s3_server: S3Server) -> Bucket:
    """An empty bucket of the test's own."""
    return await s3_server.new_bucket(f"govhub-{next(_numbers)}")
