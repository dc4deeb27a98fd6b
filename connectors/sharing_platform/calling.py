# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""One call through the platform: signed, and signed again where the platform refuses the signature itself.

A refused signature is the platform's word that nothing was done, so the same call under the other secret, under a new one, or
at the platform's own time is no repeat. Whatever else becomes of a call is told once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Self

from yarl import URL

from connectors.sdk import Context, InDoubt, Rejected, Unavailable
from connectors.sdk.http.exchange import Answer, Exchange, never
from connectors.sdk.http.place import Document
from connectors.sharing_platform.account import Account
from connectors.sharing_platform.keyring import Keyring
from connectors.sharing_platform.signing import headers, signature

MOST_BYTES = 64 * 2**20
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SKEW = timedelta(seconds=5)
_RENEWAL_SECONDS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What is called. ``effect``: the service does something, so a call without an answer is in doubt.

    ``envelope``: the body is a SOAP message with a place for the platform's header.
    """

    sid: str
    path: str
    body: bytes
    content_type: str
    effect: bool = False
    headers: Mapping[str, str] | None = None
    envelope: bool = False


class Platform:
    """The way to one platform. Safe for concurrent use."""

    def __init__(self, account: Account, context: Context) -> None:
        self._account = account
        self._context = context
        self._exchange = Exchange(context, tls=account.tls, egress=account.egress, most=MOST_BYTES)
        self._keyring = Keyring(account, context, self._ask_for_secret)
        self._skew = timedelta()

    async def __aenter__(self) -> Self:
        await self._exchange.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._exchange.__aexit__(*exc)

    async def call(self, call: Call, seconds: float) -> Answer | Rejected | Unavailable | InDoubt:
        """Call once. Without an effect there is no ``InDoubt``."""
        until = self._context.monotonic() + seconds
        secrets = await self._keyring.present()
        if isinstance(secrets, Unavailable):
            return secrets
        answer = await self._tried(call, secrets, until)
        if answer is not None:
            return answer
        if failed := await self._keyring.renew(secrets[0]):
            return failed
        renewed = await self._keyring.present()
        if isinstance(renewed, Unavailable):
            return renewed
        answer = await self._tried(call, renewed[:1], until)
        return answer or Unavailable("SECRET_REFUSED: the platform takes none of the secrets")

    async def there(self, seconds: float) -> Answer | Rejected | Unavailable:
        """Whether the platform answers at all, without a call."""
        secrets = await self._keyring.present()
        if isinstance(secrets, Unavailable):
            return secrets
        return await self._exchange.ask(
            URL(self._account.address(self._account.rest_path)), {}, seconds, never, "OPTIONS"
        )

    async def _tried(
        self, call: Call, secrets: tuple[str, ...], until: float
    ) -> Answer | Rejected | Unavailable | InDoubt | None:
        """The first answer to a signature that was taken; None when none was."""
        for secret in secrets:
            answer = await self._once(call, secret, until)
            if not self._unsigned(answer):
                return answer
            if isinstance(answer, Answer) and self._set_clock(answer):
                answer = await self._once(call, secret, until)
                if not self._unsigned(answer):
                    return answer
        return None

    async def _once(self, call: Call, secret: str, until: float) -> Answer | Rejected | Unavailable | InDoubt:
        account, rtime = self._account, self._rtime()
        signed = headers(account.prefix, secret, call.sid, account.rid, rtime)
        written = {**(call.headers or {}), **signed, "Content-Type": call.content_type, "Accept-Encoding": "identity"}
        body = call.body
        if call.envelope:
            sign = signature(secret, call.sid, account.rid, rtime)
            body = body.replace(_MARK, _soap_header(account, call.sid, rtime, sign))
        url = URL(account.address(call.path))
        seconds = max(until - self._context.monotonic(), 0.0)
        if call.effect:
            return await self._exchange.post(url, written, body, seconds)
        return await self._exchange.ask_with(url, written, body, seconds)

    def _unsigned(self, answer: Answer | Rejected | Unavailable | InDoubt) -> bool:
        if not isinstance(answer, Answer):
            return False
        if answer.status in self._account.unsigned_statuses:
            return True
        return Document(answer.body).text(self._account.code_at) in self._account.unsigned_codes

    def _set_clock(self, answer: Answer) -> bool:
        """Take the platform's time for stamps where it is far from ours; whether that made a difference."""
        try:
            theirs = parsedate_to_datetime(answer.headers.get("Date", ""))
        except (ValueError, TypeError):
            return False
        if theirs.tzinfo is None:
            return False
        skew = theirs - self._context.now()
        if abs(skew - self._skew) < _SKEW:
            return False
        self._skew = skew
        return True

    def _rtime(self) -> str:
        return str((self._context.now() + self._skew - _EPOCH) // timedelta(milliseconds=1))

    async def _ask_for_secret(self, app_key: str) -> Answer | Unavailable:
        """Twice at most: again by the platform's clock, where ours is what it refuses."""
        for _ in range(2):
            account = self._account
            signed = headers(account.prefix, app_key, account.renew_sid, account.rid, self._rtime())
            written = {**signed, "Content-Type": "application/json", "Accept-Encoding": "identity"}
            url = URL(account.address(account.renew_path))
            answer = await self._exchange.ask_with(url, written, b"{}", _RENEWAL_SECONDS)
            if isinstance(answer, Answer) and self._unsigned(answer) and self._set_clock(answer):
                continue
            break
        match answer:
            case Answer():
                return answer
            case Rejected(code=code):
                return Unavailable(code)
            case Unavailable():
                return answer


_MARK = b"<tongtechheader/>"
"""Where an envelope takes the platform's header."""


def _soap_header(account: Account, sid: str, rtime: str, sign: str) -> bytes:
    """Who calls what, as it stands in an envelope's header. Ids are printable ASCII; what XML needs escaped is escaped."""
    prefix = account.prefix
    values = (
        (f"{prefix}_rid", account.rid),
        (f"{prefix}_sid", sid),
        (f"{prefix}_rtime", rtime),
        (f"{prefix}_sign", sign),
    )
    inner = "".join(f"<{name}>{_escaped(value)}</{name}>" for name, value in values)
    return f"<tongtechheader>{inner}</tongtechheader>".encode()


def _escaped(value: str) -> str:
    return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
