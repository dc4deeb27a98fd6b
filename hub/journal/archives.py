# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Archiving, the journal's side: what a part covers, what its files are, and where a case stands in them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import asyncpg
import orjson

from hub.journal.expiring import forget_part
from hub.journal.group_commit import GroupCommit
from hub.journal.months import drop_month
from hub.journal.pool import DATABASE_ERRORS, JournalPool, down
from hub.journal.queries import query
from hub.journal.seals import ERASED, MESSAGE, SEALED, Damaged, DamagedError, Seals
from hub.ports.ids import first_of, moment_of
from hub.ports.journal import Disagrees, JournalDown, Part, Record, Row, Segment, TooMuchUnfinished, Unwritable

_WINDOW = timedelta(days=1)
_LARGE = 8 * 1024 * 1024  # bytes of compressed bodies in one batch
_SCAN_SECONDS = 600.0  # walking an index of years
_GONE = {"raw": b"", "canonical": b"", "attributes": b"", "erased": True}


class PostgresArchives:
    """The part :class:`hub.ports.journal.Archives`."""

    def __init__(self, pool: JournalPool, readers: JournalPool, seals: Seals) -> None:
        self._pool = pool
        self._seals = seals
        self._readers = readers
        self._segments: GroupCommit[str, Sequence[str]] = GroupCommit(self._segments_of, in_flight=1)

    async def close(self) -> None:
        await self._segments.close()

    async def months(self, before: date) -> Sequence[date] | JournalDown:
        try:
            strays = await self._pool.fetch(query("default_ids"), first_of(_midnight(before)))
            tables = await self._pool.fetch(query("month_tables"))
            parts = await self._pool.fetch(query("unfinished_parts"))
        except DATABASE_ERRORS as error:
            return down(error)
        found = {_month_of(row["id"]) for row in strays} | {row["month"] for row in parts}
        found |= {date(int(row["relname"][-7:-3]), int(row["relname"][-2:]), 1) for row in tables}
        return sorted(month for month in found if month < before)

    async def begin(self, month: date, at: datetime, most: int) -> Part | TooMuchUnfinished | JournalDown | None:
        try:
            async with self._pool.acquire() as connection:
                if part := await _part_under_way(connection, month):
                    return part
                transaction = connection.transaction()
                await transaction.start()
                number = await connection.fetchval(query("next_part"), month, at)
                key = (month, number, *bounds(month))
                await connection.execute(query("hold_cases"), *key, timeout=_SCAN_SECONDS)
                held = await connection.fetch(query("held_messages"), *key)
                if len(held) > most:
                    await transaction.rollback()
                    return TooMuchUnfinished(len(held))
                if not await connection.fetchval(query("anything_to_archive"), *key, timeout=_SCAN_SECONDS):
                    await transaction.rollback()
                    return None
                await transaction.commit()
                return await _part_under_way(connection, month)
        except DATABASE_ERRORS as error:
            return down(error)

    async def batch(self, part: Part, after: tuple[str, UUID], limit: int) -> Sequence[Record] | JournalDown:
        key = (part.month, part.part, *bounds(part.month))
        try:
            async with self._pool.acquire() as connection:
                while rows := await connection.fetch(query("archive_ids"), *key, *after, limit, timeout=_SCAN_SECONDS):
                    sizes = await connection.fetch(query("sizes"), [row["message_id"] for row in rows])
                    ids = _within(_LARGE, ((row["id"], row["size"]) for row in sizes))
                    if records := await _records(connection, list(ids)):
                        return await self._sealed(records)
                    after = (rows[-1]["case_no"], rows[-1]["message_id"])  # listed, and not there any more
        except DATABASE_ERRORS as error:
            return down(error)
        return ()

    async def refusals(self, part: Part, after: UUID, limit: int) -> Sequence[Row] | JournalDown:
        try:
            rows = await self._pool.fetch(query("archive_refusals"), *bounds(part.month), after, limit)
        except DATABASE_ERRORS as error:
            return down(error)
        return [dict(row) for row in rows]

    async def wrote(self, part: Part, segment: Segment, cases: Sequence[str]) -> JournalDown | None:
        key = (part.month, part.part, segment.number)
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                await connection.execute(
                    query("write_segment"), *key, segment.kind, segment.digest, segment.size,
                    orjson.dumps(segment.rows).decode(), segment.last_case, segment.last_id,
                )  # fmt: skip
                await connection.execute(query("index_cases"), list(cases), *key)
        except DATABASE_ERRORS as error:
            return down(error)
        return None

    async def written(self, part: Part, manifest: str, at: datetime) -> JournalDown | None:
        try:
            await self._pool.execute(query("part_written"), part.month, part.part, manifest, at)
        except DATABASE_ERRORS as error:
            return down(error)
        return None

    async def abandon(self, part: Part) -> JournalDown | None:
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                for name in (
                    query("forget_index"),
                    query("forget_segments"),
                    query("forget_held"),
                    query("forget_part"),
                ):
                    await connection.execute(name, part.month, part.part)
        except DATABASE_ERRORS as error:
            return down(error)
        return None

    async def drop(self, part: Part, at: datetime) -> Disagrees | JournalDown | None:
        try:
            async with self._pool.acquire() as connection:
                return await drop_month(connection, part, bounds(part.month), at)
        except DATABASE_ERRORS as error:
            return down(error)

    async def tidy(self, part: Part) -> JournalDown | None:
        try:
            for segment in part.segments:
                key = (part.month, part.part, segment.number, *bounds(part.month))
                await self._pool.execute(query("tidy_segment"), *key)
            await self._pool.execute(query("forget_held"), part.month, part.part)
            await self._pool.execute(query("part_tidied"), part.month, part.part)
        except DATABASE_ERRORS as error:
            return down(error)
        return None

    async def parts(self) -> Sequence[Part] | JournalDown:
        try:
            async with self._pool.acquire() as connection:
                return await _parts(connection, None)
        except DATABASE_ERRORS as error:
            return down(error)

    async def cases(self, part: Part, after: tuple[str, int], limit: int) -> Sequence[tuple[str, int]] | JournalDown:
        try:
            rows = await self._pool.fetch(query("cases_of_part"), part.month, part.part, *after, limit)
        except DATABASE_ERRORS as error:
            return down(error)
        return [(row["case_no"], row["number"]) for row in rows]

    async def segments_of(self, case: str) -> Sequence[str] | JournalDown:
        found = await self._segments.submit(case)
        return JournalDown(found.reason) if isinstance(found, Unwritable) else found

    async def _segments_of(self, cases: Sequence[str]) -> Sequence[Sequence[str]]:
        async with self._readers.prompt() as connection:
            rows = await connection.fetch(query("segments_of_cases"), sorted(set(cases)))
        found: dict[str, list[str]] = {}
        for row in rows:
            found.setdefault(row["case_no"], []).append(row["digest"])
        return [found.get(case, []) for case in cases]

    async def online(self, case: str, limit: int) -> Sequence[Record] | JournalDown:
        try:
            async with (
                self._pool.acquire() as connection,
                connection.transaction(isolation="repeatable_read", readonly=True),
            ):
                rows = await connection.fetch(query("messages_of_case"), case, limit)
                return await self._opened(await _records(connection, [row["message_id"] for row in rows]))
        except DATABASE_ERRORS as error:
            return down(error)

    async def opened(self, records: Sequence[Record]) -> Sequence[Record] | JournalDown:
        try:
            return await self._opened(records)
        except DATABASE_ERRORS as error:
            return down(error)

    async def _opened(self, records: Sequence[Record]) -> Sequence[Record]:
        messages = [{"codec": 0, **record.message} for record in records]  # old archives do not say: there all is plain
        opened = []
        for record, found in zip(records, await self._seals.each(MESSAGE, messages), strict=True):
            if isinstance(found, Damaged):
                raise DamagedError(f"message {record.id}")
            message = {**record.message, **_GONE} if found is None else dict(found)
            message.pop("codec", None)
            opened.append(replace(record, message=message))
        return opened

    async def _sealed(self, records: Sequence[Record]) -> Sequence[Record]:
        """What goes to the archive: what was not sealed yet is sealed first."""
        if self._seals.keys is None:
            return await self._opened(records) if any(_is_plain(record) for record in records) else records
        plain = [record for record in records if _is_plain(record)]
        await self._seals.ready((str(record.message["system"]), record.id) for record in plain)
        sealed = {record.id: self._seal(record) for record in await self._opened(plain)}
        return [sealed.get(record.id, record) for record in records]

    def _seal(self, record: Record) -> Record:
        message = record.message
        raw, canonical, attributes = (message[name] for name in ("raw", "canonical", "attributes"))
        assert isinstance(raw, bytes)
        assert isinstance(canonical, bytes)
        assert isinstance(attributes, bytes)
        owner = (str(message["system"]), record.id)
        codec, bodies, envelope = self._seals.seal(MESSAGE, owner, (raw, canonical), (attributes,))
        names = ("raw", "canonical", "attributes")
        return replace(
            record, message={**message, "codec": codec, **dict(zip(names, (*bodies, *envelope), strict=True))}
        )

    async def purge_duplicates(
        self, since: datetime | None, before: datetime, limit: int
    ) -> tuple[int, datetime] | JournalDown:
        try:
            since = since or await self._pool.fetchval(query("first_accepted"), timeout=_SCAN_SECONDS) or before
            until = min(since + _WINDOW, before)
            if since >= before:
                return 0, before
            done = await self._pool.execute(query("purge_duplicates"), since, until, limit)
        except DATABASE_ERRORS as error:
            return down(error)
        purged = int(done.rpartition(" ")[2])
        return purged, since if purged == limit else until

    async def expire(self, part: Part, at: datetime) -> Sequence[str] | JournalDown:
        try:
            async with self._pool.acquire() as connection:
                await forget_part(connection, part, _midnight(_next(part.month)), at)
        except DATABASE_ERRORS as error:
            return down(error)
        files = [segment.digest for segment in part.segments]
        return [*files, part.manifest] if part.manifest else files

    async def known(self, digests: Sequence[str]) -> Sequence[str] | JournalDown:
        try:
            rows = await self._pool.fetch(query("archive_files_known"), list(digests))
        except DATABASE_ERRORS as error:
            return down(error)
        return [row["digest"] for row in rows]


