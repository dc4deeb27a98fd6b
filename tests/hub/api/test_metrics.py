# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``/metrics`` of a running hub, read as Prometheus reads it."""

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import replace

import aiohttp
import yaml
from prometheus_client.parser import text_string_to_metric_families

from hub.api.server import serve
from hub.config.deployment import Limits
from hub.config.observed import TelemetrySection
from hub.workers.watching import look_at_backlog
from tests.house.tree import ROOT
from tests.hub.api.house import House, application, bearer, new_case

Samples = Mapping[tuple[str, frozenset[tuple[str, str]]], float]


async def scraped(house: House, key: str = "watcher") -> Samples:
    async with house.http.get(f"{house.url}/metrics", headers=bearer(key)) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        text = await answer.text()
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(samples: Samples, name: str, **labels: str) -> float:
    return samples.get((name, frozenset(labels.items())), 0.0)


async def test_it_is_for_operators_who_may_read(house: House) -> None:
    for key, status in (("watcher", 200), ("portal", 403), ("nobody", 401)):
        async with house.http.get(f"{house.url}/metrics", headers=bearer(key)) as answer:
            assert answer.status == status


async def test_a_deployment_may_open_it_to_anybody(house: House) -> None:
    opened = replace(house.hub, telemetry=TelemetrySection(metrics="open"))
    server = await serve(opened, Limits(), "127.0.0.1", 0)
    try:
        async with (
            aiohttp.ClientSession() as http,
            http.get(f"http://127.0.0.1:{server.port}/metrics") as answer,
        ):
            assert answer.status == 200
            assert "govhub_ready 1.0" in await answer.text()
    finally:
        await server.stop()


async def test_what_happens_is_counted(house: House) -> None:
    before = await scraped(house)
    case = new_case()
    event = application(case)
    assert (await house.send(event))[0] == 202
    assert (await house.send(event))[0] == 202
    assert (await house.send({**application(case), "type": "cn.gov.nothing"}))[0] == 422
    lent: dict[str, tuple[str, str]] = {}
    async with asyncio.timeout(20):
        while case not in lent:
            _, fetched = await house.fetch("civil-affairs")
            lent |= {one["event"]["subject"]: (fetched["lease"], one["delivery"]) for one in fetched["messages"]}
    lease, delivery = lent[case]
    result = {"delivery": delivery, "outcome": "rejected", "code": "R-110101199001011234"}
    async with house.http.post(
        f"{house.url}/v1/mailbox/civil-affairs/ack",
        json={"lease": lease, "results": [result]},
        headers=bearer("civil-affairs"),
    ) as answer:
        assert answer.status == 200, await answer.text()
    await look_at_backlog(house.hub)
    after = await scraped(house)

    def grown(name: str, **labels: str) -> float:
        return value(after, name, **labels) - value(before, name, **labels)

    assert grown("govhub_messages_accepted_total", system="portal") == 1
    assert grown("govhub_messages_repeated_total", system="portal") == 1
    assert grown("govhub_messages_refused_total", code="E_CONTRACT_UNKNOWN") == 1
    assert grown("govhub_deliveries_planned_total", destination="civil-affairs") == 1
    assert grown("govhub_attempts_total", destination="civil-affairs", state="dead", code="OTHER") == 1
    assert grown("govhub_accept_seconds_count") == 1
    assert grown("govhub_accept_seconds_bucket", le="+Inf") == 1
    assert grown("govhub_send_seconds_count", destination="civil-affairs") >= 1
    assert grown("govhub_frames_total", result="confirmed") >= 1
    assert grown("govhub_commit_seconds_count", kind="accept") >= 1
    assert grown("govhub_commit_rows_sum", kind="settle") >= 1
    assert value(after, "govhub_open_deliveries", destination="civil-affairs", state="dead") >= 1
    assert value(after, "govhub_blocking_deliveries", destination="civil-affairs") >= 1
    assert value(after, "govhub_oldest_open_seconds", destination="civil-affairs", state="dead") > 0
    assert value(after, "govhub_bus_up") == value(after, "govhub_journal_up") == value(after, "govhub_ready") == 1
    assert value(after, "govhub_partitions_owned") == 2
    assert value(after, "process_resident_memory_bytes") > 10_000_000
    assert value(after, "govhub_loop_lag_seconds") < 60


def metrics_in(text: str) -> set[str]:
    """Every metric of the hub's own that a text names, without the endings that Prometheus adds to histograms."""
    named = re.findall(r"\bgovhub_(?!connector_)[a-z_]+", text)
    return {re.sub(r"_(?:bucket|sum|count)$", "", name) for name in named}


async def test_documents_dashboard_and_alerts_name_metrics_that_exist(house: House) -> None:
    async with house.http.get(f"{house.url}/metrics", headers=bearer("watcher")) as answer:
        lines = (await answer.text()).splitlines()
    there = {
        line.split()[2]
        for line in lines
        if line.startswith("# TYPE govhub_") and not line.split()[2].endswith("_created")
    }
    for document in ("docs/observing.md", "docs/observing.zh-CN.md"):
        assert metrics_in((ROOT / document).read_text(encoding="utf-8")) == there, document
    dashboard = json.loads((ROOT / "docker/dashboard.json").read_text(encoding="utf-8"))
    asked = " ".join(target["expr"] for panel in dashboard["panels"] for target in panel["targets"])
    rules = yaml.safe_load((ROOT / "docker/alerts.yaml").read_text(encoding="utf-8"))
    alarmed = " ".join(rule["expr"] for group in rules["groups"] for rule in group["rules"])
    assert metrics_in(asked)
    assert metrics_in(asked) | metrics_in(alarmed) <= there


async def test_codes_of_far_sides_do_not_become_labels_without_end(house: House) -> None:
    codes = house.hub.observer.codes
    labels = {codes.label("archives", f"C{chr(65 + n % 26)}{chr(65 + n // 26)}") for n in range(500)}
    assert len(labels) <= 41
