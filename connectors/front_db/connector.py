# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The front database kind."""

from dataclasses import replace

from connectors.front_db.config import SinkConfig, SourceConfig
from connectors.front_db.sink import FrontDbSink
from connectors.front_db.source import FrontDbSource
from connectors.sdk import Context, Idempotency, Manifest, Rendering, Role, Sink, Source
from contracts.text import Text


class FrontDbConnector:
    """Tables of a front database, both ways. A repeat has no second effect: every row has a key."""

    manifest = Manifest(
        kind="front_db",
        title=Text("前置库", "Front database"),
        summary=Text(
            "经部门的前置库表收发：带租约地取走新行，按主键幂等写入，逐行回写结果与原因。",
            "Tables of a department's front database, both ways: rows are claimed, written by key, and answered one by one.",
        ),
        idempotency=Idempotency.NATIVE,
        ordered=True,
        rendering=Rendering.DATA,
        roles=frozenset({Role.SINK, Role.SOURCE}),
        concurrency=8,  # a front database is small, and it is not ours
    )
    config = SinkConfig
    source_config = SourceConfig

    def promises(self, config: SinkConfig) -> Manifest:
        """Of a repeat what the configuration says of the tables. With feedback a row can be asked about, and answers come."""
        if config.feedback is not None:
            return replace(
                self.manifest,
                idempotency=Idempotency.QUERYABLE,
                receipts=True,
                ordered_completion=config.feedback.in_order,
            )
        return replace(self.manifest, idempotency=Idempotency(config.idempotency))

    def sink(self, config: SinkConfig, context: Context) -> Sink:
        """A sink for one database."""
        return FrontDbSink(config, context)

    def source(self, config: SourceConfig, context: Context) -> Source:
        """A source for some tables of one database."""
        return FrontDbSource(config, context)


CONNECTOR = FrontDbConnector()
