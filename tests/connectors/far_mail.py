# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""aiosmtpd, a mail server of other makers, as the far side of the mail kind."""

import asyncio
import re
from collections.abc import Sequence
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any, Self

import orjson
from aiosmtpd.smtp import SMTP, Envelope, Session

from connectors.sdk.far_side import Arrived, Behaviour
from connectors.sdk.sink import Settings


class MailFarSide:
    """Takes parcels as attachments. ``mails`` are the mails as they came."""

    _speaks: type[SMTP] = SMTP

    def __init__(self, **settings: object) -> None:
        self._more = settings
        self._behaviour = Behaviour.ACCEPT
        self._bell = asyncio.Condition()
        self._released = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._protocols: set[SMTP] = set()
        self.mails: list[Any] = []
        self.recipients: list[str] = []
        self.arrived: list[Arrived] = []

    async def __aenter__(self) -> Self:
        self._server = await asyncio.get_running_loop().create_server(self._protocol, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._released.set()
        assert self._server is not None
        self._server.close()
        for protocol in self._protocols:
            _abort(protocol)
        waiting = [p._handler_coroutine for p in self._protocols if p._handler_coroutine is not None]
        await asyncio.gather(*waiting, return_exceptions=True)

    @property
    def settings(self) -> Settings:
        assert self._server is not None
        return {
            "host": "127.0.0.1",
            "port": self._server.sockets[0].getsockname()[1],
            "tls": "none",
            "sender": "hub@example.invalid",
            "carries": "parcel",
            "to": "intake@example.invalid",
            **self._more,
        }

    async def behave(self, behaviour: Behaviour) -> None:
        self._behaviour = behaviour

    async def until_arrived(self, count: int) -> None:
        async with asyncio.timeout(30), self._bell:
            await self._bell.wait_for(lambda: len(self.arrived) >= count)

    async def handle_RCPT(  # noqa: N802  # because the server asks for this name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Sequence[str]
    ) -> str:
        if self._behaviour is Behaviour.REFUSE:
            return "550 5.1.1 <intake@example.invalid> is nobody here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # because of the same
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        async with self._bell:
            self.mails.append(mail)
            self.recipients += envelope.rcpt_tos
            self.arrived.append(_arrived(mail))
            self._bell.notify_all()
        if self._behaviour is Behaviour.HANG:
            await self._released.wait()
        if self._behaviour is Behaviour.CUT:
            _abort(server)
        return "250 2.0.0 taken"

    def _protocol(self) -> asyncio.Protocol:
        if self._behaviour is Behaviour.OUTAGE:
            return _Closed()
        protocol = self._speaks(self, enable_SMTPUTF8=False, data_size_limit=64 * 2**20, hostname="far.invalid")
        self._protocols.add(protocol)
        return protocol


class NotifyingFarSide(MailFarSide):
    """One that knows DSN (RFC 3461): what became of a mail is told by another mail, in a maildir that the hub reads."""

    def __init__(self, maildir: Path) -> None:
        super().__init__(bounces={"maildir": str(maildir), "every_seconds": 0.02})
        self._speaks = _Notifying
        self._maildir = maildir
        self._told = 0
        for name in ("new", "cur", "tmp"):
            (maildir / name).mkdir()

    async def handle_EHLO(  # noqa: N802  # because the server asks for this name
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [*responses[:-1], "250-DSN", responses[-1]]

    async def answer(self, idempotency_key: str, *, refused: bool = False) -> None:
        """Write the notification of the mail with this key."""
        (named,) = {str(mail["Message-ID"]) for mail in self.mails if mail["Idempotency-Key"] == idempotency_key}
        self._told += 1
        written = self._maildir / "tmp" / f"{self._told:06}"
        written.write_bytes(notification(named.strip("<>"), "failed" if refused else "delivered"))
        written.rename(self._maildir / "new" / written.name)


def notification(reference: str, action: str = "failed") -> bytes:
    """As a server writes it, with the mail's own headers and without an envelope id."""
    return f"""\
From: MAILER-DAEMON@example.invalid
Subject: Undelivered
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="==b"

--==b
Content-Type: text/plain

It did not work.
--==b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.invalid

Final-Recipient: rfc822; nobody@example.invalid
Action: {action}
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 nobody

--==b
Content-Type: message/rfc822

Message-ID: <{reference}>
Subject: a notice

text
--==b--
""".encode()


class _Notifying(SMTP):
    """aiosmtpd refuses the parameters of RFC 3461; this takes and forgets them."""

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802  # because of the same
        await super().smtp_MAIL(_plain(arg))

    async def smtp_RCPT(self, arg: str | None) -> None:  # noqa: N802  # because of the same
        await super().smtp_RCPT(_plain(arg))


def _plain(arg: str | None) -> str | None:
    return None if arg is None else re.sub(r" (RET|ENVID|NOTIFY)=\S+", "", arg)


def _abort(protocol: SMTP) -> None:
    if isinstance(protocol.transport, asyncio.WriteTransport):
        protocol.transport.abort()


class _Closed(asyncio.Protocol):
    """A server that is being shut down."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        transport.write(b"421 4.3.2 far.invalid is closing\r\n")
        transport.close()


def _arrived(mail: Any) -> Arrived:
    part = next(iter(mail.iter_attachments()), None) if mail.is_multipart() else None
    return Arrived(
        idempotency_key=str(mail["Idempotency-Key"] or mail["Message-ID"]),
        content_type="" if part is None else part.get_content_type(),
        body=b"" if part is None else part.get_payload(decode=True),
        attributes=orjson.loads(str(mail["Ce-Attributes"])) if mail["Ce-Attributes"] else {},
    )
