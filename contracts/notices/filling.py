# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What stands in a template's blanks, taken from records: cut to what there is room for. Pure."""

from collections.abc import Mapping
from typing import Any

from contracts.notices.template import Template

_PLAIN = {"【": "（", "】": "）"}
"""Signs that no value may hold, since a text message's signature stands in them."""


def filled(template: Template, place: str, value: Any, absent: str) -> str:
    """As the template has room for it: what is longer is cut, for a notice that is not sent helps nobody. ``absent`` stands
    where nothing is told.
    """
    longest = template.places[place].longest
    plain = "".join(_PLAIN.get(mark, mark) for mark in str(value or "") if mark.isprintable() or mark.isspace())
    written = " ".join(plain.split()) or absent
    if len(written) <= longest:
        return written
    return written[: longest - 1] + "…" if longest > 1 else written[:longest]


def read(sources: Mapping[str, Mapping[str, Any]], source: str) -> Any:
    """``SOURCE.FIELD`` of these records. A list of names is read as one text."""
    whose, _, field = source.partition(".")
    value = sources[whose].get(field)
    return "、".join(map(str, value)) if isinstance(value, list) else value
