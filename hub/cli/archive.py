# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub archive``: archive what is old enough, list what is archived, and read it back."""

import asyncio
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from contracts.text import Text
from hub.archive.writing import Archived, Damaged, MonthArchiver, Stage, Trouble, check
from hub.cli.keeping import Kept, away, kept
from hub.cli.telling import DEFAULT_CONFIG, FAULTY, AsJson, Config, stop, tell_json
from hub.ports.clock import SystemClock
from hub.ports.journal import Disagrees, JournalDown, Part, TooMuchUnfinished, Turn
from hub.ports.materials import StoreDown
from hub.workers.retaining import first_online

app = typer.Typer(help="归档：执行、列出、核验。 The archive: run, list, verify.", no_args_is_help=True)


@app.command()
def run(
    config: Config = DEFAULT_CONFIG,
    online_months: Annotated[
        int | None, typer.Option(min=1, help="在库月数；默认按部署文件。 Months to stay; as the deployment says.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """立即归档已满在库期的月份；中枢也会自行归档。 Archive now what is old enough; hubs also do it by themselves."""
    asyncio.run(_run(config, online_months, as_json=as_json))


async def _run(config: Path, online_months: int | None, *, as_json: bool) -> None:
    async with kept(config, as_json=as_json) as around:
        retention = around.loaded.deployment.retention
        if retention is None:
            stop(
                Text("部署文件没有 retention，不归档。", "The deployment has no retention: nothing is archived."),
                Text("请写 retention 一节，见 docs/retention.zh-CN.md。", "Write that section; see docs/retention.md."),
                as_json=as_json,
                code=FAULTY,
            )
        # Never below what duplicates need: their receipts are in the journal.
        months = max(online_months or retention.online_months, _least(retention.duplicates_days))
        async with around.journal.chores.turn("retention", 0.0) as turn:
            if isinstance(turn, JournalDown):
                away(turn, as_json=as_json)
            if not isinstance(turn, Turn):
                stop(
                    Text("有实例正在归档。", "A hub is archiving this moment."),
                    Text("请稍后再试，或用 govhub archive list 查看。", "Try again later, or see govhub archive list."),
                    as_json=as_json,
                )
            results = await _months(around, months, as_json=as_json)
    told = [{"month": f"{month:%Y-%m}", **_as_dict(result)} for month, result in results.items()]
    if as_json:
        tell_json({"months": told})
    else:
        for one in told:
            typer.echo("  ".join(str(value) for value in one.values()))
        if not told:
            typer.echo("没有可归档的月份。 There is no month to archive.")
    if any(not isinstance(result, Archived | None) for result in results.values()):
        raise typer.Exit(1)


def _least(duplicates_days: float) -> int:
    return int(duplicates_days // 28) + 1


async def _months(around: Kept, months: int, *, as_json: bool) -> dict[date, Archived | Trouble | None]:
    clock = SystemClock()
    found = await around.journal.archives.months(first_online(clock.now(), months))
    if isinstance(found, JournalDown):
        away(found, as_json=as_json)
    results: dict[date, Archived | Trouble | None] = {}
    with Console(stderr=True).status("归档中… archiving") as status:

        def told(stage: Stage, part: Part) -> None:
            messages = part.rows().get("message", 0)
            status.update(f"{part.month:%Y-%m} #{part.part}  {stage.value}  {messages} 条消息 messages")

        name = around.loaded.deployment.hub.name
        archiver = MonthArchiver(around.journal.archives, around.archive, clock, name, told)
        for month in found:
            results[month] = await archiver.archive(month)
    return results


def _as_dict(result: Archived | Trouble | None) -> Mapping[str, Any]:
    match result:
        case None:
            return {"state": "nothing"}
        case Archived(part):
            return {"state": "archived", "part": part.part, "rows": part.rows()}
        case TooMuchUnfinished(messages):
            return {"state": "unfinished", "messages": messages}
        case Disagrees(table):
            return {"state": "changed", "table": table}
        case Damaged(digest):
            return {"state": "damaged", "file": digest}
        case StoreDown(reason) | JournalDown(reason):
            return {"state": "away", "reason": reason}


@app.command(name="list")
def list_parts(config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """列出归档的月份。 The months that are archived."""
    asyncio.run(_list(config, as_json=as_json))


async def _list(config: Path, *, as_json: bool) -> None:
    parts = await _parts(config, as_json=as_json)
    if as_json:
        tell_json({"parts": [_part(part) for part in parts]})
        return
    table = Table()
    for heading in (
        "月份 month",
        "次 part",
        "状态 state",
        "消息 messages",
        "文件 files",
        "字节 bytes",
        "清单 manifest",
    ):
        table.add_column(heading)
    for part in parts:
        shown = _part(part)
        table.add_row(
            *(str(shown[name]) for name in ("month", "part", "state", "messages", "files", "bytes", "manifest"))
        )
    Console().print(table)


async def _parts(config: Path, *, as_json: bool) -> list[Part]:
    async with kept(config, as_json=as_json) as around:
        parts = await around.journal.archives.parts()
        if isinstance(parts, JournalDown):
            away(parts, as_json=as_json)
        return list(parts)


def _part(part: Part) -> Mapping[str, Any]:
    return {
        "month": f"{part.month:%Y-%m}",
        "part": part.part,
        "state": part.state,
        "messages": part.rows().get("message", 0),
        "rows": part.rows(),
        "files": len(part.segments),
        "bytes": sum(segment.size for segment in part.segments),
        "manifest": part.manifest or "",
    }


@app.command()
def verify(config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """读回全部归档文件并核对摘要与条数。 Read every file of the archive back: its digest, and how much it holds."""
    asyncio.run(_verify(config, as_json=as_json))


async def _verify(config: Path, *, as_json: bool) -> None:
    damaged: list[str] = []
    files = 0
    async with kept(config, as_json=as_json) as around:
        parts = await around.journal.archives.parts()
        if isinstance(parts, JournalDown):
            away(parts, as_json=as_json)
        with Console(stderr=True).status("核验中… verifying") as status:
            for part in parts:
                if part.state == "expired":
                    continue
                wanted = [(segment.digest, segment.rows) for segment in part.segments]
                for digest, rows in [*wanted, *([(part.manifest, None)] if part.manifest else [])]:
                    checked = await check(around.archive, digest, rows)
                    if isinstance(checked, StoreDown):
                        away(checked, as_json=as_json)
                    files += 1
                    damaged += [digest] if isinstance(checked, Damaged) else []
                    status.update(f"{part.month:%Y-%m} #{part.part}  {files} 个文件 files")
    if as_json:
        tell_json({"ok": not damaged, "files": files, "damaged": damaged})
    else:
        typer.echo(f"核验 {files} 个文件，损坏 {len(damaged)} 个。 {files} files read back, {len(damaged)} damaged.")
        for digest in damaged:
            typer.echo(f"损坏 damaged  {digest}", err=True)
    if damaged:
        raise typer.Exit(1)
