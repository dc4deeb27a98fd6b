# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What every ``govhub dead`` command needs: the journal, who acts, and on which deliveries."""

import getpass
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from contracts.text import Text
from hub.acting import MOST, Acting, Order
from hub.cli.consulting import away, consulted
from hub.cli.telling import stop
from hub.config.load import Loaded
from hub.logging import configure
from hub.operating import second_person_of
from hub.ports.clock import SystemClock
from hub.ports.ids import Ids, TimeOrderedIds
from hub.ports.journal import Journal, JournalDown, Named, OfGroup
from hub.route_book import RouteBook
from hub.table_choice import in_force

Group = Annotated[int, typer.Argument(min=1, help="死信组编号。 The group's number.")]
Deliveries = Annotated[
    list[UUID] | None, typer.Option("--delivery", "-d", help="单件投递，可多次。 One delivery; may be repeated.")
]
Reason = Annotated[str, typer.Option(help="理由，不含个人信息。 Why; nothing personal.")]
Request = Annotated[
    str,
    typer.Option(help="操作名称：同名只执行一次；默认自动生成。 A name of your own for the act: done once under it."),
]
Actor = Annotated[str, typer.Option(help="操作人，默认为系统用户。 Who acts; the user of the system unless said.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="不再询问。 Do not ask.")]
_CLI = "cli"
_LONGEST = 500


@asynccontextmanager
async def acting(config: Path, *, as_json: bool) -> AsyncIterator[Acting]:
    """The journal of a deployment, to act on."""
    clock = SystemClock()
    async with consulted(config, as_json=as_json) as (loaded, journal):
        yield Acting(
            hub=loaded.deployment.hub.name,
            clock=clock,
            ids=TimeOrderedIds(clock),
            journal=journal,
            registry=loaded.registry,
            routes=await _book(loaded, journal, as_json=as_json),
            places=loaded.places(),
            partitions=loaded.deployment.partitions,
            second=second_person_of(loaded.deployment.operating, journal, clock, TimeOrderedIds(clock)),
        )


async def _book(loaded: Loaded, journal: Journal, *, as_json: bool) -> RouteBook:
    book = await in_force(loaded.table, loaded.tables, journal.route_tables, configure("error"))
    if isinstance(book, JournalDown):
        away(book, as_json=as_json)
    return book


def order_of(on: Acting, actor: str, request: str, reason: str, kind: str) -> Order:
    """Who acts and why, under the request's own name or a new one."""
    return order_for(on.ids, actor, request, reason, kind)


def order_for(ids: Ids, actor: str, request: str, reason: str, kind: str) -> Order:
    """The same, for whoever acts otherwise."""
    return Order(actor or getpass.getuser(), _CLI, request or f"{kind} {ids.new()}", reason[:_LONGEST])


def wanted_of(group: int | None, deliveries: list[UUID] | None, *, as_json: bool) -> Named | OfGroup:
    """The group or the deliveries; one of the two."""
    if (group is None) == (not deliveries) or len(deliveries or ()) > MOST:
        stop(
            Text("未说明是哪些投递。", "It does not say which deliveries."),
            Text(
                f"请写死信组编号，或用 --delivery 指明至多 {MOST} 件。",
                f"Give a group's number, or up to {MOST} times --delivery.",
            ),
            as_json=as_json,
            code=2,
        )
    return Named(tuple(deliveries or ())) if group is None else OfGroup(group)


def agreed(question: str, *, yes: bool, as_json: bool) -> None:
    """Go on only if the operator says so; programs say it beforehand."""
    if yes:
        return
    if as_json:
        stop(
            Text("未经确认，什么都没有做。", "Nobody has agreed; nothing was done."),
            Text("请加 --yes。", "Add --yes."),
            as_json=True,
            code=2,
        )
    typer.confirm(question, abort=True)
