# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A department at the other end of a front database: it makes the national tables, writes what a script says, answers, locks.

python -m connectors.front_db.simulator postgresql://127.0.0.1:5432/front --user dept --password-env PW prepare
python -m connectors.front_db.simulator … write good twice changed rare wrong_code hostile unnamed
python -m connectors.front_db.simulator … answer
python -m connectors.front_db.simulator … lock up_pro_result_v3 60
python -m connectors.front_db.simulator … look

``govhub simulate front-db`` prepares, writes what its script says, and answers until it is ended.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Final, Literal, Self, TypeVar

import structlog
from pydantic import BaseModel, Field

from connectors.databases.address import DatabaseConfig
from connectors.databases.database import Database, Session
from connectors.databases.rows import Unfit, cells, count_by, execute, mark_all, put
from connectors.databases.tables import Tables
from connectors.databases.trouble import Fault, Trouble, TroubledError
from connectors.front_db.profiles import ddl
from connectors.sdk import STRICT, Context
from connectors.sdk.session import open_session
from connectors.sdk.simulator import Simulator, Word
from contracts.text import Text

T = TypeVar("T")

ACCEPTS, RESULTS = "up_pro_accept_v3", "up_pro_result_v3"
_SECONDS: Final = 60.0
_RESULT: Final = {
    "cd_operation": "I",
    "cd_time": "2026-03-05 10:00:05",
    "handle_user_name": "测试经办人",
    "result_date": "2026-03-05 10:00:00",
    "result_type": "1",
    "result_cetr_name": "食品经营许可证",
    "result_cetr_no": "JY-0",
    "is_delivery_results": "0",
}


class Row(Word):
    """What a completion is like that the department writes."""

    GOOD = "good", "合格", "as agreed"
    TWICE = "twice", "同一行再次标为新", "the same row, flagged as new again"
    CHANGED = "changed", "写入后更正，再次标为新", "corrected after it was written, and flagged as new again"
    RARE = "rare", "含生僻字", "with rare characters"
    WRONG_CODE = "wrong_code", "代码不在表中", "with a code that is in no table"
    HOSTILE = "hostile", "含注入语句", "with a text that would be a statement"
    UNNAMED = "unnamed", "缺必填项", "without what must be there"


TROUBLE: Final[Mapping[str, Mapping[str, str]]] = {
    "good": {},
    "twice": {},
    "changed": {"result_explain": "更正"},
    "rare": {"result_explain": "𠮷·䶮"},
    "wrong_code": {"result_type": "zz"},
    "hostile": {"result_explain": "'); drop table up_pro_result_v3; -- {x} %s"},
    "unnamed": {"result_cetr_name": ""},
}
"""What a row may be, by name: the columns that differ from a good one. ``twice`` and ``changed`` are written again, flagged as
new; the hub knows the first as the same message and the second as another.
"""


class Department:
    """Plays one department. Methods raise :class:`TroubledError` when the database does not do as it is told."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._tables = Tables(None)

    async def prepare(self) -> None:
        """Make the tables."""
        make: Literal["postgresql", "mysql"] = "postgresql" if self._database.dialect == "postgresql" else "mysql"
        plain = "\n".join(line.partition("--")[0] for line in ddl("national_v3", make).splitlines())
        await self._do(lambda session: execute(session, [one for one in plain.split(";") if one.strip()]))

    async def write(self, troubles: list[str], first: int = 1) -> None:
        """One completion for each, numbered from ``first``."""
        for number, trouble in enumerate(troubles, first):
            row = {**_RESULT, "row_guid": f"sim-{number}", "project_no": f"510500-20260302-{number:06}"}
            if trouble in {"twice", "changed"}:
                await self._put(row)
            await self._put({**row, **TROUBLE[trouble]})

    async def answer(self, flag: str = "1") -> int:
        """Take the acceptances that the hub has written, as a department's program does; how many."""

        async def take(session: Session) -> int:
            table = await self._tables.table(session, ACCEPTS)
            return await mark_all(session, table, {"is_sync": "0"}, {"is_sync": flag})

        return await self._do(take)

    async def look(self) -> dict[str, int]:
        """How many completions have which flag and code."""

        async def look(session: Session) -> dict[str, int]:
            table = await self._tables.table(session, RESULTS)
            return await count_by(session, table, ("is_sync", "error_code"))

        return await self._do(look)

    async def lock(self, name: str, seconds: float) -> None:
        """Keep everybody else out of a table for so long."""

        async def hold(session: Session) -> None:
            table = await self._tables.table(session, name)
            how = (
                f"lock table {table.name}"
                if self._database.dialect == "postgresql"
                else f"lock tables {table.name} write"
            )
            await execute(session, [how])
            await asyncio.sleep(seconds)
            if self._database.dialect != "postgresql":
                await execute(session, ["unlock tables"])

        await self._do(hold, seconds + _SECONDS)

    async def _put(self, row: dict[str, str]) -> None:
        async def write(session: Session) -> None:
            table = await self._tables.table(session, RESULTS)
            found = cells(table, row)
            if isinstance(found, Unfit):
                raise TroubledError(Trouble(Fault.DATA, found.misfit.code, found.column))
            await put(session, table, "row_guid", [found], {"is_sync": "0"})
            await mark_all(session, table, {"row_guid": row["row_guid"]}, {"is_sync": "0"})

        await self._do(write)

    async def _do(self, work: Callable[[Session], Awaitable[T]], seconds: float = _SECONDS) -> T:
        done = await self._database.run(work, seconds)
        if isinstance(done, Trouble):
            raise TroubledError(done)
        return done


