# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Signing in with a password, and what that gives: a session that ends, and can be ended. 登录

Whoever fails learns nothing but that: an account that does not exist, is disabled or locked, and a wrong password all take one
hash of work and give one answer. After so many failures a name is locked for a while, never for good.
"""

import asyncio
import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from contracts.refusal import Refusal
from contracts.text import Text
from hub.operators import Operator, Scope, rights_of
from hub.ports.clock import Clock
from hub.ports.ids import Ids
from hub.ports.journal import AccountRecord, Accounts, AuditEntry, JournalDown, TokenKind, TokenRecord

PREFIX = "gho_"
"""Every session and token begins so, that a leaked one can be found by scanners; and that no API key is taken for one."""
SHORTEST = 12
"""Characters of a password, at least."""
LONGEST = 200

_AT_ONCE = 2  # hashes; each takes a tenth of a second of a core and 64 MiB
_WAITING = 20
_BUSY_SECONDS = 2.0
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$Z292aHViLW5vYm9keS1hdA$+4/1oBkmuJvlDoDeBQJnf6hFaSmJdcOYkP4q54re8XM"

FAILED = Refusal("E_SIGN_IN", Text("账号或密码不对，或暂时不可登录。", "Wrong account or password, or not now."))
UNKNOWN = Refusal("E_KEY_UNKNOWN", Text("会话或令牌无效或已结束。", "This session or token is not good, or over."))
_BUSY = Refusal("E_BUSY", Text("登录请求过多，请稍候。", "Too many are signing in."), retry_after=_BUSY_SECONDS)
_DOWN = Refusal("E_JOURNAL_DOWN", Text("中枢的登记库暂时不可用。", "The journal is away for now."), retry_after=5.0)


@dataclass(frozen=True, slots=True)
class Terms:
    """``session`` is how long one lasts; ``failures`` in a row within ``lock`` lock a name for as long."""

    session: timedelta = timedelta(hours=8)
    failures: int = 5
    lock: timedelta = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Opened:
    """A session that began, or a token. ``secret`` is shown once and stored nowhere."""

    secret: str
    token: TokenRecord
    account: AccountRecord


@dataclass(slots=True, kw_only=True)
class SignIn:
    """All that signing in needs, in a hub or beside one."""

    accounts: Accounts
    clock: Clock
    ids: Ids
    entropy: Callable[[int], bytes]
    terms: Terms = field(default_factory=Terms)
    hasher: PasswordHasher = field(default_factory=PasswordHasher)
    _turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))
    _waiting: int = 0

    async def sign_in(self, name: str, password: str, via: str = "api") -> Opened | Refusal:
        """Begin a session, or refuse without saying why."""
        account = await self.proved(name, password, via)
        if isinstance(account, Refusal):
            return account
        entry = self._entry(name, "sign_in", via, self.clock.now())
        return await self.open(account, "session", "", self.terms.session, entry)

    async def proved(self, name: str, password: str, via: str = "api") -> AccountRecord | Refusal:
        """The account whose password this is; who is not told, learns nothing else."""
        if self._waiting >= _WAITING:
            return _BUSY
        self._waiting += 1
        try:
            return await self._proved(name, password, via)
        finally:
            self._waiting -= 1

    async def _proved(self, name: str, password: str, via: str) -> AccountRecord | Refusal:
        now, key = self.clock.now(), digest_of_name(name)
        # Counted before the password is looked at, so that who tries many at one moment has no more tries than others.
        tries = await self.accounts.tried(key, now, self.terms.lock, self.terms.failures)
        account = await self.accounts.account(name)
        if isinstance(account, JournalDown) or isinstance(tries, JournalDown):
            return _DOWN
        fits = await self._fits(account, password)
        if account is not None and account.disabled_at is None and tries is not None and fits:
            forgiven = self._entry(name, "forgive_sign_in", via, now) if tries > 1 else None
            told = await self.accounts.forgive(key, forgiven)
            return account if told is None else _DOWN
        known = name if account is not None else "(unknown)"  # what was typed there may be a password
        why = "locked" if tries is None else ""
        told = await self.accounts.failed(self._entry(known, "sign_in", via, now, reason=why, outcome="refused"))
        return FAILED if told is None else _DOWN

    async def open(
        self, account: AccountRecord, kind: TokenKind, title: str, lasts: timedelta, entry: AuditEntry
    ) -> Opened | Refusal:
        """A session or token for an account, without asking anything; refused if the account is no more as it is given here."""
        secret = PREFIX + base64.urlsafe_b64encode(self.entropy(32)).rstrip(b"=").decode()
        now = self.clock.now()
        token = TokenRecord(
            id=self.ids.new(),
            digest=_digest(secret),
            account=account.name,
            kind=kind,
            title=title,
            created_at=now,
            expires_at=now + lasts,
        )
        granted = await self.accounts.grant(token, entry, seen=account)
        if isinstance(granted, JournalDown):
            return _DOWN
        return Opened(secret, token, account) if granted else FAILED

    async def identify(self, secret: str) -> tuple[Operator, TokenRecord] | Refusal:
        """Whose session or token this is. It is looked up at every request, so one that was ended is over at once."""
        if len(secret) > LONGEST or not secret.isascii():
            return UNKNOWN
        found = await self.accounts.bearer(_digest(secret), self.clock.now())
        match found:
            case None:
                return UNKNOWN
            case JournalDown():
                return _DOWN
            case bearer:
                kind = "password" if bearer.token.kind == "session" else "token"
                return operator_of(bearer.account, kind), bearer.token

    async def hashed(self, password: str) -> str:
        """The argon2id hash of a password."""
        return await asyncio.to_thread(self.hasher.hash, password)

    async def _fits(self, account: AccountRecord | None, password: str) -> bool:
        """Whether the password is the account's; one hash of work whoever asks."""
        stored = account.password if account is not None and account.password else _NOBODY
        async with self._turns:
            return await asyncio.to_thread(self._verified, stored, password[:LONGEST]) and stored != _NOBODY

    def _verified(self, stored: str, password: str) -> bool:
        try:
            return self.hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False

    def _entry(
        self, account: str, act: str, via: str, now: datetime, *, reason: str = "", outcome: str = "done"
    ) -> AuditEntry:
        return AuditEntry(id=self.ids.new(), at=now, account=account, act=act, reason=reason, via=via, outcome=outcome)


def operator_of(account: AccountRecord, kind: str) -> Operator:
    """Who acts with this account."""
    scope = Scope(account.regions, frozenset(account.organisations))
    return Operator(account=account.name, kind=kind, rights=rights_of(account.roles), scope=scope)


def digest_of_name(name: str) -> bytes:
    """What stands for a name among the failures: it may be of no account, and of any length."""
    return hashlib.sha256(name.encode(errors="replace")).digest()


def _digest(secret: str) -> bytes:
    """A secret is 256 random bits, so a plain hash can be looked up: there is nothing to guess."""
    return hashlib.sha256(secret.encode()).digest()
