# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a database's complaint means. Its words are never told on: they quote the data. Codes and names of columns are."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from sqlalchemy.exc import DBAPIError, InterfaceError, NoSuchTableError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError


class Fault(StrEnum):
    """Whose the trouble is, and with that what can be done about it."""

    AWAY = "away"
    """The database cannot be had now; what was asked of it certainly did not happen."""
    UNKNOWN = "unknown"
    """The commit was on its way when the connection broke: it may have happened."""
    BUSY = "busy"
    """Locked, deadlocked, full or read-only: not done, and worth trying again."""
    SHAPE = "shape"
    """The tables are not as the settings say, or may not be used: somebody has to mend that, and then it works again."""
    DATA = "data"
    """This row will never be taken as it is."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """``code`` is stable; ``where`` is a table or a column, if it is known. Nothing here is of the data."""

    fault: Fault
    code: str
    where: str = ""

    def __str__(self) -> str:
        return f"{self.code}: {self.where}" if self.where else self.code


class TroubledError(Exception):
    """Raised inside a transaction, to end it: the trouble is its outcome."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(str(trouble))
        self.trouble = trouble


_POSTGRES: Final = {
    "23502": (Fault.DATA, "NOT_NULL"),
    "23505": (Fault.DATA, "DUPLICATE_KEY"),
    "23503": (Fault.DATA, "FOREIGN_KEY"),
    "23514": (Fault.DATA, "CHECK_VIOLATED"),
    "22001": (Fault.DATA, "TOO_LONG"),
    "22003": (Fault.DATA, "OUT_OF_RANGE"),
    "22021": (Fault.DATA, "CHARACTER"),
    "22P05": (Fault.DATA, "CHARACTER"),
    "25006": (Fault.BUSY, "READ_ONLY"),
    "40001": (Fault.BUSY, "SERIALIZATION"),
    "40P01": (Fault.BUSY, "DEADLOCK"),
    "55P03": (Fault.BUSY, "LOCKED"),
    "57014": (Fault.BUSY, "TOO_SLOW"),
    "42P01": (Fault.SHAPE, "NO_TABLE"),
    "42703": (Fault.SHAPE, "NO_COLUMN"),
    "42804": (Fault.SHAPE, "COLUMN_TYPE"),
    "42501": (Fault.SHAPE, "NOT_ALLOWED"),
    "42P10": (Fault.SHAPE, "NO_UNIQUE_KEY"),
    "3F000": (Fault.SHAPE, "NO_SCHEMA"),
}
_POSTGRES_CLASSES: Final = {
    "22": (Fault.DATA, "VALUE"),
    "23": (Fault.DATA, "CONSTRAINT"),
    "P0": (Fault.DATA, "REFUSED_BY_TRIGGER"),
    "44": (Fault.DATA, "CHECK_VIOLATED"),
    "42": (Fault.SHAPE, "STATEMENT"),
    "53": (Fault.BUSY, "RESOURCES"),
    "54": (Fault.DATA, "TOO_LARGE"),
    "40": (Fault.BUSY, "ROLLED_BACK"),
    "55": (Fault.BUSY, "IN_USE"),
    "28": (Fault.SHAPE, "LOGIN"),
    "3D": (Fault.SHAPE, "NO_DATABASE"),
    "57": (Fault.AWAY, "SHUT_DOWN"),
    "08": (Fault.AWAY, "NO_CONNECTION"),
}
_MYSQL: Final = {
    1048: (Fault.DATA, "NOT_NULL"),
    1364: (Fault.DATA, "NOT_NULL"),
    1062: (Fault.DATA, "DUPLICATE_KEY"),
    1451: (Fault.DATA, "FOREIGN_KEY"),
    1452: (Fault.DATA, "FOREIGN_KEY"),
    3819: (Fault.DATA, "CHECK_VIOLATED"),
    4025: (Fault.DATA, "CHECK_VIOLATED"),
    1406: (Fault.DATA, "TOO_LONG"),
    1265: (Fault.DATA, "VALUE"),
    1264: (Fault.DATA, "OUT_OF_RANGE"),
    1292: (Fault.DATA, "VALUE"),
    1366: (Fault.DATA, "CHARACTER"),
    1267: (Fault.DATA, "CHARACTER"),
    3854: (Fault.DATA, "CHARACTER"),
    1644: (Fault.DATA, "REFUSED_BY_TRIGGER"),
    1153: (Fault.DATA, "TOO_LARGE"),
    1118: (Fault.DATA, "TOO_LARGE"),
    1205: (Fault.BUSY, "LOCKED"),
    3572: (Fault.BUSY, "LOCKED"),
    1213: (Fault.BUSY, "DEADLOCK"),
    1020: (Fault.BUSY, "SERIALIZATION"),
    1290: (Fault.BUSY, "READ_ONLY"),
    1792: (Fault.BUSY, "READ_ONLY"),
    1836: (Fault.BUSY, "READ_ONLY"),
    1114: (Fault.BUSY, "RESOURCES"),
    1021: (Fault.BUSY, "RESOURCES"),
    1040: (Fault.BUSY, "RESOURCES"),
    1226: (Fault.BUSY, "RESOURCES"),
    1317: (Fault.BUSY, "TOO_SLOW"),
    1969: (Fault.BUSY, "TOO_SLOW"),
    3024: (Fault.BUSY, "TOO_SLOW"),
    1146: (Fault.SHAPE, "NO_TABLE"),
    1054: (Fault.SHAPE, "NO_COLUMN"),
    1142: (Fault.SHAPE, "NOT_ALLOWED"),
    1143: (Fault.SHAPE, "NOT_ALLOWED"),
    1044: (Fault.SHAPE, "NOT_ALLOWED"),
    1045: (Fault.SHAPE, "LOGIN"),
    1049: (Fault.SHAPE, "NO_DATABASE"),
    1064: (Fault.SHAPE, "STATEMENT"),
    1053: (Fault.AWAY, "SHUT_DOWN"),
    1927: (Fault.AWAY, "NO_CONNECTION"),
    2003: (Fault.AWAY, "NO_CONNECTION"),
    2006: (Fault.AWAY, "NO_CONNECTION"),
    2013: (Fault.AWAY, "NO_CONNECTION"),
}
_MYSQL_COLUMN = re.compile(
    r"(?:[Cc]olumn|Field) '?(?:[`\w\u4e00-\u9fff]+\.)*[`']?([\w\u4e00-\u9fff]{1,64})[`']?'?(?: at row| cannot| doesn't|$| in)"
)


