# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Accounts of operators, their sessions and tokens, and who failed to sign in. Of a person: an id and a name for display."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal, Protocol
from uuid import UUID

from hub.ports.journal.acting import Act, Acted, RequestTaken
from hub.ports.journal.auditing import AuditEntry
from hub.ports.journal.state import JournalDown

TokenKind = Literal["session", "token"]


class Unchanged(StrEnum):
    """Why nothing was written."""

    TAKEN = "taken"
    """There is an account of that name or subject already."""
    OVERTAKEN = "overtaken"
    """It is not any more as it was seen."""
    LAST_ADMIN = "last_admin"
    """Nobody would be left to administer accounts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRecord:
    """One account. ``password`` is an argon2 hash, empty where it signs in by its issuer (OIDC) alone, whose ``subject`` it then
    is. ``roles`` and the scope, ``regions`` and ``organisations``, are as they were given; an empty scope is no limit.
    """

    name: str
    title: str = ""
    password: str = ""
    issuer: str = ""
    subject: str = ""
    roles: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()
    created_at: datetime
    disabled_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRecord:
    """A session or a token of an account; what it is, only its holder knows: the journal has its digest."""

    id: UUID
    digest: bytes
    account: str
    kind: TokenKind
    title: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who holds a token that is good now."""

    account: AccountRecord
    token: TokenRecord


class Accounts(Protocol):
    """Every write leaves its entry in the audit trail, in the same transaction. All may be called at once; a cancelled call may
    or may not have written.
    """

    async def account(self, name: str) -> AccountRecord | JournalDown | None:
        """The account of that name, disabled or not."""
        ...

    async def of_subject(self, issuer: str, subject: str) -> AccountRecord | JournalDown | None:
        """The account that an issuer calls so."""
        ...

    async def accounts(self) -> Sequence[AccountRecord] | JournalDown:
        """All of them, by name."""
        ...

    async def add(self, account: AccountRecord, act: Act) -> Acted | Unchanged | RequestTaken | JournalDown:
        """Make it, once for a request."""
        ...

    async def put(
        self, account: AccountRecord, act: Act, *, out: bool, seen: AccountRecord, spare: bool
    ) -> Acted | Unchanged | RequestTaken | JournalDown:
        """Write it anew as it was ``seen``, once for a request. ``out``: its sessions and tokens end; ``spare``: somebody without
        an account here administers too, so that this may be the last account which does.
        """
        ...

    async def grant(self, token: TokenRecord, entry: AuditEntry, *, seen: AccountRecord) -> bool | JournalDown:
        """Begin a session, or make a token. False: the account is disabled, or its password another than was ``seen``.

        What ended more than 90 days ago is forgotten; the trail has it.
        """
        ...

    async def bearer(self, digest: bytes, now: datetime) -> Bearer | JournalDown | None:
        """Who holds it: None where it is unknown, over or revoked, or its account disabled."""
        ...

    async def tokens(self, account: str) -> Sequence[TokenRecord] | JournalDown:
        """What an account holds or held, newest first."""
        ...

    async def revoke(self, token: UUID, now: datetime, entry: AuditEntry) -> bool | JournalDown:
        """End it; False: there is none that is good."""
        ...

    async def tried(self, name: bytes, now: datetime, window: timedelta, most: int) -> int | JournalDown | None:
        """Count that the name of this digest is tried, and give the count: a try is a failure until :meth:`forgive`.

        None: it was tried ``most`` times, the last time within the window. That is not counted, so the lock runs out however long
        somebody goes on. What lies before the window is forgotten, and so are the oldest names beyond ten thousand.
        """
        ...

    async def failed(self, entry: AuditEntry) -> JournalDown | None:
        """Tell it in the trail, where those that are alike are one entry for a quarter of an hour."""
        ...

    async def forgive(self, name: bytes, entry: AuditEntry | None) -> JournalDown | None:
        """Forget the tries of a name; told in the trail, if there is an entry."""
        ...
