# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The logistics kind."""

from dataclasses import replace

from connectors.logistics.config import LogisticsConfig, RouteConfig
from connectors.logistics.receiver import RouteReceiver
from connectors.logistics.sink import LogisticsSink
from connectors.logistics.tracing import CRITERIA, RouteLookup, TraceConfig
from connectors.sdk import Context, Criteria, Idempotency, Lookup, Manifest, Receiver, Rendering, Role, Sink
from contracts.text import Text


class LogisticsConnector:
    """Orders parcels and is told of their way. What it promises depends on whether the carrier can be asked."""

    manifest = Manifest(
        kind="logistics",
        title=Text("物流寄递（顺丰、邮政 EMS）", "Parcels by SF Express and China Post EMS"),
        summary=Text(
            "材料原件寄到大厅、结果寄给申请人：下单、取消、接收路由推送，签收即办结投递；绝不重复下单。",
            "Originals to the hall, results to the applicant: ordered, cancelled, followed by route pushes until they are signed "
            "for; never ordered twice.",
        ),
        idempotency=Idempotency.NATIVE,
        ordered=True,
        ordered_completion=False,
        rendering=Rendering.DATA,
        roles=frozenset({Role.SINK, Role.RECEIVER, Role.LOOKUP}),
        concurrency=8,
        receipts=True,
    )
    config = LogisticsConfig
    receiver_config = RouteConfig
    lookup_config = TraceConfig

    def promises(self, config: LogisticsConfig) -> Manifest:
        """Where a carrier cannot be asked about an order number, a lost answer waits for a person."""
        return self.manifest if config.asks else replace(self.manifest, idempotency=Idempotency.NONE)

    def sink(self, config: LogisticsConfig, context: Context) -> Sink:
        """A sink for one carrier."""
        return LogisticsSink(config, context)

    def receiver(self, config: RouteConfig, context: Context) -> Receiver:
        """The address that a carrier calls."""
        return RouteReceiver(config, context)

    def criteria(self, config: TraceConfig) -> Criteria:  # noqa: ARG002  # because every carrier is asked by waybill
        """A waybill."""
        return CRITERIA

    def lookup(self, config: TraceConfig, context: Context) -> Lookup:
        """Where a parcel is."""
        return RouteLookup(config, context)


CONNECTOR = LogisticsConnector()
