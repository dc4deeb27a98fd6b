# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub operators``: accounts of those who look after the hub, their roles, passwords and tokens."""

import asyncio
import getpass
import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, NoReturn
from uuid import UUID

import typer

from contracts.refusal import Refusal
from contracts.text import Text
from hub.cli.consulting import away, consulted
from hub.cli.telling import DEFAULT_CONFIG, FAULTY, AsJson, Config, stop, tell_json
from hub.config.load import Loaded
from hub.operators import Role
from hub.ports.clock import SystemClock
from hub.ports.ids import TimeOrderedIds
from hub.ports.journal import AccountRecord, AuditEntry, Journal, JournalDown
from hub.sign_in import LONGEST, SHORTEST, SignIn, digest_of_name

app = typer.Typer(
    help="操作员账号、角色、密码与令牌。 Accounts of operators, roles, passwords, tokens.", no_args_is_help=True
)

Name = Annotated[str, typer.Argument(help="账号：小写字母、数字、连字符。 The account.")]
Reason = Annotated[str, typer.Option(help="理由，不含个人信息。 Why; nothing personal.")]
Roles = Annotated[list[Role] | None, typer.Option("--role", help="角色，可多次。 A role; may be repeated.")]
Regions = Annotated[list[str] | None, typer.Option("--region", help="只负责此区划，可多次。 For this region only.")]
Organisations = Annotated[
    list[str] | None, typer.Option("--organisation", help="只负责此系统，可多次。 For this system only.")
]


@dataclass(frozen=True, slots=True)
class _Desk:
    loaded: Loaded
    journal: Journal
    clock: SystemClock
    ids: TimeOrderedIds
    as_json: bool

    def entry(self, act: str, subject: str, reason: str) -> AuditEntry:
        return AuditEntry(
            id=self.ids.new(), at=self.clock.now(), account=getpass.getuser(), act=act, subject=subject, reason=reason,
            via="cli",
        )  # fmt: skip

    def sign_in(self) -> SignIn:
        return SignIn(accounts=self.journal.accounts, clock=self.clock, ids=self.ids, entropy=secrets.token_bytes)

    async def account(self, name: str) -> AccountRecord:
        found = await self.journal.accounts.account(name)
        if isinstance(found, JournalDown):
            away(found, as_json=self.as_json)
        return found or self._unknown(name)

    def _unknown(self, name: str) -> NoReturn:
        stop(
            Text(f"没有账号“{name}”。", f"There is no account '{name}'."),
            Text("请查看 govhub operators list。", "See govhub operators list."),
            as_json=self.as_json,
        )

    async def put(self, account: AccountRecord, entry: AuditEntry, *, out: bool) -> None:
        written = await self.journal.accounts.put(account, entry, out=out)
        if isinstance(written, JournalDown):
            away(written, as_json=self.as_json)
        self.tell(account)

    def tell(self, account: AccountRecord) -> None:
        if self.as_json:
            tell_json({"account": _document(account)})
        else:
            typer.echo(_line(account))


@asynccontextmanager
async def _desk(config: Path, *, as_json: bool) -> AsyncIterator[_Desk]:
    clock = SystemClock()
    async with consulted(config, as_json=as_json) as (loaded, journal):
        yield _Desk(loaded, journal, clock, TimeOrderedIds(clock), as_json)


