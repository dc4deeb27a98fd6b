# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``--active`` and ``--table``: which route table a command is about. Without either it is the deployment's file."""

from pathlib import Path
from typing import Annotated

import typer

from contracts.text import Text
from hub.cli.consulting import away, consulted
from hub.cli.telling import FAULTY, stop, tell_faults
from hub.config.load import Loaded, load_deployment
from hub.ports.journal import Journal, JournalDown, NoSuch
from hub.table_choice import ACTIVE, Chosen, Origin, named

Active = Annotated[
    bool, typer.Option("--active", help="现用的表（取自登记库）。 The table in force, out of the journal.")
]
Table = Annotated[
    str,
    typer.Option(
        "--table", help="另一张表：文件，或曾用的版本。 Another table: a file, or a version that was there before."
    ),
]
_ORIGINS = {Origin.FILE: "文件 file", Origin.ACTIVE: "现用 in force", Origin.KEPT: "曾用 kept"}


async def which(config: Path, table: str, *, active: bool, as_json: bool) -> tuple[Loaded, Chosen]:
    """The deployment, and the table that is meant; ends the command where there is none."""
    if active and table:
        stop(
            Text("--active 与 --table 不可同用。", "--active and --table exclude each other."),
            Text("请只写一个。", "Give one of them."),
            as_json=as_json,
            code=FAULTY,
        )
    if not active and not table:
        loaded = load_deployment(config)
        if not isinstance(loaded, Loaded):
            tell_faults(loaded, as_json=as_json)
            raise typer.Exit(FAULTY)
        return loaded, Chosen(loaded.table, Origin.FILE, str(loaded.path(loaded.deployment.routes)))
    async with consulted(config, as_json=as_json) as (loaded, journal):
        return loaded, await the(ACTIVE if active else table, loaded, journal, as_json=as_json)


async def the(name: str, loaded: Loaded, journal: Journal, *, as_json: bool) -> Chosen:
    """The table of this name: ``active``, a file or a version; ends the command where there is none, or none that can be used."""
    found = await named(name, loaded.tables, journal.route_tables)
    match found:
        case Chosen():
            return found
        case NoSuch():
            stop(
                Text(f"没有这个文件或版本：{name}。", f"There is no such file or version: {name}."),
                Text("请用 govhub routes status 查看。", "See govhub routes status."),
                as_json=as_json,
                code=FAULTY,
            )
        case JournalDown():
            away(found, as_json=as_json)
        case _:
            tell_faults(found, as_json=as_json)
    raise typer.Exit(FAULTY)


def said(chosen: Chosen) -> str:
    """Which table it is, in one line."""
    name = "" if chosen.name == chosen.version else f"{chosen.name}，"
    return f"路由表 routes: {_ORIGINS[chosen.origin]}  {name}{chosen.version}"
