# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub contracts active`` and ``retire``: which versions are in use on a deployment's journal."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from contracts.contract import named
from contracts.text import Text
from hub.cli.consulting import away, consulted
from hub.cli.telling import DEFAULT_CONFIG, AsJson, Config, stop, tell_json
from hub.ports.journal import InUse, JournalDown
from hub.vocabulary import LIVING


def active(config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """列出在用的契约版本。 The contract versions in use: every hub on this journal must know them."""
    asyncio.run(_active(config, as_json=as_json))


async def _active(config: Path, *, as_json: bool) -> None:
    async with consulted(config, as_json=as_json) as (_, journal):
        found = await journal.activations.active()
        if isinstance(found, JournalDown):
            away(found, as_json=as_json)
        if as_json:
            tell_json({"active": list(found)})
        else:
            for schema in found:
                typer.echo(schema)


def retire(
    schema: Annotated[str, typer.Argument(help="dataschema，如 urn:govhub:contract:…:2。 The dataschema.")],
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """停用一个契约版本，以便回退到不认识它的 govhub；须先停止全部实例。 Take a version out of use, to go back to a govhub
    that does not know it. Stop every hub first.
    """
    asyncio.run(_retire(config, schema, as_json=as_json))


async def _retire(config: Path, schema: str, *, as_json: bool) -> None:
    async with consulted(config, as_json=as_json) as (_, journal):
        active = await journal.activations.active()
        if isinstance(active, JournalDown):
            away(active, as_json=as_json)
        if schema not in active:
            stop(
                Text(f"{schema} 并未启用。", f"{schema} is not in use."),
                Text("请用 govhub contracts active 查看。", "See govhub contracts active."),
                as_json=as_json,
            )
        # Taken from the name and not from the catalogue: it is the older govhub that wants to be rid of it.
        contract, version = named(schema)
        match await journal.activations.retire(schema, contract, version, LIVING):
            case JournalDown() as down:
                away(down, as_json=as_json)
            case InUse(hubs, deliveries):
                stop(
                    Text(
                        f"仍在使用：{hubs} 个实例在运行，{deliveries} 件投递未完成。",
                        f"Still in use: {hubs} hubs at work, {deliveries} deliveries not finished.",
                    ),
                    Text(
                        "请停止全部实例，并先办完这些投递。",
                        "Stop every hub, and have these deliveries finished first.",
                    ),
                    as_json=as_json,
                )
            case None:
                if as_json:
                    tell_json({"retired": schema})
                else:
                    typer.echo(f"已停用 {schema}。 No longer in use.")
