# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Content types (RFC 9110 section 8.3), as far as the bindings need them."""

import re
from dataclasses import dataclass
from functools import lru_cache

_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}"
_TYPE = re.compile(rf"\s*({_WORD})/({_WORD})\s*")
_PARAMETER = re.compile(rf';\s*(?:({_WORD})=({_WORD}|"[^"\\\x00-\x1f]{{0,64}}"))?\s*')
_LONGEST = 256
_UTF8 = frozenset({"utf-8", "utf8", "us-ascii"})


@dataclass(frozen=True, slots=True)
class MediaType:
    """``essence`` is ``type/subtype`` in lower case. ``charset`` is lower case, None when absent or UTF-8.

    ``text`` is the normalised whole: what means the same reads the same, so that a charset of UTF-8 on JSON, which some
    clients add and others leave out, makes no difference.
    """

    essence: str
    charset: str | None
    text: str

    @property
    def is_json(self) -> bool:
        """Whether the content is JSON: subtype ``json`` or a ``+json`` suffix (RFC 6839)."""
        return self.essence.endswith(("/json", "+json"))


JSON = MediaType("application/json", None, "application/json")


@lru_cache(maxsize=256)
def parse(text: str) -> MediaType | None:
    """The media type a Content-Type names, or None when it is not one."""
    kind = _TYPE.match(text) if len(text) <= _LONGEST else None
    if kind is None:
        return None
    essence = f"{kind[1]}/{kind[2]}".lower()
    parameters: dict[str, str] = {}
    position = kind.end()
    while position < len(text):
        parameter = _PARAMETER.match(text, position)
        if parameter is None:
            return None
        if parameter[1]:
            parameters.setdefault(parameter[1].lower(), parameter[2].strip('"'))
        position = parameter.end()
    charset = parameters.get("charset", "utf-8").lower()
    if charset in _UTF8:
        parameters.pop("charset", None)
    written = "".join(f"; {name}={value}" for name, value in sorted(parameters.items()))
    return MediaType(essence, None if charset in _UTF8 else charset, essence + written)
