# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A connector that tries to get out of its process does not, by any way we know. Every test needs Landlock (Linux 5.13) and
seccomp, which the machines that test govhub have.
"""

import asyncio
import os
import socket
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
import structlog

from connectors.sdk import Delivered, Parcel, Rejected
from connectors.sdk.fencing import landlock
from connectors.sdk.fencing.fence import OPEN, Fence
from connectors.sdk.fencing.trial import Attempt, attempt
from connectors.sdk.host import ProcessSink
from connectors.sdk.process import Order
from tests.support.missing import missing

ESCAPER = "tests.connectors.hostile.escaper:CONNECTOR"
SECRET = "made-up content"
_SCOPED = 6

Make = Callable[..., Parcel]


@pytest.fixture(autouse=True)
def kernel() -> int:
    """The version of Landlock there is."""
    if not (found := landlock.version()):
        missing("this kernel has no Landlock")
    return found


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    file = tmp_path / "site" / "secret"
    file.parent.mkdir()
    file.write_text(SECRET, encoding="utf-8")
    file.chmod(0o600)
    return file


def escaper(secret: Path, fence: Fence | None = None) -> ProcessSink:
    return ProcessSink(
        Order(reference=ESCAPER, settings={"place": str(secret)}, destination="escaper", fence=fence or Fence()),
        secret=str,
        log=structlog.get_logger(),
        monotonic=asyncio.get_running_loop().time,
    )


@pytest.mark.parametrize(
    "way",
    [
        "read",
        "read in a thread",
        "list",
        "link",
        "write",
        "remove",
        "environment of the hub",
        "files of the hub",
        "memory of the hub",
        "trace the hub",
        "kill the hub",
        "fork",
        "program",
        "listen",
    ],
)
async def test_no_way_leads_out(way: str, secret: Path, parcel: Make) -> None:
    async with escaper(secret) as sink:
        outcome = await sink.send(parcel(body=way.encode(), timeout=30))

    if way == "read in a thread":
        assert outcome == Delivered("PermissionError")
    else:
        assert isinstance(outcome, Rejected), outcome
        assert outcome.code == "PermissionError"
    assert secret.read_text("utf-8") == SECRET


async def test_every_way_is_one_where_nothing_stands_in_it(secret: Path, parcel: Make) -> None:
    """Else the test above would pass without a fence."""
    async with escaper(secret, OPEN) as sink:
        read = await sink.send(parcel(body=b"read", timeout=30))
        thread = await sink.send(parcel(body=b"read in a thread", timeout=30))
        listed = await sink.send(parcel(body=b"list", timeout=30))
        signalled = await sink.send(parcel(body=b"kill the hub", timeout=30))
        begun = await sink.send(parcel(body=b"program", timeout=30))
        forked = await sink.send(parcel(body=b"fork", timeout=30))

    assert [read, thread, listed] == [Delivered(SECRET), Delivered(SECRET), Delivered("secret")]
    assert signalled == Delivered("signalled")
    assert begun == Delivered(sys.executable)
    assert isinstance(forked, Delivered)


async def test_a_folder_that_it_was_given_is_open_to_it(secret: Path, parcel: Make) -> None:
    async with escaper(secret, Fence(folders=(str(secret.parent),))) as sink:
        read = await sink.send(parcel(body=b"read", timeout=30))
        written = await sink.send(parcel(body=b"write", timeout=30))
        out_of_it = await sink.send(parcel(body=b"environment of the hub", timeout=30))

    assert [read, written] == [Delivered(SECRET), Delivered(str(len("changed")))]
    assert secret.read_text("utf-8") == "changed"
    assert isinstance(out_of_it, Rejected)


async def test_programs_begin_behind_the_same_fence(secret: Path, parcel: Make) -> None:
    async with escaper(secret, Fence(programs=True)) as sink:
        begun = await sink.send(parcel(body=b"program", timeout=30))
        read = await sink.send(parcel(body=b"read", timeout=30))

    assert begun == Delivered(sys.executable)
    assert isinstance(read, Rejected)


async def test_an_abstract_socket_of_the_hub_cannot_be_called(kernel: int, tmp_path: Path, parcel: Make) -> None:
    if kernel < _SCOPED:
        missing("abstract sockets are fenced from Linux 6.12 on")
    name = f"govhub-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(f"\0{name}")
        listening.listen()
        async with escaper(Path(name), OPEN) as sink:
            assert await sink.send(parcel(body=b"abstract", timeout=30)) == Delivered("connected")
        async with escaper(Path(name)) as sink:
            outcome = await sink.send(parcel(body=b"abstract", timeout=30))

    assert isinstance(outcome, Rejected)
    assert outcome.code == "PermissionError"


async def test_a_deployment_in_a_checkout_is_not_a_package(
    tmp_path: Path, parcel: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Modules may be imported from a folder in which other things lie too; those stay closed."""
    (tmp_path / "a_module.py").write_text("VALUE = 1\n")
    secret = tmp_path / "var" / "secret"
    secret.parent.mkdir()
    secret.write_text(SECRET)
    config = tmp_path / "govhub.yaml"
    config.write_text("secrets: {}\n")
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])

    for place, code in ((secret, "PermissionError"), (config, "PermissionError")):
        async with escaper(place) as sink:
            outcome = await sink.send(parcel(body=b"read", timeout=30))
        assert isinstance(outcome, Rejected)
        assert outcome.code == code
    async with escaper(tmp_path / "a_module.py") as sink:
        assert await sink.send(parcel(body=b"read", timeout=30)) == Delivered("VALUE = 1\n")


class TestTrial:
    def test_everything_is_stopped_here(self, kernel: int) -> None:
        tried = attempt(Fence())

        assert not isinstance(tried, str), tried
        assert {one for one, held in tried.items() if not held} <= ({Attempt.LISTEN} if kernel < 4 else set())

    def test_it_tells_what_is_not(self) -> None:
        tried = attempt(OPEN)

        assert not isinstance(tried, str), tried
        not_held = {one for one, held in tried.items() if not held}
        assert not_held == {Attempt.READ, Attempt.WRITE, Attempt.SIGNAL, Attempt.PROGRAM, Attempt.LISTEN}


def test_another_user_is_taken_for_good() -> None:
    """As root: files of root are closed then, and there is no way back. Any other user cannot."""
    script = textwrap.dedent("""
        import os
        from connectors.sdk.fencing import privileges
        try:
            privileges.become(65534, 65534)
        except PermissionError:
            print("refused")
        else:
            try:
                os.setuid(0)
            except PermissionError:
                print(os.getresuid(), os.getresgid(), os.getgroups(), privileges.effective_capabilities())
    """)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    root = "(65534, 65534, 65534) (65534, 65534, 65534) [] 0"

    assert done.stdout.strip() == (root if os.geteuid() == 0 else "refused"), done.stderr
