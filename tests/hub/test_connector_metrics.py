# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What connectors measure stands at ``/metrics``, and so does how their sources fare."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Self

import pytest
from prometheus_client.parser import text_string_to_metric_families

from connectors.sdk import Delivered, Disposition, Item, Metric, MetricKind, Outcome, Rejected, Text, Unavailable
from connectors.sdk.metrics import Meter
from hub.health import Condition
from hub.inlet import Inlet
from hub.observing.exposition import Exposition
from hub.running import Hub
from hub.workers.sounding import sound
from hub.workers.watching import Watcher
from tests.support.hubs import Destination, by_hand, hub_on
from tests.support.sinks import ScriptedSink

pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")

PAGES = Metric(name="pages", kind=MetricKind.COUNTER, title=Text("页", "Pages"), label="size", values=("A4", "A3"))
LEVEL = Metric(name="level", kind=MetricKind.GAUGE, title=Text("墨量", "Ink"))
SCAN = Metric(name="scan_seconds", kind=MetricKind.HISTOGRAM, title=Text("扫描用时", "Scanning"))
ODD = Metric(name="no name", kind=MetricKind.GAUGE, title=Text("怪", "Odd"))


class Asked:
    """A source that is only asked whether it is there."""

    def __init__(self, outcome: Outcome | Exception) -> None:
        self.outcome = outcome

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Nothing is open."""

    async def take(self) -> Sequence[Item]:
        await asyncio.Event().wait()
        return []

    async def settle(self, answers: Sequence[tuple[int, Disposition]]) -> None:
        """Nothing was brought."""

    async def check(self) -> Outcome:
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


def samples(hub: Hub) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    text = Exposition(hub).text().decode()
    return {
        (one.name, frozenset(one.labels.items())): one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
    }


def labels(**labels: str) -> frozenset[tuple[str, str]]:
    return frozenset(labels.items())


async def test_every_kind_is_shown_with_its_destination(dsn: str) -> None:
    meter = Meter((PAGES, LEVEL, SCAN, ODD))
    meter.count("pages", 3, "A4")
    meter.count("pages", 1, "a person's name")
    meter.gauge("level", 0.5)
    meter.gauge("no name", 1)
    meter.observe("scan_seconds", 0.1)
    async with hub_on(
        dsn, {"fax": Destination(sink=ScriptedSink()), "old-fax": Destination(sink=ScriptedSink())}
    ) as rig:
        outlets = {
            name: replace(outlet, kind="fax", meter=meter if name == "fax" else Meter((PAGES,)))
            for name, outlet in rig.hub.outlets.items()
        }
        shown = samples(replace(rig.hub, outlets=outlets))

    at = {"destination": "fax", "source": ""}
    assert shown["govhub_connector_fax_pages_total", labels(**at, size="A4")] == 3
    assert shown["govhub_connector_fax_pages_total", labels(**at, size="other")] == 1
    assert shown["govhub_connector_fax_level", labels(**at)] == 0.5
    assert shown["govhub_connector_fax_scan_seconds_count", labels(**at)] == 1
    assert shown["govhub_connector_fax_scan_seconds_bucket", labels(**at, le="0.05")] == 0
    assert shown["govhub_connector_fax_scan_seconds_bucket", labels(**at, le="0.2")] == 1
    assert not [name for name, _ in shown if "no name" in name or "person" in name]


async def test_a_source_in_trouble_is_a_concern_since_it_was_first_noticed(dsn: str) -> None:
    async with hub_on(dsn, {"housing": Destination(sink=ScriptedSink())}) as rig:
        source = Asked(Unavailable("NO_ANSWER: 张三 is not here"))
        inlet = Inlet(name="queue", system="portal", source=source, log=rig.hub.log, body_bytes=1, taken=4, refused=2)
        hub = replace(rig.hub, inlets={"queue": inlet})
        assert ("govhub_source_up", labels(source="queue")) not in samples(hub), "nobody has looked yet"
        began = rig.clock.now()
        await sound(hub, inlet)
        rig.clock.step(minutes=5)
        source.outcome = Rejected("HTTP_401")
        await sound(hub, inlet)
        async with by_hand(hub):
            await Watcher(hub).look()
            assert list(hub.health.concerns) == [Condition("source", "HTTP_401", began, source="queue")]
            assert samples(hub)["govhub_source_up", labels(source="queue")] == 0

            source.outcome = Delivered()
            await sound(hub, inlet)
            await Watcher(hub).look()
            assert not hub.health.concerns
        shown = samples(hub)

    assert shown["govhub_source_up", labels(source="queue")] == 1
    assert shown["govhub_source_taken_total", labels(source="queue")] == 4
    assert shown["govhub_source_refused_total", labels(source="queue")] == 2


async def test_a_check_that_raises_is_trouble_and_nothing_more(dsn: str) -> None:
    async with hub_on(dsn, {"housing": Destination(sink=ScriptedSink())}) as rig:
        inlet = Inlet(name="queue", system="portal", source=Asked(ValueError("x")), log=rig.hub.log, body_bytes=1)
        await sound(rig.hub, inlet)

    assert inlet.trouble is not None
    assert inlet.trouble.code == "CONNECTOR_RAISED"
