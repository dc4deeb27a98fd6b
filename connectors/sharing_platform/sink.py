# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Store and notify, one parcel from beginning to end; and its counterpart, a notice and what it announces.

put      the materials, the record, then the notice. What stopped in between goes on where it stopped: the record is asked
         about before it is put again, and the notice is repeated until it was heard.
fetch    a notice that came before its record waits for it: the platform is asked until it has it.
"""

from contextlib import AsyncExitStack
from typing import Self

from connectors.sdk import (
    Context,
    Delivered,
    InDoubt,
    Intake,
    Material,
    NoMaterial,
    NotNow,
    Outcome,
    Parcel,
    QueryOutcome,
    Refused,
    Rejected,
    Taken,
    Unavailable,
)
from connectors.sdk.http.exchange import Answer
from connectors.sharing_platform.calling import Platform
from connectors.sharing_platform.collecting import Collecting, item_of
from connectors.sharing_platform.config import SharingConfig
from connectors.sharing_platform.notifying import Notifying
from connectors.sharing_platform.record import Record, announced, digest_of, materials_in, notice_of, record_of
from connectors.sharing_platform.store import Absent, RecordStore, There

_CHECK_SECONDS = 10.0


class SharingSink:
    """One department by way of the platform, in one direction."""

    def __init__(self, config: SharingConfig, context: Context) -> None:
        self._config = config
        self._context = context
        self._platform = Platform(config.platform, context)
        self._store = RecordStore(self._platform, config.platform, config.services)
        self._collecting = Collecting(self._store, context, materials=config.materials)
        self._notifying = Notifying(config.notice, context) if config.notice is not None else None
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._stack.enter_async_context(self._platform)
        if self._notifying is not None:
            await self._stack.enter_async_context(self._notifying)
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._stack.aclose()

    async def send(self, parcel: Parcel) -> Outcome:
        """As the port says."""
        until = self._context.monotonic() + parcel.timeout
        return await (self._put(parcel, until) if self._config.form == "put" else self._fetch(parcel, until))

    async def query(self, idempotency_key: str) -> QueryOutcome:  # noqa: ARG002  # because a repeat is safe, so nobody asks
        """Nothing is asked: under its key a record is put once, so what is in doubt is sent again."""
        return InDoubt("NOT_QUERYABLE: what is in doubt is put again under its key")

    async def check(self) -> Outcome:
        """Whether the platform answers."""
        answer = await self._platform.there(_CHECK_SECONDS)
        match answer:
            case Answer(status=401 | 403 | 407 as status):
                return Rejected(f"HTTP_{status}", "The platform is there but does not know us.")
            case Answer(status=status) if status >= 500 or 300 <= status < 400:
                return Unavailable(f"HTTP_{status}")
            case Answer(status=status):
                return Delivered(f"HTTP_{status}")
            case _:
                return answer

    def _left(self, until: float) -> float:
        return max(until - self._context.monotonic(), 0.0)

    async def _put(self, parcel: Parcel, until: float) -> Outcome:
        materials = materials_in(parcel.body) if self._config.materials else ()
        stored = await self._stored(parcel, materials, until)
        if not isinstance(stored, Delivered) or self._notifying is None:
            return stored
        address = self._config.platform.address(self._config.platform.rest_path)
        notice = notice_of(parcel, address, materials, self._context.now())
        heard = await self._notifying.tell(notice, parcel, self._left(until))
        return stored if isinstance(heard, Delivered) else heard

    async def _stored(self, parcel: Parcel, materials: tuple[str, ...], until: float) -> Outcome:
        """The record lies at the platform, now or before. The first attempt has no before."""
        if parcel.attempt > 1:
            state = await self._store.state(parcel.idempotency_key, self._left(until))
            match state:
                case There(digest=digest) if digest == digest_of(parcel.body):
                    return Delivered()
                case There():
                    # The message was translated anew since: what lies there is what the department was or will be told of.
                    return Rejected("RECORD_DIFFERS", "Another content lies at the platform under this key.")
                case Rejected() | Unavailable():
                    return state
                case Absent():
                    pass
        record = record_of(parcel, materials)
        if isinstance(record, Rejected):
            return record
        for digest in materials:
            if failed := await self._lend(digest, until):
                return failed
        return await self._store.put(record, self._config.answers, self._left(until))

    async def _lend(self, digest: str, until: float) -> Rejected | Unavailable | None:
        """Put one material. In doubt is as good as not done here: the record was not put, and digests repeat safely."""
        shelf = self._context.shelf
        if shelf is None:
            return Unavailable("NO_SHELF: materials go only by a connector in the hub's own process")
        material = await shelf.lend(digest, self._config.material_bytes)
        match material:
            case Material():
                pass
            case NoMaterial():
                return Rejected("MATERIAL_MISSING", "The message names a material that the hub does not have.")
            case Rejected() | Unavailable():
                return material
        outcome = await self._store.put_material(digest, material, self._config.answers, self._left(until))
        match outcome:
            case Rejected(code=code, detail=detail):
                return Rejected(f"MATERIAL_{code}"[:64], detail)
            case Unavailable(reason=reason, retry_after=retry_after):
                return Unavailable(f"MATERIAL_{reason}", retry_after)
            case InDoubt(reason=reason):
                return Unavailable(f"MATERIAL_{reason}")
            case _:
                return None

    async def _fetch(self, parcel: Parcel, until: float) -> Outcome:
        if self._context.intake is None:
            return Unavailable("NO_INTAKE: records come only to a connector in the hub's own process")
        notice = announced(parcel.body)
        if notice is None:
            return Rejected("NO_NOTICE", "The message is no notice of a record: it names neither key nor digest.")
        fetched = await self._collecting.fetched(notice.key, self._left(until))
        match fetched:
            case Absent():
                return Unavailable("NOT_THERE_YET: the notice came before its record")
            case Rejected() | Unavailable():
                return fetched
            case Record(digest=digest) if digest != notice.digest:
                return Rejected(
                    "RECORD_DIFFERS", "The record at the platform is not the one that the notice announced."
                )
            case Record():
                return await self._brought(self._context.intake, notice.key, fetched, until)

    async def _brought(self, intake: Intake, key: str, record: Record, until: float) -> Outcome:
        (answer,) = await intake.bring([item_of(0, record)])
        told = self._config.services.acknowledge is not None
        if told and (failed := await self._collecting.acknowledged(key, answer, self._left(until))):
            return failed
        match answer:
            case Taken():
                return Delivered()
            case Refused(code=code):
                return Rejected(code, "The record was refused; its author finds the reason at the platform.")
            case NotNow(retry_after=retry_after):
                return Unavailable("NOT_NOW: the hub cannot take it this time", retry_after)
