# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The fields of the packets in octets, both ways and in both versions. Pure. CMPP V3.0.0 (QB-GF-028-2003), 7.4.

Version 3 has wider results (4 octets for 1) and numbers (32 for 21 octets), a type beside each number, and a link id.
What comes is measured before it is read: a body of any other length than its fields add up to is malformed.
"""

import struct
from typing import Final

from connectors.sms_cmpp.frames import framed
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

MOST_NUMBERS: Final = 99
MOST_CONTENT: Final = 255

_CONNECT: Final = struct.Struct("!6s16sBI")
_CONNECT_RESP: Final = {V2: struct.Struct("!B16sB"), V3: struct.Struct("!I16sB")}
_RESULT: Final = {V2: struct.Struct("!QB"), V3: struct.Struct("!QI")}
_SUBMIT: Final = {
    V2: struct.Struct("!QBBBB10sB21sBBB6s2s6s17s17s21sB"),
    V3: struct.Struct("!QBBBB10sB32sBBBB6s2s6s17s17s21sB"),
}
_NUMBER: Final = {V2: 21, V3: 32}
_TAIL: Final = {V2: 8, V3: 20}
_DELIVER: Final = {V2: struct.Struct("!Q21s10sBBB21sBB"), V3: struct.Struct("!Q21s10sBBB32sBBB")}


def encode(pdu: Pdu, sequence: int, version: Version) -> bytes:
    """A packet. Texts must be ASCII and fit their fields: :func:`fits` says whether they do."""
    match pdu:
        case Submit():
            return framed(Command.SUBMIT, sequence, _submit(pdu, version))
        case SubmitResp(msg_id, result):
            return framed(Command.SUBMIT_RESP, sequence, _result(msg_id, result, version))
        case Deliver():
            return framed(Command.DELIVER, sequence, _deliver(pdu, version))
        case DeliverResp(msg_id, result):
            return framed(Command.DELIVER_RESP, sequence, _result(msg_id, result, version))
        case Connect(account, authenticator, highest, timestamp):
            body = _CONNECT.pack(account.encode("ascii"), authenticator, highest, timestamp)
            return framed(Command.CONNECT, sequence, body)
        case ConnectResp(status, authenticator, highest):
            return framed(Command.CONNECT_RESP, sequence, _CONNECT_RESP[version].pack(status, authenticator, highest))
        case Bare(command):
            return framed(command, sequence, b"\0" if command is Command.ACTIVE_TEST_RESP else b"")


def decode(command: int, body: bytes, version: Version) -> Pdu | Malformed:
    """What a packet says. An answer to a login is told from its length, whose ever version it is."""
    match command:
        case Command.SUBMIT_RESP:
            found = _result_of(body, version)
            return SubmitResp(*found) if found is not None else _odd(command, body)
        case Command.DELIVER_RESP:
            found = _result_of(body, version)
            return DeliverResp(*found) if found is not None else _odd(command, body)
        case Command.DELIVER:
            return _deliver_of(body, version) or _deliver_of(body, V2 if version == V3 else V3) or _odd(command, body)
        case Command.SUBMIT:
            return _submit_of(body, version) or _odd(command, body)
        case Command.CONNECT_RESP:
            layout = next((one for one in _CONNECT_RESP.values() if one.size == len(body)), None)
            return ConnectResp(*layout.unpack(body)) if layout is not None else _odd(command, body)
        case Command.CONNECT:
            if len(body) != _CONNECT.size:
                return _odd(command, body)
            account, authenticator, highest, timestamp = _CONNECT.unpack(body)
            return Connect(_text(account), authenticator, highest, timestamp)
        case Command.ACTIVE_TEST | Command.ACTIVE_TEST_RESP | Command.TERMINATE | Command.TERMINATE_RESP:
            # Some send the reserved octet of the answer and some do not; nothing stands in it.
            return Bare(Command(command))
        case _:
            return Malformed(command, "COMMAND_UNKNOWN")


def fits(text: str, octets: int) -> bool:
    """Whether a text can stand in a field of so many octets."""
    return len(text) <= octets and text.isascii() and "\0" not in text


def _odd(command: int, body: bytes) -> Malformed:
    return Malformed(command, f"LENGTH: {len(body)} octets do not add up")


def _text(octets: bytes) -> str:
    """A field up to its first zero, which pads it; what is not ASCII is shown, and not trusted."""
    return octets.partition(b"\0")[0].decode("ascii", "replace")


def _result(msg_id: int, result: int, version: Version) -> bytes:
    return _RESULT[version].pack(msg_id, result if version == V3 else min(result, 255))


def _result_of(body: bytes, version: Version) -> tuple[int, int] | None:
    layout = _RESULT[version]
    if len(body) != layout.size:
        layout = _RESULT[V2 if version == V3 else V3]
        if len(body) != layout.size:
            return None
    msg_id, result = layout.unpack(body)
    return msg_id, result


def _submit(pdu: Submit, version: Version) -> bytes:
    before = (
        *(0, pdu.parts, pdu.part, int(pdu.report), pdu.level, pdu.service.encode("ascii"), pdu.fee_user_type),
        pdu.fee_number.encode("ascii"),
    )
    after = (
        *(0, int(pdu.udhi), pdu.coding, pdu.account.encode("ascii"), pdu.fee_type.encode("ascii")),
        *(pdu.fee_code.encode("ascii"), pdu.valid_until.encode("ascii"), pdu.at_time.encode("ascii")),
        *(pdu.sender.encode("ascii"), len(pdu.numbers)),
    )
    kind = (0,) if version == V3 else ()
    width = _NUMBER[version]
    return b"".join(
        (
            _SUBMIT[version].pack(*before, *kind, *after),
            *(number.encode("ascii").ljust(width, b"\0") for number in pdu.numbers),
            bytes((*kind, len(pdu.content))),
            pdu.content,
            pdu.link_id.encode("ascii").ljust(_TAIL[version], b"\0") if version == V3 else bytes(_TAIL[version]),
        )
    )


def _submit_of(body: bytes, version: Version) -> Submit | None:
    layout, width = _SUBMIT[version], _NUMBER[version]
    if len(body) < layout.size:
        return None
    fields = list(layout.unpack_from(body))
    if version == V3:
        del fields[8]
    count = fields[-1]
    kinds = 1 if version == V3 else 0
    at = layout.size + count * width + kinds
    if len(body) <= at or len(body) != at + 1 + body[at] + _TAIL[version] or not 1 <= count <= MOST_NUMBERS:
        return None
    numbers = tuple(_text(body[layout.size + width * one :][:width]) for one in range(count))
    _, parts, part, report, level, service, fee_user, fee_number, _, udhi, coding, *texts, _ = fields
    account, fee_type, fee_code, valid_until, at_time, sender = map(_text, texts)
    return Submit(
        numbers=numbers,
        content=body[at + 1 : at + 1 + body[at]],
        coding=coding,
        udhi=bool(udhi),
        part=part,
        parts=parts,
        report=report == 1,
        level=level,
        service=_text(service),
        fee_user_type=fee_user,
        fee_number=_text(fee_number),
        fee_type=fee_type,
        fee_code=fee_code,
        account=account,
        valid_until=valid_until,
        at_time=at_time,
        sender=sender,
        link_id=_text(body[-_TAIL[version] :]) if version == V3 else "",
    )


def _deliver(pdu: Deliver, version: Version) -> bytes:
    before = (pdu.msg_id, pdu.service_number.encode("ascii"), pdu.service.encode("ascii"), 0, int(pdu.udhi), pdu.coding)
    kind = (0,) if version == V3 else ()
    head = _DELIVER[version].pack(*before, pdu.number.encode("ascii"), *kind, int(pdu.report), len(pdu.content))
    tail = pdu.link_id.encode("ascii").ljust(_TAIL[version], b"\0") if version == V3 else bytes(_TAIL[version])
    return head + pdu.content + tail


def _deliver_of(body: bytes, version: Version) -> Deliver | None:
    layout = _DELIVER[version]
    if len(body) < layout.size:
        return None
    msg_id, to, service, _, udhi, coding, number, *_, report, length = layout.unpack_from(body)
    if len(body) != layout.size + length + _TAIL[version]:
        return None
    return Deliver(
        msg_id=msg_id,
        number=_text(number),
        service_number=_text(to),
        content=body[layout.size : layout.size + length],
        report=report == 1,
        coding=coding,
        udhi=bool(udhi),
        service=_text(service),
        link_id=_text(body[-_TAIL[version] :]) if version == V3 else "",
    )
