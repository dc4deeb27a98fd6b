# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""机构代码: how a message names a department. Its 统一社会信用代码, or the 组织机构代码 it had before."""

from typing import TypeAlias

from contracts.identifiers import organisation, uscc
from contracts.identifiers.oddity import Malformed, Oddity
from contracts.identifiers.organisation import OrganisationCode
from contracts.identifiers.uscc import Uscc
from contracts.identifiers.writing import as_meant
from contracts.text import Text

Department: TypeAlias = Uscc | OrganisationCode

_COMPARE = Text("请核对机构代码", "Compare it with the department's own code")
_SHORT = Oddity(
    "E_W_TRUNCATED",
    Text("18 位统一社会信用代码；17 位的少了一位", "a USCC of 18 characters; one of 17 has lost a character"),
    _COMPARE,
)
_NEITHER = Oddity(
    "E_W_FORM",
    Text(
        "18 位统一社会信用代码或 9 位组织机构代码",
        "a USCC of 18 characters, or an organisation code of 9",
    ),
    _COMPARE,
)


def parse(text: str) -> Department | Malformed:
    """The code, or everything odd about it. Never raises."""
    oddities = warnings(text)
    if oddities:
        return Malformed(oddities)
    return Uscc(text) if len(text) == uscc.LENGTH else OrganisationCode(text)


def warnings(text: str) -> tuple[Oddity, ...]:
    """What is odd about a department's code; empty when nothing is. A code that a site made up is odd, and allowed."""
    meant, typed = as_meant(text)
    match len(meant.replace("-", "")):
        case uscc.LENGTH:
            return uscc.warnings(text)
        case organisation.LENGTH:
            return organisation.warnings(text)
        case 17:
            return (*typed, _SHORT)
        case _:
            return (_NEITHER,)