class DepartmentOptions(BaseModel):
    """Which database."""

    model_config = STRICT

    url: str = Field(description="数据库地址。 The database, as postgresql://127.0.0.1:5432/front.")
    user: str = Field(description="用户名。 The account.")
    password_env: str = Field(
        default="PGPASSWORD", description="存放口令的环境变量。 The variable that holds the password."
    )
    every_seconds: float = Field(
        default=1.0, gt=0, description="多久取一次（秒）。 How often it takes what the hub wrote."
    )


class WorkingDepartment:
    """Prepares, writes its script, and takes what the hub writes as long as it is entered."""

    def __init__(self, script: Iterable[Row], options: DepartmentOptions) -> None:
        self.address = options.url
        self._script = [str(one) for one in script]
        self._options = options
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            department = await stack.enter_async_context(_department(self._options))
            try:
                if not await _is_prepared(department):
                    await department.prepare()
                await department.write(self._script)
            except TroubledError as error:
                raise OSError(0, str(error)) from error
            working = asyncio.create_task(self._work(department))
            stack.push_async_callback(asyncio.wait, {working})
            stack.callback(working.cancel)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._stack.aclose()

    async def _work(self, department: Department) -> None:
        while True:
            # A department's program goes on when its database was away.
            with suppress(TroubledError):
                await department.answer()
            await asyncio.sleep(self._options.every_seconds)


async def _is_prepared(department: Department) -> bool:
    try:
        await department.look()
    except TroubledError:
        return False
    return True


@asynccontextmanager
async def _department(options: DepartmentOptions) -> AsyncIterator[Department]:
    config = DatabaseConfig.model_validate({"url": options.url, "user": options.user, "password_secret": "password"})
    async with open_session() as http:
        context = Context(
            destination="simulator",
            http=http,
            log=structlog.get_logger(),
            secret=lambda _: os.environ.get(options.password_env, ""),
            monotonic=asyncio.get_running_loop().time,
        )
        database = Database(config, context, connections=2)
        try:
            yield Department(database)
        finally:
            await database.close()


SIMULATOR = Simulator(
    name="front_db",
    about=Text(
        "前置库另一端的部门：建表，按剧本每词写一条办结，并不断取走中枢写入的受理；不监听端口。",
        "A department at a front database: makes the tables, writes a completion for each word, takes what the hub writes.",
    ),
    words=Row,
    start=lambda script, _host, _port, options: WorkingDepartment(script, options),
    options=DepartmentOptions,
)


async def main(words: argparse.Namespace) -> None:
    """Do what the command line says."""
    options = DepartmentOptions(url=words.url, user=words.user, password_env=words.password_env)
    async with _department(options) as department:
        match words.what:
            case "prepare":
                await department.prepare()
            case "write":
                await department.write(words.troubles, words.first)
            case "answer":
                sys.stdout.write(f"{await department.answer()}\n")
            case "lock":
                await department.lock(words.table, words.seconds)
            case _:
                for told, rows in (await department.look()).items():
                    sys.stdout.write(f"{told}: {rows}\n")


def parsed(arguments: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="connectors.front_db.simulator", description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--user", required=True)
    parser.add_argument("--password-env", default="PGPASSWORD", help="the variable that holds the password")
    what = parser.add_subparsers(dest="what", required=True)
    for name in ("prepare", "answer", "look"):
        what.add_parser(name)
    write = what.add_parser("write")
    write.add_argument("troubles", nargs="+", choices=sorted(TROUBLE))
    write.add_argument("--first", type=int, default=1)
    lock = what.add_parser("lock")
    lock.add_argument("table")
    lock.add_argument("seconds", type=float)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    asyncio.run(main(parsed(sys.argv[1:])))
