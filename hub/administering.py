# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Accounts of operators: made, given roles, disabled, enabled; the same for the API and the command line. 账号管理

Nobody changes their own account over the API. Passwords of others and tokens for others are given on the machine alone, so that
whoever administers accounts cannot act as somebody else who has one. A change can want a second person like any act, and nobody
takes the role from the last one who has it.
"""

import re
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from uuid import UUID

from contracts.refusal import Refusal
from contracts.text import Text
from hub.act_refusals import refusal_of
from hub.acting import Order, act_of
from hub.operators import Operator, Right
from hub.ports.clock import Clock
from hub.ports.ids import Ids
from hub.ports.journal import AccountRecord, Accounts, Act, Acted, AuditEntry, JournalDown, Unchanged
from hub.second_person import SecondPerson
from hub.sign_in import LONGEST, SHORTEST, SignIn, digest_of_name, operator_of

_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,62}")
_REGION = re.compile(r"[0-9]{2,12}")
_API = "api"
_TURNS = 5
_MOST = 200

_DOWN = Refusal("E_JOURNAL_DOWN", Text("中枢的登记库暂时不可用。", "The journal is away for now."), retry_after=5.0)
_BUSY = Refusal("E_BUSY", Text("此账号正被他人修改。", "Somebody else changes this account."), retry_after=1.0)
_OWN = Refusal("E_OWN_ACCOUNT", Text("不能修改自己的账号。", "Nobody changes their own account."))
_LAST = Refusal(
    "E_LAST_ADMIN",
    Text("这是最后一个可管理账号的账号。", "This is the last account that administers accounts."),
)


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
    keyed: Sequence[Operator]
    systems: AbstractSet[str]
    issuer: str = ""
    second: SecondPerson | None = None

    async def add(
        self, by: Order, name: str, given: Given, *, title: str = "", password: str = "", subject: str = ""
    ) -> AccountRecord | Refusal:
        """Make an account that signs in by a password, or as that ``subject`` of the issuer."""
        if wrong := self._wrong(name, given) or self._wrong_secret(password, subject):
            return wrong
        content = [title, subject, *_said(given)]
        act = self._act(by, "add_operator", f"{name}: {_scoped(given)}", content)
        # The password is no part of what is approved: a digest that all operators see would let them guess it.
        if hindered := await self._hindered(act, content):
            return hindered
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
        match await self.accounts.add(account, act):
            case Acted(again=True):
                return await self._now(name)
            case Acted():
                return account
            case Unchanged():
                return _taken(name)
            case answer:
                return refusal_of(answer)

    async def give(self, by: Order, name: str, given: Given) -> AccountRecord | Refusal:
        """Give roles and scope anew; its sessions and tokens end."""
        if wrong := self._wrong(name, given):
            return wrong
        act = self._act(by, "roles_operator", f"{name}: {_scoped(given)}", _said(given))

        def changed(account: AccountRecord) -> AccountRecord:
            return replace(account, roles=given.roles, regions=given.regions, organisations=given.organisations)

        return await self._change(act, name, changed, out=True)

    async def disable(self, by: Order, name: str) -> AccountRecord | Refusal:
        """Nobody signs in with it any more; its sessions and tokens end at once."""
        act = self._act(by, "disable_operator", name)
        return await self._change(act, name, lambda one: replace(one, disabled_at=act.acted_at), out=True)

    async def enable(self, by: Order, name: str) -> AccountRecord | Refusal:
        """It is good again, and not locked."""
        act = self._act(by, "enable_operator", name)
        enabled = await self._change(act, name, lambda one: replace(one, disabled_at=None), out=False)
        if isinstance(enabled, Refusal):
            return enabled
        told = await self.accounts.forgive(digest_of_name(name), self._entry(by, "forgive_sign_in", name))
        return enabled if told is None else _DOWN

    async def password(self, by: Order, name: str, password: str) -> AccountRecord | Refusal:
        """Set a new password; its sessions and tokens end. Over the API only for whoever has shown the old one."""
        if wrong := self._wrong_secret(password, ""):
            return wrong
        hashed, act = await self.sign_in.hashed(password), self._act(by, "passwd_operator", name)
        return await self._change(act, name, lambda one: replace(one, password=hashed), out=True, own=True)

    async def end(self, by: Order, token: UUID) -> bool | Refusal:
        """End a session or token; False: there is none that is good."""
        done = await self.accounts.revoke(token, self.clock.now(), self._entry(by, "revoke_token", str(token)))
        return _DOWN if isinstance(done, JournalDown) else done

    async def _change(
        self,
        act: Act,
        name: str,
        changed: Callable[[AccountRecord], AccountRecord],
        *,
        out: bool,
        own: bool = False,
    ) -> AccountRecord | Refusal:
        if act.via == _API and act.actor == name and not own:
            return _OWN
        spare = any(one.may(Right.ADMIN) and one.scope.whole for one in self.keyed)
        for _ in range(_TURNS):
            seen = await self._now(name)
            if isinstance(seen, Refusal):
                return seen
            then = changed(seen)
            if hindered := await self._hindered(act, [*_state(seen), *_state(then)]):
                return hindered
            match await self.accounts.put(then, act, out=out, seen=seen, spare=spare):
                case Acted(again=True):
                    return await self._now(name)
                case Acted():
                    return then
                case Unchanged.LAST_ADMIN:
                    return _LAST
                case Unchanged():
                    pass  # somebody else was faster: look again
                case answer:
                    return refusal_of(answer)
        return _BUSY

    async def _hindered(self, act: Act, content: Sequence[str]) -> Refusal | None:
        """Why it is not done now: it wants a second person; on the machine itself, not before there are two to be asked."""
        if self.second is None or (act.via != _API and not await self._two()):
            return None
        answer = await self.second.cleared(act, content, 1)
        return None if answer is None else refusal_of(answer)

    async def _two(self) -> bool:
        """Whether one account could propose it and another approve."""
        accounts = await self.accounts.accounts()
        if isinstance(accounts, JournalDown):
            return True
        able = [*self.keyed, *(operator_of(one, "password") for one in accounts if one.disabled_at is None)]
        admins, approvers = (
            {one.account for one in able if one.may(right) and one.scope.whole}
            for right in (Right.ADMIN, Right.APPROVE)
        )
        return any(approvers - {admin} for admin in admins)

    async def _now(self, name: str) -> AccountRecord | Refusal:
        found = await self.accounts.account(name)
        if isinstance(found, JournalDown):
            return _DOWN
        return found or _unknown(name)

    def _act(self, by: Order, kind: str, subject: str, content: Sequence[str] = ()) -> Act:
        return act_of(self.ids, self.clock, by, kind, subject, content)

    def _wrong(self, name: str, given: Given) -> Refusal | None:
        if _NAME.fullmatch(name) is None:
            return _invalid(
                Text(
                    "账号只用小写字母、数字、点与连字符，至多 63 个。",
                    "An account has lower-case letters, digits, dots and hyphens, at most 63.",
                )
            )
        if any(one.account == name for one in self.keyed):
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

    def _entry(self, by: Order, act: str, subject: str) -> AuditEntry:
        return AuditEntry(
            id=self.ids.new(),
            at=self.clock.now(),
            account=by.actor,
            act=act,
            subject=subject,
            reason=by.reason,
            via=by.via,
        )


def _said(given: Given) -> Sequence[str]:
    """Everything that is given, each thing by its kind."""
    return [
        *(f"role {one}" for one in given.roles),
        *(f"region {one}" for one in given.regions),
        *(f"organisation {one}" for one in given.organisations),
    ]


def _state(account: AccountRecord) -> Sequence[str]:
    """How an account stands, for whoever approves a change of it; nothing secret."""
    given = Given(roles=account.roles, regions=account.regions, organisations=account.organisations)
    return ["|".join([*_said(given), "good" if account.disabled_at is None else "disabled"])]


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
