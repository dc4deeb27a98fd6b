# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Answers that come later, in groups: many are recorded, and applied, in one transaction.

An answer that belongs to an accepted delivery is a settlement like any other, made by whichever hub hears it: no claim is
needed, since nobody sends what is accepted, and the row's lock decides against a question that is under way.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import asyncpg

from connectors.sdk import Heard
from hub.journal.answer_book import Entry, Word, open_entries, save
from hub.journal.bodies import RecentBodies
from hub.journal.claim_rows import claims_of
from hub.journal.group_commit import GroupCommit
from hub.journal.pool import DATABASE_ERRORS, JournalPool, down
from hub.journal.queries import columns, query
from hub.journal.settlements import Settlements, late_rows, write_late
from hub.ports.clock import Clock
from hub.ports.figures import CommitFigures
from hub.ports.ids import Ids
from hub.ports.journal import Claim, FinalAnswer, HeardAnswer, JournalDown, Purged, State, Unwritable

MOST_EARLY = 10_000
"""So many answers of one destination may wait for something to be accepted under their references."""


class PostgresAnswers:
    """The part :class:`hub.ports.journal.FinalAnswers`."""

    def __init__(
        self,
        pool: JournalPool,
        settlements: Settlements,
        recent: RecentBodies,
        clock: Clock,
        ids: Ids,
        figures: CommitFigures,
        most_early: int = MOST_EARLY,
    ) -> None:
        self._pool = pool
        self._settlements = settlements
        self._recent = recent
        self._clock = clock
        self._ids = ids
        self._most_early = most_early
        self._group: GroupCommit[FinalAnswer, HeardAnswer] = GroupCommit(self._commit, counted=figures.of("answer"))

    async def hear(self, answer: FinalAnswer) -> HeardAnswer | Unwritable | JournalDown:
        return await self._group.submit(answer)

    async def purge(self, early: datetime, known: datetime, limit: int) -> Purged | JournalDown:
        try:
            dropped = await self._pool.promptly(query("purge_early"), early, limit)
            (forgotten,) = await self._pool.promptly(query("purge_answers"), known, limit)
        except DATABASE_ERRORS as error:
            return down(error)
        return Purged({row["destination"]: row["n"] for row in dropped}, forgotten["n"])

    async def close(self) -> None:
        await self._group.close()

    async def _commit(self, batch: Sequence[FinalAnswer]) -> Sequence[HeardAnswer]:
        now, frame = self._clock.now(), self._ids.new()
        async with self._pool.prompt() as connection, connection.transaction():
            entries = await open_entries(connection, ((one.destination, one.reference) for one in batch), now)
            hearing = _Hearing(
                now=now,
                entries=entries,
                room=await self._room(connection, entries.values()),
                claims=await self._claims(connection, entries.values(), now),
            )
            hearing.ended = await _ended(connection, hearing)
            results = [hearing.hear(answer) for answer in batch]
            written = [one.settlement for one in results if one.settlement is not None]
            released = await self._settlements.write(connection, written, frame)
            if hearing.late:
                late = late_rows(hearing.late, self._settlements.hub, now)
                await write_late(connection, late)
            await save(connection, list(entries.values()))
        self._settlements.post(frame, released)
        return results

    async def _room(self, connection: asyncpg.Connection, entries: Iterable[Entry]) -> Counter[str]:
        """How many more answers may wait, by destination; counted only where one would."""
        wanted = sorted({entry.key[0] for entry in entries if entry.blank})
        if not wanted:
            return Counter()
        # Those that were made just now are among them, and blank.
        blank = Counter(entry.key[0] for entry in entries if entry.blank)
        rows = await connection.fetch(query("early_answers"), wanted, self._most_early + max(blank.values()))
        return Counter({r["destination"]: self._most_early - (r["n"] - blank[r["destination"]]) for r in rows})

    async def _claims(
        self, connection: asyncpg.Connection, entries: Iterable[Entry], now: datetime
    ) -> dict[tuple[str, UUID], Claim]:
        """The deliveries that await an answer, each as an attempt of its own, by destination and id.

        Where a connector makes the idempotency key its reference, the answer is known to belong to a delivery whose sending is
        in doubt, though no ``Accepted`` of it ever came.
        """
        wanted = {
            (key, entry.key[0]): False
            for entry in entries
            if entry.blank and (key := _key_of(entry.key[1])) is not None
        }
        wanted |= {(entry.delivery, entry.key[0]): True for entry in entries if entry.awaited and entry.delivery}
        if not wanted:
            return {}
        named = columns([(*one, awaited) for one, awaited in wanted.items()], width=3)
        rows = await connection.fetch(query("take_answered"), *named, now)
        claims = {(c.destination, c.delivery_id): c for c in await claims_of(connection, self._recent, rows)}
        for entry in entries:
            if entry.blank and (key := _key_of(entry.key[1])) is not None and (entry.key[0], key) in claims:
                claim = claims[entry.key[0], key]
                entry.bind(claim.message_id, claim.delivery_id, claim.attempt)
                entry.awaited = True
        return claims


