# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub routes check``: what is wrong with the deployment's file, and whether it is what runs."""

import asyncio
from pathlib import Path
from typing import Any

import typer

from hub.cli.consulting import away, consulted
from hub.cli.telling import DEFAULT_CONFIG, FAULTY, AsJson, Config, fault_as_dict, tell_faults, tell_json
from hub.cli.which_table import Active
from hub.config.load import Loaded, load_deployment
from hub.ports.journal import JournalDown, NoSuch
from hub.table_choice import ACTIVE, Chosen, named


def check(config: Config = DEFAULT_CONFIG, active: Active = False, as_json: AsJson = False) -> None:
    """检查部署文件和路由表，指出文件、行和改法。 Check the deployment and its routes; name file, line and remedy.

    所检查的是文件；--active 另查现用的表，并说明二者是否相同。 It is the file; --active also checks the table in force and says
    whether they are the same.
    """
    loaded = load_deployment(config)
    faults = loaded.warnings if isinstance(loaded, Loaded) else loaded
    running = asyncio.run(_running(config, as_json=as_json)) if active and isinstance(loaded, Loaded) else None
    if as_json:
        more = {} if running is None else {"active": running}
        tell_json({"ok": isinstance(loaded, Loaded), "faults": [fault_as_dict(f) for f in faults], **more})
    else:
        tell_faults(faults, as_json=False)
        if isinstance(loaded, Loaded):
            _tell(loaded, running)
    if not isinstance(loaded, Loaded) or (running is not None and not running["usable"]):
        raise typer.Exit(FAULTY)


async def _running(config: Path, *, as_json: bool) -> dict[str, Any]:
    """The table in force: its version, whether it can be used here, and whether the file is another."""
    async with consulted(config, as_json=as_json) as (loaded, journal):
        now = await journal.route_tables.in_force()
        if isinstance(now, JournalDown):
            away(now, as_json=as_json)
        found = None if now is None else await named(ACTIVE, loaded.tables, journal.route_tables)
    if isinstance(found, JournalDown):
        away(found, as_json=as_json)
    version = "" if now is None else now.version
    file = loaded.table.table.version_id
    told: dict[str, Any] = {"version": version, "file": file, "differs": bool(version) and version != file}
    match found:
        case None | NoSuch() | Chosen():
            return {**told, "usable": True, "faults": []}
        case _:
            return {**told, "usable": False, "faults": [fault_as_dict(fault) for fault in found]}


def _tell(loaded: Loaded, running: dict[str, Any] | None) -> None:
    table = loaded.table.table
    typer.echo(
        f"文件可用：{len(table.routes)} 条，版本 {table.version_id}。 "
        f"The file's {len(table.routes)} routes, version {table.version_id}, are usable."
    )
    if running is None:
        typer.echo("现用的表另见 --active 或 routes status。 For the table in force: --active, or routes status.")
    elif not running["version"]:
        typer.echo("还没有启用过任何表。 No table was ever in force.")
    else:
        _tell_running(running)


def _tell_running(running: dict[str, Any]) -> None:
    version = running["version"]
    if running["differs"]:
        typer.echo(
            f"现用的是另一张表 {version}，改文件不改变它：请用 routes diff active 文件 对比，再用 routes activate 启用。\n"
            f"Another table is in force, {version}, and the file does not change that: compare by routes diff active FILE, "
            "then routes activate.",
            err=True,
        )
    else:
        typer.echo("现用的就是它。 It is the one in force.")
    for fault in running["faults"]:
        at = fault["at"]
        typer.echo(
            f"{at['file']}:{at['line']}:{at['column']}: {fault['code']} {fault['problem']['zh']} {fault['problem']['en']}",
            err=True,
        )
