# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The sending end's memory: sequence and chain, every bundle that is not acknowledged, and which message went with which."""

import sqlite3
from collections.abc import Callable, Sequence
from typing import NamedTuple

from connectors.ferry.acknowledgement import Acknowledgement
from connectors.ferry.bundle import GENESIS
from connectors.ferry.store import Store, read, write

_SCHEMA = """
create table if not exists bundle (sequence integer primary key, hash text not null, body blob not null);
create table if not exists message (key text primary key, sequence integer not null) without rowid;
create index if not exists message_sequence on message (sequence);
create table if not exists outcome (
    key text primary key, sequence integer not null, code text not null, told integer not null default 0) without rowid;
create index if not exists outcome_untold on outcome (sequence, key) where told = 0
"""
_REMEMBERED_BUNDLES = 10_000
"""Messages of so many acknowledged bundles are known when they come again."""


class Made(NamedTuple):
    """A bundle that was just made."""

    hash: str
    written: bytes


class Ending(NamedTuple):
    """What the other end made of a message: taken, or refused with this code."""

    key: str
    sequence: int
    code: str


class Ledger:
    """Calls block; see :class:`Store`."""

    def __init__(self, folder: str, stream: str) -> None:
        self.store = Store(folder, stream, _SCHEMA)

    def append(self, keys: Sequence[str], make: Callable[[Sequence[str], int, str], Made]) -> dict[str, int]:
        """Put messages into the next bundle, all but those that went before; the sequence number of each. What went before and
        was refused at the other end goes again.

        ``make`` is given the keys that are new, the number and the hash of the bundle before.
        """
        with self.store.transaction() as connection:
            found: dict[str, int] = {}
            for key in keys:
                row = connection.execute("select sequence from message where key = ?", [key]).fetchone()
                if row is not None:
                    found[key] = int(row[0])
                if row is None:
                    connection.execute("delete from outcome where key = ?", [key])
            new = [key for key in dict.fromkeys(keys) if key not in found]
            if new:
                sequence = int(read(connection, "sequence", "0")) + 1
                made = make(new, sequence, read(connection, "hash", GENESIS))
                connection.execute("insert into bundle values (?, ?, ?)", [sequence, made.hash, made.written])
                connection.executemany("insert into message values (?, ?)", [(key, sequence) for key in new])
                write(connection, "sequence", sequence)
                write(connection, "hash", made.hash)
                found |= dict.fromkeys(new, sequence)
            return found

    def sequence_of(self, key: str) -> int | None:
        """The bundle a message went with; None when it is not known."""
        with self.store.transaction() as connection:
            row = connection.execute("select sequence from message where key = ?", [key]).fetchone()
            return None if row is None else int(row[0])

    def ending_of(self, key: str) -> Ending | None:
        """What the other end made of it; None as long as nobody knows."""
        with self.store.transaction() as connection:
            row = connection.execute("select key, sequence, code from outcome where key = ?", [key]).fetchone()
            return None if row is None else Ending(*row)

    def untold(self, most: int) -> list[Ending]:
        """The endings that :meth:`told` was not called for yet, the oldest first."""
        with self.store.transaction() as connection:
            rows = connection.execute(
                "select key, sequence, code from outcome where told = 0 order by sequence, key limit ?", [most]
            )
            return [Ending(*row) for row in rows]

    def told(self, keys: Sequence[str]) -> None:
        """The hub knows of these."""
        with self.store.transaction() as connection:
            connection.executemany("update outcome set told = 1 where key = ?", [(key,) for key in keys])

    def unacknowledged(self) -> list[int]:
        """Sequence numbers, in order."""
        with self.store.transaction() as connection:
            return [int(row[0]) for row in connection.execute("select sequence from bundle order by sequence")]

    def bundle(self, sequence: int) -> bytes | None:
        """A bundle as it was signed; None when it is acknowledged, or never was."""
        with self.store.transaction() as connection:
            row = connection.execute("select body from bundle where sequence = ?", [sequence]).fetchone()
            return None if row is None else bytes(row[0])

    def acknowledge(self, number: int, said: Acknowledgement) -> str:
        """Take an acknowledgement in. What is wrong with it as a code, empty when nothing is, ``STALE`` for an old one."""
        with self.store.transaction() as connection:
            if number <= int(read(connection, "acknowledgement", "0")):
                return "STALE"
            acknowledged = int(read(connection, "acknowledged", "0"))
            if said.contiguous > int(read(connection, "sequence", "0")):
                return "ACKNOWLEDGES_TOO_MUCH"
            if said.contiguous < acknowledged:
                return "RECEIVER_FORGOT"
            if said.contiguous > acknowledged:
                row = connection.execute("select hash from bundle where sequence = ?", [said.contiguous]).fetchone()
                if row is None or row[0] != said.hash:
                    return "CHAIN_DIFFERS"
                _note_endings(connection, acknowledged, said)
                connection.execute("delete from bundle where sequence <= ?", [said.contiguous])
                old = [said.contiguous - _REMEMBERED_BUNDLES]
                connection.execute("delete from message where sequence <= ?", old)
                connection.execute("delete from outcome where sequence <= ? and told = 1", old)
                write(connection, "acknowledged", said.contiguous)
            write(connection, "acknowledgement", number)
            return ""


def _note_endings(connection: sqlite3.Connection, before: int, said: Acknowledgement) -> None:
    """What became of every message between the last acknowledgement and this one. Where not every refusal is listed any more,
    nothing is said: what nobody refused aloud was not taken by that.
    """
    listed = max(before + 1, said.refused_from)
    connection.execute(
        "insert or replace into outcome (key, sequence, code) select key, sequence, '' from message "
        "where sequence between ? and ?",
        [listed, said.contiguous],
    )
    refused = [one for one in said.refused if before < one.sequence <= said.contiguous]
    connection.executemany(
        "insert or replace into outcome (key, sequence, code) "
        "select key, sequence, ? from message where key = ? and sequence = ?",
        [(one.code, one.key, one.sequence) for one in refused],
    )
    # An operator may have it sent again: then it goes into a bundle of its own time.
    connection.executemany(
        "delete from message where key = ? and sequence = ?", [(one.key, one.sequence) for one in refused]
    )
