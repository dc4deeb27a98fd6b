# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What every test may ask for."""

pytest_plugins = [
    "tests.support.postgres_fixtures",
    "tests.support.rabbitmq_fixtures",
    "tests.support.mariadb_fixtures",
    "tests.faults.reports",
    "tests.support.s3_fixtures",
    "tests.support.file_server_fixtures",
]
