# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Who stored which material (材料), and who may read it."""

from datetime import datetime
from typing import Protocol

from hub.ports.journal.state import JournalDown


class MaterialRecords(Protocol):
    """Who stored which material, and who may read it. The bytes themselves are behind :mod:`hub.ports.materials`."""

    async def keep(self, digest: str, system: str, size: int, media_type: str, at: datetime) -> JournalDown | None:
        """Record an upload. Idempotent."""
        ...

    async def readable(self, digest: str, system: str) -> tuple[int, str] | JournalDown | None:
        """(size, media type) when this system stored it or is a party to a case that names it; None otherwise."""
        ...
