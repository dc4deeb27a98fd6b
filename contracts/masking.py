# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Records shown to people who need not know whose they are. 脱敏

What is written by hand, or lies where no contract says what it is, shows only its length; the rest of a personal field keeps
what tells two records apart without telling who it is: the first character of a name, the last two of a number.
"""

import re
from collections.abc import Mapping
from typing import assert_never

from contracts.cloudevent import JsonValue
from contracts.personal import PersonalClass

_MASK = "＊"


def masked(record: Mapping[str, JsonValue], personal: Mapping[str, PersonalClass]) -> dict[str, JsonValue]:
    """A copy of the record for showing. ``personal`` is :attr:`contracts.contract.Contract.personal` of its version.

    A form of an item (``form.data``) is hidden whole: only its own definition knows what in it is personal.
    """
    return {name: _member(value, f"$.data.{name}", personal) for name, value in record.items()}


def _member(value: JsonValue, path: str, personal: Mapping[str, PersonalClass]) -> JsonValue:
    if path == "$.data.form.data":
        return _MASK
    if (kind := personal.get(path)) is not None:
        return mask(value, kind) if isinstance(value, str) else _MASK
    if isinstance(value, dict):
        return {name: _member(inner, f"{path}.{name}", personal) for name, inner in value.items()}
    if isinstance(value, list):
        return [_member(inner, f"{path}[*]", personal) for inner in value]
    return value


_NUMBER = re.compile(r"[0-9]{6,}[Xx]?")


def mask_numbers(text: str) -> str:
    """What somebody outside said in words of their own, with every long number masked: it may be a person's."""
    return _NUMBER.sub(lambda found: mask(found[0], PersonalClass.ID_NUMBER), text)


def mask(text: str, kind: PersonalClass) -> str:
    """One personal text, masked as its class is."""
    match kind:
        case PersonalClass.NAME:
            return text[:1] + _MASK * 2
        case PersonalClass.ID_NUMBER | PersonalClass.PHONE:
            return _MASK * 4 + text[-2:] if len(text) > 4 else _MASK * 4
        case PersonalClass.ADDRESS | PersonalClass.FREE_TEXT:
            return f"{_MASK}{len(text)}{_MASK}"
        case _:
            assert_never(kind)
