# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A record that waits at the platform, on its way into the hub: fetched, its materials with it, and what became of it said."""

from connectors.sdk import Context, Disposition, Item, NotNow, Refused, Rejected, Taken, Unavailable
from connectors.sharing_platform.record import Record
from connectors.sharing_platform.store import Absent, Failed, RecordStore

_PREFIX = "cloudEvents:"


class Collecting:
    """Safe for concurrent use; remembers nothing."""

    def __init__(self, store: RecordStore, context: Context, *, materials: bool) -> None:
        self._store = store
        self._context = context
        self._materials = materials

    async def fetched(self, key: str, seconds: float) -> Record | Absent | Failed:
        """The record, once its materials are on the hub's shelf: the message must not come before them."""
        record = await self._store.fetch(key, seconds)
        if not isinstance(record, Record):
            return record
        for digest in record.materials if self._materials else ():
            if failed := await self._shelve(digest, seconds):
                return failed
        return record

    async def acknowledged(self, key: str, answer: Disposition, seconds: float) -> Failed | None:
        """Tell the record's author, by way of the platform. What was put off is not told: it still waits."""
        match answer:
            case Taken():
                return await self._store.acknowledge(key, {"state": "taken"}, seconds)
            case Refused(code=code, problem=problem):
                told: dict[str, object] = {"state": "refused", "code": code}
                told["problem"] = problem.decode("utf-8", "replace")
                return await self._store.acknowledge(key, told, seconds)
            case NotNow():
                return None

    async def _shelve(self, digest: str, seconds: float) -> Failed | None:
        shelf = self._context.shelf
        if shelf is None:
            return Unavailable("NO_SHELF: materials come only to a connector in the hub's own process")
        material = await self._store.fetch_material(digest, seconds)
        if isinstance(material, Absent):
            return Unavailable("MATERIAL_NOT_THERE: the platform does not have a material yet")
        if isinstance(material, Rejected | Unavailable):
            return material
        return await shelf.keep(digest, material)


def item_of(token: int, record: Record) -> Item:
    """The record as the hub takes it: its exact bytes, and its attributes beside them."""
    headers = {f"{_PREFIX}{name}": value for name, value in record.attributes.items() if name != "datacontenttype"}
    return Item(token=token, content_type=record.content_type, body=record.body, headers=headers)
