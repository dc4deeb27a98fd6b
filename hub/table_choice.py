# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Which route table is meant: the one in force, the file's, another file's, or one that the journal has kept. 所指的路由表

The table in force stands in the journal, once any hub has started; the deployment's file is only what a hub begins with. Whatever
acts for a running deployment goes by the one in force (:func:`in_force`); whoever asks says which one is meant (:func:`named`).
"""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from structlog.typing import FilteringBoundLogger

from contracts.located import Fault, read
from hub.ports.journal import JournalDown, NoSuch, RouteTables
from hub.rerouting import follow
from hub.route_book import RouteBook
from hub.tables import Tables
from routing.index import CompiledTable

ACTIVE = "active"
"""The name of the table in force, where a file or a version may stand too."""


class Origin(StrEnum):
    """Where a table comes from."""

    FILE = "file"
    ACTIVE = "active"
    KEPT = "kept"
    """By its version, out of the journal."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A table, and which one it is. ``name``: its file, or its version."""

    table: CompiledTable
    origin: Origin
    name: str

    @property
    def version(self) -> str:
        """Of its content."""
        return self.table.table.version_id

    def as_dict(self) -> dict[str, str]:
        """For programs."""
        return {"origin": self.origin.value, "name": self.name, "version": self.version}


async def in_force(
    file: CompiledTable, tables: Tables, journal: RouteTables, log: FilteringBoundLogger
) -> RouteBook | JournalDown:
    """The table in force, as running hubs go by it; that of the file where none ever was, or it cannot be used here (then the
    book says so under ``trouble``).
    """
    book = RouteBook(file)
    return await follow(book, journal, tables, log, {file.table.version_id: file}) or book


async def named(name: str, tables: Tables, journal: RouteTables) -> Chosen | NoSuch | JournalDown | tuple[Fault, ...]:
    """The table of this name: :data:`ACTIVE`, a file, or a version that the journal has. Faults: it cannot be used here."""
    if name == ACTIVE:
        now = await journal.in_force()
        if now is None or isinstance(now, JournalDown):
            return now or NoSuch()
        return await _kept(now.version, Origin.ACTIVE, tables, journal)
    found = of_file(Path(name), tables)
    return await _kept(name, Origin.KEPT, tables, journal) if isinstance(found, NoSuch) else found


def of_file(file: Path, tables: Tables) -> Chosen | NoSuch | tuple[Fault, ...]:
    """The table in a file; ``NoSuch``: there is none. What cannot be read, or is too long, is a fault of it."""
    source = read(file)
    if isinstance(source, Fault):
        return NoSuch() if source.code == "E_FILE_MISSING" else (source,)
    usable = tables.usable(file.read_text(encoding="utf-8"), str(file))
    return usable if isinstance(usable, tuple) else Chosen(usable, Origin.FILE, str(file))


async def _kept(
    version: str, origin: Origin, tables: Tables, journal: RouteTables
) -> Chosen | NoSuch | JournalDown | tuple[Fault, ...]:
    text = await journal.content(version)
    if text is None:
        return NoSuch()
    if isinstance(text, JournalDown):
        return text
    usable = tables.usable(text, f"routes@{version}")
    return usable if isinstance(usable, tuple) else Chosen(usable, origin, version)
