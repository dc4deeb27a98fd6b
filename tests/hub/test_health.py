# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What health says of a hub in trouble: what is blocked, since when, and that it is over."""

import asyncio
import os
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import asyncpg
import pytest

from connectors.sdk import Unavailable
from hub.config.deployment import Limits
from hub.config.load import Loaded, load_deployment
from hub.config.observed import TelemetrySection
from hub.health import Condition, Health
from hub.observing.exposition import Exposition
from hub.observing.pulse import Pulse
from hub.ports.clock import SystemClock
from hub.ports.journal import Breaker, Gate, Pause
from hub.workers.watching import Watcher, look_at_backlog
from tests.faults.proxy import Proxy, Weather
from tests.hub.api.house import House, application, open_house, write_config
from tests.support.hubs import Destination, by_hand, captured_log, event, hub_on
from tests.support.postgres import PrivatePostgres
from tests.support.rabbitmq import RabbitNode
from tests.support.sinks import ScriptedSink

wheel = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")
WITHIN = 10.0


async def told(house: House, enough: Callable[[int, Any], bool], seconds: float = WITHIN) -> Any:
    """What ``/health/ready`` says once it says enough."""
    async with asyncio.timeout(seconds):
        while True:
            status, answer = await house.get("/health/ready")
            if enough(status, answer):
                return answer
            await house.hub.clock.sleep(0.1)


def blocked_by(what: str) -> Callable[[int, Any], bool]:
    return lambda status, answer: status == 503 and what in [one["what"] for one in answer["blocked"]]


def ready(status: int, _: Any) -> bool:
    return status == 200


@wheel
async def test_a_journal_that_only_reads_is_told_within_ten_seconds_and_so_is_its_end(
    journal_dsn: str, tmp_path: Path
) -> None:
    name = journal_dsn.rpartition("/")[2]
    async with open_house(write_config(tmp_path, journal_dsn), Limits()) as house:
        async with house.database() as connection:
            began = SystemClock().now()
            await connection.execute(f"alter database {name} set default_transaction_read_only = on")
            await connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and pid <> pg_backend_pid()",
                name,
            )
            first = await told(house, blocked_by("journal"))
            since = datetime.fromisoformat(first["blocked"][0]["since"])
            assert timedelta(seconds=-1) <= since - began <= timedelta(seconds=5)
            await connection.execute("set default_transaction_read_only = off")
            await connection.execute(f"alter database {name} reset default_transaction_read_only")
            await connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and pid <> pg_backend_pid()",
                name,
            )
        await told(house, ready)


@wheel
async def test_a_broker_with_an_alarm_is_told_within_ten_seconds_and_nothing_waits_for_it(
    journal_dsn: str, tmp_path: Path, rabbit_node: RabbitNode
) -> None:
    url = await rabbit_node.virtual_host("alarm")
    write_config(tmp_path, journal_dsn)
    config = tmp_path / "govhub.yaml"
    config.write_text(config.read_text().replace("bus: memory", f"bus: {url}"))
    loaded = load_deployment(config)
    assert isinstance(loaded, Loaded), loaded
    async with open_house(loaded, Limits()) as house:
        await told(house, ready)
        began = SystemClock().now()
        await rabbit_node.control("set_vm_memory_high_watermark", "0.0001")
        try:
            # A broker says that it blocks when somebody publishes, so somebody does.
            assert (await house.send(application()))[0] == 202
            answer = await told(house, blocked_by("bus"))
            (bus,) = [one for one in answer["blocked"] if one["what"] == "bus"]
            assert bus["reason"].startswith("blocked")
            assert timedelta(seconds=-1) <= datetime.fromisoformat(bus["since"]) - began <= timedelta(seconds=10)
            asked = time.monotonic()
            assert (await house.send(application()))[0] == 202, "the journal keeps it"
            assert time.monotonic() - asked < 5
        finally:
            await rabbit_node.control("set_vm_memory_high_watermark", "absolute", "1GB")
        await told(house, ready)


