# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a connector does in its process hurts only itself: its own sends under way, and nobody else's."""

import asyncio
import os
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator, Callable, MutableMapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

import pytest
import structlog
from structlog.testing import CapturingLogger
from structlog.typing import FilteringBoundLogger

from connectors.sdk import Accepted, Delivered, InDoubt, Parcel, Rejected, Unavailable
from connectors.sdk.fencing.fence import Fence
from connectors.sdk.guard import guarded
from connectors.sdk.host import ProcessSink
from connectors.sdk.process import Limits, Order

SABOTEUR = "tests.connectors.hostile.saboteur:CONNECTOR"
LIMITS = Limits(
    memory_bytes=512 * 1024 * 1024, start_seconds=60, grace_seconds=0.2, stop_seconds=0.5, restart_seconds=0.0
)


def _drop(_logger: object, _level: str, _event: MutableMapping[str, Any]) -> NoReturn:
    raise structlog.DropEvent


class Clock:
    """Stands still until told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def heard() -> CapturingLogger:
    return CapturingLogger()


@pytest.fixture
def log(heard: CapturingLogger) -> FilteringBoundLogger:
    bound: FilteringBoundLogger = structlog.wrap_logger(
        heard,
        processors=[lambda _logger, level, event: ((level, event.pop("event")), event)],
        wrapper_class=structlog.make_filtering_bound_logger(0),
    )
    return bound


@pytest.fixture
def hosted(log: FilteringBoundLogger) -> Callable[..., ProcessSink]:
    def host(
        mood: str = "",
        limits: Limits = LIMITS,
        clock: Clock | None = None,
        fence: Fence | None = None,
        **settings: object,
    ) -> ProcessSink:
        secrets = {"token": "made-up-token"}
        return ProcessSink(
            Order(
                reference=SABOTEUR,
                settings={"mood": mood, **settings},
                destination="department",
                fence=fence or Fence(),
            ),
            secret=secrets.__getitem__,
            log=log,
            monotonic=clock or asyncio.get_running_loop().time,
            limits=limits,
        )

    return host


Make = Callable[..., Parcel]
Host = Callable[..., ProcessSink]


@pytest.fixture(scope="module")
async def pair() -> AsyncIterator[tuple[ProcessSink, ProcessSink]]:
    silent = structlog.wrap_logger(None, processors=[_drop], wrapper_class=structlog.make_filtering_bound_logger(0))
    both = [
        ProcessSink(
            Order(reference=SABOTEUR, settings={}, destination=destination),
            secret={"token": "made-up-token"}.__getitem__,
            log=silent,
            monotonic=asyncio.get_running_loop().time,
            limits=LIMITS,
        )
        for destination in ("saboteur", "neighbour")
    ]
    async with both[0] as sink, both[1] as neighbour:
        yield sink, neighbour


class TestHarm:
    """One saboteur, harmed again and again, and a neighbour that must not notice."""

    @pytest.mark.parametrize(
        ("harm", "reason"),
        [
            ("raise", "CONNECTOR_RAISED: RuntimeError"),
            ("leave", "CONNECTOR_RAISED: SystemExit"),
            ("nonsense", "CONNECTOR_NONSENSE"),
            ("long", "CONNECTOR_NONSENSE"),
            ("never seen", "CONNECTOR_NONSENSE"),
            ("other secret", "CONNECTOR_RAISED: KeyError"),
            ("hang", "OVERDUE"),
            ("block", "OVERDUE"),
            ("swallow", "OVERDUE"),
            ("exit", "HOST_DIED"),
            ("crash", "HOST_DIED"),
            ("offspring", "CONNECTOR_RAISED: PermissionError"),
            ("memory", "CONNECTOR_RAISED: MemoryError"),
            ("flood", "HOST_NONSENSE: a flood of log lines"),
            ("huge frame", "HOST_NONSENSE: too large"),
            ("false frames", "HOST_NONSENSE: not an object"),
            ("false outcome", "HOST_NONSENSE: not an outcome"),
        ],
    )
    async def test_is_in_doubt_and_the_next_send_goes_well(
        self, harm: str, reason: str, pair: tuple[ProcessSink, ProcessSink], parcel: Make
    ) -> None:
        sink, neighbour = pair
        timeout = 0.1 if reason == "OVERDUE" else 10
        async with asyncio.TaskGroup() as group:
            harmed = group.create_task(sink.send(parcel(body=harm.encode(), timeout=timeout)))
            beside = group.create_task(neighbour.send(parcel("beside", body=b"well")))
        after = await sink.send(parcel("after", body=b"well", timeout=20))

        outcome = harmed.result()
        assert isinstance(outcome, InDoubt)
        assert outcome.reason.startswith(reason)
        assert beside.result() == Delivered("beside")
        assert after == Delivered("after")

    @pytest.mark.parametrize("harm", ["exit", "block"])
    async def test_what_was_under_way_beside_it_is_in_doubt_too(
        self, harm: str, pair: tuple[ProcessSink, ProcessSink], parcel: Make
    ) -> None:
        sink, _ = pair
        await sink.send(parcel(body=b"well", timeout=20))
        beside = asyncio.create_task(sink.send(parcel("beside", body=b"hang", timeout=60)))
        await sink.check()  # one socket, in order: the other one has been handed over
        await sink.send(parcel(body=harm.encode(), timeout=0.1))

        assert isinstance(await beside, InDoubt)


async def test_a_blocked_child_is_ended_also_when_the_hub_calls_the_send_back(hosted: Host, parcel: Make) -> None:
    """The hub's own guard cancels a send a little sooner than the host would give it up."""
    async with hosted() as sink:
        called_back = await guarded(lambda: sink.send(parcel(body=b"block", timeout=0.1)), 0.1)
        beside = await sink.send(parcel(body=b"well", timeout=20))
        after = await sink.send(parcel(body=b"well", timeout=20))

    assert called_back == InDoubt("OVERDUE: out of time")
    assert beside == InDoubt("OVERDUE: the connector's process did not answer and was ended")
    assert after == Delivered("key-1")


