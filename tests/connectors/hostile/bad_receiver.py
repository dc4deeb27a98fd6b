# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A receiver that does harm on demand: its setting ``mood``, or the body of a call, says which. For a child process."""

import asyncio
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Self

from pydantic import BaseModel, Field

from connectors.sdk import (
    STRICT,
    Admission,
    Admitted,
    Context,
    Disposition,
    Item,
    Manifest,
    Metric,
    MetricKind,
    Reply,
    Request,
    Role,
    Text,
    TurnedAway,
)
from tests.connectors.hostile.saboteur import say_behind_its_back


class BadConfig(BaseModel):
    model_config = STRICT

    mood: str = Field(default="well", description="What to do wrong.", examples=["exit"])


class BadReceiver:
    def __init__(self, config: BadConfig, context: Context) -> None:
        self._config = config
        self._context = context
        self._hoard: list[bytearray] = []

    async def __aenter__(self) -> Self:
        if self._config.mood == "no start":
            raise RuntimeError("not today")
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Nothing is open."""

    async def admit(self, request: Request) -> Admission:
        answer: Any = await self._answer(request)
        return answer if answer is not None else Reply(status=200, body=b"%d" % os.getpid())

    async def reply(self, note: str, answers: Sequence[tuple[int, Disposition]]) -> Reply:
        if self._config.mood == "exit at reply":
            os._exit(4)
        said = [f"{token} {type(answer).__name__}" for token, answer in answers]
        longest = max(len(getattr(answer, "problem", b"")) for _, answer in answers)
        return Reply(status=200, headers=(("X-Note", note),), body=f"{said} {longest}".encode())

    async def _answer(self, request: Request) -> object:  # noqa: C901, PLR0912  # because harm has many forms
        match request.body.decode():
            case "exit":
                os._exit(3)
            case "leave":
                raise SystemExit(5)
            case "raise":
                raise RuntimeError("510502199001011234")
            case "block":
                time.sleep(3600)  # noqa: ASYNC251  # because blocking the loop is its sin
            case "hang":
                await asyncio.Event().wait()
            case "cling":
                while True:
                    with suppress(asyncio.CancelledError):
                        await asyncio.Event().wait()
            case "leak":
                while True:
                    self._hoard.append(bytearray(64 * 1024 * 1024))
            case "nonsense":
                return "admitted"
            case "two headers":
                return Reply(status=200, headers=(("X-A", "1\r\nX-B: 2"),))
            case "too much":
                return Reply(status=200, body=b"x" * (65 * 1024 * 1024))
            case "secret":
                return Reply(status=200, body=self._other_secret().encode())
            case "lie":
                say_behind_its_back(b'{"is":"told","id":1,"status":200,"headers":[["A","1\\nB: 2"]]}')
            case "delivered":
                say_behind_its_back(b'{"is":"result","id":1,"outcome":{"outcome":"Delivered","receipt":""}}')
            case "environment":
                return Reply(status=200, body=",".join(os.environ).encode())
            case "measure":
                self._context.metrics.count("calls", 3, "all")
            case "echo":
                heard = repr((request.method, request.path, request.query, request.headers, request.url))
                return TurnedAway(code="ECHO", reply=Reply(status=400, body=heard.encode("utf-8", "backslashreplace")))
            case "admit":
                items = (
                    Item(token=7, content_type="text/plain", body=b"one", headers={"n": 1 << 80, "b": b"\xff"}),
                    Item(token=3, content_type=None, body=b"two"),
                )
                return Admitted(items=items, note="\u529e")
            case _:
                pass
        return None

    def _other_secret(self) -> str:
        try:
            return self._context.secret("another source's")
        except KeyError:
            return f"refused, but {self._context.secret('token')}"


class BadConnector:
    manifest = Manifest(
        kind="bad_receiver",
        title=Text("坏接收", "Bad receiver"),
        roles=frozenset({Role.RECEIVER}),
        metrics=(
            Metric(name="calls", kind=MetricKind.COUNTER, title=Text("调用", "Calls"), label="which", values=("all",)),
        ),
    )
    receiver_config = BadConfig

    def receiver(self, config: BadConfig, context: Context) -> BadReceiver:
        return BadReceiver(config, context)


CONNECTOR = BadConnector()
