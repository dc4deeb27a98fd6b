# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The kind that works by way of a data-sharing platform."""

from connectors.sdk import (
    Context,
    Criteria,
    Idempotency,
    Lookup,
    Manifest,
    Rendering,
    Role,
    Sink,
    Source,
    Text,
)
from connectors.sharing_platform.asking import AskingConfig
from connectors.sharing_platform.config import SharingConfig, SharingSourceConfig
from connectors.sharing_platform.lookup import SharingLookup, criteria_of
from connectors.sharing_platform.sink import SharingSink
from connectors.sharing_platform.source import SharingSource


class SharingConnector:
    """Records go by way of the platform in both directions, and its registers are asked. A put has its effect once."""

    manifest = Manifest(
        kind="sharing_platform",
        title=Text("数据共享平台", "Data-sharing platform"),
        summary=Text(
            "经数据共享平台收发：先存入记录与材料，再同步告知对方来取；也按告知取回记录，并查询人口、法人、证照。",
            "By way of a data-sharing platform: records and materials are put there and their department is told; notices are "
            "followed the same way back, and registers of persons, bodies and licences are asked.",
        ),
        idempotency=Idempotency.NATIVE,
        ordered=True,
        rendering=Rendering.DATA,
        roles=frozenset({Role.SINK, Role.SOURCE, Role.LOOKUP}),
        max_body_bytes=8 * 1024 * 1024,
        concurrency=16,
    )
    config = SharingConfig
    source_config = SharingSourceConfig
    lookup_config = AskingConfig

    def promises(self, config: SharingConfig) -> Manifest:  # noqa: ARG002  # because they are the same for all settings
        """What the kind promises."""
        return self.manifest

    def sink(self, config: SharingConfig, context: Context) -> Sink:
        """A sink for one department."""
        return SharingSink(config, context)

    def source(self, config: SharingSourceConfig, context: Context) -> Source:
        """A source of what waits for us."""
        return SharingSource(config, context)

    def criteria(self, config: AskingConfig) -> Criteria:
        """What a question must and may say."""
        return criteria_of(config)

    def lookup(self, config: AskingConfig, context: Context) -> Lookup:
        """A lookup in one register behind the platform."""
        return SharingLookup(config, context)


CONNECTOR = SharingConnector()
