# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub simulate``: a far side that behaves as a script says, for rehearsals."""

import asyncio
import signal
from collections.abc import Mapping
from typing import Annotated

import orjson
import typer
from pydantic import BaseModel, ValidationError
from rich.console import Console
from rich.table import Table

from connectors.sdk.discovery import Broken
from connectors.sdk.simulator import Simulator, Word, script_of, simulators
from contracts.text import Text
from hub.cli.telling import FAULTY, AsJson, stop, tell_json

_HIGHEST_PORT = 65_535


def simulate(
    kind: Annotated[
        str, typer.Argument(help="连接器种类；不写则列出全部。 The kind; all are listed without one.")
    ] = "",
    port: Annotated[int, typer.Option(min=0, max=_HIGHEST_PORT, help="端口，0 为任意。 The port; 0 is any.")] = 0,
    host: Annotated[str, typer.Option(help="监听地址。 The address it listens at.")] = "127.0.0.1",
    script: Annotated[str, typer.Option(help="剧本，如 ok,busy*3。 The script, such as ok,busy*3.")] = "",
    option: Annotated[list[str] | None, typer.Option(help="其他选项：名称=值。 What else, as name=value.")] = None,
    as_json: AsJson = False,
) -> None:
    """启动一个模拟对端，按剧本应答，Ctrl-C 结束。 Start a simulated far side, which does as a script says, until Ctrl-C."""
    found = simulators()
    if not kind:
        _tell_all(found, as_json=as_json)
        return
    simulator = _named(found, kind.replace("-", "_"), as_json=as_json)
    words = script_of(simulator.words, script)
    if isinstance(words, str):
        stop(
            Text(f"剧本中没有“{words}”这个词。", f"A script has no word {words!r}."),
            Text(f"可写：{'、'.join(simulator.words)}", f"There are: {', '.join(simulator.words)}"),
            as_json=as_json,
            code=FAULTY,
        )
    options = _options(simulator, option or [], as_json=as_json)
    try:
        asyncio.run(_serve(simulator, words, (host, port), options, as_json=as_json))
    except OSError as error:
        stop(
            Text(f"无法在 {host}:{port} 启动：{error.strerror}", f"It cannot start at {host}:{port}: {error.strerror}"),
            Text("请换一个端口或地址。", "Give another port or address."),
            as_json=as_json,
        )


async def _serve(
    simulator: Simulator, words: tuple[Word, ...], place: tuple[str, int], options: BaseModel | None, *, as_json: bool
) -> None:
    ended = asyncio.Event()
    for one in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(one, ended.set)
    async with simulator.start(words, *place, options) as running:
        if as_json:
            # One line, since a program that starts it waits for this line and not for the end.
            typer.echo(orjson.dumps({"kind": simulator.name, "address": running.address}).decode())
        else:
            typer.echo(running.address)
            typer.echo(f"{simulator.about}\nCtrl-C 结束 / Ctrl-C ends it", err=True)
        await ended.wait()


def _named(found: Mapping[str, Simulator | Broken], kind: str, *, as_json: bool) -> Simulator:
    one = found.get(kind)
    if isinstance(one, Broken):
        stop(
            Text(f"模拟器不可用：{one.reason}", f"The simulator cannot be used: {one.reason}"),
            Text("请检查该连接器的安装。", "See to the installation of that connector."),
            as_json=as_json,
        )
    if one is None:
        known = [name for name, simulator in found.items() if isinstance(simulator, Simulator)]
        stop(
            Text(f"没有 {kind} 的模拟器。", f"There is no simulator of {kind}."),
            Text(f"可写：{'、'.join(known)}", f"There are: {', '.join(known)}"),
            as_json=as_json,
            code=FAULTY,
        )
    return one


def _options(simulator: Simulator, given: list[str], *, as_json: bool) -> BaseModel | None:
    pairs = {name: value for name, _, value in (one.partition("=") for one in given)}
    options, faults = _read(simulator, pairs)
    if faults:
        known = "、".join(_fields(simulator)) or "–"
        stop(
            Text(f"选项有误：{'；'.join(faults)}", f"Options are wrong: {'; '.join(faults)}"),
            Text(f"用 --option 名称=值；可写：{known}", f"Use --option name=value; there are: {known}"),
            as_json=as_json,
            code=FAULTY,
        )
    return options


def _read(simulator: Simulator, pairs: dict[str, str]) -> tuple[BaseModel | None, list[str]]:
    if simulator.options is None:
        return None, sorted(pairs)
    try:
        return simulator.options.model_validate(pairs), []
    except ValidationError as error:
        return None, [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors(include_input=False)]


def _fields(simulator: Simulator) -> dict[str, str]:
    fields = simulator.options.model_fields if simulator.options is not None else {}
    return {name: field.description or "" for name, field in fields.items()}


def _tell_all(found: Mapping[str, Simulator | Broken], *, as_json: bool) -> None:
    usable = [one for one in found.values() if isinstance(one, Simulator)]
    broken = [one for one in found.values() if isinstance(one, Broken)]
    if as_json:
        tell_json(
            {
                "simulators": [_as_dict(one) for one in usable],
                "broken": [{"name": one.name, "reason": one.reason} for one in broken],
            }
        )
        return
    console = Console()
    for one in usable:
        table = Table(title=f"{one.name} · {one.about}", box=None, pad_edge=False, title_justify="left")
        table.add_column("剧本用词 word", no_wrap=True)
        table.add_column("含义 meaning", overflow="fold")
        for word in one.words:
            table.add_row(word, str(word.meaning))
        for name, said in _fields(one).items():
            table.add_row(f"--option {name}=…", said)
        console.print(table, "")
    for bad in broken:
        console.print(f"{bad.name}  不可用 broken: {bad.reason}")


def _as_dict(simulator: Simulator) -> dict[str, object]:
    return {
        "name": simulator.name,
        "about": simulator.about._asdict(),
        "words": [{"word": str(word), **word.meaning._asdict()} for word in simulator.words],
        "options": simulator.options.model_json_schema() if simulator.options is not None else None,
    }
