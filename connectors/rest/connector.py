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
        summary=Text(
            "部门有 HTTP 接口（JSON、XML 或表单）时：逐条推送，按业务结果判定成败；也接收对方的回调。",
            "A department with an HTTP interface (JSON, XML or forms): each message is pushed and judged by the business "
            "result; its webhooks are received as well.",
        ),
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
