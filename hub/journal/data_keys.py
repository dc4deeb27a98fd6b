# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Data keys: one for each system and month, made when it is first needed, kept wrapped in the journal and unwrapped in memory."""

import asyncio
import hmac
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

import asyncpg

from certs.envelope import DataKey, Entropy, KeyTrouble, MasterKey, Nonces, Suite
from contracts.text import Text
from hub.journal.pool import JournalPool
from hub.journal.queries import columns, query
from hub.ports.clock import Clock

Owner: TypeAlias = tuple[str, date]
"""A system and the first day of a month."""

_EVER = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Sealing:
    """By what a hub seals: the master key, the suite of new data keys, and where randomness comes from."""

    master: MasterKey
    suite: Suite
    entropy: Entropy


class KeyAwayError(OSError):
    """The master key cannot be used now. For the journal that is as if the database were away: nothing is lost, all is tried
    again.
    """


class DataKeys:
    """For one event loop. What the master key's file or device costs is paid once for each data key."""

    def __init__(self, pool: JournalPool, sealing: Sealing, clock: Clock) -> None:
        self._pool = pool
        self._sealing = sealing
        self._clock = clock
        self._nonces = Nonces(sealing.entropy)
        self._by_id: dict[int, DataKey | None] = {}
        self._current: dict[Owner, DataKey] = {}
        self._index: bytes | None = None

    @property
    def master(self) -> MasterKey:
        """What wraps them."""
        return self._sealing.master

    async def trouble(self) -> KeyTrouble | None:
        """Whether the master key is there and is the one that this journal's data keys need. Raises what the database does."""
        current = await asyncio.to_thread(self._sealing.master.current)
        if isinstance(current, KeyTrouble):
            return current
        for row in await self._pool.fetch(query("data_keys_to_try")):
            key = await asyncio.to_thread(
                self._sealing.master.unwrap, row["master"], row["wrapped"], about(row["purpose"], row)
            )
            if isinstance(key, KeyTrouble):
                return key
        return None

    async def ensure(self, owners: Iterable[Owner]) -> None:
        """Have the keys of these. Never within a transaction: what that rolled back would have sealed for nobody."""
        missing = {owner for owner in owners if owner not in self._current}
        if missing:
            for owner, row in (await self._rows("seal", sorted(missing))).items():
                self._current[owner] = await self._unwrapped(row)

    def of(self, owner: Owner) -> DataKey:
        """The key of one that :meth:`ensure` was told of."""
        return self._current[owner]

    async def learn(self, numbers: Collection[int]) -> None:
        """Have the keys with these numbers, as far as there are any."""
        missing = [number for number in numbers if number not in self._by_id]
        if missing:
            for row in await self._pool.fetch(query("data_keys_by_id"), missing):
                if row["wrapped"] is None:
                    self._by_id[row["id"]] = None
                else:
                    await self._unwrapped(row)

    def numbered(self, number: int) -> DataKey | None:
        """The key with this number; None: it is destroyed, or there is none."""
        return self._by_id.get(number)

    def destroyed(self, number: int) -> bool:
        """Whether there was such a key once."""
        return number in self._by_id and self._by_id[number] is None

    def drawn(self, length: int) -> bytes:
        """So many random bytes."""
        return self._sealing.entropy(length)

    async def hashing(self) -> Callable[[bytes], bytes]:
        """The keyed hash of the index of persons: 16 bytes."""
        if self._index is None:
            (row,) = (await self._rows("index", [("", _EVER)])).values()
            self._index = await self._secret(row)
        key = self._index
        return lambda value: hmac.digest(key, value, "sha256")[:16]

    async def _rows(self, purpose: str, owners: Collection[Owner]) -> Mapping[Owner, asyncpg.Record]:
        rows = await self._found(purpose, owners)
        for owner in [owner for owner in owners if owner not in rows]:
            await self._make(purpose, owner)
        return rows if len(rows) == len(owners) else await self._found(purpose, owners)

    async def _found(self, purpose: str, owners: Collection[Owner]) -> dict[Owner, asyncpg.Record]:
        rows = await self._pool.promptly(query("data_keys_of"), purpose, *columns(list(owners), width=2))
        return {(row["system"], row["month"]): row for row in rows}

    async def _make(self, purpose: str, owner: Owner) -> None:
        suite = self._sealing.suite
        named = {"system": owner[0], "month": owner[1], "suite": suite.value}
        secret = self._sealing.entropy(32 if purpose == "index" else suite.key_bytes)
        wrapped = await asyncio.to_thread(self._sealing.master.wrap, secret, about(purpose, named))
        if isinstance(wrapped, KeyTrouble):
            raise KeyAwayError(wrapped.code)
        await self._pool.promptly(query("make_data_key"), purpose, *owner, suite.value, *wrapped, self._clock.now())

    async def _unwrapped(self, row: asyncpg.Record) -> DataKey:
        if (known := self._by_id.get(row["id"])) is not None:
            return known
        key = DataKey(row["id"], Suite(row["suite"]), await self._secret(row), self._nonces)
        self._by_id[row["id"]] = key
        return key

    async def _secret(self, row: asyncpg.Record) -> bytes:
        purpose = "index" if row["system"] == "" and row["month"] == _EVER else "seal"
        key = await asyncio.to_thread(self._sealing.master.unwrap, row["master"], row["wrapped"], about(purpose, row))
        if isinstance(key, KeyTrouble):
            raise KeyAwayError(key.code)
        return key


def about(purpose: str, row: Mapping[str, Any]) -> bytes:
    """What a data key is wrapped for: it unwraps for nothing else."""
    return f"govhub data key\0{purpose}\0{row['system']}\0{row['month']:%Y-%m}\0{row['suite']}".encode()


async def keys_missed(pool: JournalPool) -> KeyTrouble | None:
    """What is wrong with a hub that has no master key: nothing, unless something here was sealed by one."""
    rows = await pool.fetch(query("data_keys_to_try"))
    return KeyTrouble("E_MASTER_KEY_UNKNOWN", rows[0]["master"], *_MISSED) if rows else None


_MISSED = (
    Text(
        "登记库的内容已加密，而部署文件没有主密钥。",
        "The journal is sealed, and the deployment file names no master key.",
    ),
    Text(
        "请在部署文件的 sealing 中写明当时的密钥文件或密码机。",
        "Name the key file or token of that time under sealing in the deployment file.",
    ),
)
