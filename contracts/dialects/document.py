# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a dialect writes before it becomes bytes or rows: named texts, nested as the dialect nests them.

A map turns canonical data into a document and back (:mod:`contracts.mapping`); a carrier turns a document into XML or into
the rows of a front database and back. Neither knows the other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, Union

Cell: TypeAlias = Union[str, "Fields", Sequence["Fields"]]  # because a forward reference has no |
"""One text, one group of fields, or a repeated group in order."""

Fields: TypeAlias = Mapping[str, Cell]
"""Names as the dialect writes them, in the order in which it writes them. What is not said is not there."""


@dataclass(frozen=True, slots=True)
class Document:
    """One message as a dialect has it. ``name`` is its root element, its table or its message name."""

    name: str
    fields: Fields
