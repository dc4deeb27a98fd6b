# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a far side says of a message, without the person whom it names: such words are kept, shown and logged."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import orjson

from contracts.masking import mask
from contracts.personal import PersonalClass
from contracts.registry import Registry
from hub.ports.journal import Settlement

_SHORTEST = 2
_MARKED = frozenset({PersonalClass.NAME, PersonalClass.ID_NUMBER, PersonalClass.PHONE, PersonalClass.ADDRESS})


def spared(settlement: Settlement, registry: Registry) -> Settlement:
    """The settlement with every personal value of its message masked in its detail."""
    claim = settlement.claim
    if not settlement.detail or claim.damaged:
        return settlement
    known = next((one for one in registry.versions(claim.contract) if one.version == claim.version), None)
    if known is None:
        return settlement
    detail, record = settlement.detail, orjson.loads(claim.canonical)
    for path, kind in known.personal.items():
        if kind in _MARKED:
            for value in _at(record, path.replace("[*]", ".[*]").split(".")[2:]):
                detail = detail.replace(value, mask(value, kind)) if len(value) >= _SHORTEST else detail
    return settlement if detail == settlement.detail else replace(settlement, detail=detail)


def _at(value: Any, way: list[str]) -> Iterator[str]:
    if not way:
        if isinstance(value, str):
            yield value
    elif way[0] == "[*]":
        for one in value if isinstance(value, list) else ():
            yield from _at(one, way[1:])
    elif isinstance(value, dict) and (inner := value.get(way[0])) is not None:
        yield from _at(inner, way[1:])
