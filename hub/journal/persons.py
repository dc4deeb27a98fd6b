# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The keyed-hash index of persons: written in COMMIT 1, asked by operators."""

from collections.abc import Sequence

from contracts.person_keys import NumberKind, normalised
from hub.journal.pool import DATABASE_ERRORS, JournalPool, down
from hub.journal.queries import query
from hub.journal.seals import Seals
from hub.ports.journal import Acceptance, JournalDown

_APART = 1_000_000


class PostgresPersons:
    """The part :class:`hub.ports.journal.Persons`."""

    def __init__(self, pool: JournalPool, seals: Seals) -> None:
        self._pool = pool
        self._seals = seals

    async def cases(self, kind: NumberKind, number: str, after: str, limit: int) -> Sequence[str] | JournalDown | None:
        if self._seals.keys is None:
            return None
        try:
            hashed = (await self._seals.keys.hashing())(person(kind, normalised(kind, number)))
            rows = await self._pool.fetch(query("cases_of_person"), hashed, int(kind), after, limit)
        except DATABASE_ERRORS as error:
            return down(error)
        return [row["case_no"] for row in rows]


def person(kind: NumberKind, number: str) -> bytes:
    """What is hashed of a normalised number."""
    return bytes((kind,)) + number.encode()


def person_rows(seals: Seals, batch: Sequence[Acceptance]) -> list[tuple[int, int, bytes]]:
    """Place in the batch, kind and hash of every number that its messages name. ``seals`` is ready."""
    hashing = seals.hashing
    if hashing is None:
        return []
    return [
        (n * _APART, int(kind), hashing(person(kind, number)))
        for n, one in enumerate(batch, start=1)
        for kind, number in one.persons
    ]
