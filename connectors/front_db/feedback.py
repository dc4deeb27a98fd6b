# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What becomes of rows after they were written: taken, refused, or named in a table of errors (``dn_*``). 回执与退回

A province takes rows when it likes, and finds what is wrong with them later. So a row that was written is only ``Accepted``;
its final answer is looked for here: by the flag of the rows that this hub has written since it began, and in the tables of
errors, where a row is for the destination that wrote what it names. What was written before the hub began is looked for from
the start, as far as the hub tells what it awaits; what is not, or was written with its answer lost, is asked about by its key
(``query``), and from then on looked for as well.
"""

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, TypeAlias

from connectors.databases.cells import text_of
from connectors.databases.database import Database, Session
from connectors.databases.rows import Due, Row, due, lock, mark, read, where_equal
from connectors.databases.tables import Tables
from connectors.databases.trouble import Trouble
from connectors.front_db.feedback_config import ErrorTable, FeedbackConfig
from connectors.front_db.marking import cell
from connectors.sdk import Answer, Context, Delivered, Heard, Rejected
from connectors.sdk.http.ruling import bounded, unnumbered

_SECONDS = 25.0
_BATCH = 400
_MOST_WAITING = 200_000
_LONGEST_PAUSE = 60.0
_NOBODYS = 60.0
"""Seconds after which a row of errors is nobody's. Until then it may be another destination's that looks into the same table."""

_APPLIED = frozenset({Heard.RECORDED, Heard.KNOWN, Heard.CONTRADICTED})
"""What the hub says to an answer that it awaited here."""

Fate: TypeAlias = Delivered | Rejected | None
"""None: nobody has said anything yet."""


class Feedback:
    """Looks on for one sink. ``key`` is the column by which rows are known; their keys are the references of answers."""

    def __init__(
        self,
        config: FeedbackConfig,
        key: str,
        database: Database,
        tables: Tables,
        context: Context,
        places: Sequence[str] = (),
    ) -> None:
        self._config = config
        self._places = places
        self._resumed: str | None = "" if context.awaited is not None else None
        """After which page of what is awaited to go on; None: all of it is looked for."""
        self._key = key
        self._database = database
        self._tables = tables
        self._context = context
        self._waiting: dict[str, str] = {}
        self._stirred = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._told: str | None = None
        self._unknown: dict[tuple[str, str | None], float] = {}
        """Rows of errors under whose reference nothing is awaited here, and since when."""

    def start(self) -> None:
        """Begin to look on."""
        self._task = asyncio.create_task(self._watch(), name=f"feedback of {self._context.destination}")
        self._task.add_done_callback(self._ended)

    async def close(self) -> None:
        """Stop. Whatever is not answered by then is asked about later."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    def written(self, table: str, key: str) -> None:
        """A row was written: its fate is looked for from now on. The oldest of very many are left to questions."""
        self._waiting[key] = table
        while len(self._waiting) > _MOST_WAITING:
            del self._waiting[next(iter(self._waiting))]
        self._stirred.set()

    async def fate(self, session: Session, table: str, key: str) -> tuple[bool, Fate]:
        """Whether the row is there, and what became of it by its own columns."""
        found = await self._rows(session, table, [key])
        return (False, None) if key not in found else (True, self._fate(found[key]))

    async def look(self) -> int | Trouble:
        """Look once: how many answers were given."""
        told = 0
        if isinstance(trouble := await self._resume(), Trouble):
            return trouble
        for table in dict.fromkeys(self._waiting.values()):
            keys = [key for key, place in self._waiting.items() if place == table]
            for begin in range(0, len(keys), _BATCH):
                settled = await self._settled(table, keys[begin : begin + _BATCH])
                if isinstance(settled, Trouble):
                    return settled
                told += settled
        for errors in self._config.errors:
            found = await self._errors(errors)
            if isinstance(found, Trouble):
                return found
            told += found
        return told

    async def _watch(self) -> None:
        pause = self._config.poll_seconds
        while True:
            self._stirred.clear()
            done = await self.look()
            if isinstance(done, Trouble):
                pause = min(pause * 2, _LONGEST_PAUSE)
                self._tell(done)
            else:
                pause = self._config.poll_seconds
                self._told = None
                if done:
                    continue
            if not self._waiting and not self._config.errors and self._resumed is None:
                await self._stirred.wait()
            await asyncio.sleep(pause)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Nobody looks on any more: by :meth:`close`, or by a bug, which is said. Rows are then asked about one by one."""
        if not task.cancelled() and (bug := task.exception()) is not None:
            self._context.log.error("feedback ended", error=type(bug).__name__)

    def _tell(self, trouble: Trouble) -> None:
        if self._told is None:
            self._told = trouble.code
            self._context.log.warning("feedback cannot be read", code=trouble.code, where=trouble.where)

    async def _resume(self) -> Trouble | None:
        """Look on for what was written before this began, in whichever table it stands."""
        while self._resumed is not None and self._context.awaited is not None:
            page = await self._context.awaited.awaited(self._resumed)
            if page is None:
                return None  # at the next look
            fresh = [one for one in page.references if one not in self._waiting]
            for place in self._places:
                for begin in range(0, len(fresh), _BATCH):
                    keys = fresh[begin : begin + _BATCH]
                    found = await self._database.run(partial(self._rows, table=place, keys=keys), _SECONDS)
                    if isinstance(found, Trouble):
                        return found
                    for key in found:
                        self.written(place, key)
            self._resumed = page.after if page.references else None
        return None

    async def _settled(self, table: str, keys: Sequence[str]) -> int | Trouble:
        found = await self._database.run(lambda session: self._rows(session, table, keys), _SECONDS)
        if isinstance(found, Trouble):
            return found
        fates = {key: fate for key, row in found.items() if (fate := self._fate(row)) is not None}
        kept = await self._answered(fates)
        for key in kept:
            self._waiting.pop(key, None)
        return len(kept)

    async def _rows(self, session: Session, table: str, keys: Sequence[str]) -> dict[str, Row]:
        config = self._config
        needed = {self._key, config.flag} | {name for name in (config.code, config.text) if name}
        there = await self._tables.table(session, table, needed)
        cells = [cell(there, self._key, key) for key in keys]
        found = await read(session, there, self._key, cells)
        return {text_of(key) or "": row for key, row in found if row is not None}

    def _fate(self, row: Row) -> Fate:
        said = text_of(row[self._config.flag]) or ""
        if said in self._config.taken:
            return Delivered(f"{self._config.flag}={said}")
        if said in self._config.refused:
            return Rejected(self._code(row, self._config.code, said), self._detail(row, self._config.text))
        return None

    async def _errors(self, errors: ErrorTable) -> int | Trouble:
        """Read rows that nobody has read, give what they say, and mark them as read once it is kept."""

        async def work(session: Session) -> int:
            flag = errors.flag
            needed = {errors.key, errors.names, flag.column} | {one for one in (errors.code, errors.text) if one}
            there = await self._tables.table(session, errors.table, needed)
            which = Due(key=errors.key, order=(errors.key,), flag=flag.column, new=cell(there, flag.column, flag.new))
            keys = await lock(session, due(there, which, _BATCH, None), skip_locked=True)
            rows = [(key, row) for key, row in await read(session, there, errors.key, keys) if row is not None]
            named = await self._named(session, errors, [row for _, row in rows])
            told = [(key, row, named.get(text_of(row[errors.names]) or "")) for key, row in rows]
            read_now, nobodys = await self._sorted(errors, told)
            for chosen, value in ((read_now, flag.taken), (nobodys, flag.refused)):
                if chosen:
                    await mark(session, there, errors.key, chosen, {flag.column: cell(there, flag.column, value)})
            return len(read_now)

        return await self._database.run(work, _SECONDS)

    async def _sorted(
        self, errors: ErrorTable, told: Sequence[tuple[Any, Row, str | None]]
    ) -> tuple[Sequence[Any], Sequence[Any]]:
        """Give what rows of errors say: the keys of those whose answers have come to somebody, and of those that are nobody's.

        The others may belong to another destination that looks into the same table, and are left to it for a while.
        """
        fates = {
            reference: Rejected(self._code(row, errors.code, "ERROR"), self._detail(row, errors.text))
            for key, row, reference in told
            if reference and (errors.table, text_of(key)) not in self._unknown
        }
        heard = await self._heard(fates)
        came = {
            one for one, what in heard.items() if what in _APPLIED or (what is Heard.EARLY and one in self._waiting)
        }
        unknown = {one for one, what in heard.items() if what is Heard.EARLY} - came
        for reference in came:
            self._waiting.pop(reference, None)
        read_now = [key for key, _, reference in told if reference in came]
        nobodys = [
            key
            for key, _, reference in told
            if not reference
            or (
                (reference in unknown or (errors.table, text_of(key)) in self._unknown)
                and self._is_nobodys(errors.table, key)
            )
        ]
        for key in (*read_now, *nobodys):
            self._unknown.pop((errors.table, text_of(key)), None)
        return read_now, nobodys

    async def _named(self, session: Session, errors: ErrorTable, rows: Sequence[Row]) -> Mapping[str, str]:
        """The references that rows of errors name: keys of rows as they are, or of the newest row of the case they name."""
        said = {text for row in rows if (text := text_of(row[errors.names]))}
        if errors.case is None:
            return {one: one for one in said}
        found: dict[str, str] = {}
        case = errors.case
        there = await self._tables.table(session, case.table, {self._key, case.column, case.newest})
        for one in said:
            keys = await where_equal(session, there, case.column, cell(there, case.column, one), self._key, case.newest)
            if keys:
                found[one] = text_of(keys[0]) or ""
        return found

    async def _answered(self, fates: Mapping[str, Delivered | Rejected]) -> set[str]:
        """The references whose answers the hub keeps."""
        return {reference for reference, what in (await self._heard(fates)).items() if what is not Heard.TOO_MANY}

    async def _heard(self, fates: Mapping[str, Delivered | Rejected]) -> Mapping[str, Heard]:
        """What the hub says to each of these answers."""
        if not fates:
            return {}
        heard = await self._context.answers.answered(
            [Answer(reference, outcome) for reference, outcome in fates.items()]
        )
        for reference, what in zip(fates, heard, strict=True):
            if what is Heard.CONTRADICTED:
                self._context.log.warning("feedback contradicts", reference=reference)
        return dict(zip(fates, heard, strict=True))

    def _is_nobodys(self, table: str, key: object) -> bool:
        """Whether a row of errors has been there long enough without anybody awaiting it."""
        now = self._context.monotonic()
        if len(self._unknown) >= _MOST_WAITING:
            self._unknown.clear()
        return now - self._unknown.setdefault((table, text_of(key)), now) >= _NOBODYS

    def _code(self, row: Row, column: str | None, otherwise: str) -> str:
        said = bounded(text_of(row[column]) or "") if column else ""
        plain = "".join(one for one in said if one.isascii() and (one.isalnum() or one in "_.:-"))[:50]
        return f"FAR_{plain or otherwise}"

    def _detail(self, row: Row, column: str | None) -> str:
        """The far side's words, without what may be somebody's number."""
        return unnumbered(bounded(text_of(row[column]) or "")) if column else ""
