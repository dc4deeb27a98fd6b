# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What commands about the archive and about cases stand on: a deployment, its journal and its stores."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from contracts.text import Text
from hub.app import stores_of
from hub.archive.case_files import CaseFiles
from hub.cli.consulting import consulted
from hub.cli.telling import stop
from hub.config.load import Loaded
from hub.ports.journal import Journal, JournalDown
from hub.ports.materials import Materials, StoreDown


@dataclass(frozen=True, slots=True)
class Kept:
    """All of it, for the length of a command."""

    loaded: Loaded
    journal: Journal
    materials: Materials
    archive: Materials

    @property
    def case_files(self) -> CaseFiles:
        return CaseFiles(self.journal, self.archive)


@asynccontextmanager
async def kept(config: Path, *, as_json: bool) -> AsyncIterator[Kept]:
    """Beside the running hubs, or without any."""
    async with (
        consulted(config, as_json=as_json) as (loaded, journal),
        stores_of(loaded, journal.material_keys) as stores,
    ):
        yield Kept(loaded, journal, stores.materials, stores.archive)


def away(trouble: JournalDown | StoreDown, *, as_json: bool) -> NoReturn:
    """End the command: the journal or the store is not to be had."""
    zh, en = ("登记库", "journal") if isinstance(trouble, JournalDown) else ("存储", "store")
    stop(
        Text(f"{zh}不可用（{trouble.reason}）。", f"The {en} is away ({trouble.reason})."),
        Text("请稍后再试。", "Try again later."),
        as_json=as_json,
    )
