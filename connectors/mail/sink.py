# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""One mail by one connection. In doubt is only what was lost after its last line had left."""

import asyncio
import ssl
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from aiosmtplib import (
    SMTP,
    SMTPException,
    SMTPHeloError,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)

from connectors.mail.bounces import BounceReader
from connectors.mail.composing import Mail, Unfit, composed
from connectors.mail.config import MailConfig
from connectors.mail.judging import Stage, judged
from connectors.sdk import (
    Accepted,
    Context,
    Delivered,
    InDoubt,
    Outcome,
    Parcel,
    QueryOutcome,
    Rejected,
    Unavailable,
)

_FAREWELL_SECONDS = 1.0


@dataclass(slots=True)
class _Progress:
    """``sent``: the whole of it has left, or may have."""

    stage: Stage = Stage.GREETING
    sent: bool = False


class MailSink:
    """Nothing is open between two mails but the look at the bounces."""

    def __init__(self, config: MailConfig, context: Context) -> None:
        self._config = config
        self._context = context
        self._bounces = (
            None if config.bounces is None else BounceReader(config.bounces, config.sender.rpartition("@")[2], context)
        )
        self._reading: asyncio.Task[None] | None = None
        self._sending: set[asyncio.Task[Outcome]] = set()
        self._closed = False

    async def __aenter__(self) -> Self:
        if self._bounces is not None:
            self._reading = asyncio.create_task(self._bounces.run(), name=f"bounces {self._context.destination}")
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._closed = True
        tasks: list[asyncio.Task[Outcome] | asyncio.Task[None]] = [*self._sending]
        if self._reading is not None:
            tasks.append(self._reading)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def send(self, parcel: Parcel) -> Outcome:
        """Hand it to the server: ``Delivered`` with its Message-ID, or ``Accepted`` where a notification will come."""
        if self._closed:
            return Unavailable("CLOSED: this destination is being closed")
        mail = composed(self._config, parcel, self._context.now())
        if isinstance(mail, Unfit):
            return Rejected(mail.code, mail.detail)
        progress = _Progress()
        sending = asyncio.create_task(self._bounded(mail, progress, min(parcel.timeout, self._config.timeout_seconds)))
        self._sending.add(sending)
        sending.add_done_callback(self._sending.discard)
        try:
            await asyncio.wait({sending})
        except asyncio.CancelledError:
            sending.cancel()
            await asyncio.wait({sending})
            raise
        if sending.cancelled():
            reason = "CLOSED: this destination is being closed"
            return InDoubt(reason) if progress.sent else Unavailable(reason)
        return sending.result()

    async def query(self, idempotency_key: str) -> QueryOutcome:
        """A mail server cannot be asked."""
        return InDoubt(f"NOT_ASKED: a mail server cannot be asked ({len(idempotency_key)})")

    async def check(self) -> Outcome:
        """Connect, encrypt, log in, and leave."""
        client = self._client(self._config.timeout_seconds)
        try:
            async with asyncio.timeout(self._config.timeout_seconds):
                refused = await self._greet(client)
            return refused or Delivered()
        except (SMTPException, OSError, TimeoutError, ValueError) as error:
            return _failed(error, _Progress())
        finally:
            client.close()

    async def _bounded(self, mail: Mail, progress: _Progress, seconds: float) -> Outcome:
        client = self._client(seconds)
        try:
            async with asyncio.timeout(seconds):
                outcome = await self._greet(client) or await self._hand_over(client, mail, progress)
        except (SMTPException, OSError, TimeoutError, ValueError) as error:
            client.close()
            return _failed(error, progress)
        except asyncio.CancelledError:
            client.close()
            raise
        with suppress(SMTPException, OSError, TimeoutError):  # it is said already
            async with asyncio.timeout(_FAREWELL_SECONDS):
                await client.quit()
        client.close()
        return outcome

    def _client(self, seconds: float) -> SMTP:
        return SMTP(
            hostname=self._config.host,
            port=self._config.port,
            timeout=seconds,
            use_tls=self._config.tls == "implicit",
            start_tls=self._config.tls == "starttls",
            local_hostname=self._config.sender.rpartition("@")[2],
            tls_context=None
            if self._config.tls == "none"
            else ssl.create_default_context(cafile=self._config.tls_ca_file),
        )

    async def _greet(self, client: SMTP) -> Outcome | None:
        """Connected and logged in, or what keeps us from it."""
        try:
            password = (
                None if self._config.password_secret is None else self._context.secret(self._config.password_secret)
            )
        except KeyError:
            return Unavailable("SECRET_MISSING: the password is not there")
        await client.connect()
        with suppress(SMTPHeloError):  # it is old; the library says HELO before it goes on
            await client.ehlo()
        if self._config.user is not None and password is not None:
            await client.login(self._config.user, password)
        return None

    async def _hand_over(self, client: SMTP, mail: Mail, progress: _Progress) -> Outcome:
        told = client.supports_extension("dsn") and self._config.bounces is not None
        progress.stage = Stage.SENDER
        sender = self._config.bounce_address or self._config.sender
        await client.mail(sender, options=[f"RET=HDRS ENVID={mail.reference}"] if told else [])
        progress.stage = Stage.RECIPIENT
        await client.rcpt(mail.recipient, options=["NOTIFY=SUCCESS,FAILURE"] if told else [])
        progress.stage = Stage.DATA
        progress.sent = True
        await client.data(mail.content)
        return Accepted(mail.reference) if told else Delivered(mail.reference)


def _failed(error: Exception, progress: _Progress) -> Outcome:
    """What an exception of the library means. None of its texts goes on: they may name people."""
    match error:
        case SMTPRecipientRefused() | SMTPSenderRefused() | SMTPResponseException():
            return judged(progress.stage, error.code, error.message)
        case ssl.SSLError():
            return Unavailable(f"TLS: {type(error).__name__}")
        case _ if progress.sent:
            return InDoubt(f"LOST_AFTER_DATA: {type(error).__name__}")
        case TimeoutError():
            return Unavailable(f"TIMED_OUT: {progress.stage}")
        case _:
            return Unavailable(f"NO_CONNECTION: {type(error).__name__} at {progress.stage}")
