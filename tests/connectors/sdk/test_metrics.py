# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A meter keeps what was declared and is not to be filled with anything else."""

from math import inf, nan

from connectors.sdk import Metric, MetricKind, Text
from connectors.sdk.metrics import BOUNDS, Meter, Unmeasured

PAGES = Metric(name="pages", kind=MetricKind.COUNTER, title=Text("页", "Pages"), label="size", values=("A4", "A3"))
LEVEL = Metric(name="level", kind=MetricKind.GAUGE, title=Text("墨量", "Ink"))
SCAN = Metric(name="scan_seconds", kind=MetricKind.HISTOGRAM, title=Text("扫描用时", "Scanning"))


def test_each_kind_is_kept_its_way() -> None:
    meter = Meter((PAGES, LEVEL, SCAN))
    meter.count("pages", label="A4")
    meter.count("pages", 2, label="A4")
    meter.gauge("level", 5)
    meter.gauge("level", 4)
    meter.observe("scan_seconds", 0.01)
    meter.observe("scan_seconds", 100.0)

    assert meter.counts == {("pages", "A4"): 3}
    assert meter.gauges == {("level", ""): 4}
    assert meter.histograms["scan_seconds", ""].counts == [0, 1, *[0] * (len(BOUNDS) - 2), 1]
    assert meter.histograms["scan_seconds", ""].total == 100.01


def test_label_values_stay_few() -> None:
    meter = Meter((PAGES, LEVEL))
    for number in range(1000):
        meter.count("pages", label=f"person {number}")
        meter.gauge("level", number, label=f"person {number}")

    assert meter.counts == {("pages", "other"): 1000}
    assert meter.gauges == {("level", ""): 999}


def test_what_was_not_declared_is_left_out_and_noticed() -> None:
    meter = Meter((PAGES,))
    meter.count("sheets")
    meter.gauge("pages", 1)
    meter.observe("pages", 1)
    for number in range(1000):
        meter.count(f"name_{number}")

    assert (meter.counts, meter.gauges, meter.histograms) == ({}, {}, {})
    assert meter.undeclared["pages"] == 2
    assert len(meter.undeclared) == 100


def test_what_is_no_number_is_left_out() -> None:
    meter = Meter((PAGES, LEVEL, SCAN))
    meter.count("pages", -1)
    for odd in (nan, inf, -inf):
        meter.count("pages", odd)
        meter.gauge("level", odd)
        meter.observe("scan_seconds", odd)

    assert (meter.counts, meter.gauges, meter.histograms) == ({}, {}, {})


def test_nobody_need_read_them() -> None:
    nobody = Unmeasured()
    nobody.count("anything")
    nobody.gauge("anything", 1)
    nobody.observe("anything", 1)
