# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a code list is."""

from enum import StrEnum
from typing import Self

from contracts.text import Text


class Code(StrEnum):
    """A code list: each member is the string that stands in canonical JSON, and has a ``text``."""

    text: Text

    def __new__(cls, value: str, zh: str, en: str) -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.text = Text(zh, en)
        return member
