# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub aliases``: what systems call cases, what waits for that, and deciding where two cases were said."""

import asyncio
import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from contracts.families.fields import BEIJING
from contracts.fault import Fault, Position
from contracts.text import Text
from hub.api.alias_documents import alias_document, awaited_document
from hub.cli.acted import no_such_case, tell_act
from hub.cli.consulting import away, consulted
from hub.cli.dead_acting import Actor, Reason, Request, acting, order_of
from hub.cli.telling import DEFAULT_CONFIG, FAULTY, AsJson, Config, fault_as_dict, stop, tell_json
from hub.ports.journal import AliasClaim, JournalDown

app = typer.Typer(
    help="别名：系统自有编号与统一办件编号的对应。 What systems call cases.",
    no_args_is_help=True,
)
_AT_A_TIME = 500
_TOLD = 200
_COLUMNS = ("system", "number", "case_no")


@app.command(name="list")
def list_aliases(
    disputed: Annotated[
        bool, typer.Option("--disputed", help="只看有争议的。 Only those that two cases claim.")
    ] = False,
    system: Annotated[str | None, typer.Option(help="只看此系统。 Only this system's.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="至多条数。 The most.")] = 100,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """列出已知的别名。 Numbers that are known, with every case that they were ever said to be of."""
    asyncio.run(_list(system, limit, config, disputed=disputed, as_json=as_json))


async def _list(system: str | None, limit: int, config: Path, *, disputed: bool, as_json: bool) -> None:
    async with consulted(config, as_json=as_json) as (_, journal):
        found = await journal.aliases.listed(None, limit, disputed=disputed, system=system)
    if isinstance(found, JournalDown):
        away(found, as_json=as_json)
    if as_json:
        tell_json({"aliases": [alias_document(one) for one in found]})
        return
    table = _table("系统 system", "编号 number", "办件 case", "状态 state", "曾称 claims")
    for one in found:
        state = "有争议 disputed" if one.disputed else "已裁定 decided" if one.decided else ""
        table.add_row(
            one.system, one.number, one.case, state, ", ".join(f"{said.case} ({said.how})" for said in one.said)
        )
    Console().print(table)


@app.command()
def waiting(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="至多条数。 The most.")] = 100,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """列出消息在等的编号及原因。 Numbers that messages wait for, and why."""
    asyncio.run(_waiting(limit, config, as_json=as_json))


async def _waiting(limit: int, config: Path, *, as_json: bool) -> None:
    async with consulted(config, as_json=as_json) as (_, journal):
        found = await journal.aliases.awaited(limit)
    if isinstance(found, JournalDown):
        away(found, as_json=as_json)
    if as_json:
        tell_json({"waiting": [awaited_document(one) for one in found]})
        return
    table = _table("系统 system", "编号 number", "原因 reason", "条数 messages", "自 since", "至多到 until")
    for one in found:
        times = (f"{at.astimezone(BEIJING):%m-%d %H:%M:%S}" for at in (one.since, one.until))
        table.add_row(one.system, one.number, one.reason, str(one.count), *times)
    Console().print(table)


@app.command()
def decide(
    system: Annotated[str, typer.Argument(help="系统。 The system.")],
    number: Annotated[str, typer.Argument(help="其自有编号。 Its own number.")],
    case: Annotated[str, typer.Argument(help="统一办件编号。 The case number.")],
    *,
    reason: Reason,
    actor: Actor = "",
    request: Request = "",
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """裁定编号属于哪个办件，此后不再改变；在等的消息随即放行。 Decide whose number it is; what waits for it goes out."""
    asyncio.run(_decide(system, number, case, config, actor, request, reason, as_json=as_json))


async def _decide(
    system: str, number: str, case: str, config: Path, actor: str, request: str, reason: str, *, as_json: bool
) -> None:
    async with acting(config, as_json=as_json) as on:
        answer = await on.decide_alias(order_of(on, actor, request, reason, "alias"), system, number, case)
    said = f"已裁定：{system} {number} 即办件 {case}。 Decided."
    tell_act(answer, lambda _: said, no_such_case(case), as_json=as_json)


@app.command(name="import")
def import_aliases(
    file: Annotated[Path, typer.Argument(help="CSV：system,number,case_no。 CSV with these columns.")],
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """导入对照表；不合格的行逐行说明，重复导入无害。 Import a mapping; bad rows are told with their lines; twice is harmless."""
    asyncio.run(_import(file, config, as_json=as_json))


async def _import(file: Path, config: Path, *, as_json: bool) -> None:
    faults: list[Fault] = []
    taken = 0
    async with consulted(config, as_json=as_json) as (loaded, journal):
        try:
            rows = list(_rows(file, frozenset(loaded.deployment.systems)))
        except OSError as error:
            stop(
                Text(f"文件读不了：{file}（{error.strerror}）。", f"Cannot read {file}: {error.strerror}."),
                Text("请检查路径。", "See to the path."),
                as_json=as_json,
                code=FAULTY,
            )
        faults = [one for one in rows if isinstance(one, Fault)]
        claims = [one for one in rows if isinstance(one, AliasClaim)]
        for n in range(0, len(claims), _AT_A_TIME):
            told = await journal.aliases.claim(claims[n : n + _AT_A_TIME])
            if isinstance(told, JournalDown):
                away(told, as_json=as_json)
            taken += len(claims[n : n + _AT_A_TIME])
    if as_json:
        tell_json({"taken": taken, "refused": len(faults), "faults": [fault_as_dict(one) for one in faults[:_TOLD]]})
    else:
        for fault in faults[:_TOLD]:
            typer.echo(str(fault), err=True)
        typer.echo(f"导入 {taken} 条，拒收 {len(faults)} 行。 {taken} imported, {len(faults)} rows refused.")
    if faults:
        raise typer.Exit(1)


def _rows(file: Path, systems: frozenset[str]) -> Iterator[AliasClaim | Fault]:
    """Raises ``OSError`` where the file cannot be read."""
    with file.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines, restkey="", strict=True)
        try:
            if tuple(reader.fieldnames or ()) != _COLUMNS:
                yield _fault(
                    file, 1, Text("首行应为 system,number,case_no。", "The head line is system,number,case_no.")
                )
                return
            for row in reader:
                system, number, case = (row.get(name) or "" for name in _COLUMNS)
                if not all(0 < len(one) <= 50 for one in (number, case)) or row.get("") or system not in systems:
                    yield _fault(file, reader.line_num, _FIELDS)
                else:
                    yield AliasClaim(system, number, case, "import")
        except (csv.Error, UnicodeDecodeError):
            yield _fault(file, reader.reader.line_num + 1, Text("此行无法读取。", "This line cannot be read."))


_FIELDS = Text("字段缺失、过长或系统未知。", "A field is missing or too long, or the system is unknown.")


def _fault(file: Path, line: int, problem: Text) -> Fault:
    remedy = Text("请改正此行，再导入同一文件。", "Correct this row, and import the same file again.")
    return Fault("IMPORT_ROW", "", Position(str(file), line, 1), problem, remedy)


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