def _within(room: int, sized: Iterable[tuple[UUID, int]]) -> Iterator[UUID]:
    """The first ids whose bodies have room together, and at least one."""
    for n, (identifier, size) in enumerate(sized):
        room -= size
        if n and room < 0:
            return
        yield identifier


def bounds(month: date) -> tuple[UUID, UUID]:
    """The first id of a month and the first of the next; they are those of its partition or within them."""
    return _floor(_midnight(month)), _floor(_midnight(_next(month)))


def _floor(moment: datetime) -> UUID:
    return UUID(int=int(moment.timestamp() * 1000) << 80)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _next(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _month_of(identifier: UUID) -> date:
    return datetime.fromtimestamp(moment_of(identifier), UTC).date().replace(day=1)


async def _part_under_way(connection: asyncpg.Connection, month: date) -> Part | None:
    return next((part for part in await _parts(connection, month) if part.state in {"writing", "written"}), None)


async def _parts(connection: asyncpg.Connection, month: date | None) -> list[Part]:
    segments: dict[tuple[date, int], list[Segment]] = {}
    for row in await connection.fetch(query("segments"), month):
        segments.setdefault((row["month"], row["part"]), []).append(_segment(row))
    return [
        Part(
            month=row["month"],
            part=row["part"],
            state=row["state"],
            begun_at=row["begun_at"],
            dropped_at=row["dropped_at"],
            manifest=row["manifest"],
            segments=tuple(segments.get((row["month"], row["part"]), ())),
        )
        for row in await connection.fetch(query("parts"), month)
    ]


def _segment(row: asyncpg.Record) -> Segment:
    return Segment(
        number=row["number"],
        kind=row["kind"],
        digest=row["digest"],
        size=row["size"],
        rows=orjson.loads(row["rows"]),
        last_case=row["last_case"],
        last_id=row["last_id"],
    )


async def _records(connection: asyncpg.Connection, ids: Sequence[UUID]) -> list[Record]:
    if not ids:
        return []
    rows = {
        table: _by_message(await connection.fetch(statement, ids))
        for table, statement in (
            ("deliveries", query("all_of_delivery")),
            ("attempts", query("all_of_attempt")),
            ("settlements", query("all_of_settlement")),
            ("leaves", query("all_of_leaf")),
        )
    }
    messages = {row["id"]: dict(row) for row in await connection.fetch(query("all_of_message"), ids)}
    return [
        Record(messages[one], **{table: tuple(found.get(one, ())) for table, found in rows.items()})
        for one in ids
        if one in messages
    ]


def _by_message(rows: Sequence[asyncpg.Record]) -> Mapping[UUID, list[Row]]:
    found: dict[UUID, list[Row]] = {}
    for row in rows:
        found.setdefault(row["message_id"], []).append(dict(row))
    return found


def _is_plain(record: Record) -> bool:
    codec = record.message["codec"]
    assert isinstance(codec, int)
    return not codec & (SEALED | ERASED)
