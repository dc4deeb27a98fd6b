# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub connectors amqp-users``: departments' accounts on our own broker, out of the deployment file."""

import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import orjson
import typer
from yarl import URL

from connectors.amqp.accounts import SALT_BYTES, Account, definitions, password_hash
from connectors.amqp.config import BrokerConfig, SinkConfig, SourceConfig
from contracts.text import Text
from hub.access.decision import Verb
from hub.cli.telling import DEFAULT_CONFIG, FAULTY, AsJson, Config, stop, tell_faults, tell_json
from hub.config.load import Loaded, load_deployment, resolve_secret


@dataclass(slots=True)
class _Department:
    reads: list[str] = field(default_factory=list)
    speaks: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    rules: dict[str, str] = field(default_factory=dict)
    """By queue, what lets the department have it: where the deployment says so, and the grant."""


def amqp_users(
    out: Annotated[Path, typer.Option(help="定义文件写到哪里。 Where the definitions go.")] = Path("definitions.json"),
    passwords: Annotated[
        Path, typer.Option(help="口令目录，每个用户一个文件。 A folder with a file for each user's password.")
    ] = Path("amqp-passwords"),
    broker: Annotated[
        str | None, typer.Option(help="哪台消息服务器，省略时须只有一台。 Which broker, as settings.url names it.")
    ] = None,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """为部署文件中的部门生成本方消息服务器上的用户、权限与队列。 Departments' users, permissions and queues on our broker."""
    loaded = load_deployment(config)
    if not isinstance(loaded, Loaded):
        tell_faults(loaded, as_json=as_json)
        raise typer.Exit(FAULTY)
    url, connections = _broker(loaded, broker, as_json=as_json)
    accounts = _accounts(loaded, url, as_json=as_json)
    hashes = {}
    for account in accounts:
        hashes[account.user] = _hashed(_password(passwords / account.user, as_json=as_json))
    hub = _hub(connections, as_json=as_json)
    if (own := _own_password(loaded, connections)) is not None:
        hashes[hub] = _hashed(own)
    document = definitions(URL(url).path.removeprefix("/") or "/", accounts, hashes, hub)
    _write(out, orjson.dumps(document, option=orjson.OPT_INDENT_2), as_json=as_json)
    _tell(accounts, out, passwords, as_json=as_json)


def _broker(loaded: Loaded, wanted: str | None, *, as_json: bool) -> tuple[str, Sequence[BrokerConfig]]:
    """The broker that is meant, and how the hub connects to it."""
    named = [one.settings for one in (*loaded.endpoints.values(), *loaded.intakes.values())]
    found = [one for one in named if isinstance(one, BrokerConfig)]
    urls = sorted({one.url for one in found})
    url = urls[0] if wanted is None and len(urls) == 1 else wanted
    if url is None or url not in urls:
        stop(
            Text("没有指明是哪台消息服务器。", "It is not said which broker is meant."),
            Text(
                f"请用 --broker 指定其一：{'、'.join(urls) or '无'}",
                f"Give one with --broker: {', '.join(urls) or 'none'}",
            ),
            as_json=as_json,
            code=FAULTY,
        )
    return url, [one for one in found if one.url == url]


def _accounts(loaded: Loaded, url: str, *, as_json: bool) -> list[Account]:
    departments: dict[str, _Department] = {}
    for endpoint in loaded.endpoints.values():
        match endpoint.settings:
            case SinkConfig(url=at, exchange="", routing_key=queue) if at == url:
                department = departments.setdefault(endpoint.section.system, _Department())
                if grant := _granted(loaded, endpoint.section.system, Verb.RECEIVE):
                    department.reads.append(queue)
                    department.rules[queue] = f"destinations.{endpoint.name} {grant}"
            case SinkConfig(url=at, exchange=exchange) if at == url:
                stop(
                    Text(
                        f"目的地 {endpoint.name} 发往交换机 {exchange}，队列未知。",
                        f"{endpoint.name} publishes to {exchange}.",
                    ),
                    Text(
                        "部门的队列请经默认交换机投递（不写 exchange）。",
                        "Leave exchange out: routing_key is then the queue.",
                    ),
                    as_json=as_json,
                    code=FAULTY,
                )
            case _:
                pass
    for intake in loaded.intakes.values():
        match intake.settings:
            case SourceConfig(url=at, queue=queue, refused_queue=refused) if at == url:
                department = departments.setdefault(intake.section.system, _Department())
                if grant := _granted(loaded, intake.section.system, Verb.SEND):
                    department.speaks.append(queue)
                    department.refused += [refused] if refused is not None else []
                    department.rules |= {
                        one: f"sources.{intake.name} {grant}" for one in (queue, refused) if one is not None
                    }
            case _:
                pass
    _shared(departments, as_json=as_json)
    return [
        Account(
            user=name,
            reads=tuple(one.reads),
            speaks=tuple(one.speaks),
            refused=tuple(one.refused),
            rules=one.rules,
        )
        for name, one in sorted(departments.items())
    ]


def _granted(loaded: Loaded, system: str, verb: Verb) -> str:
    """The first grant by which the system may do that at all; empty: it may not, so no permission is made."""
    return next((one.rule for one in loaded.access.grants.get((system, verb), ())), "")


def _shared(departments: Mapping[str, _Department], *, as_json: bool) -> None:
    """A queue of two departments would let each see the other's."""
    owners: dict[str, str] = {}
    for name, one in departments.items():
        for queue in (*one.reads, *one.speaks, *one.refused):
            if owners.setdefault(queue, name) != name:
                stop(
                    Text(
                        f"队列 {queue} 属于 {owners[queue]}，又属于 {name}。",
                        f"{queue} is of {owners[queue]} and of {name}.",
                    ),
                    Text("每个部门用自己的队列。", "Give each department queues of its own."),
                    as_json=as_json,
                    code=FAULTY,
                )


def _hub(connections: Sequence[BrokerConfig], *, as_json: bool) -> str:
    users = sorted({one.user for one in connections})
    if len(users) != 1:
        stop(
            Text(
                f"中枢以多个用户连接：{'、'.join(users)}。", f"The hub connects as several users: {', '.join(users)}."
            ),
            Text("同一台服务器上请用同一个 user。", "Use one user for one broker."),
            as_json=as_json,
            code=FAULTY,
        )
    return users[0]


def _own_password(loaded: Loaded, connections: Sequence[BrokerConfig]) -> str | None:
    """The hub's own, if it is known here; without it the hub's user is taken to exist."""
    named = {one.password_secret.name for one in connections if one.password_secret is not None}
    for name in named:
        return resolve_secret(loaded.deployment.secrets[name], os.environ, loaded.home)
    return None


def _hashed(password: str) -> str:
    return password_hash(password, secrets.token_bytes(SALT_BYTES))


def _password(file: Path, *, as_json: bool) -> str:
    """The one that is there, else a fresh one that is written there, for its owner alone to read."""
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if file.exists():
            return file.read_text(encoding="ascii").strip()
        password = secrets.token_urlsafe(24)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as opened:
            opened.write(f"{password}\n")
    except (OSError, UnicodeDecodeError) as error:
        _unwritable(file, error, as_json=as_json)
    return password


def _write(file: Path, content: bytes, *, as_json: bool) -> None:
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as opened:
            opened.write(content + b"\n")
    except OSError as error:
        _unwritable(file, error, as_json=as_json)


def _unwritable(file: Path, error: Exception, *, as_json: bool) -> None:
    reason = type(error).__name__
    stop(
        Text(f"{file} 读写失败（{reason}）。", f"{file} cannot be read or written ({reason})."),
        Text("请换一个路径。", "Choose another path."),
        as_json=as_json,
        code=FAULTY,
    )


def _tell(accounts: Sequence[Account], out: Path, passwords: Path, *, as_json: bool) -> None:
    if as_json:
        users = [
            {
                "user": one.user,
                "reads": list(one.may_read),
                "writes": list(one.speaks),
                "rules": dict(one.rules),
                "password": str(passwords / one.user),
            }
            for one in accounts
        ]
        tell_json({"definitions": str(out), "users": users})
        return
    for one in accounts:
        typer.echo(f"{one.user}: 读 reads {', '.join(one.may_read) or '-'}; 写 writes {', '.join(one.speaks) or '-'}")
    typer.echo(f"定义 definitions: {out}（rabbitmqctl import_definitions {out}）；口令 passwords: {passwords}/")
