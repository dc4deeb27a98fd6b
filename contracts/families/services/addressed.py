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


@dataclass(frozen=True, slots=True)
class Addressed:
    """Every ``recipients[*].ways[*].address`` has the form that its channel's addresses have."""

    def text(self) -> Text:
        return Text(
            "sms、voice 的 address 为电话号码（可带 86 或 +86），mail 的为电子邮箱",
            "the address of sms and voice is a telephone number (86 or +86 may stand before it), that of mail a mailbox",
        )

    def broken(self, data: Mapping[str, JsonValue]) -> Iterator[Violation]:
        for recipient_at, recipient in _objects(data.get("recipients")):
            for way_at, way in _objects(recipient.get("ways")):
                channel, address = way.get("channel"), way.get("address")
                form = _BY_CHANNEL.get(channel) if isinstance(channel, str) else None
                if form is not None and isinstance(address, str) and not form.fullmatch(address):
                    path = located("$.data", ("recipients", recipient_at, "ways", way_at, "address"))
                    remedy = Text(
                        "填写与渠道相符的地址，或改正渠道", "Give an address of that channel, or correct the channel"
                    )
                    yield Violation("E_V_RULE", path, self.text(), remedy)

    def schema(self) -> dict[str, Any] | None:
        said = [
            {
                "if": {"properties": {"channel": {"const": channel}}, "required": ["channel"]},
                "then": {"properties": {"address": {"pattern": form}}},
            }
            for channel, form in _FORMS.items()
        ]
        ways = {"properties": {"ways": {"items": {"allOf": said}}}}
        return {"properties": {"recipients": {"items": ways}}}


def _objects(value: JsonValue) -> Iterator[tuple[int, dict[str, JsonValue]]]:
    for at, element in enumerate(value if isinstance(value, list) else ()):
        if isinstance(element, dict):
            yield at, element
