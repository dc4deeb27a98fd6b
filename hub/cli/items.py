# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub items``: the item catalogue: what the runs changed, the versions of an item, a snapshot, changes since. 事项目录"""

import asyncio
import sys
from pathlib import Path
from typing import Annotated, BinaryIO, TypeVar

import orjson
import typer
from rich.console import Console
from rich.table import Table

from contracts.text import Text
from hub.api.item_documents import finding_document, run_document
from hub.catalogue.snapshot import entry_document, snapshot
from hub.cli.consulting import away, consulted
from hub.cli.telling import DEFAULT_CONFIG, AsJson, Config, stop, tell_json
from hub.ports.clock import SystemClock
from hub.ports.journal import Journal, JournalDown
from hub.ports.journal.cataloguing import Entry, Finding, Run

T = TypeVar("T")

app = typer.Typer(help="事项目录：报告、版本、快照、变更。 The item catalogue.", no_args_is_help=True)

_MOST = 1_000_000


@app.command()
def report(
    run: Annotated[str | None, typer.Argument(help="批次；省略则列出各次。 The run; without it, the runs.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=_MOST, help="至多条数。 The most.")] = 1000,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """一次同步改变了什么；或列出各次同步。 What a run changed, or the runs."""

    async def work() -> tuple[list[Run], list[Finding]]:
        async with consulted(config, as_json=as_json) as (_, journal):
            if run is None:
                return list(_there(await journal.item_catalogue.runs(limit), as_json=as_json)), []
            return [], list(_there(await journal.item_catalogue.findings(run, 0, limit), as_json=as_json))

    runs, findings = asyncio.run(work())
    if as_json:
        if run is None:
            tell_json({"runs": [run_document(one) for one in runs]})
        else:
            tell_json({"run": run, "findings": [finding_document(one) for one in findings]})
    elif run is None:
        _tell_runs(runs)
    else:
        _tell_findings(findings)


@app.command()
def show(
    code: Annotated[str, typer.Argument(help="事项编码。 The item's code.")],
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """一个事项的各个版本。 Every version of an item."""

    async def work() -> list[Entry]:
        async with consulted(config, as_json=as_json) as (_, journal):
            return list(_there(await journal.item_catalogue.versions(code), as_json=as_json))

    entries = asyncio.run(work())
    if not entries:
        reason = Text("目录中没有这个事项。", "The catalogue has no such item.")
        stop(reason, Text("请核对事项编码。", "Check the item's code."), as_json=as_json)
    _tell_entries(entries, as_json=as_json)


@app.command()
def pull(
    since: Annotated[int, typer.Option(min=0, help="已有的变更号。 The last change known.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=_MOST, help="至多条数。 The most.")] = 1000,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """某一变更号之后的变更。 What changed after a change."""

    async def work() -> list[Entry]:
        async with consulted(config, as_json=as_json) as (_, journal):
            return list(_there(await journal.item_catalogue.changes(since, limit), as_json=as_json))

    _tell_entries(asyncio.run(work()), as_json=as_json)


@app.command("snapshot")
def take_snapshot(
    out: Annotated[
        Path | None, typer.Option("--out", help="写入文件；省略则为标准输出。 The file; or standard output.")
    ] = None,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """全部现行及将生效事项，逐行 JSON，末行为摘要。 All items in force or coming, in lines of JSON, a digest last."""

    async def work() -> bytes:
        async with consulted(config, as_json=as_json) as (_, journal):
            if out is None:
                return await _write(journal, sys.stdout.buffer, as_json=as_json)
            try:
                with out.open("wb") as file:
                    return await _write(journal, file, as_json=as_json)
            except OSError as error:
                reason = Text(f"写不了 {out}：{error.strerror}", f"{out} cannot be written: {error.strerror}")
                stop(reason, Text("请另选文件。", "Choose another file."), as_json=as_json)

    last = asyncio.run(work())
    if out is None:
        return
    told = orjson.loads(last)
    if as_json:
        tell_json({"file": str(out), **told})
    else:
        typer.echo(f"{out}: {told['count']} {told['digest']}")


async def _write(journal: Journal, file: BinaryIO, *, as_json: bool) -> bytes:
    """All pieces; the last is the last line."""
    last = b""
    async for piece in snapshot(journal.item_catalogue, SystemClock().now()):
        last = _there(piece, as_json=as_json)
        file.write(last)
    file.flush()
    return last


def _there(found: T | JournalDown, *, as_json: bool) -> T:
    if isinstance(found, JournalDown):
        away(found, as_json=as_json)
    return found


def _tell_runs(runs: list[Run]) -> None:
    table = Table()
    for heading in ("批次 run", "开始 began", "结束 closed", "收到 heard", "无变化 repeated", "变化 changes"):
        table.add_column(heading, no_wrap="run" in heading)
    for one in runs:
        closed = "-" if one.closed_at is None else f"{one.closed_at:%Y-%m-%d %H:%M}"
        counts = "  ".join(f"{name} {n}" for name, n in sorted(one.counts.items()) if n)
        table.add_row(one.id, f"{one.began_at:%Y-%m-%d %H:%M}", closed, str(one.heard), str(one.repeated), counts)
    Console().print(table)


def _tell_findings(findings: list[Finding]) -> None:
    table = Table()
    for heading in ("变化 what", "事项 item", "版本 version", "生效 effective", "字段 fields"):
        table.add_column(heading)
    for one in findings:
        effective = f"{one.effective_on}{' 未生效 coming' if one.coming else ''}"
        table.add_row(one.verdict.value, one.code, str(one.version), effective, ", ".join(one.fields))
    Console().print(table)


def _tell_entries(entries: list[Entry], *, as_json: bool) -> None:
    if as_json:
        tell_json({"items": [entry_document(one) for one in entries]})
        return
    table = Table()
    for heading in ("变更号 change", "事项 item", "契约 contract", "版本 version", "生效 effective", "状态 status"):
        table.add_column(heading)
    for one in entries:
        edition = one.edition
        newest = " *" if one.newest else ""
        table.add_row(
            str(one.change), edition.code, edition.contract, f"{edition.version}{newest}", str(edition.effective_on),
            edition.status,
        )  # fmt: skip
    Console().print(table)
