# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The metrics of the lives of cases (办件进程): what does not fit, what waits, and whose periods are in danger.

Rules are few, and so are their labels.
"""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from hub.running import Hub


def parking_metrics(hub: Hub) -> Iterator[Metric]:
    """All hubs together for what waits; this hub alone for what it counted."""
    now, label = hub.clock.now(), ["rule"]
    misfits = CounterMetricFamily(
        "govhub_lifecycle_misfits", "不合办件进程的消息 messages that did not fit their case", labels=["rule", "fate"]
    )
    for (rule, fate), count in hub.observer.figures.misfits.items():
        misfits.add_metric([rule, fate], count)
    passed = CounterMetricFamily(
        "govhub_parked_passed_on", "届满带标记放行 passed on after their time, marked", labels=label
    )
    for rule, count in hub.parking.passed_on.items():
        passed.add_metric([rule], count)
    waiting = GaugeMetricFamily("govhub_parked_messages", "寄存中的消息 messages that wait", labels=label)
    oldest = GaugeMetricFamily("govhub_parked_oldest_seconds", "最早一条已寄存 age of the oldest of them", labels=label)
    for rule, one in hub.parking.standing.items():
        waiting.add_metric([rule], one.count)
        oldest.add_metric([rule], max(0.0, (now - one.oldest).total_seconds()))
    risk = GaugeMetricFamily(
        "govhub_deadlines_at_risk",
        "目的地持续不通则下班前超期的办件 cases that breach by the end of work if it stays down",
        labels=["destination"],
    )
    for destination, told in hub.health.outlooks.items():
        risk.add_metric([destination], told.coming)
    yield from (misfits, passed, waiting, oldest, risk)
