# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub destinations``: which are sent to and which are shut, and pausing one; on the journal, beside running hubs."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text as Plain

from contracts.families.fields import BEIJING
from contracts.text import Text
from hub.api.destination_documents import destination_documents
from hub.clearance import OutOfScope
from hub.cli.consulting import away, consulted, hindered, request_taken
from hub.cli.dead_acting import Actor, Reason, Request, acting, order_of
from hub.cli.telling import DEFAULT_CONFIG, AsJson, Config, stop, tell_json
from hub.ports.journal import Acted, JournalDown, NoSuch, RequestTaken
from hub.second_person import Unapproved

app = typer.Typer(help="目的地：查看、暂停、恢复。 Destinations: look, pause, resume.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="目的地编号。 The destination's id.")]

_STATES = {
    "open": "畅通 sending",
    "paused": "已暂停 paused",
    "away": "对方无应答，已断开 away",
    "probing": "正在探测 being probed",
}


@app.command(name="list")
def list_destinations(config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """列出目的地、是否投递及未完成件数。 Every destination, whether it is sent to, and what is not finished there."""
    asyncio.run(_list(config, as_json=as_json))


@app.command()
def pause(
    destination: Name,
    *,
    reason: Reason,
    actor: Actor = "",
    request: Request = "",
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """暂停投递；受理照常，消息等待。 Send it nothing until it is resumed; messages for it are accepted and wait."""
    asyncio.run(_act("pause", config, destination, actor, request, reason, as_json=as_json))


@app.command()
def resume(
    destination: Name,
    *,
    reason: Reason,
    actor: Actor = "",
    request: Request = "",
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """恢复投递。 Send to it again."""
    asyncio.run(_act("resume", config, destination, actor, request, reason, as_json=as_json))


async def _list(config: Path, *, as_json: bool) -> None:
    async with consulted(config, as_json=as_json) as (loaded, journal):
        gates = await journal.gates.states()
        counts = await journal.lookups.counts()
    if isinstance(gates, JournalDown):
        away(gates, as_json=as_json)
    if isinstance(counts, JournalDown):
        away(counts, as_json=as_json)
    documents = destination_documents(loaded.deployment.destinations, gates, counts)
    if as_json:
        tell_json({"destinations": documents})
    else:
        _tell(documents)


def _tell(documents: list[dict[str, object]]) -> None:
    table = Table(box=None, pad_edge=False)
    for column in (
        "目的地 destination",
        "状态 state",
        "自 since",
        "断开次数 opened",
        "未完成 not finished",
        "原因 reason",
    ):
        table.add_column(column, overflow="fold")
    for one in documents:
        paused, since, deliveries = one["paused"], one["since"], one["deliveries"]
        assert isinstance(deliveries, dict)
        why = f"{paused['actor']}: {paused['reason']}" if isinstance(paused, dict) else str(one["reason"])
        when = since.astimezone(BEIJING).strftime("%m-%d %H:%M:%S") if hasattr(since, "astimezone") else ""
        open_ = " ".join(f"{state} {number}" for state, number in sorted(deliveries.items()))
        table.add_row(
            Plain(str(one["destination"])), _STATES[str(one["state"])], when, str(one["opened"]), open_, Plain(why)
        )
    Console().print(table)


async def _act(
    kind: str, config: Path, destination: str, actor: str, request: str, reason: str, *, as_json: bool
) -> None:
    async with acting(config, as_json=as_json) as on:
        order = order_of(on, actor, request, reason, kind)
        result = await (on.pause_destination if kind == "pause" else on.resume_destination)(order, destination)
    match result:
        case NoSuch():
            stop(
                Text(f"没有目的地 {destination}。", f"There is no destination {destination}."),
                Text("请用 govhub destinations list 查看。", "See govhub destinations list."),
                as_json=as_json,
                code=2,
            )
        case JournalDown():
            away(result, as_json=as_json)
        case OutOfScope() | Unapproved():
            hindered(result, as_json=as_json)
        case RequestTaken():
            request_taken(as_json=as_json)
        case Acted(applied=applied):
            if as_json:
                tell_json({"act": kind, "destination": destination, "changed": applied > 0, "again": result.again})
            else:
                typer.echo(_DONE[kind, applied > 0].format(destination))


_DONE = {
    ("pause", True): "已暂停 {0}。 Paused.",
    ("pause", False): "{0} 本已暂停。 It was paused already.",
    ("resume", True): "已恢复 {0}。 Resumed.",
    ("resume", False): "{0} 并未暂停。 It was not paused.",
}
