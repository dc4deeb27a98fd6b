# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A connector that does harm on demand: the body of a parcel says which. For a child process only."""

import asyncio
import ctypes
import os
import resource
import signal
import socket
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Never, Self, cast

from pydantic import BaseModel, ConfigDict, Field

from connectors.sdk import Accepted, Answer, Context, Delivered, Manifest, NotSeen, Outcome, Parcel, Rejected, Sink
from contracts.text import Text


class SaboteurConfig(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    mood: str = Field(default="", description="What to do wrong before the first send.", examples=["raise"])


def _forever() -> Never:
    while True:
        time.sleep(3600)


def every_socket() -> list[socket.socket]:
    """What a connector finds that goes through the numbers."""
    found = []
    for number in sorted(int(entry.name) for entry in Path("/proc/self/fd").iterdir()):
        if number < 3:
            continue
        try:
            found.append(socket.socket(fileno=os.dup(number)))
        except OSError:
            continue
    return found


def say_behind_its_back(head: bytes) -> None:
    """Tell the hub something that our side of the child would never say."""
    for link in every_socket():
        link.sendall(len(head).to_bytes(4, "big") + b"\0\0\0\0" + head)
    _forever()


class SaboteurSink:
    def __init__(self, config: SaboteurConfig, context: Context) -> None:
        self._mood = config.mood
        self._context = context

    async def __aenter__(self) -> Self:
        match self._mood:
            case "raise at enter":
                raise RuntimeError(self._mood)
            case "exit at enter":
                os._exit(4)
            case "hang at enter":
                await asyncio.Event().wait()
            case _:
                pass
        return self

    async def __aexit__(self, *exc: object) -> None:
        match self._mood:
            case "raise at exit":
                raise RuntimeError(self._mood)
            case "hang at exit":
                await asyncio.Event().wait()
            case _:
                pass

    async def query(self, idempotency_key: str) -> Outcome:
        return Accepted(idempotency_key)

    async def check(self) -> Outcome:
        return Delivered(str(os.getpid()))

    async def send(self, parcel: Parcel) -> Outcome:  # noqa: C901, PLR0912, PLR0915  # because harm has many forms
        match parcel.body.decode():
            case "well":
                return Delivered(parcel.idempotency_key)
            case "raise":
                raise RuntimeError("in send")
            case "leave":
                raise SystemExit(5)
            case "exit":
                os._exit(3)
            case "crash":
                ctypes.string_at(0)
            case "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            case "block":
                _forever()
            case "hang":
                await asyncio.Event().wait()
            case "swallow":
                while True:
                    try:
                        await asyncio.Event().wait()
                    except asyncio.CancelledError:
                        continue
            case "nonsense":
                nonsense: Any = {"outcome": "Delivered"}
                return cast("Outcome", nonsense)
            case "never seen":
                return cast("Outcome", NotSeen())
            case "long":
                return Delivered("x" * 10_000_000)
            case "print":
                print("a line to nowhere\n" * 100_000, file=sys.stdout, flush=True)  # because it does harm
                os.write(2, b"x" * 1_000_000)
                return Delivered("printed")
            case "memory":
                hoard = [bytearray(64 * 1024 * 1024) for _ in range(10_000)]
                return Delivered(str(len(hoard)))
            case "flood":
                while True:
                    self._context.log.info("again and again", filler="x" * 100)
                    await asyncio.sleep(0)
            case "chat":
                self._context.log.warning("a word", number=7)
                self._context.log.debug("unheard")
                return Delivered()
            case "answer":
                answer = Answer(parcel.idempotency_key, Delivered("seen"), datetime(2026, 11, 28, 9, tzinfo=UTC))
                heard = await self._context.answers.answered([answer, Answer("R-2", Rejected("NO", "why", ("a", "b")))])
                return Delivered(",".join(heard))
            case "many answers":
                many = [Answer(f"R-{number}", Rejected("NO", "x" * 1_000)) for number in range(3_000)]
                return Delivered(str(len(await self._context.answers.answered(many))))
            case "many questions":
                answers = self._context.answers
                each = await asyncio.gather(*(answers.answered([Answer(f"R-{n}", Delivered())]) for n in range(100)))
                return Delivered(str(len(each)))
            case "no answer":
                await self._context.answers.answered([cast("Answer", {"reference": "R-1"})])
            case "false answers":
                say_behind_its_back(b'{"is":"answered","id":1,"answers":[["R-1",null,"accepted","later"]]}')
            case "huge frame":
                for link in every_socket():
                    link.sendall(b"\xff" * 8)
                _forever()
            case "false frames":
                for link in every_socket():
                    link.sendall(b"\0\0\0\x02\0\0\0\0[]")
                _forever()
            case "false outcome":
                say_behind_its_back(b'{"is":"result","id":1,"outcome":{"outcome":"Delivered","receipt":7}}')
            case "offspring":
                if os.fork() == 0:
                    _forever()
                os._exit(0)
            case "environment":
                return Delivered(",".join(sorted(os.environ)))
            case "secret":
                return Delivered(self._context.secret("token"))
            case "other secret":
                return Delivered(self._context.secret("another destination's"))
            case "limits":
                return Delivered(str(resource.getrlimit(resource.RLIMIT_AS)[0]))
            case unknown:
                raise NotImplementedError(unknown)
        raise AssertionError("what ends in this way has already ended otherwise")


class SaboteurConnector:
    manifest = Manifest(kind="saboteur", title=Text("破坏者", "Saboteur"))
    config = SaboteurConfig

    def promises(self, config: SaboteurConfig) -> Manifest:
        return self.manifest

    def sink(self, config: SaboteurConfig, context: Context) -> Sink:
        return SaboteurSink(config, context)


CONNECTOR = SaboteurConnector()
