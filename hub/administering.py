# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Accounts of operators: made, given roles, disabled, enabled; the same for the API and the command line. 账号管理

Nobody changes their own account over the API. Passwords of others and tokens for others are given on the machine alone, so that
whoever administers accounts cannot act as somebody else who has one.
"""

import re
from collections.abc import Callable, Set
from dataclasses import dataclass, replace
from uuid import UUID

from contracts.refusal import Refusal
from contracts.text import Text
from hub.ports.clock import Clock
from hub.ports.ids import Ids
from hub.ports.journal import AccountRecord, Accounts, AuditEntry, JournalDown
from hub.sign_in import LONGEST, SHORTEST, SignIn, digest_of_name

_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,62}")
_REGION = re.compile(r"[0-9]{2,12}")
_API = "api"
_TURNS = 5
_MOST = 200

_DOWN = Refusal("E_JOURNAL_DOWN", Text("中枢的登记库暂时不可用。", "The journal is away for now."), retry_after=5.0)
_BUSY = Refusal("E_BUSY", Text("此账号正被他人修改。", "Somebody else changes this account."), retry_after=1.0)
_OWN = Refusal("E_OWN_ACCOUNT", Text("不能修改自己的账号。", "Nobody changes their own account."))


@dataclass(frozen=True, slots=True)
class By:
    """Who does it, over which channel, and why."""

    account: str
    via: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What an account is given: roles, and for whom it is there."""

    roles: tuple[str, ...]
    regions: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Administration:
    """``keyed`` are operators with keys of the deployment, ``systems`` its systems; ``issuer`` is empty where there is none."""

    accounts: Accounts
    clock: Clock
    ids: Ids
    sign_in: SignIn
    keyed: Set[str]
    systems: Set[str]
    issuer: str = ""

    async def add(
        self, by: By, name: str, given: Given, *, title: str = "", password: str = "", subject: str = ""
    ) -> AccountRecord | Refusal:
        """Make an account that signs in by a password, or as that ``subject`` of the issuer."""
        if wrong := self._wrong(name, given) or self._wrong_secret(password, subject):
            return wrong
        account = AccountRecord(
            name=name,
            title=title,
            password=await self.sign_in.hashed(password) if password else "",
            issuer=self.issuer if subject else "",
            subject=subject,
            roles=given.roles,
            regions=given.regions,
            organisations=given.organisations,
            created_at=self.clock.now(),
        )
        told = await self.accounts.add(account, self._entry(by, "add_operator", f"{name}: {_scoped(given)}"))
        if isinstance(told, JournalDown):
            return _DOWN
        return account if told else _taken(name)

    async def give(self, by: By, name: str, given: Given) -> AccountRecord | Refusal:
        """Give roles and scope anew; its sessions and tokens end."""
        if wrong := self._wrong(name, given):
            return wrong
        entry = self._entry(by, "roles_operator", f"{name}: {_scoped(given)}")

        def changed(account: AccountRecord) -> AccountRecord:
            return replace(account, roles=given.roles, regions=given.regions, organisations=given.organisations)

        return await self._change(by, name, changed, entry, out=True)

    async def disable(self, by: By, name: str) -> AccountRecord | Refusal:
        """Nobody signs in with it any more; its sessions and tokens end at once."""
        entry = self._entry(by, "disable_operator", name)
        return await self._change(by, name, lambda one: replace(one, disabled_at=entry.at), entry, out=True)

    async def enable(self, by: By, name: str) -> AccountRecord | Refusal:
        """It is good again, and not locked."""
        entry = self._entry(by, "enable_operator", name)
        enabled = await self._change(by, name, lambda one: replace(one, disabled_at=None), entry, out=False)
        if isinstance(enabled, Refusal):
            return enabled
        told = await self.accounts.forgive(digest_of_name(name), self._entry(by, "forgive_sign_in", name))
        return enabled if told is None else _DOWN

    async def password(self, by: By, name: str, password: str) -> AccountRecord | Refusal:
        """Set a new password; its sessions and tokens end. Over the API only for whoever has shown the old one."""
        if wrong := self._wrong_secret(password, ""):
            return wrong
        hashed, entry = await self.sign_in.hashed(password), self._entry(by, "passwd_operator", name)
        return await self._change(by, name, lambda one: replace(one, password=hashed), entry, out=True, own=True)

    async def end(self, by: By, token: UUID) -> bool | Refusal:
        """End a session or token; False: there is none that is good."""
        done = await self.accounts.revoke(token, self.clock.now(), self._entry(by, "revoke_token", str(token)))
        return _DOWN if isinstance(done, JournalDown) else done

    async def _change(
        self,
        by: By,
        name: str,
        changed: Callable[[AccountRecord], AccountRecord],
        entry: AuditEntry,
        *,
        out: bool,
        own: bool = False,
    ) -> AccountRecord | Refusal:
        if by.via == _API and by.account == name and not own:
            return _OWN
        for _ in range(_TURNS):
            seen = await self.accounts.account(name)
            if isinstance(seen, JournalDown):
                return _DOWN
            if seen is None:
                return _unknown(name)
            written = await self.accounts.put(changed(seen), entry, out=out, seen=seen)
            if isinstance(written, JournalDown):
                return _DOWN
            if written:
                return changed(seen)
        return _BUSY

    def _wrong(self, name: str, given: Given) -> Refusal | None:
        if _NAME.fullmatch(name) is None:
            return _invalid(
                Text(
                    "账号只用小写字母、数字、点与连字符，至多 63 个。",
                    "An account has lower-case letters, digits, dots and hyphens, at most 63.",
                )
            )
        if name in self.keyed:
            return _taken(name)
        if not given.roles:
            return _invalid(Text("没有角色。", "There is no role."))
        if len(given.regions) > _MOST or len(given.organisations) > _MOST:
            return _invalid(Text(f"区划或系统超过 {_MOST} 个。", f"There are more than {_MOST} regions or systems."))
        if any(_REGION.fullmatch(one) is None for one in given.regions):
            return _invalid(Text("区划应为 2 至 12 位数字。", "A region has 2 to 12 digits."))
        if unknown := sorted(set(given.organisations) - self.systems):
            return _invalid(Text(f"没有系统“{unknown[0]}”。", f"There is no system '{unknown[0]}'."))
        return None

    def _wrong_secret(self, password: str, subject: str) -> Refusal | None:
        if subject:
            if not self.issuer:
                return _invalid(Text("部署文件没有 operating.issuer。", "The deployment has no operating.issuer."))
            return _invalid(Text("外部身份不设密码。", "Who signs in elsewhere has no password.")) if password else None
        if not SHORTEST <= len(password) <= LONGEST:
            return _invalid(
                Text(
                    f"密码应有 {SHORTEST} 至 {LONGEST} 个字符。", f"A password has {SHORTEST} to {LONGEST} characters."
                )
            )
        return None

    def _entry(self, by: By, act: str, subject: str) -> AuditEntry:
        return AuditEntry(
            id=self.ids.new(),
            at=self.clock.now(),
            account=by.account,
            act=act,
            subject=subject,
            reason=by.reason,
            via=by.via,
        )


def _scoped(given: Given) -> str:
    return ", ".join([*given.roles, *given.regions, *given.organisations])


def _invalid(why: Text) -> Refusal:
    return Refusal("E_ACCOUNT_INVALID", why)


def _taken(name: str) -> Refusal:
    return Refusal(
        "E_ACCOUNT_TAKEN",
        Text(f"账号“{name}”或此外部身份已存在。", f"'{name}', or that subject, has an account already."),
    )


def _unknown(name: str) -> Refusal:
    return Refusal("E_NOT_FOUND", Text(f"没有账号“{name}”。", f"There is no account '{name}'."))
