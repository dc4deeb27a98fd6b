# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub demo``: a working morning with simulated far sides."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from hub.cli.telling import AsJson
from hub.demo.morning import Wishes
from hub.demo.morning import demo as hold

_WIDTH = 120
"""Columns for tables that go into a file or a pipe."""


def demo(
    once: Annotated[bool, typer.Option("--once", help="办完即结束，以退出码报告。 End when it is over.")] = False,
    cases: Annotated[int, typer.Option(min=1, max=100_000, help="办件数。 How many cases.")] = 240,
    seed: Annotated[int, typer.Option(help="随机种子。 What decides everything.")] = 2026,
    speed: Annotated[
        float, typer.Option(min=0.05, max=100, help="快慢，1 约半分钟。 Speed; 1 is half a minute.")
    ] = 1.0,
    directory: Annotated[Path, typer.Option(help="工作目录。 Where to work.")] = Path("var/demo"),
    bus: Annotated[str | None, typer.Option(help="amqp 地址，默认在内存中。 An AMQP URL instead of memory.")] = None,
    journal: Annotated[
        str | None, typer.Option(help="PostgreSQL 地址，默认内置。 A PostgreSQL URL instead of the embedded one.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """演示一个上午的办件，并据各方账本对账。 A working morning of cases, reconciled from everybody's own ledgers."""
    wishes = Wishes(
        once=once,
        cases=cases,
        seed=seed,
        speed=speed,
        directory=directory,
        bus=bus,
        journal=journal,
        as_json=as_json,
    )
    console = Console()
    if not console.is_terminal:
        console = Console(width=_WIDTH)
    raise typer.Exit(asyncio.run(hold(wishes, console)))
