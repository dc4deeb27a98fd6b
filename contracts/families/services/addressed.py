# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The rule that an address is one of its channel: a number for calls and messages, a mailbox for mail."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from contracts.cloudevent import JsonValue
from contracts.json_path import located
from contracts.refusal import Violation
from contracts.text import Text

_FORMS = {"sms": r"^[+]?[0-9-]{3,20}$", "voice": r"^[+]?[0-9-]{3,20}$", "mail": r"^[^@ ]{1,64}@[^@ ]{1,255}$"}
_BY_CHANNEL = {channel: re.compile(form) for channel, form in _FORMS.items()}


_TEXT = Text(
    "sms、voice 的 address 为电话号码（可带 86 或 +86），mail 的为电子邮箱",
    "the address of sms and voice is a telephone number (86 or +86 may stand before it), that of mail a mailbox",
)
_REMEDY = Text("填写与渠道相符的地址，或改正渠道", "Give an address of that channel, or correct the channel")


@dataclass(frozen=True, slots=True)
class Addressed:
    """Every ``recipients[*].ways[*].address`` has the form that its channel's addresses have."""

    def text(self) -> Text:
        return _TEXT

    def broken(self, data: Mapping[str, JsonValue]) -> Iterator[Violation]:
        for recipient_at, recipient in _objects(data.get("recipients")):
            for way_at, way in _objects(recipient.get("ways")):
                if _foreign(way):
                    path = located("$.data", ("recipients", recipient_at, "ways", way_at, "address"))
                    yield Violation("E_V_RULE", path, _TEXT, _REMEDY)

    def schema(self) -> dict[str, Any] | None:
        ways = {"properties": {"ways": {"items": {"allOf": _said()}}}}
        return {"properties": {"recipients": {"items": ways}}}


@dataclass(frozen=True, slots=True)
class AddressedOnce:
    """The same where the record has one ``channel`` and one ``address``."""

    def text(self) -> Text:
        return _TEXT

    def broken(self, data: Mapping[str, JsonValue]) -> Iterator[Violation]:
        if _foreign(data):
            yield Violation("E_V_RULE", "$.data.address", _TEXT, _REMEDY)

    def schema(self) -> dict[str, Any] | None:
        return {"allOf": _said()}


def _foreign(way: Mapping[str, JsonValue]) -> bool:
    channel, address = way.get("channel"), way.get("address")
    form = _BY_CHANNEL.get(channel) if isinstance(channel, str) else None
    return form is not None and isinstance(address, str) and not form.fullmatch(address)


def _said() -> list[dict[str, Any]]:
    return [
        {
            "if": {"properties": {"channel": {"const": channel}}, "required": ["channel"]},
            "then": {"properties": {"address": {"pattern": form}}},
        }
        for channel, form in _FORMS.items()
    ]


def _objects(value: JsonValue) -> Iterator[tuple[int, dict[str, JsonValue]]]:
    for at, element in enumerate(value if isinstance(value, list) else ()):
        if isinstance(element, dict):
            yield at, element
