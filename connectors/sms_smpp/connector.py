# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The kind for a message centre that speaks SMPP 3.4."""

from dataclasses import replace
from functools import partial

from connectors.sdk import Context, Idempotency, Manifest, Rendering, Role, Sink, Source, Text
from connectors.sdk.sms.sending import METRICS
from connectors.sdk.sms.source import UpstreamSource
from connectors.sms_smpp.config import SinkConfig, SourceConfig
from connectors.sms_smpp.session import smpp_line
from connectors.sms_smpp.sink import SmppSink


class SmppConnector:
    """Text messages by SMPP 3.4. A repeat has a second effect and nobody can be asked: a lost answer is in doubt."""

    manifest = Manifest(
        kind="sms_smpp",
        title=Text("短信中心（SMPP）", "Message centre (SMPP)"),
        summary=Text(
            "经短信中心（SMPP 3.4）发短信、收状态报告与上行短信。",
            "Text messages by a message centre (SMPP 3.4), its receipts, and what people send back.",
        ),
        idempotency=Idempotency.NONE,
        ordered=False,
        rendering=Rendering.DATA,
        max_body_bytes=256 * 1024,
        roles=frozenset({Role.SINK, Role.SOURCE}),
        concurrency=64,  # more than a window, so that it is never idle
        receipts=True,
        source_ordered=False,
        metrics=METRICS,
    )
    config = SinkConfig
    source_config = SourceConfig

    def promises(self, config: SinkConfig) -> Manifest:
        """A final answer comes later where receipts are waited for."""
        return replace(self.manifest, receipts=config.reports)

    def sink(self, config: SinkConfig, context: Context) -> Sink:
        """A destination at one account."""
        return SmppSink(config, context)

    def source(self, config: SourceConfig, context: Context) -> Source:
        """What comes to one account."""
        return UpstreamSource(config, context, partial(smpp_line, config), config.default_alphabet)


CONNECTOR = SmppConnector()
