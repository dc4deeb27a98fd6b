# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub access``: what a system may do, and by which rule; what was decided about a message."""

import asyncio
from typing import Annotated
from uuid import UUID

import orjson
import typer

from contracts.text import Text
from hub.access.decision import Access, Allowed, Asked, Verb
from hub.api.me_documents import grant_document
from hub.cli.consulting import away, consulted
from hub.cli.telling import DEFAULT_CONFIG, FAULTY, AsJson, Config, stop, tell_faults, tell_json
from hub.config.load import Loaded, load_deployment
from hub.ports.journal import JournalDown

app = typer.Typer(help="访问权限：哪个系统可对哪个契约做什么。 Which system may do what.", no_args_is_help=True)

_DENIED = 3
"""Exit code of ``explain`` where it is denied, for scripts."""


@app.command()
def explain(
    system: Annotated[str, typer.Option(help="系统编号。 The system.")],
    act: Annotated[Verb, typer.Option(help="发送、接收、查询，或向登记机构提问。 What it wants to do.")],
    contract: Annotated[str, typer.Option(help="契约，或查询的名称。 The contract, or the lookup's name.")],
    region: Annotated[str | None, typer.Option(help="消息的行政区划。 The message's region.")] = None,
    item: Annotated[str | None, typer.Option(help="消息的事项编码。 The message's item.")] = None,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """说明某系统可否这样做、依据哪条规则。 Whether a system may do that, and by which rule. Exit 0: it may; 3: it may not."""
    loaded = _loaded(config, as_json=as_json)
    _known(loaded, system, as_json=as_json)
    decision = loaded.access.decide(Asked(system=system, verb=act, contract=contract, region=region, item=item))
    allowed = isinstance(decision, Allowed)
    grants = [grant_document(act, one) for one in loaded.access.grants.get((system, act), ())]
    if as_json:
        tell_json({"allowed": allowed, "rule": decision.rule, "grants": grants})
    else:
        word = "可以 allowed" if allowed else "不可 denied"
        typer.echo(f"{system} {act.value} {contract}: {word}（{decision.rule}）")
        for one in grants:
            limits = ", ".join([*map(str, one["regions"]), *map(str, one["items"])])
            typer.echo(f"  {one['rule']}: {', '.join(one['contracts'])}{f' [{limits}]' if limits else ''}")
    if not allowed:
        raise typer.Exit(_DENIED)


@app.command(name="list")
def list_grants(
    system: Annotated[str | None, typer.Option(help="只看这个系统。 Of this system only.")] = None,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """列出各系统可做的事；未列出的一律不可。 Everything that systems may do; nothing else is allowed."""
    loaded = _loaded(config, as_json=as_json)
    if system is not None:
        _known(loaded, system, as_json=as_json)
    systems = sorted(loaded.deployment.systems) if system is None else [system]
    found = {name: _grants(loaded.access, name) for name in systems}
    if as_json:
        tell_json({"systems": found})
        return
    for name, grants in found.items():
        typer.echo(name)
        for one in grants:
            limits = ", ".join([*one["regions"], *one["items"]])
            typer.echo(
                f"  {one['verb']} {', '.join(one['contracts'])}{f' [{limits}]' if limits else ''}: {one['rule']}"
            )


@app.command()
def message(
    message_id: Annotated[UUID, typer.Argument(help="消息编号。 The message.")],
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """一条消息依据哪些规则受理与送达。 By which rules a message was accepted and given on, as recorded with it."""

    async def work() -> None:
        async with consulted(config, as_json=as_json) as (_, journal):
            view = await journal.lookups.message(message_id)
        if isinstance(view, JournalDown):
            away(view, as_json=as_json)
        if view is None:
            stop(
                Text("没有这条消息。", "There is no such message."),
                Text("请核对编号。", "Check the id."),
                as_json=as_json,
            )
        recorded = orjson.loads(view.access) if view.access else None
        if as_json:
            tell_json({"message": message_id, "access": recorded})
        elif recorded is None:
            typer.echo("受理时尚不记录规则。 Accepted before rules were recorded.")
        else:
            typer.echo(f"发送 send {view.system}: {recorded['send']}")
            for receiver, rule in sorted(recorded["receive"].items()):
                typer.echo(f"接收 receive {receiver}: {rule}")

    asyncio.run(work())


def _grants(access: Access, system: str) -> list[dict[str, list[str]]]:
    return [grant_document(verb, one) for verb in Verb for one in access.grants.get((system, verb), ())]


def _loaded(config: Config, *, as_json: bool) -> Loaded:
    loaded = load_deployment(config)
    if not isinstance(loaded, Loaded):
        tell_faults(loaded, as_json=as_json)
        raise typer.Exit(FAULTY)
    return loaded


def _known(loaded: Loaded, system: str, *, as_json: bool) -> None:
    if system not in loaded.deployment.systems:
        there_are = ", ".join(sorted(loaded.deployment.systems))
        stop(
            Text(f"没有系统“{system}”。", f"There is no system '{system}'."),
            Text(f"现有：{there_are}", f"There are: {there_are}"),
            as_json=as_json,
            code=FAULTY,
        )
