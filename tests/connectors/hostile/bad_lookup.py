# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A lookup that does harm on demand: the criterion ``key`` says which. For a child process."""

import asyncio
import os
import time
from contextlib import suppress
from decimal import Decimal
from typing import Any, Self

from pydantic import BaseModel

from connectors.sdk import (
    STRICT,
    Context,
    Criteria,
    Delivered,
    Finding,
    Found,
    Manifest,
    NotFound,
    Outcome,
    Question,
    Rejected,
    Role,
    Text,
)
from tests.connectors.hostile.saboteur import say_behind_its_back


class BadConfig(BaseModel):
    """No settings."""

    model_config = STRICT


class BadLookup:
    def __init__(self, context: Context) -> None:
        self._context = context
        self._hoard: list[bytearray] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Nothing is open."""

    async def ask(self, question: Question) -> Finding:
        answer: Any = await self._answer(question)
        return answer if answer is not None else Found(({"pid": os.getpid()},))

    async def check(self) -> Outcome:
        return Delivered(str(os.getpid()))

    async def _answer(self, question: Question) -> object:  # noqa: C901, PLR0912  # because harm has many forms
        match question.criteria["key"]:
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
                return "found"
            case "decimal":
                return Found(({"share": Decimal(1)},))  # type: ignore[dict-item]
            case "too much":
                return Found(({"text": "x" * (9 * 1024 * 1024)},))
            case "secret":
                return Found(({"said": self._other_secret()},))
            case "lie":
                say_behind_its_back(b'{"is":"told","id":1,"found":true,"complete":1}')
            case "delivered":
                say_behind_its_back(b'{"is":"result","id":1,"outcome":{"outcome":"Delivered","receipt":""}}')
            case "environment":
                return Found(({"names": list(os.environ)},))
            case "nothing":
                return NotFound()
            case "refused":
                return Rejected("NO", "never", ("said so",))
            case "echo":
                return Found(({"heard": ascii((dict(question.criteria), question.purpose))},), complete=False)
            case _:
                pass
        return None

    def _other_secret(self) -> str:
        try:
            return self._context.secret("another lookup's")
        except KeyError:
            return f"refused, but {self._context.secret('token')}"


class BadConnector:
    manifest = Manifest(kind="bad_lookup", title=Text("坏查询", "Bad lookup"), roles=frozenset({Role.LOOKUP}))
    lookup_config = BadConfig

    def criteria(self, config: BadConfig) -> Criteria:
        return Criteria(required=frozenset({"key"}))

    def lookup(self, config: BadConfig, context: Context) -> BadLookup:
        return BadLookup(context)


CONNECTOR = BadConnector()
