# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A source that does harm on demand: its setting ``mood`` says which. For a child process, except where it is harmless."""

import asyncio
import os
import sys
import threading
import time
from collections.abc import Sequence
from typing import Never, Self

from pydantic import BaseModel, Field

from connectors.sdk import (
    STRICT,
    Context,
    Delivered,
    Disposition,
    Item,
    Manifest,
    Metric,
    MetricKind,
    Outcome,
    Role,
    Sink,
    Source,
    Text,
)


class BadConfig(BaseModel):
    model_config = STRICT

    mood: str = Field(default="well", description="What to do wrong.", examples=["raise"])
    prefetch: int = Field(default=5, description="The most messages in hand.", examples=[5])
    count: int = Field(default=3, description="How many messages lie there at first.", examples=[3])
    marks: str = Field(default="", description="A folder where each start leaves a file.", examples=["/tmp"])


def _spin() -> Never:
    while True:
        pass


class BadSource:
    def __init__(self, config: BadConfig, context: Context) -> None:
        self._config = config
        self._context = context
        self._waiting = list(range(1, config.count + 1))
        self._lent: dict[int, int] = {}
        self.settled: list[tuple[int, Disposition]] = []

    async def __aenter__(self) -> Self:
        if self._config.marks:
            os.close(os.open(f"{self._config.marks}/{time.monotonic_ns()}", os.O_CREAT | os.O_WRONLY))
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Nothing is open."""

    async def take(self) -> Sequence[Item]:  # noqa: C901, PLR0912  # because harm has many forms
        match self._config.mood:
            case "raise":
                raise RuntimeError("in take")
            case "leave":
                raise SystemExit(5)
            case "exit":
                os._exit(3)
            case "block":
                time.sleep(3600)  # noqa: ASYNC251  # because blocking the loop is its sin
            case "memory":
                hoard = [bytearray(64 * 1024 * 1024) for _ in range(10_000)]
                return [Item(token=1, content_type=None, body=bytes(hoard[0]))]
            case "spin":
                for _ in range(4):
                    threading.Thread(target=_spin, daemon=True).start()
            case "too many":
                return [Item(token=n, content_type="text/plain", body=b"") for n in range(1, 1000)]
            case "nonsense":
                return [None]  # type: ignore[list-item]
            case "big token":
                return [Item(token=1 << 100, content_type="text/plain", body=b"%d" % self._next())]
            case "flood":
                while True:
                    self._context.log.info("again and again")
                    await asyncio.sleep(0)
            case "secret":
                return [Item(token=self._next(), content_type="text/plain", body=self._other_secret().encode())]
            case "environment":
                return [Item(token=self._next(), content_type="text/plain", body=",".join(os.environ).encode())]
            case "measure":
                self._context.metrics.count("pages", 3, "A4")
                self._context.metrics.count("undeclared")
            case _:
                pass
        if not self._waiting:
            await asyncio.Event().wait()
        return [Item(token=n, content_type="text/plain", body=b"%d" % n) for n in self._drain()]

    async def settle(self, answers: Sequence[tuple[int, Disposition]]) -> None:
        if self._config.mood == "raise at settle":
            raise RuntimeError("in settle")
        for token, answer in answers:
            print(token, answer, file=sys.stderr)
            self.settled.append((token, answer))

    async def check(self) -> Outcome:
        if self._config.mood == "hang at check":
            await asyncio.Event().wait()
        return Delivered(str(os.getpid()))

    def _drain(self) -> list[int]:
        waiting, self._waiting = self._waiting, []
        return waiting

    def _next(self) -> int:
        return self._waiting.pop(0)

    def _other_secret(self) -> str:
        try:
            return self._context.secret("another source's")
        except KeyError:
            return "refused"


class BadConnector:
    manifest = Manifest(
        kind="bad",
        title=Text("坏来源", "Bad source"),
        roles=frozenset({Role.SINK, Role.SOURCE}),
        metrics=(
            Metric(name="pages", kind=MetricKind.COUNTER, title=Text("页", "Pages"), label="size", values=("A4",)),
        ),
    )
    config = BadConfig
    source_config = BadConfig

    def promises(self, config: BadConfig) -> Manifest:
        return self.manifest

    def sink(self, config: BadConfig, context: Context) -> Sink:
        raise NotImplementedError

    def source(self, config: BadConfig, context: Context) -> Source:
        return BadSource(config, context)


CONNECTOR = BadConnector()
