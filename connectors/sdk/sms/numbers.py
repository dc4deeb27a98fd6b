# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Telephone numbers as people write them and as gateways want them. Pure."""

import re
from typing import Final, Literal, TypeAlias

Prefix: TypeAlias = Literal["", "86", "+86"]

_MOBILE: Final = re.compile(r"(?:\+86|0086|86)?(1[3-9][0-9]{9})", re.ASCII)
_NUMBER: Final = re.compile(r"\+?[0-9]{3,20}", re.ASCII)
_IGNORED: Final = str.maketrans("", "", " -\u00a0\u3000()（）")
_BETWEEN: Final = re.compile(r"[,;，；、\n]+")


def numbers_in(text: str) -> tuple[str, ...]:
    """The numbers in a list of them, as they are written, each once."""
    return tuple(dict.fromkeys(one for part in _BETWEEN.split(text) if (one := part.strip())))


def dialled(number: str, prefix: Prefix) -> str | None:
    """A number as the gateway wants it; None when it is none. Only mainland mobile numbers take the prefix."""
    plain = number.translate(_IGNORED)
    if mobile := _MOBILE.fullmatch(plain):
        return prefix + mobile[1]
    return plain if _NUMBER.fullmatch(plain) else None


def plain(number: str) -> str:
    """A mainland mobile number without its prefix; any other as it is."""
    mobile = _MOBILE.fullmatch(number.translate(_IGNORED))
    return mobile[1] if mobile else number
