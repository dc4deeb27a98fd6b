# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A supervision platform that behaves as a script says, one word for each warning or order that it issues.

govhub simulate supervision --port 9012 --script "warn,order,lost,altered,garbage" --option hub=http://127.0.0.1:8420
govhub simulate supervision --script "warn,order" --option url=postgresql://127.0.0.1:5432/front --option user=jc

By XML it keeps records at ``/records``, says at ``/records?key=`` whether it has one, and counts at ``/counts``. With a database
it writes and takes rows as well.
"""

import asyncio
import os
from collections.abc import Iterable
from contextlib import AsyncExitStack, suppress
from typing import Self

import structlog
from pydantic import BaseModel, Field, field_validator

from connectors.databases.address import DatabaseConfig
from connectors.databases.database import Database
from connectors.databases.trouble import TroubledError
from connectors.sdk import STRICT, Context
from connectors.sdk.session import open_session
from connectors.sdk.simulator import Simulator, script_of
from connectors.supervision.front import Front
from connectors.supervision.platform import Platform
from connectors.supervision.words import Step, Taking
from contracts.text import Text


class Options(BaseModel):
    """By which bindings, and where."""

    model_config = STRICT

    hub: str | None = Field(
        default=None, description="中枢地址：预警与督办以 XML 发往此处。 The hub, for orders by XML."
    )
    token_env: str = Field(
        default="SUPERVISION_CALL",
        description="存放调用令牌的环境变量。 The variable that holds the token of its calls.",
    )
    case: str = Field(
        default="510500-20260302-000001", description="预警与督办所涉的办件编号。 The case that all of it is about."
    )
    records: str = Field(
        default="",
        description="上报记录的剧本：ok、cut、lost、busy、refuse。 A script for records: ok, cut, lost, busy, refuse.",
    )
    url: str | None = Field(default=None, description="前置库地址。 The front database, for rows.")
    user: str = Field(default="jc", description="数据库用户名。 Its account.")
    password_env: str = Field(
        default="PGPASSWORD", description="存放口令的环境变量。 The variable that holds the password."
    )
    every_seconds: float = Field(
        default=1.0, gt=0, description="多久取一次上报的行（秒）。 How often it takes the rows that came up."
    )

    @field_validator("records")
    @classmethod
    def _known(cls, value: str) -> str:
        if isinstance(wrong := script_of(Taking, value), str):
            raise ValueError(f"no such word: {wrong}")  # noqa: TRY004  # because pydantic tells a ValueError with its path
        return value


class Supervision:
    """Issues its script by each binding that it was given, and takes what comes up as long as it is entered."""

    def __init__(self, script: Iterable[Step], host: str, port: int, options: Options) -> None:
        self._script = tuple(script)
        self._options = options
        takings = script_of(Taking, options.records)
        assert not isinstance(takings, str), "the options were read"
        token = os.environ.get(options.token_env, "")
        self.platform = Platform(takings, host, port, hub=options.hub, token=token)
        self._stack = AsyncExitStack()

    @property
    def address(self) -> str:
        """Where records go by XML."""
        return self.platform.address

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self.platform)
            work = [self._by_xml()] if self._options.hub is not None else []
            if self._options.url is not None:
                work.append(self._by_rows(Front(await stack.enter_async_context(_Opened(self._options)))))
            for one in work:
                task = asyncio.create_task(one)
                stack.push_async_callback(asyncio.wait, {task})
                stack.callback(task.cancel)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._stack.aclose()

    async def _by_xml(self) -> None:
        for step in self._script:
            await self.platform.issue(step, self._options.case)

    async def _by_rows(self, front: Front) -> None:
        waiting = list(self._script)
        while True:
            # A platform goes on when its database was away.
            with suppress(TroubledError):
                await front.take()
                while waiting:
                    await front.issue(waiting[0], self._options.case)
                    del waiting[0]
            await asyncio.sleep(self._options.every_seconds)


class _Opened:
    """A connection to the front database, while it is entered."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Database:
        options = self._options
        config = DatabaseConfig.model_validate(
            {"url": options.url, "user": options.user, "password_secret": "password"}
        )
        async with AsyncExitStack() as stack:
            context = Context(
                destination="simulator",
                http=await stack.enter_async_context(open_session()),
                log=structlog.get_logger(),
                secret=lambda _: os.environ.get(options.password_env, ""),
                monotonic=asyncio.get_running_loop().time,
            )
            database = Database(config, context, connections=2)
            stack.push_async_callback(database.close)
            self._stack = stack.pop_all()
        return database

    async def __aexit__(self, *exc: object) -> None:
        await self._stack.aclose()


SIMULATOR = Simulator(
    name="supervision",
    about=Text(
        "绩效监管平台：收取上报（XML 与前置库），按剧本发出预警与督办直到得到回执；GET /counts 是各项计数。",
        "A supervision platform: takes what comes up by XML and by rows, issues warnings and orders until they are acknowledged, "
        "and counts at GET /counts.",
    ),
    words=Step,
    start=lambda script, host, port, options: Supervision(script, host, port, options or Options()),
    options=Options,
)
