# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Code maps: which text of a dialect stands for which canonical code. The same text means other things elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from contracts.cloudevent import JsonValue
from contracts.mapping.formats import Format, Lossy, Misfit
from contracts.text import Text

Policy: TypeAlias = Literal["refuse", "pass"]

_COARSER = Text("该方言的代码更粗", "The dialect's code says less")
_RECODE = Text("改用有对照的代码，或在站点映射中补上", "Use a code that the map has, or add this one to the site's map")
_NO_TEXT = Text("该方言能写的代码", "a code that the dialect can write")


@dataclass(frozen=True, slots=True)
class CodeMap:
    """``write`` maps canonical codes to the dialect's, ``read`` the dialect's to canonical ones.

    With ``unmapped: pass`` a code that is in neither is carried as it is.
    """

    write: Mapping[str, str]
    read: Mapping[str, str]
    unmapped: Policy = "refuse"

    def format(self) -> Format:
        """The map as a way of writing one value."""
        write, read, passing = self.write, self.read, self.unmapped == "pass"
        known = "、".join(read)
        unknown = Misfit("E_V_CODE", Text(f"代码：{known}", f"one of {', '.join(read)}") if read else _SITE, _RECODE)
        unsaid = Misfit("E_V_CODE", _NO_TEXT if write else _SITE, _RECODE)
        answers: dict[str, str | Lossy | Misfit] = {
            code: text if read.get(text, code) == code else Lossy(text, _COARSER) for code, text in write.items()
        }

        def passed(code: str) -> str | Misfit:
            return code if passing and code not in read else unsaid

        def back(text: str) -> JsonValue | Misfit:
            return text if passing and text not in write else unknown

        longest = None if passing else max(map(len, write.values()), default=0)
        return Format(
            lambda code: found if (found := answers.get(code)) is not None else passed(code),
            lambda text: found if (found := read.get(text)) is not None else back(text),
            longest,
        )


_SITE = Text("该站点的代码表尚未提供", "the site's own code list, which its map does not give yet")
