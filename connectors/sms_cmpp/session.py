# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""One connection that is logged in, as CMPP has it. CMPP V3.0.0 (QB-GF-028-2003), 5 and 6."""

import asyncio
import hmac
from collections.abc import Callable
from datetime import datetime
from functools import partial
from secrets import randbits

from connectors.sdk import Answer, Context, Unavailable
from connectors.sdk.sms.conversation import Conversation, Pace, connected
from connectors.sdk.sms.line import Brought, Line, Verdict, line_to
from connectors.sdk.sms.reports import BEIJING, moment
from connectors.sms_cmpp import authenticator
from connectors.sms_cmpp.config import Account
from connectors.sms_cmpp.frames import Frame, FrameReader
from connectors.sms_cmpp.msg_id import reference
from connectors.sms_cmpp.pdus import (
    Bare,
    Command,
    Connect,
    ConnectResp,
    Deliver,
    DeliverResp,
    Malformed,
    Submit,
    SubmitResp,
)
from connectors.sms_cmpp.report import outcome_of, report_of
from connectors.sms_cmpp.results import login_refused
from connectors.sms_cmpp.wire import decode, encode

_RESULTS = {Verdict.TAKEN: 0, Verdict.UNREADABLE: 1, Verdict.BUSY: 8, Verdict.NOBODY: 9}


class Session(Conversation[Frame, SubmitResp]):
    """Opened by :func:`cmpp_line`."""

    def __init__(self, account: Account, line: "Line[Session]", now: Callable[[], datetime]) -> None:
        pace = Pace(account.window, account.idle_seconds, account.answer_seconds, account.tests)
        super().__init__(pace, line, FrameReader(), randbits(31))
        self._account = account
        self._version = account.octet
        self._line = line
        self._now = now

    async def submit(self, pdu: Submit, seconds: float) -> SubmitResp | Unavailable:
        """One part, as :meth:`submit_octets`."""
        sequence = self.next_sequence()
        return await self.submit_octets(sequence, encode(pdu, sequence, self._version), seconds)

    async def log_in(self, secret: str) -> Unavailable | None:
        """Show who we are, and see who answers. Afterwards the line is tested when it is silent."""
        account = self._account
        timestamp = authenticator.stamp(self._now().astimezone(BEIJING))
        shown = authenticator.of_account(account.account, secret, timestamp)
        login = Connect(account.account, shown, self._version, timestamp)
        answer = await self.login(encode(login, self.next_sequence(), self._version))
        if isinstance(answer, Unavailable):
            return answer
        assert isinstance(answer, ConnectResp), "that is what a login is answered with"
        if answer.status:
            return login_refused(answer.status)
        expected = authenticator.of_gateway(answer.status, shown, secret, self._version)
        if account.check_gateway and not hmac.compare_digest(expected, answer.authenticator):
            return Unavailable(
                "GATEWAY_UNPROVEN: 网关的认证码不符，请核对地址、密钥与版本 / the gateway does not know the secret; see to "
                "host, password and version"
            )
        self.watch()
        return None

    def test(self) -> bytes:
        """ACTIVE_TEST."""
        return encode(Bare(Command.ACTIVE_TEST), self.next_sequence(), self._version)

    def farewell(self) -> bytes:
        """TERMINATE."""
        return encode(Bare(Command.TERMINATE), self.next_sequence(), self._version)

    def understood(self, frame: Frame) -> None:
        """As :class:`Conversation` says."""
        pdu = decode(frame.command, frame.body, self._version)
        match pdu:
            case SubmitResp():
                self.answered(frame.sequence, pdu)
            case Deliver():
                self._brought(pdu, frame.sequence)
            case ConnectResp():
                self.logged_in(pdu)
            case Bare(command):
                self._kept_alive(command, frame.sequence)
            case Malformed() | Connect() | Submit() | DeliverResp():
                self.odd()

    def _kept_alive(self, command: Command, sequence: int) -> None:
        # An answer to a test of ours was counted as a sign of life before it was read.
        if command is Command.ACTIVE_TEST:
            self.write(encode(Bare(Command.ACTIVE_TEST_RESP), sequence, self._version))
        elif command is Command.TERMINATE:
            self.write(encode(Bare(Command.TERMINATE_RESP), sequence, self._version))
            self.over("TERMINATED: by the gateway")

    def _brought(self, pdu: Deliver, sequence: int) -> None:
        today = self._now().astimezone(BEIJING).date()
        answer = partial(self._answer, sequence, pdu.msg_id)
        if not pdu.report:
            # A gateway that numbers nothing says 0.
            key = reference(self._account.account, pdu.msg_id, today) if pdu.msg_id else ""
            self._line.bring(
                Brought(
                    self,
                    key,
                    answer,
                    number=pdu.number,
                    service_number=pdu.service_number,
                    content=pdu.content,
                    coding=pdu.coding,
                    headed=pdu.udhi,
                )
            )
        elif (report := report_of(pdu.content)) is None:
            answer(Verdict.UNREADABLE)
        else:
            key = reference(self._account.account, report.msg_id, today)
            told = Answer(key, outcome_of(report), moment(report.done))
            self._line.bring(Brought(self, key, answer, report=told, state=report.state))

    def _answer(self, sequence: int, msg_id: int, verdict: Verdict) -> None:
        if self.alive:
            self.write(encode(DeliverResp(msg_id, _RESULTS[verdict]), sequence, self._version))


def cmpp_line(account: Account) -> Line[Session]:
    """The line of this process to that account."""
    return line_to(f"cmpp://{account.place}", account.answer_seconds, partial(_dial, account))


async def _dial(account: Account, line: Line[Session], context: Context) -> Session | Unavailable:
    try:
        secret = context.secret(account.password)
    except KeyError:
        return Unavailable("SECRET_MISSING: 未配置口令 / no secret for the account")
    session = await connected(
        lambda: Session(account, line, context.now), account.host, account.port, account.answer_seconds
    )
    if isinstance(session, Unavailable):
        return session
    try:
        refused = await session.log_in(secret)
    except asyncio.CancelledError:
        session.end("CLOSED: by us")
        raise
    if refused is None:
        return session
    session.end(refused.reason.partition(":")[0])
    return refused
