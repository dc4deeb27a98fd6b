# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A mail server that behaves as a script says, one word for each mail that reaches its recipient's turn.

govhub simulate mail --port 2525 --script "ok,refuse,busy,cut,hang,bounce" --maildir /tmp/bounces

It speaks no TLS: it is for this machine.
"""

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pydantic import BaseModel, Field

from connectors.sdk import STRICT
from connectors.sdk.simulator import Simulator, Word, steps
from contracts.text import Text

_LONGEST_LINE = 64 * 1024


class Step(Word):
    """What becomes of one mail."""

    OK = "ok", "收下，并在要求时给送达通知", "taken; the notification of its delivery is written where it was asked for"
    REFUSE = "refuse", "550：没有这个收件人", "550: no such recipient"
    BUSY = "busy", "451：稍后再来", "451: come back later"
    SPAM = "spam", "内容收完后 554 拒收", "554 after its content: refused"
    CUT = "cut", "收完，不作答即断开", "taken, and the connection is cut without an answer"
    LOST = "lost", "未收，断开", "not taken, and the connection is cut"
    HANG = "hang", "收完，永不作答", "taken, and never answered"
    BOUNCE = "bounce", "收下，随后退信", "taken, and sent back afterwards"


class MailOptions(BaseModel):
    """Where the notifications go."""

    model_config = STRICT

    maildir: str | None = Field(
        default=None,
        description="退信写入的 Maildir / The maildir in which notifications are put",
        examples=["bounces"],
    )


class MailServer:
    """Used as an async context manager. ``taken`` are the Message-IDs of everything that was taken, in order."""

    def __init__(
        self, script: Iterable[Step] = (), host: str = "127.0.0.1", port: int = 0, options: MailOptions | None = None
    ) -> None:
        self._steps = steps(script, Step.OK)
        self._place = (host, port)
        maildir = None if options is None else options.maildir
        self._maildir = None if maildir is None else Path(maildir)
        self._sessions: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.taken: list[str] = []

    async def __aenter__(self) -> Self:
        if self._maildir is not None:
            for name in ("tmp", "new", "cur"):
                (self._maildir / name).mkdir(parents=True, exist_ok=True)
        self._server = await asyncio.start_server(self._serve, *self._place, limit=_LONGEST_LINE)
        return self

    async def __aexit__(self, *exc: object) -> None:
        assert self._server is not None, "entered before"
        self._server.close()
        for session in self._sessions:
            session.cancel()
        await asyncio.gather(*self._sessions, return_exceptions=True)

    @property
    def address(self) -> str:
        """Host and port."""
        assert self._server is not None, "entered before"
        host, port = self._server.sockets[0].getsockname()[:2]
        return f"{host}:{port}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None, "a session is a task"
        self._sessions.add(task)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, ValueError):  # whoever leaves may leave
                await self._session(reader, writer)
        finally:
            self._sessions.discard(task)
            writer.close()

    async def _session(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        mail = _Mail()
        await _say(writer, "220 simulator ESMTP")
        while line := (await reader.readline()).decode(errors="replace").strip():
            verb = line.partition(" ")[0].upper()
            if verb == "RCPT":
                mail.step, mail.told = next(self._steps), "NOTIFY=SUCCESS" in line.upper()
                if mail.step is Step.LOST:
                    return
                await _say(writer, _ON_RECIPIENT.get(mail.step, "250 2.1.5 ok"))
            elif verb == "DATA":
                if not await self._content(reader, writer, mail):
                    return
            else:
                if verb == "MAIL":
                    mail.envelope = line.partition("ENVID=")[2].partition(" ")[0]
                await _say(writer, self._replies.get(verb, "502 5.5.1 not here"))
                if verb == "QUIT":
                    return

    @property
    def _replies(self) -> Mapping[str, str]:
        """Of what has no effect. Notifications can be asked for where there is somewhere to put them."""
        greeting = "250-simulator\r\n250-8BITMIME\r\n250 DSN" if self._maildir else "250 simulator"
        return {**_REPLIES, "EHLO": greeting}

    async def _content(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, mail: "_Mail") -> bool:
        """Take it as the script says; False: the session is over."""
        await _say(writer, "354 go on")
        reference = await _content(reader)
        if not await self._taken(writer, mail.step, reference):
            return False
        if mail.step is Step.BOUNCE or (mail.step is Step.OK and mail.told):
            self._notify(mail.envelope or reference, failed=mail.step is Step.BOUNCE)
        return True

    async def _taken(self, writer: asyncio.StreamWriter, step: Step, reference: str) -> bool:
        """Answer the content; False: the session is over."""
        if step is Step.SPAM:
            await _say(writer, "554 5.7.1 refused")
            return True
        self.taken.append(reference)
        if step is Step.HANG:
            await asyncio.Event().wait()
        if step is Step.CUT:
            return False
        await _say(writer, "250 2.0.0 taken")
        return True

    def _notify(self, reference: str, *, failed: bool) -> None:
        if self._maildir is None:
            return
        action, status = ("failed", "5.1.1") if failed else ("delivered", "2.0.0")
        report = _REPORT.format(reference=reference, action=action, status=status).replace("\n", "\r\n")
        name = f"{len(self.taken)}.{reference.partition('@')[0]}"
        (self._maildir / "tmp" / name).write_text(report, encoding="ascii", newline="")
        (self._maildir / "tmp" / name).rename(self._maildir / "new" / name)


@dataclass(slots=True)
class _Mail:
    """What is known of the mail under way."""

    step: Step = Step.OK
    told: bool = False
    envelope: str = ""


async def _say(writer: asyncio.StreamWriter, reply: str) -> None:
    writer.write(f"{reply}\r\n".encode())
    await writer.drain()


async def _content(reader: asyncio.StreamReader) -> str:
    """Read to the end of the mail; its Message-ID."""
    reference = ""
    while (line := await reader.readline()) != b".\r\n":
        if not line:
            raise asyncio.IncompleteReadError(b"", None)
        if line.lower().startswith(b"message-id:"):
            reference = line.partition(b":")[2].decode(errors="replace").strip().strip("<>")
    return reference


_REPLIES = {
    "HELO": "250 simulator",
    "RSET": "250 2.0.0 ok",
    "NOOP": "250 2.0.0 ok",
    "MAIL": "250 2.1.0 ok",
    "QUIT": "221 2.0.0 bye",
}
_ON_RECIPIENT = {Step.REFUSE: "550 5.1.1 no such recipient", Step.BUSY: "451 4.3.2 come back later"}
_REPORT = """\
From: MAILER-DAEMON@simulator.invalid
To: bounces@simulator.invalid
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

What became of a mail.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; simulator.invalid
Original-Envelope-Id: {reference}

Final-Recipient: rfc822; nobody@simulator.invalid
Action: {action}
Status: {status}

--b
Content-Type: text/rfc822-headers

Message-ID: <{reference}>

--b--
"""

SIMULATOR = Simulator(
    name="mail",
    about=Text(
        "一台邮件服务器：按剧本收信、拒收、断开、退信；退信写入 Maildir。",
        "A mail server that takes, refuses, cuts and bounces as its script says; notifications are put in a maildir.",
    ),
    words=Step,
    options=MailOptions,
    start=MailServer,
)
