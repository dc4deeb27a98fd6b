# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""One account that is connected to the simulated gateway, or somebody who pretends to be."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from connectors.sdk.sms.reports import BEIJING
from connectors.sdk.sms.simulated import SimulatedConnection
from connectors.sms_cmpp import authenticator
from connectors.sms_cmpp.frames import Frame, FrameReader, framed
from connectors.sms_cmpp.pdus import (
    V2,
    V3,
    Bare,
    Command,
    Connect,
    ConnectResp,
    Deliver,
    DeliverResp,
    Malformed,
    Pdu,
    Submit,
    SubmitResp,
    Version,
)
from connectors.sms_cmpp.report import LONG_BYTES, SHORT_BYTES, Report, written
from connectors.sms_cmpp.simulator_words import Step
from connectors.sms_cmpp.wire import decode, encode

if TYPE_CHECKING:
    from connectors.sms_cmpp.simulator import Gateway

_BAD_NUMBER: Final = 13
_THROTTLED: Final = 8
_WRONG_SECRET: Final = 3
_WRONG_ACCOUNT: Final = 2
_NOT_TAKEN: Final = frozenset({Step.THROTTLE, Step.REFUSE})
_UNANSWERED: Final = frozenset({Step.LOSE, Step.CUT, Step.MIDFRAME, Step.RESTART, Step.IMPOSTOR})
_STATES: Final = {Step.UNDELIVERED: "UNDELIV", Step.EXPIRED: "EXPIRED"}


class Connection(SimulatedConnection[Deliver]):
    """One account that is connected, or somebody who pretends to be."""

    def __init__(self, gateway: "Gateway") -> None:
        super().__init__(gateway, FrameReader())
        self._gateway = gateway
        self._version: Version = V3

    def packet(self, pdu: Deliver, sequence: int) -> bytes:
        """As :class:`SimulatedConnection` says."""
        return encode(pdu, sequence, self._version)

    def understood(self, frame: Frame) -> None:
        """As :class:`SimulatedConnection` says."""
        pdu = decode(frame.command, frame.body, self._version)
        if isinstance(pdu, Connect):
            self._log_in(pdu, frame.sequence)
        elif not self.logged_in:
            self.abort()
        else:
            self._served(pdu, frame.sequence)

    def _served(self, pdu: Pdu | Malformed, sequence: int) -> None:
        match pdu:
            case Submit():
                self._submitted(pdu, sequence, next(self._gateway.steps))
            case DeliverResp(result=result):
                self.settled(sequence, result)
            case Bare(Command.ACTIVE_TEST):
                self._send(Bare(Command.ACTIVE_TEST_RESP), sequence)
            case Bare(Command.ACTIVE_TEST_RESP):
                self._gateway.tests_answered += 1
                self._gateway.happened()
            case Bare(Command.TERMINATE):
                self._send(Bare(Command.TERMINATE_RESP), sequence)
                self.hang_up()
            case Malformed(problem=problem):
                self._gateway.malformed.append(problem)
                self._gateway.happened()
            case _:
                pass

    def _log_in(self, pdu: Connect, sequence: int) -> None:
        options = self._gateway.options
        self._version = V2 if pdu.version < V3 or options.version == "2.0" else V3
        expected = authenticator.of_account(options.account, options.secret, pdu.timestamp)
        status = 0
        if pdu.account != options.account:
            status = _WRONG_ACCOUNT
        elif pdu.authenticator != expected:
            status = _WRONG_SECRET
        proof = authenticator.of_gateway(status, pdu.authenticator, options.secret, self._version)
        if self._gateway.impostor:
            self._gateway.impostor = False
            proof = bytes(16)
        self._send(ConnectResp(status, proof, self._version), sequence)
        self.logged_in = not status
        self._gateway.logins += not status
        if self.logged_in:
            self._gateway.resume(self)
        self._gateway.happened()

    def _submitted(self, pdu: Submit, sequence: int, step: Step) -> None:
        gateway = self._gateway
        if step in _NOT_TAKEN:
            self._send(SubmitResp(0, _THROTTLED if step is Step.THROTTLE else _BAD_NUMBER), sequence)
            return
        gateway.taken.append(pdu)
        gateway.happened()
        number = gateway.next_id(len(pdu.numbers))
        gateway.ids.append(number)
        if step is Step.EARLY:
            self._report(pdu, number, step)
        self._answered(SubmitResp(number, 0), sequence, step)
        if step is Step.LATE:
            asyncio.get_running_loop().call_later(gateway.options.slow_seconds, self._report, pdu, number, step)
        elif step not in {Step.EARLY, Step.SILENT}:
            for _ in range(2 if step is Step.TWICE else 1):
                self._report(pdu, number, step)
        if step is Step.REPLY:
            gateway.say(pdu.numbers[0], gateway.options.reply, pdu.sender)

    def _answered(self, answer: SubmitResp, sequence: int, step: Step) -> None:
        octets = encode(answer, sequence, self._version)
        if step in _UNANSWERED:
            self._broken_off(octets, step)
            return
        match step:
            case Step.SLOW:
                asyncio.get_running_loop().call_later(self._gateway.options.slow_seconds, self.write, octets)
            case Step.SPLIT:
                self._gateway.later(self.trickle(octets))
            case Step.GLUE:
                test = encode(Bare(Command.ACTIVE_TEST), self.next_sequence(), self._version)
                self.write(test + octets + test)
            case Step.WRONG_LENGTH:
                self.write(b"\0\0\0\x03" + octets[4:])
            case Step.ODD:
                self.write(framed(0x0123_4567, 1, b"?") + framed(Command.SUBMIT_RESP, sequence, b"short") + octets)
            case _:
                self.write(octets)

    def _broken_off(self, octets: bytes, step: Step) -> None:
        match step:
            case Step.MIDFRAME:
                self.write(octets[:14])
                self.hang_up()
            case Step.RESTART:
                self._gateway.restart()
            case Step.IMPOSTOR:
                self._gateway.impostor = True
                self.abort()
            case Step.CUT:
                self.abort()
            case _:
                pass

    def _report(self, pdu: Submit, number: int, step: Step) -> None:
        if not pdu.report:
            return
        octets = SHORT_BYTES if step is Step.SHORT or self._version == V2 else LONG_BYTES
        for report in reports_on(pdu, number, step, octets):
            self._gateway.bring(report)

    def _send(self, pdu: Pdu, sequence: int) -> None:
        self.write(encode(pdu, sequence, self._version))


def reports_on(pdu: Submit, number: int, step: Step, octets: int) -> Iterator[Deliver]:
    """What is told of a submission that is known under this number, one report for each recipient."""
    now = datetime.now(UTC).astimezone(BEIJING).strftime("%y%m%d%H%M")  # noqa: TID251  # because it is a program
    state = _STATES.get(step, "DELIVRD")
    for at, recipient in enumerate(pdu.numbers):
        report = Report(number + at, state, now, now, recipient)
        yield Deliver(
            msg_id=number + at,
            number=recipient,
            service_number=pdu.sender,
            content=written(report, octets),
            report=True,
        )