async def test_printing_reaches_nobody(hosted: Host, parcel: Make, capfd: pytest.CaptureFixture[str]) -> None:
    async with hosted() as sink:
        assert await sink.send(parcel(body=b"print")) == Delivered("printed")

    assert capfd.readouterr() == ("", "")


async def test_a_word_is_passed_on(hosted: Host, parcel: Make, heard: CapturingLogger) -> None:
    async with hosted() as sink:
        await sink.send(parcel(body=b"chat"))

    assert [(call.args, call.kwargs) for call in heard.calls] == [(("warning", "a word"), {"fields": {"number": "7"}})]


async def test_a_flood_is_cut_short(hosted: Host, parcel: Make, heard: CapturingLogger) -> None:
    async with hosted() as sink:
        await sink.send(parcel(body=b"flood", timeout=5))

    assert len(heard.calls) < 1_000


async def test_it_sees_its_secrets_and_nothing_of_our_environment(
    hosted: Host, parcel: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOVHUB_DATABASE_PASSWORD", "made-up")
    async with hosted() as sink:
        assert await sink.send(parcel(body=b"secret")) == Delivered("made-up-token")
        environment = await sink.send(parcel(body=b"environment"))

    assert isinstance(environment, Delivered)
    assert set(environment.receipt.split(",")) <= {
        "LANG", "LC_CTYPE", "MALLOC_ARENA_MAX", "PATH", "PYTHONPATH", "SSL_CERT_DIR", "SSL_CERT_FILE",
    }  # fmt: skip


async def test_its_memory_has_a_limit(hosted: Host, parcel: Make) -> None:
    async with hosted() as sink:
        assert await sink.send(parcel(body=b"limits")) == Delivered(str(LIMITS.memory_bytes))


async def test_questions_cross_too(hosted: Host) -> None:
    async with hosted() as sink:
        assert await sink.query("key-1") == Accepted("key-1")
        assert isinstance(await sink.check(), Delivered)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"attributes": {"id": "\ud800"}}, "not JSON"), ({"attributes": {"id": "x" * 2_000_000}}, "too large")],
)
async def test_what_cannot_cross_is_rejected(
    changes: dict[str, object], reason: str, hosted: Host, parcel: Make
) -> None:
    async with hosted() as sink:
        outcome = await sink.send(parcel(body=b"well", **changes))

    assert outcome == Rejected("HOST_FRAME", f"The parcel cannot be handed to the connector's process: {reason}.")


async def test_a_send_that_was_not_handed_over_is_unavailable(hosted: Host, parcel: Make) -> None:
    async with hosted() as sink:
        blocked = asyncio.create_task(sink.send(parcel(body=b"block", timeout=3)))
        filling = [
            asyncio.create_task(sink.send(parcel(f"filling-{n}", body=b"w" * 4_000_000, timeout=0.1))) for n in range(2)
        ]
        outcomes = await asyncio.gather(blocked, *filling)

    assert isinstance(outcomes[0], InDoubt)
    assert isinstance(outcomes[2], Unavailable)


async def test_a_cancelled_send_frees_the_child(hosted: Host, parcel: Make) -> None:
    async with hosted() as sink:
        pid = await sink.check()
        hanging = asyncio.create_task(sink.send(parcel(body=b"hang", timeout=60)))
        await sink.check()
        hanging.cancel()
        with pytest.raises(asyncio.CancelledError):
            await hanging

        assert await sink.send(parcel(body=b"well")) == Delivered("key-1")
        assert await sink.check() == pid


