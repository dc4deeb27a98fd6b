# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Manifests exchanged by whatever binding a counterparty has: files in a folder, a message queue; from the closing of the day to
the cases that differ, by a hub at work and with nobody's help.
"""

import asyncio
import itertools
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import aio_pika
import asyncpg
import orjson
import pytest
import yaml

from contracts.families.fields import BEIJING
from contracts.families.oversight.reconciliation_counted import CONTRACT as MANIFEST
from contracts.reconciling.tree import DIGITS
from hub.config.deployment import Limits
from hub.config.load import Loaded, load_deployment
from hub.ports.clock import SystemClock
from hub.ports.journal.reconciling import Reconciliation, Verdict
from hub.reconcile.opening import reconciling_of
from tests.hub.api.house import House, open_house
from tests.support.exchanged import CONTRACT, DESTINATION, Exchange, record
from tests.support.far_counts import FarCount

pytestmark = [pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")]

NAME = "sheng-shouli"
MISSING = 3
_numbers = itertools.count(1)


class Carrier(Protocol):
    """How the far side is reached: the settings of both ways, and its own end of them."""

    kind: str
    out: dict[str, Any]
    back: dict[str, Any]

    async def heard(self) -> dict[str, Any]:
        """The next event from the hub."""
        ...

    async def say(self, event: dict[str, Any]) -> None: ...


class Files:
    """Two folders of one share."""

    kind = "file_drop"

    def __init__(self, folder: Path) -> None:
        self._in, self._out = folder / "in", folder / "out"
        self._in.mkdir()
        self._out.mkdir()
        self._read: set[str] = set()
        self.out = {"folder": str(self._in), "mode": "structured", "name": "{id}_{key}.json"}
        self.back = {"folder": str(self._out), "mode": "structured", "poll_seconds": 0.1, "include": ["*.json"]}

    async def heard(self) -> dict[str, Any]:
        while True:
            for one in sorted(self._in.glob("*.json"), key=lambda path: path.stat().st_mtime_ns):
                if one.name not in self._read:
                    self._read.add(one.name)
                    found: dict[str, Any] = orjson.loads(one.read_bytes())
                    return found
            await asyncio.sleep(0.05)  # because a folder rings no bell

    async def say(self, event: dict[str, Any]) -> None:
        name = f"{event['id']}.json"
        (self._out / f".{name}").write_bytes(orjson.dumps(event))
        (self._out / f".{name}").rename(self._out / name)


class Queues:
    """Two queues of one broker."""

    kind = "amqp"

    def __init__(self, url: str, channel: aio_pika.abc.AbstractChannel, names: tuple[str, str]) -> None:
        self._channel, (self._in, self._out) = channel, names
        parts = urlsplit(url)
        address: dict[str, Any] = {"url": f"amqp://{parts.hostname}:{parts.port}{parts.path}", "user": parts.username}
        secret = {"password_secret": "queue"}
        self.out = {**address, **secret, "routing_key": self._in, "mode": "structured"}
        self.back = {**address, **secret, "queue": self._out, "refused_queue": f"{self._out}.refused"}

    async def heard(self) -> dict[str, Any]:
        queue = await self._channel.get_queue(self._in)
        while (message := await queue.get(no_ack=True, fail=False)) is None:  # noqa: ASYNC110  # one at a time
            await asyncio.sleep(0.05)
        found: dict[str, Any] = orjson.loads(message.body)
        return found

    async def say(self, event: dict[str, Any]) -> None:
        message = aio_pika.Message(orjson.dumps(event), content_type="application/cloudevents+json")
        await self._channel.default_exchange.publish(message, self._out)


@asynccontextmanager
async def queues(url: str) -> AsyncIterator[Queues]:
    names = tuple(f"reconcile-{os.getpid()}-{next(_numbers)}" for _ in range(2))
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        for name in (*names, f"{names[1]}.refused"):
            await channel.declare_queue(name, durable=True)
        try:
            yield Queues(url, channel, (names[0], names[1]))
        finally:
            for name in (*names, f"{names[1]}.refused"):
                await channel.queue_delete(name)


@pytest.fixture(params=["file_drop", "amqp"])
async def carrier(request: pytest.FixtureRequest, rabbitmq: str, tmp_path: Path) -> AsyncIterator[Carrier]:
    if request.param == "file_drop":
        yield Files(tmp_path)
        return
    async with queues(rabbitmq) as found:
        yield found


@asynccontextmanager
async def site(
    folder: Path, journal: str, carrier: Carrier, rabbitmq: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[House]:
    monkeypatch.setenv("QUEUE_PASSWORD", str(urlsplit(rabbitmq).password))
    deployment = {
        "hub": {"name": "hub-1", "data": str(folder / "data")},
        "journal": journal,
        "bus": "memory",
        "secrets": {"queue": "env:QUEUE_PASSWORD"},
        "systems": {
            "housing": {"sends": [CONTRACT]},
            "platform": {"sends": [MANIFEST.type]},
            DESTINATION: {"sends": [MANIFEST.type], "any_case": True},
        },
        "destinations": {
            DESTINATION: {"system": DESTINATION, "connector": "mailbox"},
            "manifests": {"system": DESTINATION, "connector": carrier.kind, "settings": carrier.out},
            "heard": {"system": "platform", "connector": "mailbox"},
        },
        "sources": {"manifests": {"system": DESTINATION, "connector": carrier.kind, "settings": carrier.back}},
        "reconciliation": {
            "speaks_as": "platform",
            "agreements": {NAME: {"contract": CONTRACT, "destination": DESTINATION}},
        },
        "routes": "routes.yaml",
    }
    routes = [
        {"name": "work", "when": {"contract": CONTRACT}, "to": [DESTINATION]},
        {"name": "ours", "when": {"contract": MANIFEST.type, "source": "platform"}, "to": ["manifests"]},
        {"name": "theirs", "when": {"contract": MANIFEST.type, "source": DESTINATION}, "to": ["heard"]},
    ]
    (folder / "govhub.yaml").write_text(yaml.safe_dump(deployment), "utf-8")
    (folder / "routes.yaml").write_text(yaml.safe_dump({"version": 1, "routes": routes}), "utf-8")
    loaded = load_deployment(folder / "govhub.yaml")
    assert isinstance(loaded, Loaded), "\n".join(map(str, loaded))
    async with open_house(loaded, Limits()) as house:
        yield house


async def test_a_day_is_counted_told_and_compared_by_any_binding(
    journal_dsn: str, carrier: Carrier, rabbitmq: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = SystemClock().now().astimezone(BEIJING)
    day = (now - timedelta(days=2)).date()
    exchange = Exchange(datetime(day.year, day.month, day.day, 9, tzinfo=BEIJING), 300)
    connection = await asyncpg.connect(journal_dsn)
    await record(connection, exchange)
    await connection.close()
    async with site(tmp_path, journal_dsn, carrier, rabbitmq, monkeypatch) as house, asyncio.timeout(120):
        agreement = house.hub.agreements.all[NAME]
        number = agreement.manifest(day)
        told = await of_day(carrier, number)
        assert (told["source"], told["data"]["count"]) == ("platform", 300)

        desk = reconciling_of(house.hub)
        counted = await desk.of_day(NAME, day)
        assert isinstance(counted, Reconciliation)
        lines = await desk.journal.lines(counted.id, list(range(8192)), latest=False)
        assert isinstance(lines, list)
        theirs = sorted(line.line for line in lines)
        lacking = {line.decode().partition("\t")[0] for line in theirs[:MISSING]}
        far = FarCount(agreement=agreement, day=day, counted_at=house.hub.clock.now(), lines=tuple(theirs[MISSING:]))
        # Everything but the rows at once: the worker looks every few seconds only.
        wanted = ["", *DIGITS, *map("".join, itertools.product(DIGITS, repeat=2))]
        for turn in itertools.count(1):
            document = MANIFEST.examples[0].data | far.document(wanted, wanted=[])
            await carrier.say(
                {
                    "specversion": "1.0",
                    "id": f"far-{turn}",
                    "source": DESTINATION,
                    "type": MANIFEST.type,
                    "subject": number,
                    "dataschema": MANIFEST.schema_uri,
                    "datacontenttype": "application/json",
                    "data": document,
                }
            )
            compared = await until_heard(house, day, turn)
            if compared.verdict is not Verdict.LIST_WANTED:
                break
            answered = await of_day(carrier, number)
            wanted = answered["data"]["wanted"]
            assert wanted == list(compared.wanted)
        found = await desk.differences(compared.id)
    assert compared.verdict is Verdict.DIFFERS
    assert isinstance(found, list)
    assert {(one.kind.value, one.case) for one in found} == {("missing_there", case) for case in lacking}


async def of_day(carrier: Carrier, number: str) -> dict[str, Any]:
    """The next manifest of this day; the hub tells other days too."""
    while (told := await carrier.heard())["subject"] != number:
        pass
    return told


async def until_heard(house: House, day: Any, turn: int) -> Reconciliation:
    """Wait until the far side's latest manifest was read; the worker looks every few seconds."""
    desk = reconciling_of(house.hub)
    message = None
    while message is None:
        view = await house.hub.journal.lookups.message_by_sender_id(DESTINATION, f"far-{turn}")
        message = getattr(view, "id", None)
        await asyncio.sleep(0.05)  # because the journal rings no bell
    while True:
        compared = await desk.of_day(NAME, day)
        assert isinstance(compared, Reconciliation)
        if compared.heard == message:
            return compared
        await asyncio.sleep(0.1)  # the same
