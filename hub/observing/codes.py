# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Outcome codes where machines and operators read them: far sides choose some of them, and may choose anything."""

import re
from functools import lru_cache
from typing import Final

OTHER: Final = "OTHER"
_MOST: Final = 40  # different codes of one destination that are told apart in the metrics

# A run of six digits may be part of somebody's number: no code needs one.
_CODE = re.compile(r"(?!.*[0-9]{6})[A-Za-z0-9_.:-]{1,64}", re.ASCII)


@lru_cache(4096)
def speakable(code: str) -> str:
    """The code, or ``OTHER`` where it is not the kind of word that a code is."""
    return code if _CODE.fullmatch(code) else OTHER


class KnownCodes:
    """The first few codes of each destination; what comes after them is ``OTHER``, so that labels never run away."""

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._known: dict[str, set[str]] = {}

    def label(self, destination: str, code: str) -> str:
        """The code as a label."""
        known = self._known.get(destination)
        if known is None:
            known = self._known[destination] = set()
        elif code in known:
            return code
        code = speakable(code)
        if code in known or len(known) < self._most:
            known.add(code)
            return code
        return OTHER
