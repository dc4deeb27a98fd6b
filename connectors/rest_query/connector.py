# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The kind that asks over HTTP."""

from connectors.rest_query.config import RestQueryConfig
from connectors.rest_query.lookup import RestLookup, criteria_of
from connectors.sdk import Context, Criteria, Lookup, Manifest, Role, Text


class RestQueryConnector:
    """Questions to a register with an HTTP interface. It only asks."""

    manifest = Manifest(
        kind="rest_query",
        title=Text("REST 查询", "REST lookup"),
        summary=Text(
            "向有 HTTP 接口的库查询并当场答复。", "Asks a register with an HTTP interface, and answers at once."
        ),
        roles=frozenset({Role.LOOKUP}),
        concurrency=16,
    )
    lookup_config = RestQueryConfig

    def criteria(self, config: RestQueryConfig) -> Criteria:
        """What a question must and may say."""
        return criteria_of(config)

    def lookup(self, config: RestQueryConfig, context: Context) -> Lookup:
        """A lookup in one register."""
        return RestLookup(config, context)


CONNECTOR = RestQueryConnector()
