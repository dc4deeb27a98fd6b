# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What connectors measure, as metrics: ``govhub_connector_KIND_NAME``, by destination or source. 连接器的指标

Names and label values come out of manifests, so there are as many as were declared and no more.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import TypeVar

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from connectors.sdk import Metric as Declared
from connectors.sdk import MetricKind
from connectors.sdk.metrics import BOUNDS, Meter
from hub.running import Hub

T = TypeVar("T")

_NAME = re.compile(r"[a-z][a-z0-9_]{0,60}", re.ASCII)


def connector_metrics(hub: Hub) -> Iterator[Metric]:
    """Every metric that a manifest in use declares, whether or not anything was measured yet."""
    families: dict[str, tuple[Declared, Metric]] = {}
    roles = (("destination", hub.outlets), ("source", hub.inlets), ("source", hub.receptions))
    for role, one in chain.from_iterable(((role, one) for one in opened.values()) for role, opened in roles):
        for declared in one.meter.declared.values():
            if not (_NAME.fullmatch(declared.name) and (not declared.label or _NAME.fullmatch(declared.label))):
                continue
            name = f"govhub_connector_{one.kind}_{declared.name}"
            known = families.setdefault(name, (declared, _family(name, declared)))
            if known[0] == declared:
                _add(known[1], declared, one.meter, role, one.name)
    yield from (family for _, family in families.values())


def _family(name: str, declared: Declared) -> Metric:
    labels = ["destination", "source", *([declared.label] if declared.label else [])]
    match declared.kind:
        case MetricKind.COUNTER:
            return CounterMetricFamily(name, str(declared.title), labels=labels)
        case MetricKind.GAUGE:
            return GaugeMetricFamily(name, str(declared.title), labels=labels)
        case MetricKind.HISTOGRAM:
            return HistogramMetricFamily(name, str(declared.title), labels=labels)


def _add(family: Metric, declared: Declared, meter: Meter, role: str, owner: str) -> None:
    at = [owner, ""] if role == "destination" else ["", owner]

    def labels(value: str) -> list[str]:
        return [*at, value] if declared.label else at

    match family:
        case CounterMetricFamily() | GaugeMetricFamily():
            kept = meter.counts if isinstance(family, CounterMetricFamily) else meter.gauges
            for value, amount in _of(declared.name, kept):
                family.add_metric(labels(value), amount)
        case HistogramMetricFamily():
            for value, buckets in _of(declared.name, meter.histograms):
                family.add_metric(labels(value), list(_cumulative(buckets.counts)), buckets.total)
        case _:
            pass


def _of(name: str, kept: Mapping[tuple[str, str], T]) -> Iterator[tuple[str, T]]:
    """What was kept of one metric, by label value."""
    return ((value, one) for (known, value), one in kept.items() if known == name)


def _cumulative(counts: list[int]) -> Iterator[tuple[str, float]]:
    so_far = 0
    for bound, count in zip((*map(str, BOUNDS), "+Inf"), counts, strict=True):
        so_far += count
        yield bound, so_far
