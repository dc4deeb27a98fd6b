# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub acts``: what operators did, out of the journal."""

import asyncio
from typing import Annotated
from uuid import UUID

import typer

from hub.api.act_documents import acts_document
from hub.cli.consulting import away, consulted
from hub.cli.dead_tables import tell_acts
from hub.cli.telling import DEFAULT_CONFIG, AsJson, Config, tell_json
from hub.ports.journal import JournalDown

app = typer.Typer(help="操作记录：谁、何时、为何。 What operators did.", no_args_is_help=True)


@app.command(name="list")
def list_acts(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="至多条数。 The most acts.")] = 50,
    after: Annotated[
        UUID | None, typer.Option(help="上一页最后一条的编号。 The id of the last one of the page before.")
    ] = None,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """列出操作员做过什么，新的在前。 What operators did, the newest first."""

    async def work() -> None:
        async with consulted(config, as_json=as_json) as (_, journal):
            found = await journal.acts.newest(after, limit)
        if isinstance(found, JournalDown):
            away(found, as_json=as_json)
        if as_json:
            tell_json(acts_document(found, limit))
        else:
            tell_acts(found)

    asyncio.run(work())