@dataclass(slots=True, kw_only=True)
class _Hearing:
    """One batch being heard, in its order."""

    now: datetime
    entries: dict[tuple[str, str], Entry]
    room: Counter[str]
    claims: dict[tuple[str, UUID], Claim]
    ended: dict[UUID, Word] = field(default_factory=dict)
    late: list[tuple[Entry, Word]] = field(default_factory=list)

    def hear(self, answer: FinalAnswer) -> HeardAnswer:
        entry = self.entries[answer.destination, answer.reference]
        word = Word.of(answer.outcome, answer.at, self.now, expired=answer.expired)
        if entry.awaited and not _repeats(entry.told, word):
            assert entry.delivery is not None, "what is awaited belongs to a delivery"
            if (claim := self.claims.pop((answer.destination, entry.delivery), None)) is not None:
                return self._apply(answer, entry, word, claim)
            entry.awaited, entry.told = False, self.ended.get(entry.delivery)  # it ended in another way
        if entry.told is not None and entry.told.state is word.state:
            if entry.told.decided and entry.delivery is not None:
                self.late.append((entry, word))  # the far side's own word, beside the operator's
            return HeardAnswer(Heard.KNOWN)
        if entry.told is None and entry.delivery is None:
            return self._keep(entry, word)
        entry.contradict(word)
        if entry.delivery is not None:
            self.late.append((entry, word))
        return HeardAnswer(Heard.CONTRADICTED)

    def _apply(self, answer: FinalAnswer, entry: Entry, word: Word, claim: Claim) -> HeardAnswer:
        entry.bind(claim.message_id, claim.delivery_id, claim.attempt)
        entry.awaited, entry.told = False, word
        self.ended[claim.delivery_id] = word  # it may be awaited under another reference too
        return HeardAnswer(Heard.RECORDED, answer.settlement(claim))

    def _keep(self, entry: Entry, word: Word) -> HeardAnswer:
        if self.room[entry.key[0]] <= 0:
            return HeardAnswer(Heard.TOO_MANY)
        self.room[entry.key[0]] -= 1
        entry.told = word
        return HeardAnswer(Heard.EARLY)


def _repeats(told: Word | None, word: Word) -> bool:
    """Whether it is the very answer that was given before what it ended was sent again."""
    return told is not None and told.at is not None and (told.at, told.state) == (word.at, word.state)


async def _ended(connection: asyncpg.Connection, hearing: _Hearing) -> dict[UUID, Word]:
    """How those ended that an answer is awaited for in vain."""
    lost = [
        (entry.delivery, entry.message, entry.key[0])
        for entry in hearing.entries.values()
        if entry.awaited and (entry.key[0], entry.delivery) not in hearing.claims
    ]
    if not lost:
        return {}
    rows = await connection.fetch(query("ended_as"), *columns(lost, width=3))
    return {
        row["id"]: Word(
            state=State(row["state"]), code=row["code"], detail="", receipt="", at=None, heard_at=hearing.now
        )
        for row in rows
        if row["state"] in {State.DELIVERED, State.DEAD, State.EXPIRED}
    }


def _key_of(reference: str) -> UUID | None:
    """The idempotency key that a reference may be."""
    try:
        key = UUID(reference)
    except ValueError:
        return None
    return key if str(key) == reference else None
