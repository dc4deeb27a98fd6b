# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A department's own test system, or nobody: what the sandbox does not play."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from hub.sandbox.far_side import Book, Spoken, Temper, section_of
from hub.sandbox.script import Folder


class RealFarSide:
    """Reached by the deployment's own settings and secrets, with what the script says of the test system laid over them.

    What arrives there is seen by nobody here, and it is not made to speak: its sources are left alone, so that a trial takes
    no message that is meant for others.
    """

    tempers: Sequence[Temper] = (Temper.READY,)

    def __init__(self, folder: Folder) -> None:
        self.book = Book()
        self._folder = folder

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Nothing was opened."""

    def led_here(self, deployment: dict[str, Any]) -> Sequence[str]:
        settings = section_of(deployment, self._folder.script.destination)["settings"]
        settings |= self._folder.script.test_system or {}
        known = self._folder.raw.get("secrets")
        assert isinstance(known, dict | None), "it loads"
        deployment["secrets"] |= {name: _absolute(str(said), self._folder.path) for name, said in (known or {}).items()}
        return [f"sources.{name}" for name in deployment.pop("sources", None) or {}]

    def behave(self, temper: Temper) -> None:
        """It is as it is."""

    async def at_work(self, url: str, key: str) -> None:  # noqa: ARG002  # because the port asks for them
        await asyncio.Event().wait()

    async def say(self, spoken: Spoken) -> bool:  # noqa: ARG002  # because the port asks for it
        return False


class AbsentFarSide(RealFarSide):
    """Nobody: the deployment is loaded with made-up secrets, and nothing is sent."""

    def led_here(self, deployment: dict[str, Any]) -> Sequence[str]:
        section_of(deployment, self._folder.script.destination)
        return [f"sources.{name}" for name in deployment.pop("sources", None) or {}]


def _absolute(reference: str, home: Path) -> str:
    """The same secret, seen from another folder."""
    kind, _, where = reference.partition(":")
    return f"file:{(home / where).resolve()}" if kind == "file" else reference
