# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub routes diff``: two tables over what was really accepted."""

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from hub.cli.consulting import away, consulted
from hub.cli.period import period_of
from hub.cli.telling import DEFAULT_CONFIG, AsJson, Config, tell_json
from hub.cli.which_table import said, the
from hub.ports.clock import SystemClock
from hub.ports.journal import Journal, JournalDown, Recorded, RefusedPlan
from hub.route_diff import Found, RouteDiff, refused_since
from hub.trial import recorded_since

_KINDS = {
    "appears": "新增投递 appears",
    "vanishes": "不再投递 vanishes",
    "changes": "送法改变 changes",
    "refused": "将被拒收 refused",
    "taken": "将被接收 taken",
    "perhaps": "由表达式而定 perhaps",
}

_NAMES = ("文件、版本，或 active（现用的表）。", "a file, a version, or 'active' for the one in force.")


def diff(
    old: Annotated[str, typer.Argument(help=f"旧表：{_NAMES[0]} The old table: {_NAMES[1]}")],
    new: Annotated[str, typer.Argument(help=f"新表：{_NAMES[0]} The new table: {_NAMES[1]}")],
    against: Annotated[
        str, typer.Option("--against-journal", help="对多久以来收到的消息，如 7d。 Over what came since: 7d, 12h.")
    ] = "7d",
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """用两张表重走已收到的和被路由拒收的消息：哪些投递会新增、消失或改变。 Which deliveries would appear, vanish or change.

    有差异时以 1 结束。 Ends with 1 where something differs.
    """
    asyncio.run(_diff(old, new, period_of(against, as_json=as_json), config, as_json=as_json))


async def _diff(old: str, new: str, period: timedelta, config: Path, *, as_json: bool) -> None:
    async with consulted(config, as_json=as_json) as (loaded, journal):
        before = await the(old, loaded, journal, as_json=as_json)
        after = await the(new, loaded, journal, as_json=as_json)
        compared = RouteDiff(before.table, after.table, loaded.registry)
        with Console(stderr=True).status("读取登记库… reading the journal") as status:
            async for batch in _batches(journal, SystemClock().now() - period):
                if isinstance(batch, JournalDown):
                    away(batch, as_json=as_json)
                for one in batch:
                    compared.take(one) if isinstance(one, Recorded) else compared.take_refused(one)
                if sys.stderr.isatty():
                    number = compared.messages + compared.refused
                    status.update(f"已对比 {number} 件… {number} messages compared")
    if as_json:
        tell_json(_as_dict(compared))
    else:
        typer.echo(f"旧 old  {said(before)}\n新 new  {said(after)}")
        _tell(compared)
    if compared.differing:
        raise typer.Exit(1)


async def _batches(
    journal: Journal, since: datetime
) -> AsyncIterator[Sequence[Recorded] | Sequence[RefusedPlan] | JournalDown]:
    """What was accepted, and then what the routes refused."""
    async for recorded in recorded_since(journal.lookups, since):
        yield recorded
    async for refused in refused_since(journal.lookups, since):
        yield refused


def _tell(compared: RouteDiff) -> None:
    typer.echo(
        f"对比已收 {compared.messages} 件、被路由拒收 {compared.refused} 件，{compared.differing} 件有差异。 "
        f"{compared.messages} messages and {compared.refused} that the routes had refused: {compared.differing} differ."
    )
    if compared.untold:
        typer.echo(
            f"被拒收而只有记录才能判定的 {compared.untold} 件（正文不保存）。 "
            f"{compared.untold} refused ones cannot be told without their record, which is not kept."
        )
    if compared.unknown:
        typer.echo(f"契约已不认识而未对比 {compared.unknown} 件。 {compared.unknown} could not be compared.")
    for found in compared.found():
        change = found.change
        carried = f"  {change.old or '—'} → {change.new or '—'}" if change.old or change.new else ""
        typer.echo(
            f"{found.count:>8} × {_KINDS[change.kind]}  {change.destination or '—'}  {found.contract}  {found.system}{carried}"
        )
        typer.echo(f"           如 as {', '.join(map(str, found.samples))}")


def _as_dict(compared: RouteDiff) -> dict[str, object]:
    return {
        "messages": compared.messages,
        "differing": compared.differing,
        "unknown": compared.unknown,
        "refused": compared.refused,
        "untold": compared.untold,
        "old": compared.old.table.version_id,
        "new": compared.new.table.version_id,
        "changes": [_found(found) for found in compared.found()],
    }


def _found(found: Found) -> dict[str, object]:
    change = found.change
    return {
        "kind": change.kind,
        "destination": change.destination or None,
        "contract": found.contract,
        "system": found.system,
        "old": change.old,
        "new": change.new,
        "count": found.count,
        "samples": list(found.samples),
    }
