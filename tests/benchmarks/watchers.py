# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Many who wait and many who look, over a journal with a past, while messages flow.

    python -m tests.benchmarks.watchers --rows 10000000 --polls 5000 --queries 500 --rate 200 --seconds 60

A real hub with an embedded PostgreSQL and the memory bus; so many long polls (长轮询) open at its mailboxes; so many case queries
under way at all times, for cases all over the history; applications for the mailboxes at a fixed rate. ``--database`` keeps
the journal in a folder for the next run, which then seeds nothing.
"""

import argparse
import asyncio
import json
import os
import resource
import secrets
import shutil
import sys
import tempfile
import time
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import uvloop

from certs.api_key import digest_of, new_key
from hub.bench.database import database
from hub.bench.payload import CONTRACT
from hub.bench.rig import HubProcess, Rig, Scene, rig
from hub.bench.run import count, percentile
from hub.ports.clock import SystemClock
from tests.benchmarks.growth_history import kept, seed, seeded
from tests.benchmarks.growth_load import item, loading

_DESTINATIONS_OF_OLD = 10
_MAILBOXES = 1_000
_CASES = 10_000
_WAIT_SECONDS = 30
_BATCH = 20
_SETTLE_SECONDS = 30.0


@dataclass(slots=True)
class Seen:
    """Seconds that each answer took, messages by how long they were under way, and what went wrong, by its name."""

    queries: list[float] = field(default_factory=list)
    fetched: list[float] = field(default_factory=list)
    repeated: int = 0
    errors: Counter[str] = field(default_factory=Counter)


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


class Watchers:
    """The fetchers and the lookers, over one session."""

    def __init__(self, http: aiohttp.ClientSession, url: str, far: str, party: str, cases: int) -> None:
        self._http = http
        self._url = url
        self._far = {"Authorization": f"Bearer {far}"}
        self._party = {"Authorization": f"Bearer {party}"}
        self._cases = cases
        self._looked = 0
        self._known: set[str] = set()
        self.seen = Seen()
        self.stopping = False

    async def fetch(self, mailbox: int) -> None:
        """One department's line: fetch, acknowledge, again."""
        url = f"{self._url}/v1/mailbox/m-{mailbox}"
        while not self.stopping:
            try:
                async with self._http.get(f"{url}?wait={_WAIT_SECONDS}&max={_BATCH}", headers=self._far) as answer:
                    body = await answer.read()
                if answer.status == 200:
                    await self._acknowledge(url, orjson.loads(body), time.monotonic())
                elif answer.status != 204:
                    self.seen.errors[f"fetch {answer.status}"] += 1
            except (aiohttp.ClientError, TimeoutError) as error:
                self.seen.errors[f"fetch {type(error).__name__}"] += 1

    async def _acknowledge(self, url: str, lent: dict[str, Any], at: float) -> None:
        for message in lent["messages"]:
            name = message["event"]["id"]
            if name in self._known:
                self.seen.repeated += 1
            self._known.add(name)
            self.seen.fetched.append(at - float(name.rpartition("@")[2]))
        results = [{"delivery": one["delivery"], "outcome": "delivered"} for one in lent["messages"]]
        document = {"lease": lent["lease"], "results": results}
        async with self._http.post(f"{url}/ack", json=document, headers=self._far) as answer:
            await answer.read()
            if answer.status != 200:
                self.seen.errors[f"ack {answer.status}"] += 1

    async def look(self) -> None:
        """One screen: a case, when it is there another one."""
        while not self.stopping:
            began = time.monotonic()
            self._looked += 1
            case = self._looked * 2654435761 % self._cases  # all over the history, in no order
            try:
                async with self._http.get(f"{self._url}/v1/cases/bench-{case}", headers=self._party) as answer:
                    await answer.read()
            except (aiohttp.ClientError, TimeoutError) as error:
                self.seen.errors[f"case {type(error).__name__}"] += 1
                continue
            if answer.status == 200:
                self.seen.queries.append(time.monotonic() - began)
            else:
                self.seen.errors[f"case {answer.status}"] += 1

    @property
    def arrived(self) -> int:
        """Messages fetched at least once."""
        return len(self._known)


async def measure(options: argparse.Namespace) -> dict[str, object]:
    """One run, as one object."""
    directory = Path(tempfile.mkdtemp(prefix="govhub-watchers-"))
    far = new_key(secrets.token_bytes)
    try:
        async with (
            AsyncExitStack() as stack,
            rig(directory, "embedded", "memory", Scene(), {}) as scene,
            loading() as load,
        ):
            await scene.hub.stop()
            base = await stack.enter_async_context(
                kept(options.database) if options.database else database(None, directory)
            )
            config = _deployment(directory, digest_of(far))
            hub = HubProcess(directory, config, {"GOVHUB_BENCH_JOURNAL": base.dsn, "GOVHUB_BENCH_BUS": "memory"})
            stack.push_async_callback(hub.stop)
            await hub.start(scene.http)
            stage = replace(scene, hub=hub, load=load, pids={"hub": lambda: hub.pid, "database": lambda: base.pid})
            if options.rows and not await seeded(base.dsn):
                await stage.send({"cases": _CASES, "in_flight": 1, "rules": 1, "first": 0, "seconds": 0.2})
                await asyncio.sleep(2)
                now = SystemClock().now()
                size = await seed(
                    base.dsn, options.rows, cases=_CASES, destinations=_DESTINATIONS_OF_OLD, now=now, say=_say
                )
                _say(f"登记库 journal: {size:,.0f} MiB")
            return await _measured(stage, far, options)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


