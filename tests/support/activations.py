# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Activations of a journal that are slow to come, as while hubs are upgraded one by one."""

from collections.abc import Sequence
from dataclasses import dataclass

from hub.ports.journal import Activations, InUse, JournalDown, Unready


@dataclass(slots=True)
class Reluctant:
    """The activations of a journal, one version of which is not ready for the first few times."""

    inner: Activations
    schema: str
    times: int

    async def activate(self, schema: str, ttl: float) -> Unready | JournalDown | None:
        if schema == self.schema and self.times:
            self.times -= 1
            return Unready(("hub-2",))
        return await self.inner.activate(schema, ttl)

    async def active(self) -> Sequence[str] | JournalDown:
        return await self.inner.active()

    async def retire(self, schema: str, contract: str, version: int, ttl: float) -> InUse | JournalDown | None:
        return await self.inner.retire(schema, contract, version, ttl)
