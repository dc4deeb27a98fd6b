# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub lookups``: who asked a register what for, out of the journal."""

import asyncio
from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text as Plain

from contracts.families.fields import BEIJING
from hub.api.lookup_documents import lookups_document
from hub.cli.consulting import away, consulted
from hub.cli.telling import DEFAULT_CONFIG, AsJson, Config, tell_json
from hub.ports.journal import JournalDown, LookupRecord

app = typer.Typer(help="查询记录：谁、为何、何时、结果。 Who asked registers what for.", no_args_is_help=True)

_OUTCOMES = {
    "found": "查到 found",
    "not_found": "无此记录 not found",
    "rejected": "被拒绝 rejected",
    "unavailable": "查询不到 unavailable",
}
_MANNERS = {"asked": "当场 asked", "remembered": "记忆 remembered", "stale": "过期 stale"}


@app.callback()
def lookups() -> None:
    """查询记录。 Who asked registers what for."""


@app.command(name="list")
def list_lookups(
    lookup: Annotated[str | None, typer.Option(help="只看这个查询。 Only of this lookup.")] = None,
    system: Annotated[str | None, typer.Option(help="只看这个系统提的。 Only what this system asked.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="至多条数。 The most questions.")] = 50,
    after: Annotated[
        UUID | None, typer.Option(help="上一页最后一条的编号。 The id of the last one of the page before.")
    ] = None,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """列出查询记录，新的在前；不含所查的内容。 Who asked what for, the newest first; never what about."""

    async def work() -> None:
        async with consulted(config, as_json=as_json) as (_, journal):
            found = await journal.lookup_records.newest(after, limit, lookup=lookup, system=system)
        if isinstance(found, JournalDown):
            away(found, as_json=as_json)
        if as_json:
            tell_json(lookups_document(found, limit))
        else:
            _tell(found)

    asyncio.run(work())


def _tell(records: Sequence[LookupRecord]) -> None:
    """One row for each question."""
    if not records:
        typer.echo("没有查询记录。 No lookups.")
        return
    table = Table()
    for heading in ("时间\ntime", "查询\nlookup", "系统\nsystem", "事由\npurpose", "条件\ncriteria", "结果\noutcome",
                    "来处\nmanner", "编号\nrecord"):  # fmt: skip
        table.add_column(heading, overflow="fold")
    for one in records:
        told = _OUTCOMES[one.outcome] + (f" {one.code}" if one.code else f" ×{one.records}" if one.records else "")
        table.add_row(
            f"{one.asked_at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}", Plain(one.lookup), Plain(one.system),
            Plain(one.purpose), Plain(", ".join(one.criteria)), Plain(told), _MANNERS[one.manner], str(one.id),
        )  # fmt: skip
    Console().print(table)
