# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The journal's data keys for a store of materials."""

from certs.envelope import DataKey
from hub.journal.data_keys import DataKeys
from hub.journal.pool import DATABASE_ERRORS
from hub.journal.seals import first_of_month
from hub.ports.clock import Clock
from hub.ports.materials import StoreDown


class StoreKeys:
    """The port :class:`hub.materials.sealed.MaterialKeys`."""

    def __init__(self, keys: DataKeys, clock: Clock) -> None:
        self._keys = keys
        self._clock = clock

    async def current(self, system: str) -> DataKey | StoreDown:
        owner = (system, first_of_month(self._clock.now()))
        try:
            await self._keys.ensure([owner])
        except DATABASE_ERRORS as error:
            return StoreDown(type(error).__name__)
        return self._keys.of(owner)

    async def numbered(self, number: int) -> DataKey | StoreDown | None:
        try:
            await self._keys.learn([number])
        except DATABASE_ERRORS as error:
            return StoreDown(type(error).__name__)
        return self._keys.numbered(number)

    def salt(self, length: int) -> bytes:
        return self._keys.drawn(length)
