# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A text as a column takes it, and back. The dialects of the hub write texts; a database wants moments, numbers and flags.

What does not fit is found here, where the column can be named, rather than by the database, which often names none.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import Column, types

from contracts.dialects.encoding import Encoding
from contracts.families.fields import BEIJING

_TRUE, _FALSE = {"1", "true", "t", "yes", "y"}, {"0", "false", "f", "no", "n"}
_BITS: tuple[tuple[type[types.TypeEngine[Any]], int], ...] = (
    (types.SmallInteger, 16),
    (types.BigInteger, 64),
    (types.Integer, 32),
)


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why a text does not go into a column; nothing of the text."""

    code: str
    expected: str


def cell_of(column: Column[Any], text: str | None) -> Any | Misfit:
    """The value that a text is in a column, None for NULL."""
    if text is None:
        bare = not column.nullable and column.server_default is None
        return Misfit("NOT_NULL", "a value") if bare else None
    if "\0" in text or any("\ud800" <= one <= "\udfff" for one in text):
        return Misfit("CHARACTER", "no NUL and no half of a character")
    for kind, reads in _READERS:
        if isinstance(column.type, kind):
            try:
                return reads(column.type, text)
            except _TooLongError as error:
                return Misfit("TOO_LONG", f"at most {error.length} characters")
            except (ValueError, InvalidOperation, OverflowError):
                return Misfit("VALUE", kind.__name__)
    return text


def text_of(value: Any) -> str | None:  # noqa: C901  # because it is one table of kinds
    """The text of a value, None for NULL. Raises ``ValueError`` for bytes that are no text in UTF-8 or GB18030."""
    match value:
        case None:
            return None
        case str():
            return value
        case bool():
            return "1" if value else "0"
        case datetime():
            local = value.astimezone(BEIJING).replace(tzinfo=None) if value.tzinfo else value
            return local.isoformat(" ", "seconds")
        case date() | time():
            return value.isoformat()
        case Decimal():
            return format(value, "f")
        case timedelta():  # how MySQL's driver writes a time of day
            return str(value).rjust(8, "0")
        case bytes() | bytearray() | memoryview():
            return _decoded(bytes(value))
        case Enum():
            return str(value.value)
        case int() | float() | UUID():
            return str(value)
        case _:
            raise ValueError(type(value).__name__)


def json_of(value: Any) -> Any:
    """A value as JSON says it: numbers and flags stay what they are, moments are RFC 3339, other bytes base64."""
    match value:
        case None | str() | bool() | int():
            return value
        case float():
            return value if value == value and abs(value) != float("inf") else str(value)  # noqa: PLR0124  # NaN
        case datetime():
            return (value if value.tzinfo else value.replace(tzinfo=BEIJING)).isoformat()
        case list() | tuple():
            return [json_of(one) for one in value]
        case dict():
            return {str(name): json_of(one) for name, one in value.items()}
        case bytes() | bytearray() | memoryview():
            return base64.b64encode(bytes(value)).decode()
        case _:
            try:
                return text_of(value)
            except ValueError:
                return str(value)


def _decoded(body: bytes) -> str:
    for encoding in (Encoding.UTF_8, Encoding.GB18030):
        if isinstance(text := encoding.decode(body), str):
            return text
    raise ValueError("bytes")


def _integer(kind: Any, text: str) -> int:
    number = int(text)
    bits = next((bits for known, bits in _BITS if isinstance(kind, known)), 64)
    if not -(2 ** (bits - 1)) <= number < 2 ** (bits if getattr(kind, "unsigned", False) else bits - 1):
        raise OverflowError
    return number


def _decimal(kind: Any, text: str) -> Decimal | float:
    number = Decimal(text)
    if not number.is_finite():
        raise ValueError(text)
    return number if getattr(kind, "asdecimal", True) else float(number)


def _flag(_kind: Any, text: str) -> bool:
    if (known := text.strip().lower()) in _TRUE | _FALSE:
        return known in _TRUE
    raise ValueError(text)


def _moment(kind: Any, text: str) -> datetime:
    found = datetime.fromisoformat(text.strip().replace("/", "-"))
    if getattr(kind, "timezone", False):
        return found if found.tzinfo else found.replace(tzinfo=BEIJING)
    return found.astimezone(BEIJING).replace(tzinfo=None) if found.tzinfo else found


def _day(_kind: Any, text: str) -> date:
    return datetime.fromisoformat(text.strip().replace("/", "-")).date()


def _time(_kind: Any, text: str) -> time:
    return time.fromisoformat(text.strip())


def _bytes(_kind: Any, text: str) -> bytes:
    return text.encode()


def _uuid(kind: Any, text: str) -> UUID | str:
    return UUID(text) if getattr(kind, "as_uuid", True) else text


def _text(kind: Any, text: str) -> str:
    length = getattr(kind, "length", None)  # in characters; a database that counts bytes says so itself
    if isinstance(length, int) and len(text) > length:
        raise _TooLongError(length)
    return text


class _TooLongError(Exception):
    def __init__(self, length: int) -> None:
        super().__init__()
        self.length = length


_READERS: tuple[tuple[type[Any], Callable[[Any, str], Any]], ...] = (
    (types.Boolean, _flag),
    (types.Integer, _integer),
    (types.Float, lambda _kind, text: float(_decimal(_kind, text))),
    (types.Numeric, _decimal),
    (types.DateTime, _moment),
    (types.Date, _day),
    (types.Time, _time),
    (types.LargeBinary, _bytes),
    (types.Uuid, _uuid),
    (types.String, _text),
)
