# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""One end's memory on disk: an SQLite file in its state folder. What a call returned from has survived a power cut."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class StateFault(Exception):  # noqa: N818  # because it is what a disk has, and no bug
    """The state cannot be kept; the message says why."""


class Store:
    """Calls block and are made in threads; they take turns. Opened by the first."""

    def __init__(self, folder: str, stream: str, schema: str) -> None:
        self.folder = Path(folder)
        self._stream = stream
        self._schema = schema
        self._turn = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """One transaction, alone with the file: other processes that share it wait."""
        with self._turn:
            try:
                connection = self._connection = self._connection or self._open()
                connection.execute("begin immediate")
                try:
                    yield connection
                except BaseException:
                    connection.execute("rollback")
                    raise
                connection.execute("commit")
            except (sqlite3.Error, OSError) as error:
                self._close()
                raise StateFault(f"the state cannot be kept: {type(error).__name__}") from error

    def close(self) -> None:
        """Idempotent; the next call opens it again."""
        with self._turn:
            self._close()

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open(self) -> sqlite3.Connection:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        connection = sqlite3.connect(
            self.folder / "state.sqlite", timeout=10, isolation_level=None, check_same_thread=False
        )
        try:
            connection.execute("pragma journal_mode = wal")
            connection.execute("pragma synchronous = full")
            connection.execute("create table if not exists meta (name text primary key, value text not null)")
            for statement in self._schema.split(";"):
                connection.execute(statement)
            connection.execute("insert or ignore into meta values ('stream', ?)", [self._stream])
            self._compare(read(connection, "stream"))
        except BaseException:
            connection.close()
            raise
        return connection

    def _compare(self, stream: str) -> None:
        if stream != self._stream:
            raise StateFault("the state folder belongs to another stream")


def read(connection: sqlite3.Connection, name: str, otherwise: str = "") -> str:
    """One value of the table ``meta``."""
    row = connection.execute("select value from meta where name = ?", [name]).fetchone()
    return otherwise if row is None else str(row[0])


def write(connection: sqlite3.Connection, name: str, value: object) -> None:
    """Set one value of the table ``meta``."""
    connection.execute(
        "insert into meta values (?, ?) on conflict (name) do update set value = excluded.value", [name, str(value)]
    )
