# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The fixtures that lend RabbitMQ to the tests: a given server, or one private node for the whole run."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.support.missing import missing
from tests.support.rabbitmq import REMEDY, RabbitNode, find_binaries


@pytest.fixture(scope="session")
async def private_rabbitmq() -> AsyncIterator[RabbitNode]:
    """The private node, as the last test left it, perhaps dead. Tests ask for ``rabbit_node`` or ``rabbitmq``."""
    if os.environ.get("GOVHUB_TEST_RABBITMQ"):
        pytest.skip("the server of GOVHUB_TEST_RABBITMQ is not ours to kill")
    binaries = find_binaries()
    if binaries is None:
        missing(REMEDY)
    with TemporaryDirectory(prefix="govhub-mq-", ignore_cleanup_errors=True) as directory:
        node = RabbitNode(binaries, Path(directory) / "node")
        try:
            yield node
        finally:
            await node.stop()


@pytest.fixture
async def rabbit_node(private_rabbitmq: RabbitNode) -> RabbitNode:
    """A running node the test may kill, block and wipe."""
    await private_rabbitmq.ensure_running()
    return private_rabbitmq


@pytest.fixture
def rabbitmq(request: pytest.FixtureRequest) -> str:
    """The URL of a running RabbitMQ. It is shared: a test names its queues so that no other has them."""
    given = os.environ.get("GOVHUB_TEST_RABBITMQ")
    if given:
        return given
    node: RabbitNode = request.getfixturevalue("rabbit_node")
    return node.url
