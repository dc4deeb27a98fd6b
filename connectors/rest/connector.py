# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The REST kind."""

from dataclasses import replace

from connectors.rest.config import RestConfig
from connectors.rest.sink import RestSink
from connectors.sdk import Context, Idempotency, Manifest, Rendering, Sink
from contracts.text import Text


class RestConnector:
    """Push over HTTP. What it promises depends on what the far side does with the idempotency key."""

    manifest = Manifest(
        kind="rest",
        title=Text("REST 接口推送", "REST push"),
        idempotency=Idempotency.NATIVE,
        ordered=True,
        ordered_completion=False,
    )
    config = RestConfig

    def promises(self, config: RestConfig) -> Manifest:
        """Of a repeat no more than the configuration says of the far side."""
        return replace(
            self.manifest,
            idempotency=Idempotency(config.idempotency),
            rendering=Rendering.STRUCTURED if config.mode == "structured" else Rendering.DATA,
        )

    def sink(self, config: RestConfig, context: Context) -> Sink:
        """A sink for one address."""
        return RestSink(config, context)


CONNECTOR = RestConnector()
