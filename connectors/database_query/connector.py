# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The kind that asks a database."""

from connectors.database_query.config import DatabaseQueryConfig
from connectors.database_query.lookup import DatabaseLookup
from connectors.sdk import Context, Criteria, Lookup, Manifest, Role
from contracts.text import Text


class DatabaseQueryConnector:
    """Questions to a database. It only asks: in a transaction that reads."""

    manifest = Manifest(
        kind="database_query",
        title=Text("数据库查询", "Database lookup"),
        summary=Text(
            "以只读的参数化语句查询数据库并当场答复。",
            "Asks a database by a parameterised statement that only reads, and answers at once.",
        ),
        roles=frozenset({Role.LOOKUP}),
        concurrency=8,
    )
    lookup_config = DatabaseQueryConfig

    def criteria(self, config: DatabaseQueryConfig) -> Criteria:
        """What a question must and may say."""
        return config.asked

    def lookup(self, config: DatabaseQueryConfig, context: Context) -> Lookup:
        """A lookup in one database."""
        return DatabaseLookup(config, context)


CONNECTOR = DatabaseQueryConnector()
