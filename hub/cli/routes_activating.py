# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub routes activate | shadow | unshadow | status | show``: which table is in force in every hub of a deployment."""

import asyncio
import getpass
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from contracts.text import Text
from hub.acting import Order
from hub.api.table_documents import tables_document
from hub.clearance import OutOfScope
from hub.cli.consulting import away, consulted, hindered
from hub.cli.dead_acting import Actor, Reason, Request
from hub.cli.telling import DEFAULT_CONFIG, FAULTY, AsJson, Config, stop, tell_faults, tell_json
from hub.config.load import Loaded
from hub.operating import second_person_of
from hub.ports.clock import SystemClock
from hub.ports.ids import TimeOrderedIds
from hub.ports.journal import Acted, Journal, JournalDown, NoSuch, Observed, Overtaken, RequestTaken
from hub.rerouting import Answer, Rerouting, Unusable, said_of
from hub.second_person import Unapproved
from routing.case_file import beside

Table = Annotated[
    str, typer.Argument(help="路由表文件，或曾用的版本。 A table's file, or a version that was there before.")
]
_HISTORY = 20
_DIFFERS = """
注意：现用的不是文件中的表。对比：routes diff active 文件；启用：routes activate 文件。
Mind: what is in force is not the file's. Compare: routes diff active FILE; activate: routes activate FILE."""


