# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A department that exchanges files: it reads what is whole in one folder, and puts what it says into another."""

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any, Self

from hub.ports.clock import Clock
from hub.sandbox.far_side import Arrival, Book, Spoken, Temper, section_of
from hub.sandbox.script import Script

_LOOK = 0.1
_WAYS = ("carrier", "host", "port", "user", "password_secret", "key_secret", "host_keys", "tls_ca_file", "needs")
"""Settings about the way to the real folder: the simulated one is on this machine."""
_KEY = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class FilesFarSide:
    """Folders of this machine in place of the department's. A file is read once and removed, as its system would do."""

    tempers: Sequence[Temper] = (Temper.READY,)

    def __init__(self, script: Script, clock: Clock) -> None:
        self.book = Book()
        self._script = script
        self._clock = clock
        self._place = Path(mkdtemp(prefix="govhub-sandbox-files-"))
        self._in, self._out = self._place / "in", self._place / "out"
        self._awaited = ""
        self._marker: str | None = None
        self._type = "application/xml"

    async def __aenter__(self) -> Self:
        self._in.mkdir()
        self._out.mkdir()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await asyncio.to_thread(rmtree, self._place, ignore_errors=True)

    def led_here(self, deployment: dict[str, Any]) -> Sequence[str]:
        settings = section_of(deployment, self._script.destination)["settings"]
        untried = _local(settings, self._in)
        completion = settings.get("completion", "none")
        self._awaited = {"none": "", "ok": settings.get("ok_suffix", ".ok")}.get(completion, f".{completion}")
        for source in (deployment.get("sources") or {}).values():
            spoken = source["settings"] = dict(source.get("settings") or {})
            untried += _local(spoken, self._out)
            spoken["poll_seconds"] = _LOOK
            self._type = spoken.get("content_type", self._type)
            if spoken.get("complete", "rename") == "marker":
                self._marker = spoken.get("marker_suffix", ".ok")
        return list(dict.fromkeys(untried))

    def behave(self, temper: Temper) -> None:
        """A folder has no moods."""

    async def at_work(self, url: str, key: str) -> None:  # noqa: ARG002  # because the port asks for them
        while True:
            for name, body in await asyncio.to_thread(self._read):
                found = _KEY.search(name)
                await self.book.note(Arrival(found[0] if found else name, self._type, body))
            await self._clock.sleep(_LOOK)

    async def say(self, spoken: Spoken) -> bool:
        await asyncio.to_thread(self._put, spoken)
        return True

    def _read(self) -> list[tuple[str, bytes]]:
        read = []
        for path in sorted(self._in.iterdir()):
            if path.name.startswith(".") or path.name.endswith((".part", ".tmp")) or not path.is_file():
                continue
            companion = path.with_name(path.name + self._awaited)
            if self._awaited and (path.name.endswith(self._awaited) or not companion.exists()):
                continue
            read.append((path.name, path.read_bytes()))
            for done in {path, companion}:
                done.unlink()
        return read

    def _put(self, spoken: Spoken) -> None:
        name = self._script.files.named(spoken.case, spoken.contract.type, spoken.id.rpartition("-")[2])
        temporary = self._out / f".{name}.part"
        temporary.write_bytes(spoken.body)
        temporary.rename(self._out / name)
        if self._marker is not None:
            (self._out / f"{name}{self._marker}").touch()


def _local(settings: dict[str, Any], folder: Path) -> list[str]:
    """Lead settings to this folder; which of them were about the way to the real one."""
    untried = [name for name in _WAYS if settings.pop(name, None) is not None]
    settings["folder"] = str(folder)
    return untried