class TestRestart:
    async def test_waits_longer_each_time(self, hosted: Host, parcel: Make) -> None:
        clock = Clock()
        limits = Limits(restart_seconds=2.0, restart_max_seconds=5.0)
        waits = []
        async with hosted(limits=limits, clock=clock) as sink:
            for _ in range(3):
                assert isinstance(await sink.send(parcel(body=b"exit")), InDoubt)
                refused = await sink.send(parcel(body=b"well"))
                assert isinstance(refused, Unavailable)
                assert refused.reason == "HOST_RESTARTING: the connector's process is not up yet"
                waits.append(refused.retry_after)
                clock.now += refused.retry_after or 0

            assert await sink.send(parcel(body=b"well")) == Delivered("key-1")
            await sink.send(parcel(body=b"exit"))
            again = await sink.send(parcel(body=b"well"))

        assert waits == [2.0, 4.0, 5.0]
        assert again == Unavailable("HOST_RESTARTING: the connector's process is not up yet", 2.0)

    async def test_is_said_once(self, hosted: Host, parcel: Make, heard: CapturingLogger) -> None:
        async with hosted() as sink:
            await sink.send(parcel(body=b"exit"))
            await sink.send(parcel(body=b"well"))

        assert [call.args[1] for call in heard.calls] == ["a connector's process ended"]


@pytest.mark.parametrize(
    ("mood", "reason"),
    [
        ("raise at enter", "HOST_UNFIT: opening raises RuntimeError"),
        ("exit at enter", "HOST_UNFIT: HOST_DIED: the connector's process ended"),
        ("hang at enter", "HOST_UNFIT: it did not start in time"),
    ],
)
async def test_a_child_that_does_not_start_is_found_by_send(mood: str, reason: str, hosted: Host, parcel: Make) -> None:
    patience = 2 if mood.startswith("hang") else 60
    async with hosted(mood, Limits(start_seconds=patience, restart_seconds=1_000)) as sink:
        outcome = await sink.send(parcel(body=b"well"))

    assert isinstance(outcome, Unavailable)
    assert outcome.reason.startswith(reason)


async def test_refused_settings_are_named_without_their_values(hosted: Host, parcel: Make) -> None:
    async with hosted(limits=Limits(restart_seconds=1_000), pasword="made-up") as sink:
        outcome = await sink.send(parcel(body=b"well"))

    assert isinstance(outcome, Unavailable)
    assert outcome.reason == ("HOST_UNFIT: the settings are refused; pasword: Extra inputs are not permitted")


class TestClosing:
    @pytest.mark.parametrize("mood", ["", "raise at exit", "hang at exit"])
    async def test_leaves_no_process(self, mood: str, hosted: Host, parcel: Make) -> None:
        async with asyncio.timeout(20):
            async with hosted(mood) as sink:
                pid = await sink.check()
                under_way = asyncio.create_task(sink.send(parcel(body=b"hang", timeout=60)))
                await sink.check()
            outcome = await under_way

        assert isinstance(outcome, InDoubt)
        assert isinstance(pid, Delivered)
        assert not Path(f"/proc/{pid.receipt}").exists()
        assert await sink.send(parcel(body=b"well")) == Unavailable("CLOSED: this destination is being closed")

    async def test_takes_offspring_along(self, hosted: Host, parcel: Make) -> None:
        async with hosted(fence=Fence(programs=True)) as sink:
            leader = await sink.check()
            assert isinstance(leader, Delivered)
            offspring = asyncio.create_task(sink.send(parcel(body=b"offspring")))
            await offspring

        await asyncio.gather(*(ended(pid) for pid in group_of(int(leader.receipt))))


def group_of(leader: int) -> list[int]:
    """The processes of a process group (proc(5): the fields of stat after the name are state, parent, group)."""
    members = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            _, _, group = stat.read_text().rpartition(")")[2].split()[:3]
            members += [int(stat.parent.name)] if int(group) == leader else []
    return members


async def ended(pid: int) -> None:
    """Wait until a process that need not be our child has ended."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    over = asyncio.Event()
    asyncio.get_running_loop().add_reader(descriptor, over.set)
    try:
        async with asyncio.timeout(10):
            await over.wait()
    finally:
        asyncio.get_running_loop().remove_reader(descriptor)
        os.close(descriptor)


async def test_a_hub_that_is_killed_leaves_no_child(tmp_path: Path) -> None:
    """Also when the child's loop is blocked, so that it cannot see the end of its socket."""
    script = tmp_path / "hub.py"
    script.write_text(
        textwrap.dedent(f"""
        import asyncio, time, structlog
        from connectors.sdk import Parcel
        from connectors.sdk.host import ProcessSink
        from connectors.sdk.process import Order

        async def main():
            sink = ProcessSink(Order(reference={SABOTEUR!r}, settings={{}}, destination="d"),
                               secret=str, log=structlog.get_logger(), monotonic=time.monotonic)
            async with sink:
                print((await sink.check()).receipt, flush=True)
                await sink.send(Parcel(idempotency_key="k", content_type="a/b", body=b"block", timeout=600))

        asyncio.run(main())
        """)
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)}
    hub = await asyncio.create_subprocess_exec(sys.executable, script, stdout=subprocess.PIPE, env=environment)
    assert hub.stdout is not None
    child = int(await hub.stdout.readline())
    over = asyncio.create_task(ended(child))
    await asyncio.sleep(0)  # the watch is set before the kill, so that no other process can be meant by the number
    assert not over.done()
    hub.kill()
    await hub.wait()

    await over
