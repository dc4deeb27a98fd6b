# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub operators``: accounts of those who look after the hub, their roles, passwords and tokens."""

import asyncio
import getpass
import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, NoReturn
from uuid import UUID

import typer

from contracts.refusal import Refusal
from contracts.refusal_codes import CODES
from contracts.text import Text
from hub.acting import Order
from hub.administering import Administration, Given
from hub.api.account_documents import account_document, tokens_document
from hub.cli.consulting import away, consulted
from hub.cli.telling import DEFAULT_CONFIG, FAULTY, AsJson, Config, stop, tell_json
from hub.config.load import Loaded
from hub.operating import operators_of, second_person_of
from hub.operators import Role
from hub.ports.clock import SystemClock
from hub.ports.ids import TimeOrderedIds
from hub.ports.journal import AccountRecord, AuditEntry, Journal, JournalDown
from hub.sign_in import SignIn

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

    def by(self, reason: str) -> Order:
        return Order(getpass.getuser(), "cli", f"account {self.ids.new()}", reason)

    def entry(self, act: str, subject: str, reason: str) -> AuditEntry:
        by = self.by(reason)
        return AuditEntry(
            id=self.ids.new(),
            at=self.clock.now(),
            account=by.actor,
            act=act,
            subject=subject,
            reason=reason,
            via=by.via,
        )

    def administration(self) -> Administration:
        deployment = self.loaded.deployment
        keyed = operators_of(deployment)
        issuer = deployment.operating.issuer
        return Administration(
            accounts=self.journal.accounts,
            clock=self.clock,
            ids=self.ids,
            sign_in=self.sign_in(),
            keyed=[keyed.operator(name) for name in deployment.operators],
            systems=deployment.systems.keys(),
            issuer="" if issuer is None else issuer.issuer,
            second=second_person_of(deployment.operating, self.journal, self.clock, self.ids),
        )

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

    def tell(self, account: AccountRecord | Refusal) -> None:
        if isinstance(account, Refusal):
            stop(account.detail, CODES[account.code].remedy, as_json=self.as_json, code=FAULTY)
        if self.as_json:
            tell_json({"account": account_document(account)})
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
            given = _given(role or [Role.VIEWER], region, organisation)
            password = "" if subject else _password()
            desk.tell(
                await desk.administration().add(
                    desk.by(reason), name, given, title=title[:100], password=password, subject=subject
                )
            )

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
            tell_json({"operators": [*keyed, *map(account_document, found)]})
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
            given = _given(role or [], region, organisation)
            desk.tell(await desk.administration().give(desk.by(reason), name, given))

    asyncio.run(work())


@app.command()
def disable(name: Name, reason: Reason = "", config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """停用账号，立即结束其会话与令牌。 Disable an account; its sessions and tokens end at once."""

    async def work() -> None:
        async with _desk(config, as_json=as_json) as desk:
            desk.tell(await desk.administration().disable(desk.by(reason), name))

    asyncio.run(work())


@app.command()
def enable(name: Name, reason: Reason = "", config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """恢复账号，并解除锁定。 Enable an account again, and unlock it."""

    async def work() -> None:
        async with _desk(config, as_json=as_json) as desk:
            desk.tell(await desk.administration().enable(desk.by(reason), name))

    asyncio.run(work())


@app.command()
def passwd(name: Name, reason: Reason = "", config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """设新密码；其会话与令牌结束。 Set a new password; sessions and tokens end."""

    async def work() -> None:
        async with _desk(config, as_json=as_json) as desk:
            await desk.account(name)  # before anybody types
            desk.tell(await desk.administration().password(desk.by(reason), name, _password()))

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
        if as_json:
            tell_json(tokens_document(found))
            return
        for one in found:
            ended = "" if one.revoked_at is None else one.revoked_at.isoformat()
            typer.echo(f"{one.id} {one.kind} {one.title} {one.expires_at.isoformat()} {ended}")

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
            done = await desk.administration().end(desk.by(reason), token_id)
        if isinstance(done, Refusal):
            stop(done.detail, CODES[done.code].remedy, as_json=as_json)
        if as_json:
            tell_json({"revoked": done})
        else:
            typer.echo("已结束 ended" if done else "没有有效的 there is none that is good")

    asyncio.run(work())


def _password() -> str:
    if sys.stdin.isatty():
        return str(typer.prompt("密码 Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")


def _given(roles: list[Role], regions: list[str] | None, organisations: list[str] | None) -> Given:
    return Given(
        roles=tuple(dict.fromkeys(one.value for one in roles)),
        regions=tuple(regions or ()),
        organisations=tuple(organisations or ()),
    )


def _line(account: AccountRecord) -> str:
    state = "" if account.disabled_at is None else " 停用 disabled"
    scope = ", ".join([*account.regions, *account.organisations])
    return f"{account.name} {account.title} {', '.join(account.roles)}{f' [{scope}]' if scope else ''}{state}"


def _when(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
