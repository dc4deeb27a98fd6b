# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What every test may ask for."""

import gc

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