@wheel
async def test_a_network_that_swallows_everything_is_told_too(shared_postgres: PrivatePostgres, tmp_path: Path) -> None:
    await shared_postgres.ensure_running()
    database = (await shared_postgres.fresh_database()).rpartition("/")[2]
    try:
        async with Proxy(shared_postgres.port) as network:
            dsn = shared_postgres.dsn(database, port=network.port)
            async with open_house(write_config(tmp_path, dsn), Limits()) as house:
                await told(house, ready)
                network.change(Weather(held=True))
                try:
                    answer = await told(house, blocked_by("journal"))
                    await house.hub.clock.sleep(5)  # long enough for several questions to hang
                    again = await told(house, blocked_by("journal"))
                    assert again["blocked"][0]["since"] == answer["blocked"][0]["since"]
                finally:
                    network.clear()
                await told(house, ready)
    finally:
        await shared_postgres.drop_database(shared_postgres.dsn(database))


@contextmanager
def small_disk(owner: int) -> Iterator[Path]:
    """A file system of 64 MB that belongs to this user."""
    if os.geteuid() != 0:
        pytest.skip("mounting a file system takes root")
    with TemporaryDirectory(prefix="govhub-disk-") as folder:
        Path(folder).chmod(0o755)
        place = Path(folder) / "small"
        place.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(place)], check=True)
        try:
            os.chown(place, owner, -1)
            yield place
        finally:
            subprocess.run(["umount", "--lazy", str(place)], check=True)


@wheel
async def test_a_full_disk_is_told_and_found_free_again_without_any_traffic(
    shared_postgres: PrivatePostgres, tmp_path: Path
) -> None:
    await shared_postgres.ensure_running()
    with small_disk(shared_postgres.socket_directory.stat().st_uid) as place:
        await shared_postgres.execute(f"create tablespace small location '{place}'")
        await shared_postgres.execute("create database full_disk template template0 tablespace small")
        try:
            async with open_house(write_config(tmp_path, shared_postgres.dsn("full_disk")), Limits()) as house:
                async with house.database() as connection:
                    await connection.execute("create table filler (text text)")
                    with suppress(asyncpg.DiskFullError):
                        while True:
                            await connection.execute(_FILL)
                    answers = []
                    while 503 not in answers:
                        status, _, _ = await house.send(application())
                        answers.append(status)
                    assert set(answers) <= {202, 503}
                    told_now = await told(house, blocked_by("journal"))
                    assert "53100" in told_now["blocked"][0]["reason"]
                    await connection.execute("drop table filler")
                await shared_postgres.execute("checkpoint")  # only then the files are gone
                await told(house, ready)
                assert (await house.send(application()))[0] == 202
        finally:
            await shared_postgres.drop_database(shared_postgres.dsn("full_disk"))
            await shared_postgres.execute("drop tablespace small")


_FILL = "insert into filler select repeat(md5(n::text), 200) from generate_series(1, 200) n"


