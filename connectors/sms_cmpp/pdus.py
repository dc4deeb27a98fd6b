# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What the packets say, as values; both versions have the same. CMPP V3.0.0 (QB-GF-028-2003), 7.4."""

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final, Literal, TypeAlias

Version: TypeAlias = Literal[0x20, 0x30]

V2: Final = 0x20
V3: Final = 0x30


class Command(IntEnum):
    """The commands this side speaks; an answer has the highest bit set."""

    CONNECT = 0x01
    CONNECT_RESP = 0x8000_0001
    TERMINATE = 0x02
    TERMINATE_RESP = 0x8000_0002
    SUBMIT = 0x04
    SUBMIT_RESP = 0x8000_0004
    DELIVER = 0x05
    DELIVER_RESP = 0x8000_0005
    ACTIVE_TEST = 0x08
    ACTIVE_TEST_RESP = 0x8000_0008


@dataclass(frozen=True, slots=True)
class Connect:
    """Who logs in. ``timestamp`` is MMDDHHMMSS as a number."""

    account: str
    authenticator: bytes
    version: int
    timestamp: int


@dataclass(frozen=True, slots=True)
class ConnectResp:
    """Status 0: logged in. ``authenticator`` is the gateway's own."""

    status: int
    authenticator: bytes
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Submit:
    """One part of a message to up to 99 numbers. ``content`` begins with a user data header where ``udhi`` is set."""

    numbers: tuple[str, ...] = field(repr=False)
    content: bytes = field(repr=False)
    coding: int = 0
    udhi: bool = False
    part: int = 1
    parts: int = 1
    report: bool = False
    level: int = 1
    service: str = ""
    fee_user_type: int = 0
    fee_number: str = ""
    fee_type: str = "01"
    fee_code: str = "0"
    account: str = ""
    valid_until: str = ""
    at_time: str = ""
    sender: str = ""
    link_id: str = ""


@dataclass(frozen=True, slots=True)
class SubmitResp:
    """Result 0: taken under ``msg_id``, and the next numbers under the ids that follow it."""

    msg_id: int
    result: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliver:
    """A message of a person (上行), or a status report in ``content`` where ``report`` is set."""

    msg_id: int
    number: str = field(repr=False)
    service_number: str
    content: bytes = field(repr=False)
    report: bool = False
    coding: int = 0
    udhi: bool = False
    service: str = ""
    link_id: str = ""


@dataclass(frozen=True, slots=True)
class DeliverResp:
    """Result 0: it need not be delivered again."""

    msg_id: int
    result: int


@dataclass(frozen=True, slots=True)
class Bare:
    """A command without fields: a test whether somebody is there, an end, and the answers to them."""

    command: Command


@dataclass(frozen=True, slots=True)
class Malformed:
    """A packet whose body is not what its command wants; the next one may be read all the same."""

    command: int
    problem: str


Pdu: TypeAlias = Connect | ConnectResp | Submit | SubmitResp | Deliver | DeliverResp | Bare
