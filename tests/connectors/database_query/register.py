# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A register that is a table of a real database, behind the relay."""

import asyncio
from collections.abc import Mapping
from types import MappingProxyType
from typing import Self

from connectors.sdk import Settings
from connectors.sdk.far_side import Behaviour
from tests.connectors.far_database import Relay, Server

CODE = "K-0001-MADE-UP"


class DatabaseRegister(Relay):
    """Used as an async context manager. A question is known by the code it asks for."""

    known: Mapping[str, str] = MappingProxyType({"code": CODE})
    unknown: Mapping[str, str] = MappingProxyType({"code": "K-0002"})

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self._asked = 0
        self._changed = asyncio.Condition()
        self._ringing: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        await self.server.execute(
            "create table register (code varchar(50), name varchar(50), since date, share decimal(5,2))"
        )
        await self.server.execute(
            "insert into register values (%s, %s, '2026-03-01', 12.50), ('K-0003', null, null, null)", CODE, "示例企业"
        )
        await self.listen()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.hang_up()

    @property
    def settings(self) -> Settings:
        return {
            **self.address,
            "statement": "select code, name, since, share from register where code = :code",
            "criteria": {"code": {"kind": "text"}},
        }

    async def behave(self, behaviour: Behaviour) -> None:
        if behaviour is Behaviour.REFUSE:
            await self.server.execute("alter table register rename to elsewhere")
        await super().behave(behaviour)

    async def until_asked(self, count: int) -> None:
        async with self._changed:
            await self._changed.wait_for(lambda: self._asked >= count)

    questions = True

    def decisive(self, said: bytes) -> bool:
        asks = CODE.encode() in said
        if asks:
            self._asked += 1
            task = asyncio.ensure_future(self._ring())
            self._ringing.add(task)
            task.add_done_callback(self._ringing.discard)
        return asks

    async def _ring(self) -> None:
        async with self._changed:
            self._changed.notify_all()