@wheel
class TestLooks:
    async def test_a_lost_lease_is_told_since_it_ran_out(self, dsn: str) -> None:
        async with hub_on(dsn, {"housing": Destination(sink=ScriptedSink())}) as rig, by_hand(rig.hub, beating=False):
            watcher = Watcher(rig.hub)
            await watcher.look()
            assert not rig.hub.health.blocked
            for queue, (epoch, _) in rig.hub.leases.held.items():
                rig.hub.leases.held[queue] = (epoch, rig.hub.clock.monotonic() - 30)
            await watcher.look()
            (condition,) = rig.hub.health.blocked
        assert (condition.what, condition.reason) == ("leases", "4 ran out")
        assert abs(rig.clock.now() - condition.since - timedelta(seconds=30)) < timedelta(seconds=2)

    async def test_partitions_of_nobody_are_told(self, dsn: str) -> None:
        async with hub_on(dsn, {"housing": Destination(sink=ScriptedSink())}) as rig:
            watcher = Watcher(rig.hub)
            await watcher.look()
            assert not rig.hub.health.blocked, "hubs are given a moment to take over"
            rig.clock.step(seconds=5)
            await watcher.look()
            (condition,) = rig.hub.health.blocked
            assert (condition.what, rig.hub.health.unowned) == ("partitions", 4)
            async with by_hand(rig.hub):
                await watcher.look()
                assert not rig.hub.health.blocked

    async def test_a_backlog_is_a_concern_since_it_grew_too_old(self, dsn: str) -> None:
        sink = ScriptedSink({"a": [Unavailable("HTTP_503")] * 50})
        async with hub_on(dsn, {"housing": Destination(sink=sink)}) as rig, by_hand(rig.hub):
            hub = replace(rig.hub, telemetry=TelemetrySection(backlog_seconds=60))
            await rig.accept(event("a"))
            await rig.until_settled(1)
            accepted = rig.clock.now()
            watcher = Watcher(hub)
            rig.clock.step(seconds=59)
            await look_at_backlog(hub)
            await watcher.look()
            assert not hub.health.concerns
            rig.clock.step(hours=1)
            await watcher.look()
            (concern,) = hub.health.concerns
        assert (concern.what, concern.destination) == ("backlog", "housing")
        assert concern.since == accepted + timedelta(seconds=60)
        assert not hub.health.blocked

    async def test_what_is_shut_is_a_concern_since_it_was(self, dsn: str) -> None:
        async with hub_on(
            dsn, {"housing": Destination(sink=ScriptedSink()), "tax": Destination(sink=ScriptedSink())}
        ) as rig:
            since = rig.clock.now() - timedelta(minutes=3)
            gate = Gate(
                destination="tax", breaker=Breaker.OPEN, failures=5, openings=1, opened=7, since=since,
                reason="HTTP_503: 张三 is not here", probe_at=None, paused=None,
            )  # fmt: skip
            paused = replace(
                gate, destination="housing", breaker=Breaker.CLOSED, paused=Pause(since, "li", "张三 called")
            )
            rig.hub.breakers.known = {"tax": gate, "housing": paused}
            async with by_hand(rig.hub):
                await Watcher(rig.hub).look()
            assert list(rig.hub.health.concerns) == [
                Condition("paused", "paused by an operator", since, "housing"),
                Condition("breaker", "open: HTTP_503", since, "tax"),
            ]
            text = Exposition(rig.hub).text().decode()
        assert 'govhub_breaker_state{destination="tax"} 2.0' in text
        assert 'govhub_breaker_state{destination="housing"} 0.0' in text
        assert 'govhub_paused{destination="housing"} 1.0' in text
        assert 'govhub_breaker_openings_total{destination="tax"} 7.0' in text

    async def test_a_commit_that_failed_for_want_of_room_is_tried_again(self, dsn: str) -> None:
        async with hub_on(dsn, {"housing": Destination(sink=ScriptedSink())}) as rig, by_hand(rig.hub):
            rig.hub.journal.commits.of("accept").down("DiskFullError 53100")
            await Watcher(rig.hub).look()
            assert not rig.hub.health.blocked
            assert rig.hub.journal.commits.trouble == {}
            connection = await asyncpg.connect(dsn)
            try:
                assert await connection.fetchval("select count(*) from fact where name like 'try %'") == 0
            finally:
                await connection.close()


def test_what_goes_on_keeps_its_beginning_and_what_comes_back_has_a_new_one() -> None:
    health, start = Health(), SystemClock().now()
    health.found([Condition("bus", "refused", start)], [])
    health.found([Condition("bus", "timed out", start + timedelta(minutes=1))], [])
    assert list(health.blocked) == [Condition("bus", "timed out", start)]
    health.found([], [])
    assert not health.blocked
    health.found([Condition("bus", "refused", start + timedelta(minutes=2))], [])
    assert health.blocked[0].since == start + timedelta(minutes=2)


@pytest.fixture
async def pulse() -> AsyncIterator[tuple[Pulse, Any]]:
    log, capture = captured_log()
    beating = Pulse(SystemClock(), log, serious=2.0)
    with beating.watched():
        task = asyncio.create_task(beating.beat())
        yield beating, capture
        task.cancel()


async def test_whoever_blocks_the_loop_is_named_while_it_does(pulse: tuple[Pulse, Any]) -> None:
    beating, capture = pulse

    def hold_up_everybody() -> None:
        while time.monotonic() < began + 2.6 or (not capture.entries and time.monotonic() < began + 20):
            pass

    await asyncio.sleep(0)  # it beats
    assert list(beating.conditions()) == []
    began = time.monotonic()
    hold_up_everybody()
    (line,) = capture.entries
    assert line["event"] == "loop blocked"
    assert any(place.endswith("hold_up_everybody") for place in line["stack"])
    assert 1000 <= line["ms"] < 2500
    await asyncio.sleep(0.3)
    assert beating.blocks == 1
    (condition,) = beating.conditions()
    assert condition.what == "loop"
    assert beating.lag >= 2