@app.command()
def add(
    name: Name,
    title: Annotated[str, typer.Option(help="显示名称。 The name for display.")] = "",
    role: Roles = None,
    region: Regions = None,
    organisation: Organisations = None,
    subject: Annotated[str, typer.Option(help="外部身份（OIDC 的 sub），不设密码。 Its subject at the issuer.")] = "",
    reason: Reason = "",
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """新建账号；密码从终端或标准输入读取。 Make an account; the password is read from the terminal or standard input."""

    async def work() -> None:
        async with _desk(config, as_json=as_json) as desk:
            issuer = _issuer(desk, subject)
            _sound(desk, name, organisation or [])
            password = "" if subject else await desk.sign_in().hashed(_password(as_json=as_json))
            account = AccountRecord(
                name=name,
                title=title[:100],
                password=password,
                issuer=issuer,
                subject=subject,
                roles=tuple(dict.fromkeys(one.value for one in role or [Role.VIEWER])),
                regions=tuple(region or ()),
                organisations=tuple(organisation or ()),
                created_at=desk.clock.now(),
            )
            roles = ", ".join(account.roles)
            added = await desk.journal.accounts.add(account, desk.entry("add_operator", f"{name}: {roles}", reason))
            if isinstance(added, JournalDown):
                away(added, as_json=as_json)
            if not added:
                stop(
                    Text(f"账号“{name}”或此外部身份已存在。", f"'{name}', or that subject, has an account already."),
                    Text("请换一个名称。", "Choose another name."),
                    as_json=as_json,
                )
            desk.tell(account)

    asyncio.run(work())


@app.command(name="list")
def list_operators(config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """列出账号，包括部署文件中的密钥账号。 Every account, those of keys in the deployment too."""

    async def work() -> None:
        async with _desk(config, as_json=as_json) as desk:
            found = await desk.journal.accounts.accounts()
        if isinstance(found, JournalDown):
            away(found, as_json=as_json)
        keyed = [
            {
                "account": name,
                "kind": "key",
                "title": section.title,
                "rights": sorted(section.rights),
                "regions": list(section.regions),
                "organisations": list(section.organisations),
            }
            for name, section in sorted(desk.loaded.deployment.operators.items())
        ]
        if as_json:
            tell_json({"operators": [*keyed, *map(_document, found)]})
            return
        for one in keyed:
            typer.echo(f"{one['account']} (key) {', '.join(one['rights'])}")
        for account in found:
            typer.echo(_line(account))

    asyncio.run(work())


@app.command()
def roles(
    name: Name,
    role: Roles = None,
    region: Regions = None,
    organisation: Organisations = None,
    reason: Reason = "",
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """重新给定角色与范围；其会话与令牌结束。 Give roles and scope anew; its sessions and tokens end."""

    async def work() -> None:
        async with _desk(config, as_json=as_json) as desk:
            _sound(desk, name, organisation or [])
            account = replace(
                await desk.account(name),
                roles=tuple(dict.fromkeys(one.value for one in role or [])),
                regions=tuple(region or ()),
                organisations=tuple(organisation or ()),
            )
            await desk.put(
                account, desk.entry("roles_operator", f"{name}: {', '.join(account.roles)}", reason), out=True
            )

    asyncio.run(work())


@app.command()
def disable(name: Name, reason: Reason = "", config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """停用账号，立即结束其会话与令牌。 Disable an account; its sessions and tokens end at once."""

    async def work() -> None:
        async with _desk(config, as_json=as_json) as desk:
            account = replace(await desk.account(name), disabled_at=desk.clock.now())
            await desk.put(account, desk.entry("disable_operator", name, reason), out=True)

    asyncio.run(work())


@app.command()
def enable(name: Name, reason: Reason = "", config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """恢复账号，并解除锁定。 Enable an account again, and unlock it."""

    async def work() -> None:
        async with _desk(config, as_json=as_json) as desk:
            account = replace(await desk.account(name), disabled_at=None)
            unlocked = await desk.journal.accounts.forgive(
                digest_of_name(name), desk.entry("forgive_sign_in", name, reason)
            )
            if isinstance(unlocked, JournalDown):
                away(unlocked, as_json=as_json)
            await desk.put(account, desk.entry("enable_operator", name, reason), out=False)

    asyncio.run(work())


@app.command()
def passwd(name: Name, reason: Reason = "", config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """设新密码；其会话与令牌结束。 Set a new password; sessions and tokens end."""

    async def work() -> None:
        async with _desk(config, as_json=as_json) as desk:
            account = await desk.account(name)
            hashed = await desk.sign_in().hashed(_password(as_json=as_json))
            await desk.put(replace(account, password=hashed), desk.entry("passwd_operator", name, reason), out=True)

    asyncio.run(work())


@app.command()
def token(
    name: Name,
    title: Annotated[str, typer.Option(help="用途。 What it is for.")] = "",
    days: Annotated[float, typer.Option(min=0.01, max=366, help="有效天数。 Days that it is good.")] = 90,
    reason: Reason = "",
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """发一个令牌，只显示一次。 Make a token; it is shown once."""

    async def work() -> None:
        async with _desk(config, as_json=as_json) as desk:
            account = await desk.account(name)
            entry = desk.entry("token_operator", f"{name}: {title}".removesuffix(": "), reason)
            opened = await desk.sign_in().open(account, "token", title[:100], timedelta(days=days), entry)
        if isinstance(opened, Refusal):
            stop(opened.detail, Text("请稍后再试。", "Try again."), as_json=as_json)
        if as_json:
            tell_json({"id": opened.token.id, "token": opened.secret, "expiresAt": _when(opened.token.expires_at)})
        else:
            typer.echo(f"令牌（只显示这一次） Token (shown only now):\n  {opened.secret}\n  {opened.token.id}")

    asyncio.run(work())


@app.command()
def tokens(name: Name, config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """列出账号的会话与令牌。 An account's sessions and tokens."""

    async def work() -> None:
        async with _desk(config, as_json=as_json) as desk:
            account = await desk.account(name)
            found = await desk.journal.accounts.tokens(account.name)
        if isinstance(found, JournalDown):
            away(found, as_json=as_json)
        told = [
            {
                "id": one.id,
                "kind": one.kind,
                "title": one.title,
                "createdAt": _when(one.created_at),
                "expiresAt": _when(one.expires_at),
                "revokedAt": _when(one.revoked_at),
            }
            for one in found
        ]
        if as_json:
            tell_json({"tokens": told})
            return
        for one in told:
            typer.echo(f"{one['id']} {one['kind']} {one['title']} {one['expiresAt']} {one['revokedAt'] or ''}")

    asyncio.run(work())


@app.command()
def revoke(
    token_id: Annotated[UUID, typer.Argument(help="会话或令牌的编号。 The id of a session or token.")],
    reason: Reason = "",
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """立即结束一个会话或令牌。 End a session or token at once."""

    async def work() -> None:
        async with _desk(config, as_json=as_json) as desk:
            now = desk.clock.now()
            done = await desk.journal.accounts.revoke(token_id, now, desk.entry("revoke_token", str(token_id), reason))
        if isinstance(done, JournalDown):
            away(done, as_json=as_json)
        if as_json:
            tell_json({"revoked": done})
        else:
            typer.echo("已结束 ended" if done else "没有有效的 there is none that is good")

    asyncio.run(work())


def _password(*, as_json: bool) -> str:
    if sys.stdin.isatty():
        word = typer.prompt("密码 Password", hide_input=True, confirmation_prompt=True)
    else:
        word = sys.stdin.readline().rstrip("\r\n")
    if not SHORTEST <= len(word) <= LONGEST:
        stop(
            Text(f"密码应有 {SHORTEST} 至 {LONGEST} 个字符。", f"A password has {SHORTEST} to {LONGEST} characters."),
            Text("请换一个。", "Choose another."),
            as_json=as_json,
            code=FAULTY,
        )
    return str(word)


def _issuer(desk: _Desk, subject: str) -> str:
    section = desk.loaded.deployment.operating.issuer
    if subject and section is None:
        stop(
            Text("部署文件没有 operating.issuer。", "The deployment has no operating.issuer."),
            Text("请先写明签发者。", "Name the issuer first."),
            as_json=desk.as_json,
            code=FAULTY,
        )
    return section.issuer if section is not None and subject else ""


def _sound(desk: _Desk, name: str, organisations: list[str]) -> None:
    """The name is one that an id may have, and no key's; the organisations are systems."""
    deployment = desk.loaded.deployment
    plain = name.replace("-", "").replace(".", "")
    if not (0 < len(name) <= 63 and plain.isascii() and plain.isalnum() and plain == plain.lower()):
        stop(
            Text(
                "账号只用小写字母、数字、点与连字符，至多 63 个。",
                "An account has lower-case letters, digits, dots, hyphens.",
            ),
            Text("请换一个名称。", "Choose another name."),
            as_json=desk.as_json,
            code=FAULTY,
        )
    if name in deployment.operators:
        stop(
            Text(f"“{name}”是部署文件中的密钥账号。", f"'{name}' is an operator with a key in the deployment."),
            Text("请换一个名称，或先从部署文件中删去。", "Choose another name, or take it out there first."),
            as_json=desk.as_json,
            code=FAULTY,
        )
    if unknown := [one for one in organisations if one not in deployment.systems]:
        stop(
            Text(f"没有系统“{unknown[0]}”。", f"There is no system '{unknown[0]}'."),
            Text(f"现有：{', '.join(deployment.systems)}", f"There are: {', '.join(deployment.systems)}"),
            as_json=desk.as_json,
            code=FAULTY,
        )


def _document(account: AccountRecord) -> dict[str, object]:
    return {
        "account": account.name,
        "kind": "oidc" if account.subject else "password",
        "title": account.title,
        "roles": list(account.roles),
        "regions": list(account.regions),
        "organisations": list(account.organisations),
        "createdAt": _when(account.created_at),
        "disabledAt": _when(account.disabled_at),
    }


def _line(account: AccountRecord) -> str:
    state = "" if account.disabled_at is None else " 停用 disabled"
    scope = ", ".join([*account.regions, *account.organisations])
    return f"{account.name} {account.title} {', '.join(account.roles)}{f' [{scope}]' if scope else ''}{state}"


def _when(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
