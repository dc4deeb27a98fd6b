# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The receiving end's memory: how far everything is settled, the chain up to there, and what was settled beyond it."""

from collections.abc import Sequence
from typing import NamedTuple

from connectors.ferry.acknowledgement import REFUSED_MOST, RefusedEntry
from connectors.ferry.bundle import GENESIS
from connectors.ferry.store import Store, read, write

_SCHEMA = """
create table if not exists settled (sequence integer, entry integer, primary key (sequence, entry)) without rowid;
create table if not exists refusal (n integer primary key, sequence integer, key text, code text)
"""


class Position(NamedTuple):
    """The last bundle that is settled whole, and all before it; 0 before the first."""

    sequence: int
    hash: str


class Settling(NamedTuple):
    """One message that is settled; ``code`` is empty for one that was taken."""

    sequence: int
    entry: int
    key: str
    code: str


class Register:
    """Calls block; see :class:`Store`."""

    def __init__(self, folder: str, stream: str) -> None:
        self.store = Store(folder, stream, _SCHEMA)

    def position(self) -> Position:
        """Where everything is settled up to."""
        with self.store.transaction() as connection:
            return Position(int(read(connection, "sequence", "0")), read(connection, "hash", GENESIS))

    def settled(self, sequence: int) -> set[int]:
        """Which messages of a bundle are settled already."""
        with self.store.transaction() as connection:
            rows = connection.execute("select entry from settled where sequence = ?", [sequence])
            return {int(row[0]) for row in rows}

    def settle(self, messages: Sequence[Settling], finished: Sequence[Position]) -> None:
        """Note settled messages, and bundles that are whole by that; ``finished`` are the next in the row, in order."""
        with self.store.transaction() as connection:
            connection.executemany(
                "insert or ignore into settled values (?, ?)", [(one.sequence, one.entry) for one in messages]
            )
            connection.executemany(
                "insert into refusal (sequence, key, code) values (?, ?, ?)",
                [(one.sequence, one.key, one.code) for one in messages if one.code],
            )
            if finished:
                write(connection, "sequence", finished[-1].sequence)
                write(connection, "hash", finished[-1].hash)
                connection.execute("delete from settled where sequence <= ?", [finished[-1].sequence])
            forgotten = "from refusal where n <= (select max(n) from refusal) - ?"
            row = connection.execute(f"select max(sequence) {forgotten}", [REFUSED_MOST]).fetchone()
            if row[0] is not None:
                write(connection, "refused_from", max(int(row[0]) + 1, int(read(connection, "refused_from", "0"))))
                connection.execute(f"delete {forgotten}", [REFUSED_MOST])

    def acknowledging(self) -> tuple[int, Position, tuple[RefusedEntry, ...], int]:
        """The number of the next acknowledgement, never given twice, and what it has to say; of bundles before the last
        number it does not know every refusal any more.
        """
        with self.store.transaction() as connection:
            number = int(read(connection, "acknowledgement", "0")) + 1
            write(connection, "acknowledgement", number)
            rows = connection.execute("select sequence, key, code from refusal order by n").fetchall()
            refused = tuple(RefusedEntry(sequence=row[0], key=row[1], code=row[2]) for row in rows)
            position = Position(int(read(connection, "sequence", "0")), read(connection, "hash", GENESIS))
            return number, position, refused, int(read(connection, "refused_from", "0"))
