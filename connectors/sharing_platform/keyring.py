# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The secrets that may sign just now, the newest first. During a change there are two, and either may be the one that holds."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from connectors.sdk import Context, Secret, Unavailable
from connectors.sdk.http.exchange import Answer
from connectors.sdk.http.place import Document
from connectors.sharing_platform.account import Account
from connectors.sharing_platform.signing import unwrapped

_BEIJING = timezone(timedelta(hours=8))
_AGAIN_SECONDS = 1.0  # a platform that gives no secret is not asked by every message
_UNSAID_SECONDS = 600.0

Fetch = Callable[[str], Awaitable[Answer | Unavailable]]
"""Asks the platform for a new secret, signed with the app key."""


@dataclass(frozen=True, slots=True)
class _Given:
    """A secret that the platform gave, and its end on the monotonic clock."""

    value: str
    until: float


class Keyring:
    """Safe for concurrent use: however many need a new secret, it is asked for once."""

    def __init__(self, account: Account, context: Context, fetch: Fetch) -> None:
        self._account = account
        self._context = context
        self._fetch = fetch
        self._given: tuple[_Given, ...] = ()
        self._under: str | None = None
        self._lock = asyncio.Lock()
        self._failed: tuple[float, Unavailable] | None = None

    def __repr__(self) -> str:
        return f"Keyring({len(self._given)} given)"

    async def present(self) -> tuple[str, ...] | Unavailable:
        """The secrets to sign with, in the order in which they are tried; one at least."""
        renewed = None
        if self._account.app_key is not None:
            self._look_at_key(self._account.app_key)
            renewed = await self.renew(self._newest()) if self._due() else None
        known = self._known()
        if known:
            return known
        if isinstance(renewed, Unavailable):
            return renewed
        name = self._account.app_secret or self._account.app_key
        return Unavailable(f"SECRET_MISSING: no secret {name.name if name else ''}")

    async def renew(self, refused: str) -> Unavailable | None:
        """Have a new secret given, unless somebody else has had it since ``refused`` was the newest."""
        if self._account.app_key is None:
            return Unavailable("SECRET_REFUSED: the platform takes none of the secrets")
        async with self._lock:
            if self._newest() != refused:
                return None
            if self._failed is not None and self._context.monotonic() < self._failed[0]:
                return self._failed[1]
            given = await self._asked()
            if isinstance(given, Unavailable):
                self._failed = (self._context.monotonic() + _AGAIN_SECONDS, given)
                return given
            self._failed = None
            self._given = (given, *self._given[:1])
            return None

    def _look_at_key(self, name: Secret) -> None:
        """What was given under an app key goes with it: another key is another agreement."""
        present = self._secret(name)
        if present != self._under:
            self._under, self._given, self._failed = present, (), None

    def _known(self) -> tuple[str, ...]:
        written = (self._account.app_secret, self._account.previous_secret)
        found = [one.value for one in self._given]
        found += [value for name in written if name is not None and (value := self._secret(name))]
        return tuple(dict.fromkeys(found))

    def _newest(self) -> str:
        known = self._known()
        return known[0] if known else ""

    def _due(self) -> bool:
        """Whether the newest secret ends soon, or none was given yet and none is written."""
        if not self._given:
            return not self._known()
        return self._context.monotonic() >= self._given[0].until - self._account.renew_before_seconds

    def _secret(self, name: Secret) -> str | None:
        try:
            return self._context.secret(name)
        except KeyError:
            return None

    async def _asked(self) -> _Given | Unavailable:
        account = self._account
        assert account.app_key is not None, "it is asked for only with one"
        app_key = self._secret(account.app_key)
        if app_key is None:
            return Unavailable(f"SECRET_MISSING: no secret {account.app_key.name}")
        answer = await self._fetch(app_key)
        if isinstance(answer, Unavailable):
            return Unavailable(f"RENEWAL_{answer.reason}", answer.retry_after)
        document = Document(answer.body)
        given = document.text("/data/secret")
        value = None if given is None else unwrapped(app_key, given)
        if value is None:
            return Unavailable(f"RENEWAL_REFUSED: status {answer.status}, and no secret under our key")
        return _Given(value, self._context.monotonic() + self._life(document.text("/data/secretEndTime")))

    def _life(self, said: str | None) -> float:
        """Seconds from now to the end that the platform names, in milliseconds or as a Beijing time."""
        end = None
        if said is not None and said.isdecimal():
            end = datetime.fromtimestamp(min(int(said[:15]), 2**42) / 1000, _BEIJING)
        elif said:
            try:
                end = datetime.fromisoformat(said)
            except ValueError:
                end = None
        if end is None:
            return _UNSAID_SECONDS
        end = end if end.tzinfo else end.replace(tzinfo=_BEIJING)
        return max((end - self._context.now()).total_seconds(), 0.0)
