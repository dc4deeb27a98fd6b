# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""How the data of a step is written: constants, and in braces what is taken from elsewhere.

``{message.a.b}`` is a field of the message that began the transaction, ``{step.NAME.a}`` of what a step sent, ``{answer.NAME.a}``
of its answer; ``{transaction}``, ``{now}`` and ``{cause}`` are the transaction's number, the moment, and the code of what went
wrong. A number is a place of a list, from 0: ``{message.materials.0.digest}``. A text that is one place and nothing else takes
the value as it is, whole objects too; what is not there leaves its member out.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from hub.processors.transaction.config import Cases

PLACE = re.compile(r"\{([a-z_][a-z0-9_.]*)\}")
ANY = "*"
"""Where a value is written: whatever it is, as long as there is one."""
_ABSENT = object()

Scope = Mapping[str, Any]
"""What places are looked up in: nested mappings."""


def written(template: Any, scope: Scope) -> Any:
    """The value that a template says; None where it takes all of it from what is not there."""
    value = _written(template, scope)
    return None if value is _ABSENT else value


def places(template: Any) -> Iterator[str]:
    """Every place of a template."""
    match template:
        case str():
            yield from PLACE.findall(template)
        case dict():
            for value in template.values():
                yield from places(value)
        case list():
            for value in template:
                yield from places(value)
        case _:
            pass


def _written(template: Any, scope: Scope) -> Any:
    match template:
        case str():
            return _text(template, scope)
        case dict():
            members = {name: _written(value, scope) for name, value in template.items()}
            return {name: value for name, value in members.items() if value is not _ABSENT}
        case list():
            return [value for one in template if (value := _written(one, scope)) is not _ABSENT]
        case _:
            return template


def _text(template: str, scope: Scope) -> Any:
    if (whole := PLACE.fullmatch(template)) is not None:
        return found(scope, whole[1])
    if any(found(scope, place) is _ABSENT for place in PLACE.findall(template)):
        return _ABSENT
    return PLACE.sub(lambda place: str(found(scope, place[1])), template)


def found(scope: Scope, path: str) -> Any:
    """What stands at a dotted path; a value of its own where nothing does."""
    value: Any = scope
    for step in path.split("."):
        match value:
            case list() if step.isdecimal() and int(step) < len(value):
                value = value[int(step)]
            case Mapping():
                value = value.get(step)
            case _:
                return _ABSENT
        if value is None:
            return _ABSENT
    return value


def holds(cases: Cases, data: Mapping[str, Any]) -> bool:
    """Whether every field has (one of) the values that are written for it."""
    return all(_is(found(data, path), wanted) for path, wanted in cases.items())


def _is(value: Any, wanted: str | tuple[str, ...]) -> bool:
    return value is not _ABSENT and (wanted == ANY or str(value) in ((wanted,) if isinstance(wanted, str) else wanted))