async def _measured(stage: Rig, far: str, options: argparse.Namespace) -> dict[str, object]:
    cases = max(_CASES, options.rows // 10)
    timeout = aiohttp.ClientTimeout(total=60)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=timeout) as http:
        watchers = Watchers(http, stage.hub.url, far, stage.key, cases)
        polls = [asyncio.create_task(watchers.fetch(n % _MAILBOXES + 1)) for n in range(options.polls)]
        order = {"cases": _CASES, "in_flight": 64, "rules": _MAILBOXES + 1, "rate": options.rate}
        first = time.time_ns() // 1_000_000_000 * 10**6  # so that a kept journal has not seen these ids
        _say("预热 warm-up")
        await stage.send({**order, "first": first, "seconds": 5})
        looks = [asyncio.create_task(watchers.look()) for _ in range(options.queries)]
        await asyncio.sleep(2)
        watchers.seen.queries.clear()
        watchers.seen.fetched.clear()
        before, began = stage.cpu(), time.monotonic()
        _say("测量 measure")
        sent = await stage.send({**order, "first": first + 10**6 // 2, "seconds": options.seconds})
        took, after = time.monotonic() - began, stage.cpu()
        seen = watchers.seen
        queries, answers = sorted(seen.queries), sorted(sent["latencies"])  # type: ignore[call-overload]  # floats, out of JSON
        watchers.stopping = True
        await asyncio.gather(*looks)
        accepted = count(sent, "accepted")
        await _arrival(seen, accepted)
        for poll in polls:
            poll.cancel()
        await asyncio.gather(*polls, return_exceptions=True)
        fetched = sorted(seen.fetched)
        return {
            "benchmark": "watchers",
            "rows": options.rows,
            "polls": options.polls,
            "queries": options.queries,
            "queries_per_s": len(queries) / took,
            "query_mean_ms": sum(queries) / max(1, len(queries)) * 1000,
            **{f"query_p{p}_ms": percentile(queries, p) for p in (50, 95, 99)},
            "accepted_per_s": accepted / float(str(sent["seconds"])),
            **{f"accept_p{p}_ms": percentile(answers, p) for p in (50, 99)},
            **{f"fetched_p{p}_ms": percentile(fetched, p) for p in (50, 99)},
            "refused": sent["refused"],
            "late": sent["late"],
            "errors": dict(seen.errors),
            "fetched": len(fetched),
            "accepted": accepted,
            "repeated": seen.repeated,
            "cpu_share": {part: (after[part] - before[part]) / took for part in after},
            "hub_mib": stage.memory(),
        }


async def _arrival(seen: Seen, accepted: int) -> None:
    try:
        async with asyncio.timeout(_SETTLE_SECONDS):
            while len(seen.fetched) < accepted:  # noqa: ASYNC110  # because the fetchers tell nobody but this list
                await asyncio.sleep(0.1)
    except TimeoutError:
        return


def _deployment(directory: Path, far: str) -> Path:
    """The rig's own deployment, with a thousand mailboxes beside ten far sides of the past."""
    deployment = orjson.loads((directory / "govhub.yaml").read_bytes())
    pattern = deployment["destinations"]["sink-1"]
    boxes = range(1, _MAILBOXES + 1)
    deployment["systems"]["far"]["keys"] = [far]
    settings = {"lease_seconds": 60, "max_batch": _BATCH, "max_wait_seconds": _WAIT_SECONDS}
    deployment["destinations"] = {f"sink-{n}": pattern for n in range(1, _DESTINATIONS_OF_OLD + 1)} | {
        f"m-{n}": {"system": "far", "connector": "mailbox", "settings": settings} for n in boxes
    }
    targets = ["sink-1", *(f"m-{n}" for n in boxes)]
    routes = [
        {"name": f"r{n}", "when": {"contract": CONTRACT, "item": item(n)}, "to": [target]}
        for n, target in enumerate(targets)
    ]
    place = directory / "watched"
    place.mkdir()
    (place / "routes.yaml").write_bytes(orjson.dumps({"version": 1, "routes": routes}))
    (place / "govhub.yaml").write_bytes(orjson.dumps(deployment))
    return place / "govhub.yaml"


def main() -> None:
    """Print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000, help="messages in the journal before")
    parser.add_argument("--polls", type=int, default=5_000)
    parser.add_argument("--queries", type=int, default=500)
    parser.add_argument("--rate", type=float, default=200.0, help="messages per second")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--database", type=Path, help="keep the journal in this folder")
    options = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 65_536), most))
    load = round(os.getloadavg()[0], 1)
    result = uvloop.run(measure(options))
    sys.stdout.write(json.dumps({**result, "load": [load, round(os.getloadavg()[0], 1)]}, indent=2) + "\n")


if __name__ == "__main__":
    main()
