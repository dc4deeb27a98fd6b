# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The kind for a carrier's gateway that speaks CMPP."""

from dataclasses import replace
from functools import partial

from connectors.sdk import (
    Context,
    Idempotency,
    Manifest,
    Rendering,
    Role,
    Sink,
    Source,
    Text,
)
from connectors.sdk.sms.sending import METRICS
from connectors.sdk.sms.source import UpstreamSource
from connectors.sms_cmpp.config import SinkConfig, SourceConfig
from connectors.sms_cmpp.session import cmpp_line
from connectors.sms_cmpp.sink import CmppSink


class CmppConnector:
    """Text messages by CMPP 2.0 or 3.0. A repeat has a second effect and nobody can be asked: a lost answer is in doubt."""

    manifest = Manifest(
        kind="sms_cmpp",
        title=Text("短信网关（CMPP）", "SMS gateway (CMPP)"),
        summary=Text(
            "经运营商网关（CMPP 2.0、3.0）发短信、收状态报告与上行短信。",
            "Text messages by a carrier's gateway (CMPP 2.0 and 3.0), its status reports, and what people send back.",
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
        """A final answer comes later where status reports are waited for."""
        return replace(self.manifest, receipts=config.reports)

    def sink(self, config: SinkConfig, context: Context) -> Sink:
        """A destination at one account."""
        return CmppSink(config, context)

    def source(self, config: SourceConfig, context: Context) -> Source:
        """What comes to one account."""
        return UpstreamSource(config, context, partial(cmpp_line, config))


CONNECTOR = CmppConnector()
