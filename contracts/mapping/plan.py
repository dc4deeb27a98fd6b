# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A map after it was checked: what is written from where, and what is read into where. Nothing in it can be wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from contracts.cloudevent import JsonValue
from contracts.contract import Contract
from contracts.dialects.encoding import Encoding
from contracts.mapping.formats import Format

CONTEXT_KEY = "@context"
"""Where a record has its context during a write; earlier records stand under ``@`` and their alias."""

ROW_ID = (CONTEXT_KEY, "row_guid")
"""The id of a row; rows of a child table have it with their number behind."""


@dataclass(frozen=True, slots=True)
class Source:
    """A place of the record: ``steps`` down to it, from the top of the record or from the element of a repeated group.

    ``path`` is how it is told: whole when it is from the top, such as ``$.data.case_no``, else below the element, such as
    ``.name``. ``many`` is a member of every element of an array at ``steps``.
    """

    steps: tuple[str, ...]
    path: str
    title: str = ""
    from_top: bool = True
    many: str | None = None

    @property
    def foreign(self) -> bool:
        """Whether it lies outside the record itself."""
        return self.steps[0].startswith("@")


@dataclass(frozen=True, slots=True)
class Limit:
    """The longest text a field takes, in characters or in bytes of the encoding."""

    most: int
    bytes: bool


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value of the dialect. ``format`` None carries a text as it is.

    ``one_way``: what it writes into a message that is also read does not come back by any field. ``lent``: when ``otherwise``
    is written here, it comes back as this value, since no field reads it back as what it is.
    """

    name: str
    place: str
    source: Source
    format: Format | None = None
    limit: Limit | None = None
    required: bool = False
    absent: str | None = None
    otherwise: Source | None = None
    writes: bool = True
    reads: bool = True
    one_way: bool = False
    lent: bool = False


@dataclass(frozen=True, slots=True)
class Constant:
    """A text that always stands there."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that the dialect keeps together."""

    name: str
    place: str
    items: "tuple[Item, ...]"


@dataclass(frozen=True, slots=True)
class Each:
    """A group for every element of an array of the record. ``always``: the record has the array even when it is empty."""

    name: str
    place: str
    source: Source
    items: "tuple[Item, ...]"
    writes: bool = True
    reads: bool = True
    always: bool = False


Item: TypeAlias = Leaf | Constant | Group | Each


@dataclass(frozen=True, slots=True)
class Message:
    """One version of a contract as the dialect writes it.

    ``earlier`` maps an alias to the contract of the earlier record; ``assumed`` a path to what this message means by
    its silence, so that it writes only records that say nothing else there; ``dropped`` lists paths that the dialect
    cannot carry and ``ignored`` fields the contract has not.
    ``when`` tells it from other messages of the same name: a field that is there, is not there, or has this text.
    """

    contract: Contract
    name: str
    items: tuple[Item, ...]
    encoding: Encoding
    writes: bool = True
    reads: bool = True
    when: Mapping[str, bool | str] = field(default_factory=dict)
    earlier: Mapping[str, Contract] = field(default_factory=dict)
    assumed: Mapping[str, JsonValue] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()
    ignored: frozenset[str] = frozenset()
    wants_context: bool = False
