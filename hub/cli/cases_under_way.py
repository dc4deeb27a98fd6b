# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub cases parked|adopt|import``: messages that wait for others, and cases that were under way before the hub knew them."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from contracts.families.fields import BEIJING
from contracts.fault import Fault
from contracts.text import Text
from hub.api.parked_documents import parked_documents
from hub.case_import import rows_of
from hub.cli.acted import no_such_case, tell_act
from hub.cli.consulting import away, consulted
from hub.cli.dead_acting import Actor, Reason, Request, acting, order_of
from hub.cli.telling import DEFAULT_CONFIG, FAULTY, AsJson, Config, fault_as_dict, stop, tell_json
from hub.ports.journal import Acted, JournalDown, ParkedView, Seed

_AT_A_TIME = 500
_TOLD = 200


def parked(
    rule: Annotated[str | None, typer.Option(help="只看此规则。 Only what waits by this rule.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="至多条数。 The most messages.")] = 100,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """列出寄存的消息：等什么、等到何时。 Messages that wait: by which rule, and until when at most."""
    asyncio.run(_parked(rule, limit, config, as_json=as_json))


async def _parked(rule: str | None, limit: int, config: Path, *, as_json: bool) -> None:
    async with consulted(config, as_json=as_json) as (_, journal):
        found = await journal.dockets.parked(None, limit, rule)
    if isinstance(found, JournalDown):
        away(found, as_json=as_json)
    if as_json:
        tell_json(parked_documents(found, limit))
    else:
        _tell_parked(found)


def _tell_parked(found: Sequence[ParkedView]) -> None:
    table = Table(box=None, pad_edge=False)
    for column in ("规则 rule", "办件 case", "系统 system", "契约 contract", "自 since", "至多到 until"):
        table.add_column(column, overflow="fold")
    for one in found:
        times = (f"{at.astimezone(BEIJING):%m-%d %H:%M:%S}" for at in (one.parked_at, one.pass_at))
        table.add_row(one.reason, one.case, one.system, one.contract, *times)
    Console().print(table)


def adopt(
    case: Annotated[str, typer.Argument(help="统一办件编号。 The case number.")],
    *,
    reason: Reason,
    actor: Actor = "",
    request: Request = "",
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """按中途接入处理：不再等待先前的记录，寄存的消息随即放行。

    Take a case as under way before: nothing is waited for, and what is parked goes out.
    """
    asyncio.run(_adopt(case, config, actor, request, reason, as_json=as_json))


async def _adopt(case: str, config: Path, actor: str, request: str, reason: str, *, as_json: bool) -> None:
    async with acting(config, as_json=as_json) as on:
        answer = await on.adopt(order_of(on, actor, request, reason, "adopt"), case)

    def said(done: Acted) -> str:
        return f"已按中途接入处理，放行 {done.applied} 条。 Adopted; {done.applied} messages went out."

    tell_act(answer, said, no_such_case(case), as_json=as_json)


def import_cases(
    file: Annotated[Path, typer.Argument(help="CSV，或每行一个 JSON 对象。 CSV, or one JSON object in a line.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查，不写入。 Check only; write nothing.")] = False,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """导入上线之日已在办的办件。不合格的行逐行说明，其余照常导入；重复导入无害。

    Take over cases that are running on the day of going live. Rows that cannot be used are told with their lines, and the
    others are taken; importing twice is harmless, and so is importing again after an interruption.
    """
    asyncio.run(_import(file, config, dry_run=dry_run, as_json=as_json))


async def _import(file: Path, config: Path, *, dry_run: bool, as_json: bool) -> None:
    faults: list[Fault] = []
    new = known = 0
    async with consulted(config, as_json=as_json) as (loaded, journal):
        try:
            seeds = _good(file, frozenset(loaded.deployment.systems), faults)
            with Console(stderr=True).status("导入中… importing") as status:
                for chunk in (seeds[n : n + _AT_A_TIME] for n in range(0, len(seeds), _AT_A_TIME)):
                    if dry_run:
                        new += len(chunk)
                        continue
                    sown = await journal.dockets.sow(loaded.deployment.hub.name, chunk)
                    if isinstance(sown, JournalDown):
                        away(sown, as_json=as_json)
                    new, known = new + sown.new, known + sown.known
                    status.update(f"导入中… importing: {new + known}")
        except OSError as error:
            stop(
                Text(f"文件读不了：{file}（{error.strerror}）。", f"Cannot read {file}: {error.strerror}."),
                Text("请检查路径。", "See to the path."),
                as_json=as_json,
                code=FAULTY,
            )
    _tell_import(faults, new, known, dry_run=dry_run, as_json=as_json)


def _good(file: Path, systems: frozenset[str], faults: list[Fault]) -> list[Seed]:
    found: list[Seed] = []
    for one in rows_of(file, systems):
        if isinstance(one, Fault):
            faults.append(one)
        else:
            found.append(one)
    return found


def _tell_import(faults: list[Fault], new: int, known: int, *, dry_run: bool, as_json: bool) -> None:
    told = faults[:_TOLD]
    if as_json:
        tell_json(
            {
                "dryRun": dry_run,
                "taken": new,
                "known": known,
                "refused": len(faults),
                "faults": [fault_as_dict(fault) for fault in told],
            }
        )
    else:
        for fault in told:
            typer.echo(str(fault), err=True)
        typer.echo(
            f"接入 {new} 件，已知 {known} 件，拒收 {len(faults)} 行。"
            f" {new} taken over, {known} known before, {len(faults)} rows refused."
        )
    if faults:
        raise typer.Exit(1)
