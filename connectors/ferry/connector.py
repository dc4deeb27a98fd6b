# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The kind for what is ferried through a gap."""

from connectors.ferry.config import SinkConfig, SourceConfig
from connectors.ferry.sink import FerrySink
from connectors.ferry.source import FerrySource
from connectors.sdk import (
    Context,
    Idempotency,
    Manifest,
    Metric,
    MetricKind,
    Rendering,
    Role,
    Sink,
    Source,
    Text,
)

_CODES = (
    "NOT_A_BUNDLE",
    "TRUNCATED",
    "HEADER_UNREADABLE",
    "PAYLOAD_DAMAGED",
    "INDEX_UNREADABLE",
    "ENTRY_DAMAGED",
    "OTHER_STREAM",
    "OTHER_KIND",
    "KEY_UNKNOWN",
    "SUITE_FOREIGN",
    "SIGNATURE_INVALID",
    "SEALED",
    "NOT_SEALED",
    "SEAL_BROKEN",
    "TOO_LARGE",
    "CHAIN_BROKEN",
    "ACKNOWLEDGEMENT_UNREADABLE",
    "ACKNOWLEDGES_TOO_MUCH",
    "RECEIVER_FORGOT",
    "CHAIN_DIFFERS",
)


class FerryConnector:
    """Signed, numbered and chained bundles through a one-way gap, with acknowledgements by another one back."""

    manifest = Manifest(
        kind="ferry",
        title=Text("网闸、光闸摆渡", "Ferry through a one-way gap"),
        idempotency=Idempotency.NATIVE,
        ordered=True,
        rendering=Rendering.DATA,
        roles=frozenset({Role.SINK, Role.SOURCE}),
        concurrency=500,  # what is sent at a time shares a bundle
        summary=Text(
            "经单向通道以签名、编号、成链的数据包交换消息，回执走另一条单向通道。",
            "Messages in signed, numbered and chained bundles through a one-way path, acknowledged by another one.",
        ),
        receipts=True,
        metrics=(
            Metric(
                name="unacknowledged",
                kind=MetricKind.GAUGE,
                title=Text("尚未回执的数据包", "Bundles that nobody has acknowledged yet"),
            ),
            Metric(
                name="missing",
                kind=MetricKind.GAUGE,
                title=Text("缺少的数据包", "Bundles that are missing though later ones have come"),
            ),
            Metric(
                name="refused",
                kind=MetricKind.COUNTER,
                title=Text("拒收的数据包与回执", "Bundles and acknowledgements that were refused"),
                label="code",
                values=_CODES,
            ),
        ),
    )
    config = SinkConfig
    source_config = SourceConfig

    def promises(self, config: SinkConfig) -> Manifest:
        """The same for every stream."""
        del config
        return self.manifest

    def sink(self, config: SinkConfig, context: Context) -> Sink:
        """The sending end of a stream."""
        return FerrySink(config, context)

    def source(self, config: SourceConfig, context: Context) -> Source:
        """The receiving end of a stream."""
        return FerrySource(config, context)


CONNECTOR = FerryConnector()
