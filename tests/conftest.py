# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What every test may ask for."""

import gc
from collections.abc import Iterator

import pytest
import structlog

pytest_plugins = [
    "tests.support.postgres_fixtures",
    "tests.support.rabbitmq_fixtures",
    "tests.support.mariadb_fixtures",
    "tests.faults.reports",
    "tests.support.s3_fixtures",
    "tests.support.file_server_fixtures",
]


def pytest_collection_finish() -> None:
    """What was collected lives as long as the process. Looking at all of it again stops the world for as long as some tests allow
    a whole answer to take.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def loggers_follow_what_is_set_up() -> Iterator[None]:
    """A command that runs within a test sets up logging for the whole process, as it should. Loggers that are then kept as they
    are at their first use tell nothing to whoever listens to them later; here they are asked anew each time.
    """
    configure = structlog.configure
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(structlog, "configure", lambda **said: configure(**{**said, "cache_logger_on_first_use": False}))
        yield


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """What one test sets up is not the next one's: a command that is quiet would keep the next one's warnings to itself."""
    yield
    structlog.reset_defaults()
