# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub sealing``: the master key of personal data, and what lies plain from before."""

import asyncio
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from certs.envelope import KeyTrouble
from certs.key_file import KeyFile
from contracts.text import Text
from hub.cli.consulting import away, consulted
from hub.cli.telling import DEFAULT_CONFIG, FAULTY, AsJson, Config, stop, tell_json
from hub.ports.journal import START, Journal, JournalDown, NotSealing
from hub.privacy.master import key_file_of, sealing_of
from hub.start_failures import unsealed

app = typer.Typer(
    help="个人信息静态加密：状态、更换主密钥、加密旧数据。 Personal data at rest: state, another master key, what is plain yet.",
    no_args_is_help=True,
)

_NONE = Text("本部署不加密个人信息。", "This deployment seals nothing.")
_WRITE = Text("请写部署文件的 sealing 一节。", "Write the section sealing of the deployment file.")


@app.command()
def status(config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """显示主密钥在何处、各主密钥保护多少数据密钥。 Where the master key is, and how many data keys are under which."""
    asyncio.run(_status(config, as_json=as_json))


async def _status(config: Path, *, as_json: bool) -> None:
    async with consulted(config, as_json=as_json) as (loaded, journal):
        under = await journal.sealing_keys.wrapped()
        if isinstance(under, JournalDown):
            away(under, as_json=as_json)
        sealing, file = sealing_of(loaded), key_file_of(loaded)
        current = sealing.master.current() if sealing is not None and not isinstance(sealing, KeyTrouble) else None
        document = {
            "sealed": sealing is not None,
            "keyFile": None if file is None or sealing is None else str(file),
            "masterKey": current if isinstance(current, str) else None,
            "dataKeys": dict(under),
        }
        if as_json:
            tell_json(document)
            return
        typer.echo(f"密钥文件 Key file: {document['keyFile'] or '-'}")
        typer.echo(f"主密钥 Master key: {document['masterKey'] or '-'}")
        for name, keys in under.items():
            typer.echo(f"  {name}: {keys} 个数据密钥 data keys")


@app.command()
def rotate(config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """更换主密钥：密钥文件中加入新密钥，并用它重新包裹全部数据密钥；中枢无须停止。

    Another master key: a new one comes first in the key file, and wraps every data key anew. Hubs go on meanwhile. With a token,
    name the new key in the deployment file first, the old one under before.
    """
    asyncio.run(_rotate(config, as_json=as_json))


async def _rotate(config: Path, *, as_json: bool) -> None:
    async with consulted(config, as_json=as_json) as (loaded, journal):
        sealing, file = sealing_of(loaded), key_file_of(loaded)
        if sealing is None or isinstance(sealing, KeyTrouble):
            stop(_NONE, _WRITE, as_json=as_json, code=FAULTY)
        if file is not None and isinstance(made := _file(file, sealing.entropy).add(sealing.suite), KeyTrouble):
            _unusable(made, as_json=as_json)
        done = await journal.sealing_keys.rewrap()
        match done:
            case JournalDown():
                away(done, as_json=as_json)
            case KeyTrouble():
                _unusable(done, as_json=as_json)
            case NotSealing():
                stop(_NONE, _WRITE, as_json=as_json, code=FAULTY)
            case int() if as_json:
                tell_json({"masterKey": sealing.master.current(), "rewrapped": done})
            case int():
                typer.echo(f"已重新包裹 {done} 个数据密钥。 {done} data keys were wrapped anew.")
                typer.echo("请为密钥文件另存新副本；稍后运行 govhub sealing retire。")
                typer.echo("Keep a new copy of the key file; run govhub sealing retire later.")


@app.command()
def retire(config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """从密钥文件中删去不再使用的主密钥。 Leave master keys out of the key file that wrap nothing any more."""
    asyncio.run(_retire(config, as_json=as_json))


async def _retire(config: Path, *, as_json: bool) -> None:
    async with consulted(config, as_json=as_json) as (loaded, journal):
        file = key_file_of(loaded)
        sealing = sealing_of(loaded)
        if file is None or sealing is None or isinstance(sealing, KeyTrouble):
            stop(
                Text("本部署没有主密钥文件。", "This deployment has no file of a master key."), _WRITE,
                as_json=as_json, code=FAULTY,
            )  # fmt: skip
        under = await journal.sealing_keys.wrapped()
        if isinstance(under, JournalDown):
            away(under, as_json=as_json)
        gone = _file(file, sealing.entropy).keep(frozenset(under))
        if isinstance(gone, KeyTrouble):
            _unusable(gone, as_json=as_json)
        if as_json:
            tell_json({"retired": list(gone)})
        else:
            typer.echo(f"已删去 {len(gone)} 个旧主密钥。 {len(gone)} old master keys were left out.")


@app.command("seal-old")
def seal_old(
    config: Config = DEFAULT_CONFIG,
    batch: Annotated[int, typer.Option(min=1, max=5000, help="每批条数。 Rows at a time.")] = 500,
    as_json: AsJson = False,
) -> None:
    """加密启用之前的明文；可中断后再次运行。 Seal what lies plain from before; it may be cut and run again."""
    asyncio.run(_seal_old(config, batch, as_json=as_json))


async def _seal_old(config: Path, batch: int, *, as_json: bool) -> None:
    async with consulted(config, as_json=as_json) as (_, journal):
        messages = await _messages(journal, batch, as_json=as_json)
        joined = await _joined(journal, batch, as_json=as_json)
        if as_json:
            tell_json({"messages": messages, "joined": joined})
        else:
            typer.echo(
                f"已加密 {messages} 条消息、{joined} 条流程资料。 {messages} messages and {joined} of processes are sealed."
            )


async def _messages(journal: Journal, batch: int, *, as_json: bool) -> int:
    total, after = 0, START
    while True:
        some = await journal.sealing_keys.seal_messages(after, batch)
        if isinstance(some, JournalDown):
            away(some, as_json=as_json)
        if isinstance(some, NotSealing):
            stop(_NONE, _WRITE, as_json=as_json, code=FAULTY)
        total += some.sealed
        if not as_json:
            typer.echo(f"  {total} …", err=True)
        if some.after is None:
            return total
        after = some.after


async def _joined(journal: Journal, batch: int, *, as_json: bool) -> int:
    total, after = 0, (START, START)
    while True:
        some = await journal.sealing_keys.seal_joined(after, batch)
        if isinstance(some, JournalDown):
            away(some, as_json=as_json)
        assert not isinstance(some, NotSealing), "messages were sealed a moment ago"
        total += some[0]
        if some[1] is None:
            return total
        after = some[1]


def _file(path: Path, entropy: object) -> KeyFile:
    assert callable(entropy)
    return KeyFile(path, entropy)


def _unusable(trouble: KeyTrouble, *, as_json: bool) -> NoReturn:
    failure = unsealed(trouble)
    stop(failure.reason, failure.remedy, as_json=as_json, code=FAULTY)
