# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub deadlines``: which cases breach their periods if a destination stays down, out of the journal."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from contracts.families.fields import BEIJING
from contracts.text import Text
from contracts.timestamps import parse_timestamp
from hub.api.deadline_documents import deadline_documents
from hub.cli.consulting import away, consulted
from hub.cli.telling import DEFAULT_CONFIG, FAULTY, AsJson, Config, stop, tell_json
from hub.deadlines import Outlook, outlook
from hub.ports.clock import SystemClock
from hub.ports.journal import JournalDown


def deadlines(
    destination: Annotated[
        str | None, typer.Option("--destination", "-d", help="只看此目的地。 Only this destination.")
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(
            help="到何时：HH:MM 或 RFC 3339；省略为下次下班。 By when: HH:MM or RFC 3339; else the next end of work."
        ),
    ] = None,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """若目的地持续不通，届时哪些办件超过承诺或法定时限。

    Which cases breach their promised or legal period by then if a destination stays down.
    """
    asyncio.run(_deadlines(destination, by, config, as_json=as_json))


async def _deadlines(destination: str | None, by: str | None, config: Path, *, as_json: bool) -> None:
    async with consulted(config, as_json=as_json) as (loaded, journal):
        clock, now = loaded.legal_clock(), SystemClock().now()
        moment = clock.next_close(now) if by is None else _moment(by, now)
        places = loaded.deployment.destinations
        if moment is None or (destination is not None and destination not in places):
            stop(
                Text("没有这个目的地，或时间写法不对。", "There is no such destination, or the time cannot be read."),
                Text(
                    f"现有目的地：{'、'.join(sorted(places))}；时间如 17:00。",
                    "Destinations as listed; a time such as 17:00.",
                ),
                as_json=as_json,
                code=FAULTY,
            )
        found: list[Outlook] = []
        for name in sorted(places) if destination is None else [destination]:
            told = await outlook(journal.dockets, clock, name, moment, now)
            if isinstance(told, JournalDown):
                away(told, as_json=as_json)
            if told.looked or destination is not None:
                found.append(told)
    if as_json:
        tell_json(deadline_documents(found))
    else:
        _tell(found)


def _moment(by: str, now: datetime) -> datetime | None:
    """A time of today, in Beijing, or a moment."""
    try:
        return datetime.combine(now.astimezone(BEIJING).date(), datetime.strptime(by, "%H:%M").time(), BEIJING)  # noqa: DTZ007  # because only its time of day is taken
    except ValueError:
        return parse_timestamp(by)


def _tell(found: Sequence[Outlook]) -> None:
    console = Console()
    for one in found:
        until = f"{one.by.astimezone(BEIJING):%m-%d %H:%M}"
        console.print(
            f"{one.destination}：若至 {until} 仍不通，将有 {one.coming} 件超期（待送 {one.looked} 件）。"
            f" {one.coming} cases breach by {until} if it stays down; {one.looked} wait for it.",
            highlight=False,
        )
        if one.unreckoned:
            console.print(f"  {one.unreckoned} 件无法计算。 Of {one.unreckoned} nobody can tell.", highlight=False)
        if one.breaches:
            table = Table(box=None, pad_edge=False)
            for column in ("办件 case", "时限 limit", "末日 due", "余工作日 left"):
                table.add_column(column, overflow="fold")
            for breach in one.breaches:
                table.add_row(breach.case, str(breach.limit.text), str(breach.deadline.due), str(breach.deadline.left))
            console.print(table)
    if not found:
        console.print("各目的地均无待送办件。 Nothing waits for any destination.")
