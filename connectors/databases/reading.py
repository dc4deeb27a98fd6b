# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A statement from the settings, with values from outside: the values are bound, never written into it."""

from collections.abc import Mapping
from typing import Any, Final, Literal, TypeAlias

from sqlalchemy import BigInteger, Column, Date, DateTime, Numeric, Text, bindparam, select, text
from sqlalchemy.types import TypeEngine

from connectors.databases.cells import Misfit, cell_of, json_of
from connectors.databases.database import Session

Kind: TypeAlias = Literal["text", "integer", "decimal", "day", "moment"]
"""What a value of a statement is."""

_TYPES: Final[Mapping[Kind, TypeEngine[Any]]] = {
    "text": Text(),
    "integer": BigInteger(),
    "decimal": Numeric(),
    "day": Date(),
    "moment": DateTime(),
}


def names_in(statement: str) -> frozenset[str]:
    """The names that a statement asks values for, written ``:name``."""
    return frozenset(text(statement).compile().params)


def value_of(kind: Kind, given: str | None) -> Any | Misfit:
    """A text as the value of a statement; None for NULL."""
    return cell_of(Column("value", _TYPES[kind]), given)


async def ask(
    session: Session, statement: str, kinds: Mapping[str, Kind], values: Mapping[str, Any], most: int
) -> list[dict[str, Any]]:
    """So many records at most, as JSON has them, in the statement's order."""
    bound = text(statement).bindparams(*(bindparam(name, type_=_TYPES[kind]) for name, kind in kinds.items()))
    whole = select(text("*")).select_from(bound.columns().subquery("found")).limit(most)
    rows = await session.connection.execute(whole, dict(values))
    return [{str(name): json_of(value) for name, value in row._asdict().items()} for row in rows]
