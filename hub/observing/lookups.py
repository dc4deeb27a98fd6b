# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What came of questions to registers, as metrics: by lookup, outcome, and whether anybody had to be asked. 查询的指标"""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, Metric

from hub.running import Hub


def lookup_metrics(hub: Hub) -> Iterator[Metric]:
    """Counts since the hub started. Outcomes and manners are few, and names are those of the deployment."""
    asked = CounterMetricFamily("govhub_lookup_questions", "查询次数 questions", labels=["lookup", "outcome", "manner"])
    seconds = CounterMetricFamily(
        "govhub_lookup_seconds", "查询所用秒数合计 seconds that questions took, together", labels=["lookup"]
    )
    for name, window in hub.lookups.items():
        seconds.add_metric([name], window.seconds)
        for (outcome, manner), count in window.asked.items():
            asked.add_metric([name, outcome, manner], count)
    yield from (asked, seconds)
