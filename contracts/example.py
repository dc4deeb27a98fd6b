# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Examples: synthetic records that show and test a contract."""

from collections.abc import Mapping
from dataclasses import dataclass

from contracts.cloudevent import JsonValue


@dataclass(frozen=True, slots=True)
class Example:
    """One record. ``expect`` holds (code, path) of every violation of an invalid one, in any order."""

    name: str
    data: JsonValue
    valid: bool = True
    expect: tuple[tuple[str, str], ...] = ()


def but(data: Mapping[str, JsonValue], *, drop: tuple[str, ...] = (), **changes: JsonValue) -> dict[str, JsonValue]:
    """The record without some members and with others changed or added."""
    return {name: value for name, value in {**data, **changes}.items() if name not in drop}
