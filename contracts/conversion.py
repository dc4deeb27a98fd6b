# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Between neighbouring versions of a contract: what changes, both ways, and what is lost on the way.

A conversion is a sequence of steps, each one difference between version n-1 and version n that knows both directions.
Documents are generated from the steps, so what is said and what is done are one thing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from contracts.cloudevent import JsonValue
from contracts.text import Text

Record: TypeAlias = dict[str, JsonValue]
"""The members of one JSON object of a record that satisfies its contract, in canonical form."""


@dataclass(frozen=True, slots=True)
class Loss:
    """Something the other version cannot say.

    ``path`` is the JSON path of the field in the record that was converted. No value stands in ``text``.
    """

    path: str
    text: Text


@dataclass(frozen=True, slots=True)
class Converted:
    """A record in the other version, which its contract takes, and everything that was lost on the way."""

    data: Record
    losses: tuple[Loss, ...] = ()


@dataclass(frozen=True, slots=True)
class Inexpressible:
    """The other version cannot say this record at all, not even with a loss: a decision it does not know, for instance.

    ``path`` is the JSON path of the field that stands in the way. No value stands in ``text``.
    """

    path: str
    text: Text


Finding: TypeAlias = Loss | Inexpressible


class Step(Protocol):
    """One difference between two versions.

    ``up`` and ``down`` change the record they are given, at its top level only: what lies deeper is shared with the
    original and is replaced, never changed. They expect a record that satisfies its contract and never raise on one.
    A step that finds an :class:`Inexpressible` may leave the record as it is.
    """

    def up(self, record: Record) -> tuple[Finding, ...]:
        """From the older version to the newer."""
        ...

    def down(self, record: Record) -> tuple[Finding, ...]:
        """From the newer version to the older."""
        ...

    def text(self) -> Text:
        """The difference in words, for documents."""
        ...


@dataclass(frozen=True, slots=True)
class Conversion:
    """How a version differs from the one before it. Steps run in order upwards and in reverse order downwards.

    So a step that finds losses on the way down stands after one that renames its field, and speaks of the newer name:
    the place of a loss is one that the reader's record has.
    """

    steps: tuple[Step, ...]

    def up(self, data: Mapping[str, JsonValue]) -> Converted | Inexpressible:
        """From the version before to this one. ``data`` is not changed."""
        record, losses = dict(data), list[Loss]()
        for step in self.steps:
            for found in step.up(record):
                if isinstance(found, Inexpressible):
                    return found
                losses.append(found)
        return Converted(record, tuple(losses))

    def down(self, data: Mapping[str, JsonValue]) -> Converted | Inexpressible:
        """From this version to the one before. ``data`` is not changed."""
        record, losses = dict(data), list[Loss]()
        for step in reversed(self.steps):
            for found in step.down(record):
                if isinstance(found, Inexpressible):
                    return found
                losses.append(found)
        return Converted(record, tuple(losses))
