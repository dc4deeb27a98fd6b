# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""One account that is bound to the simulated message centre, or somebody who pretends to be."""

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from connectors.sdk.sms.reports import BEIJING
from connectors.sdk.sms.simulated import SimulatedConnection
from connectors.sms_smpp import packets
from connectors.sms_smpp.packets import (
    HEADER_BYTES,
    MESSAGE_STATE,
    RECEIPTED_MESSAGE_ID,
    Command,
    Frame,
    FrameReader,
    Message,
    framed,
)
from connectors.sms_smpp.simulator_words import Step

if TYPE_CHECKING:
    from connectors.sms_smpp.simulator import Centre

_RECEIPT: Final = 0x04
_BAD_COMMAND: Final = 0x03
_BAD_LENGTH: Final = 0x02
_BAD_PASSWORD: Final = 0x0E
_BAD_SYSTEM: Final = 0x0F
_NOT_TAKEN: Final = {Step.THROTTLE: 0x58, Step.FULL: 0x14, Step.REFUSE: 0x0B, Step.VENDOR: 0x0455}
_UNANSWERED: Final = frozenset({Step.LOSE, Step.CUT, Step.MIDFRAME, Step.RESTART})
_DELIVERED: Final = bytes([2])


class Connection(SimulatedConnection[Message]):
    """One account that is bound, or somebody who pretends to be."""

    def __init__(self, centre: "Centre") -> None:
        super().__init__(centre, FrameReader())
        self._centre = centre

    def packet(self, pdu: Message, sequence: int) -> bytes:
        """As :class:`SimulatedConnection` says."""
        return framed(Command.DELIVER_SM, sequence, packets.message(pdu))

    def understood(self, frame: Frame) -> None:
        """As :class:`SimulatedConnection` says."""
        if frame.command == Command.BIND_TRANSCEIVER:
            self._bound(frame)
        elif not self.logged_in:
            self.abort()
        else:
            self._served(frame)

    def _served(self, frame: Frame) -> None:
        match frame.command:
            case Command.SUBMIT_SM:
                message = packets.message_of(frame.body)
                if message is None:
                    self._odd("submit_sm")
                    self.write(framed(Command.GENERIC_NACK, frame.sequence, status=_BAD_LENGTH))
                else:
                    self._submitted(message, frame.sequence, next(self._centre.steps))
            case Command.DELIVER_SM_RESP:
                self.settled(frame.sequence, frame.status)
            case Command.ENQUIRE_LINK:
                self.write(framed(Command.ENQUIRE_LINK_RESP, frame.sequence))
            case Command.UNBIND:
                self.write(framed(Command.UNBIND_RESP, frame.sequence))
                self.hang_up()
            case Command.ENQUIRE_LINK_RESP | Command.GENERIC_NACK:
                pass
            case _:
                self._odd(f"command {frame.command:#x}")

    def _odd(self, what: str) -> None:
        self._centre.malformed.append(what)
        self._centre.happened()

    def _bound(self, frame: Frame) -> None:
        options = self._centre.options
        who = packets.bind_of(frame.body)
        status = 0
        if who is None:
            status = _BAD_LENGTH
        elif who.system_id != options.system_id:
            status = _BAD_SYSTEM
        elif who.password != options.password:
            status = _BAD_PASSWORD
        answer = packets.name("simulated") if not status else b""
        self.write(framed(Command.BIND_TRANSCEIVER_RESP, frame.sequence, answer, status))
        self.logged_in = not status
        self._centre.logins += not status
        if self.logged_in:
            self._centre.resume(self)
        self._centre.happened()

    def _submitted(self, message: Message, sequence: int, step: Step) -> None:
        centre = self._centre
        if step is Step.NACK:
            self.write(framed(Command.GENERIC_NACK, sequence, status=_BAD_COMMAND))
            return
        if step in _NOT_TAKEN:
            self.write(framed(Command.SUBMIT_SM_RESP, sequence, status=_NOT_TAKEN[step]))
            return
        centre.taken.append(message)
        centre.happened()
        number = next(centre.numbers) + 0xA000
        centre.ids.append(number)
        if step is Step.EARLY:
            self._receipt(message, number, step)
        written = f"{number:x}" if centre.options.ids == "hex_then_decimal" else f"m-{number}"
        self._answered(framed(Command.SUBMIT_SM_RESP, sequence, packets.name(written)), step)
        if step is Step.LATE:
            asyncio.get_running_loop().call_later(centre.options.slow_seconds, self._receipt, message, number, step)
        elif step not in {Step.EARLY, Step.SILENT}:
            for _ in range(2 if step in {Step.TWICE, Step.ENROUTE} else 1):
                self._receipt(message, number, step)
                step = Step.OK if step is Step.ENROUTE else step
        if step is Step.REPLY:
            centre.say(message.destination, centre.options.reply, message.source)

    def _answered(self, octets: bytes, step: Step) -> None:
        if step in _UNANSWERED:
            self._broken_off(octets, step)
            return
        match step:
            case Step.SLOW:
                asyncio.get_running_loop().call_later(self._centre.options.slow_seconds, self.write, octets)
            case Step.SPLIT:
                self._centre.later(self.trickle(octets))
            case Step.GLUE:
                test = framed(Command.ENQUIRE_LINK, self.next_sequence())
                self.write(test + octets + test)
            case Step.WRONG_LENGTH:
                self.write(b"\0\0\0\x03" + octets[4:])
            case Step.ODD:
                self.write(framed(0x0000_0102, 1, b"?") + framed(Command.DELIVER_SM, 2, b"short") + octets)
            case _:
                self.write(octets)

    def _broken_off(self, octets: bytes, step: Step) -> None:
        match step:
            case Step.MIDFRAME:
                self.write(octets[: HEADER_BYTES + 1])
                self.hang_up()
            case Step.RESTART:
                self._centre.restart()
            case Step.CUT:
                self.abort()
            case _:
                pass

    def _receipt(self, message: Message, number: int, step: Step) -> None:
        if message.registered & 1:
            self._centre.bring(receipt_on(message, number, step, ids=self._centre.options.ids))


def receipt_on(message: Message, number: int, step: Step, *, ids: str) -> Message:
    """What is told of a message that is known under this number; ``ids`` is the option of this name."""
    now = datetime.now(UTC).astimezone(BEIJING).strftime("%y%m%d%H%M")  # noqa: TID251  # because it is a program
    name = str(number) if ids == "hex_then_decimal" else f"m-{number}"
    state = {Step.UNDELIVERED: "UNDELIV", Step.ENROUTE: "ENROUTE"}.get(step, "DELIVRD")
    text = f"id:{name} sub:001 dlvrd:001 submit date:{now} done date:{now} stat:{state} err:000 text:id:x stat:y"
    tagged = step is Step.TAGGED
    return Message(
        source=message.destination,
        destination=message.source,
        esm_class=_RECEIPT,
        content=b"" if tagged else text.encode("ascii"),
        optional=({RECEIPTED_MESSAGE_ID: name.encode() + b"\0", MESSAGE_STATE: _DELIVERED} if tagged else {}),
    )