def trouble_of(error: BaseException) -> Trouble:
    """The trouble that an exception of SQLAlchemy, a driver or a socket is. A commit's fate is not considered here."""
    match error:
        case TroubledError():
            return error.trouble
        case NoSuchTableError():
            return Trouble(Fault.SHAPE, "NO_TABLE", str(error)[:128])
        case PoolTimeoutError():
            return Trouble(Fault.BUSY, "POOL", "")
        case DBAPIError(connection_invalidated=True) if not _code(error):
            return Trouble(Fault.AWAY, "NO_CONNECTION")
        case DBAPIError():
            return _told(error)
        case OSError() | TimeoutError() | EOFError():
            return Trouble(Fault.AWAY, "NO_CONNECTION", type(error).__name__)
        case SQLAlchemyError():
            return Trouble(Fault.SHAPE, "STATEMENT", type(error).__name__)
        case _:
            return _told(error)


def _told(error: BaseException) -> Trouble:
    code = _code(error)
    found = None
    if isinstance(code, int):
        found = _MYSQL.get(code)
    elif code:
        found = _POSTGRES.get(code) or _POSTGRES_CLASSES.get(code[:2])
    if found is not None:
        fault, name = found
        return Trouble(fault, name, _column(error))
    if isinstance(error, InterfaceError | OSError) or (isinstance(error, DBAPIError) and error.connection_invalidated):
        return Trouble(Fault.AWAY, "NO_CONNECTION")
    if isinstance(error, DBAPIError) and type(error.orig).__name__ in {"DataError", "IntegrityError"}:
        return Trouble(Fault.DATA, "VALUE", _column(error))
    return Trouble(Fault.BUSY, "DATABASE", str(code or type(getattr(error, "orig", error)).__name__))


def _chain(error: BaseException) -> list[Any]:
    """The error, and the driver's own inside it."""
    found: list[Any] = [error]
    for _ in range(4):
        inner = getattr(found[-1], "orig", None) or found[-1].__cause__
        if inner is None:
            break
        found.append(inner)
    return found


def _code(error: BaseException) -> int | str:
    """The number of MySQL, or the SQLSTATE of the others; empty when neither is there."""
    for one in reversed(_chain(error)):
        if one.args and type(one.args[0]) is int and not isinstance(one, OSError):
            return one.args[0]
    for one in _chain(error):
        state = getattr(one, "sqlstate", None)
        if isinstance(state, str) and state:
            return state
    return ""


def _column(error: BaseException) -> str:
    for one in _chain(error):
        name = getattr(one, "column_name", None) or getattr(one, "constraint_name", None)
        if isinstance(name, str):
            return name[:128]
    for one in reversed(_chain(error)):
        if len(one.args) > 1 and isinstance(one.args[0], int) and (found := _MYSQL_COLUMN.search(str(one.args[1]))):
            return found[1]
    return ""