def activate(
    table: Table,
    reason: Reason,
    expected: Annotated[
        str | None, typer.Option("--expect", help="仅当现用的是此版本。 Only if this version is in force now.")
    ] = None,
    actor: Actor = "",
    request: Request = "",
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """启用一张表，或回到曾用的一张；各实例随即整表更换。 Activate a table, or go back to one, in every hub."""
    file, beside_it = Path(table), beside(Path(table))
    text = _text(file) if file.is_file() else None
    cases = _text(beside_it) if beside_it.is_file() else None

    async def act(rerouting: Rerouting, order: Order) -> Answer:
        if text is None:
            return await rerouting.reactivate(order, table, expected=expected)
        return await rerouting.activate(order, text, table, cases=cases, expected=expected)

    asyncio.run(_act("activate", config, actor, request, reason, act, as_json=as_json))


def shadow(
    table: Table,
    reason: Reason,
    actor: Actor = "",
    request: Request = "",
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """让一张表作影子运行：不投递，只记录不同。 Let a table run in the shadow: nothing is delivered by it."""
    file = Path(table)
    text = _text(file) if file.is_file() else None

    async def act(rerouting: Rerouting, order: Order) -> Answer:
        if text is None:
            return await rerouting.recast(order, table)
        return await rerouting.cast(order, text, table)

    asyncio.run(_act("shadow", config, actor, request, reason, act, as_json=as_json))


def unshadow(
    reason: Reason,
    actor: Actor = "",
    request: Request = "",
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """结束影子运行。 End the shadow."""

    async def act(rerouting: Rerouting, order: Order) -> Answer:
        return await rerouting.uncast(order)

    asyncio.run(_act("unshadow", config, actor, request, reason, act, as_json=as_json))


def status(config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """现用的表、历次启用、影子表的不同之处。 The table in force, every activation, and what the shadow does otherwise."""
    asyncio.run(_status(config, as_json=as_json))


def show(
    version: Annotated[str, typer.Argument(help="版本。 The version.")],
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """一张曾用或现用的表的全文。 The text of a table that is or was in force."""
    asyncio.run(_show(version, config, as_json=as_json))


def _text(file: Path) -> str:
    try:
        return file.read_bytes().decode()
    except (OSError, ValueError) as error:
        raise typer.BadParameter(f"{file}: {error}") from error


async def _act(
    kind: str,
    config: Path,
    actor: str,
    request: str,
    reason: str,
    act: Callable[[Rerouting, Order], Awaitable[Answer]],
    *,
    as_json: bool,
) -> None:
    clock = SystemClock()
    ids = TimeOrderedIds(clock)
    async with consulted(config, as_json=as_json) as (loaded, journal):
        rerouting = Rerouting(
            clock=clock,
            ids=ids,
            journal=journal.route_tables,
            tables=loaded.tables,
            second=second_person_of(loaded.deployment.operating, journal, clock, ids),
        )
        order = Order(actor or getpass.getuser(), "cli", request or f"{kind} {ids.new()}", reason)
        answer = await act(rerouting, order)
    match answer:
        case Acted(applied=applied, again=again):
            if as_json:
                tell_json({"act": kind, "changed": applied > 0, "again": again})
            else:
                typer.echo("已生效。 Done." if applied else "本已如此。 It was so already.")
        case Unusable(faults=faults) if faults:
            tell_faults(faults, as_json=as_json)
            raise typer.Exit(FAULTY)
        case Unusable():
            _stop(said_of(answer), Text("请修正路由表或用例。", "Mend the table or its cases."), as_json=as_json)
        case Overtaken(version):
            _stop(
                Text(f"现用的已是 {version or '—'}。", f"{version or 'Nothing'} is in force now."),
                Text("请用 govhub routes status 查看后再定。", "See govhub routes status, and decide anew."),
                as_json=as_json,
            )
        case NoSuch():
            _stop(
                Text("没有这个文件或版本。", "There is no such file or version."),
                Text("请用 govhub routes status 查看。", "See govhub routes status."),
                as_json=as_json,
            )
        case RequestTaken() | OutOfScope() | Unapproved():
            hindered(answer, as_json=as_json)
        case JournalDown():
            away(answer, as_json=as_json)


def _stop(reason: Text, remedy: Text, *, as_json: bool) -> None:
    stop(reason, remedy, as_json=as_json, code=FAULTY)


async def _status(config: Path, *, as_json: bool) -> None:
    async with consulted(config, as_json=as_json) as (loaded, journal):
        told = await _document(loaded, journal, as_json=as_json)
    if as_json:
        tell_json(told)
        return
    here = str(told["here"])
    typer.echo(f"现用 in force: {told['active'] or '—'}（第 {told['seq']} 次 activation {told['seq']}）")
    typer.echo(f"文件 file: {here}{_DIFFERS if told['differs'] else ''}")
    for one in told["history"]:
        typer.echo(
            f"  {one['seq']:>4}  {one['version']}  {one['at']:%Y-%m-%d %H:%M:%S}  {one['actor']}  {one['reason']}"
        )
    if (cast := told["shadow"]) is not None:
        typer.echo(
            f"影子 shadow: {cast['version']}，试过 {cast['planned']} 件，不同 {cast['differing']} 件。 "
            f"{cast['planned']} messages, {cast['differing']} differ."
        )
        for one in cast["differences"]:
            typer.echo(
                f"  {one['count']:>8} × {one['kind']}  {one['destination'] or '—'}  {one['contract']}  {one['system']}  "
                f"{one['old'] or '—'} → {one['new'] or '—'}"
            )


async def _document(loaded: Loaded, journal: Journal, *, as_json: bool) -> dict[str, Any]:
    tables = journal.route_tables
    now, history = await tables.in_force(), await tables.history(_HISTORY)
    if isinstance(now, JournalDown):
        away(now, as_json=as_json)
    if isinstance(history, JournalDown):
        away(history, as_json=as_json)
    observed: Observed | JournalDown | None = None
    if now is not None and now.shadow:
        observed = await tables.observed(now.shadow, now.version)
    if isinstance(observed, JournalDown):
        away(observed, as_json=as_json)
    here = loaded.table.table.version_id
    return {**tables_document(now, here, "", observed, history), "differs": now is not None and now.version != here}


async def _show(version: str, config: Path, *, as_json: bool) -> None:
    async with consulted(config, as_json=as_json) as (_, journal):
        text = await journal.route_tables.content(version)
    if isinstance(text, JournalDown):
        away(text, as_json=as_json)
    if text is None:
        stop(
            Text(f"没有版本 {version}。", f"There is no version {version}."),
            Text("请用 govhub routes status 查看。", "See govhub routes status."),
            as_json=as_json,
            code=FAULTY,
        )
    if as_json:
        tell_json({"version": version, "table": text})
    else:
        typer.echo(text, nl=False)
