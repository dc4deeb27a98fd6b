# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""One connection that is bound as a transceiver, as SMPP has it. SMPP v3.4 (issue 1.2), 2."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from functools import partial
from secrets import randbits
from typing import Final, NamedTuple

from connectors.sdk import Answer, Context, Unavailable
from connectors.sdk.sms.conversation import Conversation, Pace, connected
from connectors.sdk.sms.line import Brought, Line, Verdict, line_to
from connectors.sdk.sms.reports import BEIJING, moment
from connectors.sms_smpp import packets
from connectors.sms_smpp.config import Account
from connectors.sms_smpp.packets import Command, Frame, FrameReader, Message, framed
from connectors.sms_smpp.receipt import Receipt, outcome_of, receipt_of, reference
from connectors.sms_smpp.statuses import login_refused

_STATUSES: Final = {Verdict.TAKEN: 0, Verdict.BUSY: 0x64, Verdict.UNREADABLE: 0x65, Verdict.NOBODY: 0x66}
"""ESME_RX_T_APPN, ESME_RX_P_APPN, ESME_RX_R_APPN: an error that passes, one that stays, and a refusal."""
_BAD_COMMAND: Final = 0x03


class SubmitAnswer(NamedTuple):
    """Status 0: taken under this name."""

    status: int
    message_id: str


class Session(Conversation[Frame, SubmitAnswer]):
    """Opened by :func:`smpp_line`."""

    def __init__(self, account: Account, line: "Line[Session]", now: Callable[[], datetime]) -> None:
        pace = Pace(account.window, account.idle_seconds, account.answer_seconds, account.tests)
        super().__init__(pace, line, FrameReader(), randbits(30))
        self._account = account
        self._line = line
        self._now = now

    async def submit(self, message: Message, seconds: float) -> SubmitAnswer | Unavailable:
        """One part, as :meth:`submit_octets`."""
        sequence = self.next_sequence()
        octets = framed(Command.SUBMIT_SM, sequence, packets.message(message))
        return await self.submit_octets(sequence, octets, seconds)

    async def log_in(self, password: str) -> Unavailable | None:
        """Bind. Afterwards the line is tested when it is silent."""
        if not password.isascii() or len(password) > 8 or "\0" in password:  # because SMPP says so
            return Unavailable(
                "LOGIN_PASSWORD: 口令须为至多 8 个 ASCII 字符 / the password has eight ASCII characters at most"
            )
        account = self._account
        body = packets.bind(packets.Bind(account.system_id, password, account.system_type))
        answer = await self.login(framed(Command.BIND_TRANSCEIVER, self.next_sequence(), body))
        if isinstance(answer, Unavailable):
            return answer
        if answer:
            return login_refused(answer)
        self.watch()
        return None

    def test(self) -> bytes:
        """enquire_link."""
        return framed(Command.ENQUIRE_LINK, self.next_sequence())

    def farewell(self) -> bytes:
        """Unbind."""
        return framed(Command.UNBIND, self.next_sequence())

    def understood(self, frame: Frame) -> None:
        """As :class:`Conversation` says."""
        match frame.command:
            case Command.SUBMIT_SM_RESP:
                self.answered(frame.sequence, SubmitAnswer(frame.status, packets.name_of(frame.body)))
            case Command.GENERIC_NACK:
                # The centre could not read a packet of ours: it has taken nothing of it.
                self.answered(frame.sequence, SubmitAnswer(frame.status or _BAD_COMMAND, ""))
            case Command.DELIVER_SM:
                self._brought(frame)
            case Command.BIND_TRANSCEIVER_RESP:
                self.logged_in(frame.status)
            case Command.ENQUIRE_LINK:
                self.write(framed(Command.ENQUIRE_LINK_RESP, frame.sequence))
            case Command.UNBIND:
                self.write(framed(Command.UNBIND_RESP, frame.sequence))
                self.over("UNBOUND: by the centre")
            case Command.ENQUIRE_LINK_RESP | Command.UNBIND_RESP | Command.DELIVER_SM_RESP:
                pass  # an answer to a test of ours was counted as a sign of life before it was read
            case _:
                self.write(framed(Command.GENERIC_NACK, frame.sequence, status=_BAD_COMMAND))
                self.odd()

    def _brought(self, frame: Frame) -> None:
        answer = partial(self._answer, frame.sequence)
        message = packets.message_of(frame.body)
        if message is None:
            answer(Verdict.UNREADABLE)
            self.odd()
        elif not message.is_receipt:
            self._line.bring(
                Brought(
                    self,
                    "",
                    answer,
                    number=message.source,
                    service_number=message.destination,
                    content=message.text,
                    coding=message.coding,
                    headed=message.headed,
                )
            )
        elif (receipt := receipt_of(message)) is None:
            answer(Verdict.UNREADABLE)
        elif not receipt.final:
            answer(Verdict.TAKEN)
        else:
            self._line.bring(Brought(self, "", answer, report=self._told(receipt), state=receipt.state))

    def _told(self, receipt: Receipt) -> Answer:
        account = self._account
        today = self._now().astimezone(BEIJING).date()
        known_as = reference(account.system_id, receipt.message_id, account.receipt_ids, receipt.submitted, today)
        return Answer(known_as, outcome_of(receipt), moment(receipt.done))

    def _answer(self, sequence: int, verdict: Verdict) -> None:
        if self.alive:
            self.write(framed(Command.DELIVER_SM_RESP, sequence, packets.name(""), _STATUSES[verdict]))


def smpp_line(account: Account) -> Line[Session]:
    """The line of this process to that account."""
    return line_to(f"smpp://{account.place}", account.answer_seconds, partial(_dial, account))


async def _dial(account: Account, line: Line[Session], context: Context) -> Session | Unavailable:
    try:
        password = context.secret(account.password)
    except KeyError:
        return Unavailable("SECRET_MISSING: 未配置口令 / no secret for the account")
    session = await connected(
        lambda: Session(account, line, context.now), account.host, account.port, account.answer_seconds
    )
    if isinstance(session, Unavailable):
        return session
    try:
        refused = await session.log_in(password)
    except asyncio.CancelledError:
        session.end("CLOSED: by us")
        raise
    if refused is None:
        return session
    session.end(refused.reason.partition(":")[0])
    return refused
