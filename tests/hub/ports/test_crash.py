# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The fuse: it burns at its point and its turn, in a process of its own, and nothing else lights it."""

import signal
import subprocess
import sys

import pytest

from hub.ports.crash import Fuse, fuse_of
from hub.ports.probe import Point, Quiet

BURN = """
import sys
from hub.ports.crash import fuse_of
from hub.ports.probe import Point
fuse = fuse_of(sys.argv[1])
for n in range(1, 4):
    for point in Point:
        print(n, point.value, flush=True)
        fuse.reach(point)
"""


@pytest.mark.parametrize("point", list(Point), ids=lambda point: point.value)
def test_every_point_has_a_fuse(point: Point) -> None:
    assert isinstance(fuse_of(point.value), Fuse)
    assert isinstance(fuse_of(f"{point.value}:3"), Fuse)


@pytest.mark.parametrize("text", ["", "nowhere", "deliver.before_send:x", "x:1", "DELIVER"])
def test_what_describes_no_fuse_is_none(text: str) -> None:
    assert fuse_of(text) is None


@pytest.mark.parametrize(
    ("text", "last"),
    [("accept.before_commit", "1 accept.before_commit"), ("deliver.after_send:2", "2 deliver.after_send")],
)
def test_it_kills_its_process_at_its_point_and_turn(text: str, last: str) -> None:
    died = subprocess.run([sys.executable, "-c", BURN, text], capture_output=True, text=True, check=False, timeout=60)
    assert died.returncode == -signal.SIGKILL
    assert died.stdout.splitlines()[-1] == last


@pytest.mark.parametrize("text", ["deliver.after_send:4", "deliver.after_send:0", "deliver.after_send:-1"])
def test_a_turn_that_never_comes_burns_nothing(text: str) -> None:
    lived = subprocess.run([sys.executable, "-c", BURN, text], capture_output=True, text=True, check=False, timeout=60)
    assert lived.returncode == 0


def test_a_running_hub_has_a_quiet_probe() -> None:
    for point in Point:
        Quiet().reach(point)
