# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The AMQP kind."""

from dataclasses import replace

from connectors.amqp.config import SinkConfig, SourceConfig
from connectors.amqp.sink import AmqpSink
from connectors.amqp.source import AmqpSource
from connectors.sdk import Context, Idempotency, Manifest, Rendering, Role, Sink, Source
from contracts.text import Text


class AmqpConnector:
    """Queues of a broker, both ways. What a destination promises depends on who reads its queue."""

    manifest = Manifest(
        kind="amqp",
        title=Text("AMQP 消息队列", "AMQP message queue"),
        summary=Text(
            "部门用消息队列（RabbitMQ 等，AMQP 0-9-1），在我方或对方的代理上，双向，一条消息一个 AMQP 消息。",
            "A department with a message queue (RabbitMQ and others, AMQP 0-9-1) on our broker or on its own: one AMQP "
            "message each, both ways.",
        ),
        idempotency=Idempotency.NATIVE,
        ordered=True,
        roles=frozenset({Role.SINK, Role.SOURCE}),
        concurrency=256,  # a broker confirms by the hundred, after it has written to disk
    )
    config = SinkConfig
    source_config = SourceConfig

    def promises(self, config: SinkConfig) -> Manifest:
        """Native idempotency only where the configuration says that the reader keeps it."""
        return replace(
            self.manifest,
            idempotency=Idempotency(config.idempotency),
            rendering=Rendering.STRUCTURED if config.mode == "structured" else Rendering.DATA,
        )

    def sink(self, config: SinkConfig, context: Context) -> Sink:
        """A sink for one exchange and routing key."""
        return AmqpSink(config, context)

    def source(self, config: SourceConfig, context: Context) -> Source:
        """A source for one queue."""
        return AmqpSource(config, context)


CONNECTOR = AmqpConnector()
