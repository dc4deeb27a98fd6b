# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The department that exchanges files: what it does at its own folders, round by round."""

import os
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Final

import orjson

from connectors.file_drop import sidecar
from connectors.file_drop.config import SIDECAR
from connectors.file_drop.digests import agrees, checksum_file
from connectors.file_drop.simulator_words import ENDINGS, FilesOptions, Step
from connectors.sdk.simulated_speech import case_of, completion

_COMPANIONS: Final = tuple(filter(None, ENDINGS.values()))
_ROUNDS = 3
_RARE = "回执·𠮷"


@dataclass(frozen=True, slots=True)
class _Made:
    """A file, what stands beside it, and what completes it: contents by names."""

    name: str
    body: bytes
    sidecars: dict[str, bytes]
    marker: dict[str, bytes]


class Department:
    """Plays the department at its folders; one event loop. :meth:`turn` does one round of its work."""

    def __init__(self, options: FilesOptions, script: Iterable[Step] = ()) -> None:
        self._options = options
        self._inside, self._outside, self._home = (options.folder / one for one in ("in", "out", "taken"))
        self.words = deque(script)
        """What it still has to put."""
        self._cases: deque[str] = deque()
        self._later: list[tuple[int, Callable[[], object]]] = []
        self._round = 0
        self._numbers = count(1)
        self.taken: list[str] = []
        """Names of what was taken, in order; one that stands twice was published again after it was taken."""
        self._puts: dict[Step, Callable[[_Made, str, int], None]] = {
            Step.GOOD: lambda made, *_: self._place(made),
            Step.HALF: self._put_half,
            Step.NO_OK: lambda made, *_: self._place(replace(made, marker={})),
            Step.ONLY_OK: lambda made, *_: self._place(replace(made, name="", sidecars={})),
            Step.WRONG_CHECKSUM: lambda made, *_: self._place(replace(made, body=made.body + b" ")),
            Step.GB18030: self._put_rare,
            Step.TWICE: self._put_twice,
            Step.CHANGED: self._put_changed,
            Step.GARBAGE: self._put_garbage,
            Step.LARGE: self._put_large,
            Step.LINK: self._put_link,
            Step.ABANDONED: self._put_abandoned,
            Step.AWAY: self._go_away,
        }
        self.faults: list[str] = []
        """Names of published files that are not what their checksum says: left where they are."""

    def prepare(self) -> None:
        """Make the folders. Raises ``OSError``."""
        for one in (self._inside, self._outside, self._home):
            one.mkdir(parents=True, exist_ok=True)

    def turn(self) -> None:
        """What was begun goes on, what is published is taken, and the next word is put."""
        self._round += 1
        due = [one for one in self._later if one[0] <= self._round]
        for one in due:
            self._later.remove(one)
            one[1]()
        if not self._inside.exists():
            return
        self._take()
        if self._options.reply:
            while self._cases:
                self._put(self.words.popleft() if self.words else Step.GOOD, self._cases.popleft())
        elif self.words:
            self._put(self.words.popleft(), "")

    def _take(self) -> None:
        ending = ENDINGS[self._options.completion]
        for found in sorted(self._inside.iterdir()):
            name = found.name
            if name.startswith(".") or name.endswith((SIDECAR, ".part", *_COMPANIONS)):
                continue
            beside = found.with_name(name + ending)
            if ending and not beside.exists():
                continue
            body = found.read_bytes()
            if ending not in {"", ".ok"} and not agrees(self._options.completion, beside.read_bytes(), body):
                if name not in self.faults:
                    self.faults.append(name)
                continue
            for one in {found, beside, found.with_name(name + SIDECAR)}:
                with suppress(FileNotFoundError):
                    one.replace(self._home / one.name)
            self.taken.append(name)
            self._cases.append(case_of(body, found.stem))

    def _put(self, step: Step, case: str) -> None:
        number = next(self._numbers)
        case = case or f"510500-20260302-{number:06}"
        self._puts[step](self._made(case, number), case, number)

    def _put_half(self, made: _Made, _case: str, _number: int) -> None:
        self._write(made.name, made.body[: len(made.body) // 2])
        self._after(lambda: self._place(made))

    def _put_rare(self, _made: _Made, case: str, number: int) -> None:
        self._place(self._made(case, number, _RARE))

    def _put_twice(self, made: _Made, _case: str, _number: int) -> None:
        self._place(made)
        self._once_taken(made.name, lambda: self._place(made))

    def _put_changed(self, made: _Made, case: str, number: int) -> None:
        self._place(made)
        other = self._made(case, number, licence_no="JY-1")
        self._once_taken(made.name, lambda: self._place(other))

    def _put_garbage(self, made: _Made, _case: str, _number: int) -> None:
        body = b"\xff\xfe{"
        self._place(_Made(made.name, body, made.sidecars, self._marker(made.name, body)))

    def _put_large(self, made: _Made, _case: str, _number: int) -> None:
        self._place(replace(made, marker={}))
        os.truncate(self._at(made.name), self._options.large_bytes)  # a hole: it takes no room on the disk
        self._place(replace(made, name="", sidecars={}))

    def _put_link(self, made: _Made, _case: str, _number: int) -> None:
        self._at(made.name).symlink_to("/dev/zero")
        self._place(replace(made, name=""))

    def _put_abandoned(self, made: _Made, _case: str, _number: int) -> None:
        self._write(f".{made.name}.part", made.body[: len(made.body) // 2])

    def _made(self, case: str, number: int, stem: str = "", **data: object) -> _Made:
        event_id = f"{case}-sim-{number}"
        event = completion(case, event_id, self._options.source, **data)
        name = f"{stem or case}_{number}.json"
        if self._options.mode == "structured":
            body = orjson.dumps(event)
            return _Made(name, body, {}, self._marker(name, body))
        body = orjson.dumps(event.pop("data"))
        sidecars: dict[str, bytes] = {}
        if self._options.mode == "sidecar":
            event.pop("datacontenttype")
            beside = sidecar.write(sidecar.Sidecar(key=event_id, content_type="application/json", attributes=event))
            assert beside is not None, "texts can be written"
            sidecars[name + SIDECAR] = beside
        return _Made(name, body, sidecars, self._marker(name, body))

    def _marker(self, name: str, body: bytes) -> dict[str, bytes]:
        agreed = self._options.completion
        if agreed == "rename":
            return {}
        content = b"" if agreed == "marker" else checksum_file(agreed, self._bytes(name), body)
        return {name + ENDINGS[agreed]: content}

    def _place(self, made: _Made) -> None:
        """In one step, and what completes it last."""
        for one, what in made.sidecars.items():
            self._write(one, what)
        if made.name:
            self._write(f".{made.name}.part", made.body)
            self._at(f".{made.name}.part").replace(self._at(made.name))
        for one, what in made.marker.items():
            self._write(one, what)

    def _write(self, name: str, body: bytes) -> None:
        self._at(name).write_bytes(body)

    def _at(self, name: str) -> Path:
        return self._outside / os.fsdecode(self._bytes(name))

    def _bytes(self, name: str) -> bytes:
        """An FTP server writes names in its encoding by itself; everything else gives them out as they lie on the disk."""
        gives = "utf-8" if self._options.carrier == "ftp" else self._options.name_encoding
        return name.encode("gb18030" if _RARE in name and self._options.carrier != "ftp" else gives)

    def _after(self, work: Callable[[], object]) -> None:
        self._later.append((self._round + _ROUNDS, work))

    def _once_taken(self, name: str, work: Callable[[], object]) -> None:
        def look() -> None:
            if self._at(name).exists():
                self._later.append((self._round + 1, look))
            else:
                work()

        self._later.append((self._round + 1, look))

    def _go_away(self, _made: _Made, _case: str, _number: int) -> None:
        moved = [(one, one.with_name(f"{one.name}.away")) for one in (self._inside, self._outside)]
        for one, aside in moved:
            one.rename(aside)

        def come_back() -> None:
            for one, aside in moved:
                aside.rename(one)

        self._after(come_back)
