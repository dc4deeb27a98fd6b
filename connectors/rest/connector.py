# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The REST kind."""

from dataclasses import replace

from connectors.rest.config import RestConfig
from connectors.rest.sink import RestSink
from connectors.rest.webhook import Webhook
from connectors.rest.webhook_config import WebhookConfig
from connectors.sdk import Context, Idempotency, Manifest, Receiver, Rendering, Role, Sink
from contracts.text import Text


class RestConnector:
    """Push over HTTP, and webhooks in. What it promises depends on what the far side does with the idempotency key."""

    manifest = Manifest(
        kind="rest",
        title=Text("REST 接口推送与回调", "REST push, and webhooks in"),
        idempotency=Idempotency.NATIVE,
        ordered=True,
        ordered_completion=False,
        roles=frozenset({Role.SINK, Role.RECEIVER}),
    )
    config = RestConfig
    receiver_config = WebhookConfig

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

    def receiver(self, config: WebhookConfig, context: Context) -> Receiver:
        """A webhook that a far side calls."""
        return Webhook(config, context)


CONNECTOR = RestConnector()
