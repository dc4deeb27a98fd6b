# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""电子证照标识, GB/T 36904: the identifier of an electronic licence."""

import re
from dataclasses import dataclass
from string import ascii_uppercase, digits

from contracts.identifiers.oddity import Malformed, Oddity, misfit
from contracts.identifiers.writing import as_meant
from contracts.text import Text

ALPHABET = digits + ascii_uppercase

_FORM = re.compile(
    r"1\.2\.156\.3005\.2"
    r"\.(?P<kind>[0-9A-Z]{18}[0-9]{3})\.(?P<issuer>[0-9A-Z]{18}|[0-9]{6})\.(?P<serial>[0-9A-Z]+)\.(?P<version>[0-9A-Z]{3})"
    r"\.(?P<check>[0-9A-Z])"
)
_VALUES = {character: value for value, character in enumerate(ALPHABET)}

_NAME = Text("电子证照标识", "an identifier of an electronic licence")
_UNSHAPED = Oddity(
    "E_W_FORM",
    Text(
        "电子证照标识：1.2.156.3005.2.证照类型（21 位）.颁证机构（18 位代码或 6 位区划）.流水号.版本（3 位）.校验位",
        "1.2.156.3005.2, then, between dots, kind (21), issuer (code of 18 or division of 6), serial, version (3), check",
    ),
    Text("请按证照上的标识填写", "Write the identifier as it stands on the licence"),
)


@dataclass(frozen=True, slots=True)
class LicenceId:
    """An identifier that is right in all that can be checked. Made by :func:`parse`."""

    text: str

    @property
    def defined_by(self) -> str:
        """The 统一社会信用代码 (18) of the body that defined this kind of licence."""
        return self._part(5)[:18]

    @property
    def kind(self) -> str:
        """证照类型, 21 characters: the body that defined it and 3 digits."""
        return self._part(5)

    @property
    def issuer(self) -> str:
        """颁证机构: a 统一社会信用代码 (18), or a division code (6)."""
        return self._part(6)

    @property
    def serial(self) -> str:
        """流水号, of any length."""
        return self._part(7)

    @property
    def version(self) -> str:
        """版本, 3 characters."""
        return self._part(8)

    @property
    def check(self) -> str:
        """校验位, 1 character."""
        return self._part(9)

    def _part(self, index: int) -> str:
        return self.text.split(".")[index]


def check_character(body: str) -> str:
    """The check character for the four middle parts, dots removed: ISO 7064 MOD 37,36 over digits and capitals."""
    carried = 36
    for character in body:
        carried = ((carried + _VALUES[character]) % 36 or 36) * 2 % 37
    return ALPHABET[(1 - carried) % 36]


def parse(text: str) -> LicenceId | Malformed:
    """The identifier, or everything odd about it. Never raises."""
    oddities = warnings(text)
    return Malformed(oddities) if oddities else LicenceId(text)


def warnings(text: str) -> tuple[Oddity, ...]:
    """What is odd about a 电子证照标识; empty when nothing is."""
    meant, typed = as_meant(text)
    form = _FORM.fullmatch(meant)
    if form is None:
        return (*typed, _UNSHAPED)
    body = form["kind"] + form["issuer"] + form["serial"] + form["version"]
    return typed if check_character(body) == form["check"] else (*typed, misfit(_NAME))
