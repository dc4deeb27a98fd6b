# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a person sent (上行), as an item for the hub: the contract ``cn.gov.notice.reported``, kind ``reply``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal, TypeAlias

import orjson

from connectors.sdk.sms import gsm7
from connectors.sdk.source import Item

Form: TypeAlias = Literal["reply", "text"]
"""``reply``: the contract's JSON. ``text``: the text alone, for a deployment with a dialect of its own."""

_TYPE: Final = "cn.gov.notice.reported"
_CODECS: Final[Mapping[int, str]] = {0: "ascii", 1: "ascii", 3: "latin-1", 8: "utf-16-be", 15: "gb18030"}
_UNREADABLE: Final = "\ufffd"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upstream:
    """One message of a person. ``key`` is unique for ever within its gateway."""

    key: str
    number: str = field(repr=False)
    service_number: str
    text: str = field(repr=False)
    received: datetime


def read_text(content: bytes, coding: int, *, default: Literal["ascii", "gsm7"] = "ascii") -> str:
    """The text of what came in; octets that its coding does not have show as such, and nothing is dropped.

    ``default`` is what coding 0 stands for.
    """
    if coding == 0 and default == "gsm7":
        return gsm7.decode(content)
    codec = _CODECS.get(coding, "latin-1")
    if coding == 0 and not content.isascii():
        codec = "gb18030"  # because gateways say ASCII and mean the carrier's own
    return content.decode(codec, "replace").replace("\0", _UNREADABLE)


def item(upstream: Upstream, token: int, form: Form) -> Item:
    """The item that the hub takes. It is known by the gateway's number of it, so a repeat is a repeat."""
    headers = {
        "cloudEvents:specversion": "1.0",
        "cloudEvents:id": upstream.key,
        "cloudEvents:type": _TYPE,
        "cloudEvents:subject": upstream.key,
        "cloudEvents:time": upstream.received.isoformat(),
    }
    if form == "text":
        return Item(token=token, content_type="text/plain", body=upstream.text.encode(), headers=headers)
    reply = {
        "channel": "sms",
        "sender_address": upstream.number,
        "sent_to": upstream.service_number or None,
        "text": upstream.text,
        "gateway_id": upstream.key,
        "received_at": upstream.received.isoformat(timespec="seconds"),
    }
    body = {
        "matter_no": upstream.key,
        "kind": "reply",
        "reply": {name: value for name, value in reply.items() if value is not None},
    }
    return Item(token=token, content_type="application/json", body=orjson.dumps(body), headers=headers)
