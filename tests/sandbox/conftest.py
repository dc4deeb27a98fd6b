# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Trials of departments' folders: the examples as they stand, and copies that something is wrong with."""

import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog

from hub.ports.clock import SystemClock
from hub.sandbox.plan import Wishes
from hub.sandbox.report import Outcome, Report
from hub.sandbox.script import Folder, read_folder
from hub.sandbox.trial import Trial, hold
from hub.start_failures import Failure
from tests.house.tree import ROOT
from tests.support.postgres import PrivatePostgres, find_postgres

REST = ROOT / "examples/department-rest"


@dataclass(frozen=True, slots=True)
class Ground:
    """Where trials are held: each has a database of its own."""

    postgres: PrivatePostgres
    folder: Path

    async def hold(
        self, folder: Path, *only: str, seconds: float = 30.0, broker: str | None = None, real: bool = False
    ) -> Trial:
        read = read_folder(folder)
        assert isinstance(read, Folder), read
        log = structlog.wrap_logger(None, processors=[lambda *_: (_ for _ in ()).throw(structlog.DropEvent)])
        wishes = Wishes(await self.postgres.fresh_database(), seconds, only, broker, real)
        return await hold(read, wishes, SystemClock(), log)

    async def report(
        self, folder: Path, *only: str, seconds: float = 30.0, broker: str | None = None, real: bool = False
    ) -> Report:
        held = await self.hold(folder, *only, seconds=seconds, broker=broker, real=real)
        assert isinstance(held, Report), held
        return held

    async def outcome(
        self, folder: Path, scenario: str, *, seconds: float = 30.0, broker: str | None = None
    ) -> Outcome:
        """How one scenario went."""
        [one] = (await self.report(folder, scenario, seconds=seconds, broker=broker)).outcomes
        return one

    async def failure(self, folder: Path, *only: str, broker: str | None = None, real: bool = False) -> Failure:
        held = await self.hold(folder, *only, broker=broker, real=real)
        assert isinstance(held, Failure), held
        return held

    def copy(self, example: Path = REST, **changes: Callable[[str], str]) -> Path:
        """A copy of an example; ``changes`` by file's name without its ending."""
        copied = self.folder / "department"
        shutil.copytree(example, copied)
        for name, change in changes.items():
            file = copied / f"{name}.yaml"
            before = file.read_text(encoding="utf-8")
            after = change(before)
            assert after != before, name
            file.write_text(after, encoding="utf-8")
        return copied


@pytest.fixture(scope="session")
async def server() -> AsyncIterator[PrivatePostgres]:
    async with PrivatePostgres(find_postgres(15)) as postgres:
        yield postgres


@pytest.fixture
def ground(server: PrivatePostgres, tmp_path: Path) -> Ground:
    return Ground(server, tmp_path)
