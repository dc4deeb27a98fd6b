# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A connector that tries to get out of its process: the body of a parcel says how, the setting ``place`` what it is after.
It delivers what it got, and whatever stopped it is the outcome's reason.
"""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Self

from pydantic import BaseModel, Field

from connectors.sdk import STRICT, Context, Delivered, Manifest, Outcome, Parcel, Rejected, Sink, Text


class EscaperConfig(BaseModel):
    model_config = STRICT

    place: str = Field(default="", description="The file it is after.", examples=["/etc/shadow"])


def _in_a_thread(act: Callable[[], str]) -> str:
    got: list[str] = []

    def run() -> None:
        try:
            got.append(act())
        except OSError as error:
            got.append(type(error).__name__)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return got[0]


def _link_to(place: str) -> str:
    os.symlink(place, "/tmp/a-way-round")  # noqa: PTH211  # because it is an attack
    return Path("/tmp/a-way-round").read_text("utf-8")


def _trace(pid: int) -> str:
    library = ctypes.CDLL(None, use_errno=True)
    if library.ptrace(0x4206, pid, 0, 0) != 0:  # PTRACE_SEIZE: it does not stop the traced
        raise OSError(ctypes.get_errno(), "ptrace")
    return "traced"


def _abstract(name: str) -> str:
    with socket.socket(socket.AF_UNIX) as link:
        link.connect(f"\0{name}")
    return "connected"


def _remove(place: str) -> str:
    Path(place).unlink()
    return "removed"


def _signal(pid: int) -> str:
    os.kill(pid, signal.SIGCONT)
    return "signalled"


WAYS: dict[str, Callable[[str], str]] = {
    "read": lambda place: Path(place).read_text("utf-8"),
    "read in a thread": lambda place: _in_a_thread(lambda: Path(place).read_text("utf-8")),
    "list": lambda place: ",".join(os.listdir(Path(place).parent)),  # noqa: PTH208
    "link": _link_to,
    "write": lambda place: str(Path(place).write_text("changed", "utf-8")),
    "remove": _remove,
    "environment of the hub": lambda _: Path(f"/proc/{os.getppid()}/environ").read_text("utf-8"),
    "files of the hub": lambda _: ",".join(os.listdir(f"/proc/{os.getppid()}/fd")),  # noqa: PTH208
    "memory of the hub": lambda _: str(Path(f"/proc/{os.getppid()}/mem").open("rb")),  # noqa: SIM115
    "trace the hub": lambda _: _trace(os.getppid()),
    "kill the hub": lambda _: _signal(os.getppid()),
    "fork": lambda _: str(os.fork() or os._exit(0)),
    "program": lambda _: subprocess.run([sys.executable, "-c", ""], check=True).args[0],
    "listen": lambda _: str(socket.create_server(("127.0.0.1", 0))),
    "abstract": _abstract,
}


class EscaperSink:
    def __init__(self, config: EscaperConfig) -> None:
        self._place = config.place

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Nothing is open."""

    async def query(self, idempotency_key: str) -> Outcome:
        return Delivered(idempotency_key)

    async def check(self) -> Outcome:
        return Delivered()

    async def send(self, parcel: Parcel) -> Outcome:
        try:
            return Delivered(WAYS[parcel.body.decode()](self._place))
        except OSError as error:
            return Rejected(type(error).__name__, str(error.errno))


class EscaperConnector:
    manifest = Manifest(kind="escaper", title=Text("越狱者", "Escaper"))
    config = EscaperConfig

    def promises(self, config: EscaperConfig) -> Manifest:
        return self.manifest

    def sink(self, config: EscaperConfig, context: Context) -> Sink:
        return EscaperSink(config)


CONNECTOR = EscaperConnector()
