# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The item catalogue as metrics: how far it has come, and how long nothing came. 事项目录的指标"""

from collections.abc import Iterator
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily, Metric

from hub.running import Hub


def catalogue_metrics(hub: Hub) -> Iterator[Metric]:
    """Without values where no catalogue is kept. Ages count from its beginning where nothing came yet."""
    version = GaugeMetricFamily(
        "govhub_items_version", "事项目录变更号 number of the last change of an item", labels=[]
    )
    age = GaugeMetricFamily(
        "govhub_items_age_seconds", "距上次收到事项的秒数 seconds since the last item came", labels=[]
    )
    whole = GaugeMetricFamily(
        "govhub_items_full_age_seconds",
        "距上次全量结束的秒数 seconds since the last full run of the items ended",
        labels=[],
    )
    late = GaugeMetricFamily("govhub_items_late", "事项迟到 1 when items, or their full run, are late", labels=[])
    section, ledger, now = hub.catalogue.section, hub.catalogue.ledger, hub.clock.now()
    if section is not None and ledger is not None:
        version.add_metric([], ledger.change)
        age.add_metric([], _seconds(ledger.heard_at or ledger.since, now))
        late.add_metric([], int(any(hub.catalogue.conditions(now))))
        if section.full is not None:
            whole.add_metric([], _seconds(ledger.full_at or ledger.since, now))
    yield from (version, age, whole, late)


def _seconds(moment: datetime, now: datetime) -> float:
    return max(0.0, (now - moment).total_seconds())
