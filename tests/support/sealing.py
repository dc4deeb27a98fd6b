# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Master keys for tests, made anew in every run."""

import os
from dataclasses import dataclass, field
from uuid import UUID

import asyncpg

from certs.envelope import DataKey, KeyTrouble, Nonces, Suite, fingerprint, number_of, unwrap, wrap
from contracts.text import Text
from hub.journal.data_keys import Sealing, about
from hub.journal.packing import unpack
from hub.journal.seals import MESSAGE, SEALED, Table

_NOBODY = Text("没有。", "There is none.")


@dataclass
class MasterInMemory:
    """A master key that lies nowhere."""

    key: bytes = field(default_factory=lambda: os.urandom(32))
    away: bool = False

    def current(self) -> str:
        return fingerprint(self.key)

    def wrap(self, key: bytes, about: bytes) -> tuple[str, bytes] | KeyTrouble:
        if self.away:
            return KeyTrouble("E_TOKEN_AWAY", "memory", _NOBODY, _NOBODY)
        return self.current(), wrap(Suite.AES_256_GCM, self.key, os.urandom(12), key, about)

    def unwrap(self, master: str, wrapped: bytes, about: bytes) -> bytes | KeyTrouble:
        found = unwrap(Suite.AES_256_GCM, self.key, wrapped, about) if master == self.current() else None
        return found or KeyTrouble("E_MASTER_KEY_UNKNOWN", master, _NOBODY, _NOBODY)


SEALING = Sealing(
    MasterInMemory(bytes.fromhex(os.environ.setdefault("GOVHUB_TEST_MASTER_KEY", os.urandom(32).hex()))),
    Suite.AES_256_GCM,
    os.urandom,
)
"""By what the journals of this run are sealed: all by one key, since several hubs, and their processes, share a database."""


async def opened(connection: asyncpg.Connection, row: asyncpg.Record, column: str, table: Table = MESSAGE) -> bytes:
    """A body of a row, as it was before it was packed and sealed by :data:`SEALING`."""
    codec, value = row["codec"], bytes(row[column])
    if codec & SEALED:
        key = await connection.fetchrow("select * from data_key where id = $1", number_of(value))
        secret = SEALING.master.unwrap(key["master"], key["wrapped"], about("seal", key))
        assert isinstance(secret, bytes), secret
        place = table.place(column, UUID(int=row[table.id].int))
        plain = DataKey(key["id"], Suite(key["suite"]), secret, Nonces(os.urandom)).open(value, place)
        assert plain is not None
        value = plain
    return unpack(codec & ~SEALED, value) if column in table.packed else value


@dataclass
class KeysInMemory:
    """Data keys of stores, by system; ``gone`` are the numbers of those that are destroyed."""

    keys: dict[str, DataKey] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)

    async def current(self, system: str) -> DataKey:
        number = len(self.keys) + 1
        return self.keys.setdefault(system, DataKey(number, Suite.AES_256_GCM, os.urandom(32), Nonces(os.urandom)))

    async def numbered(self, number: int) -> DataKey | None:
        return next((one for one in self.keys.values() if one.number == number and number not in self.gone), None)

    def salt(self, length: int) -> bytes:
        return os.urandom(length)
