# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a third party's connectors are and whether settings fit them, without a line of their code run here.

One process per package, behind a fence, bounded in time and memory: it loads the package's kinds, gives their manifests and
JSON Schemas, and holds every settings of theirs against its model. Over what it hangs, dies or talks nonsense is refused, and
another process goes on with the rest.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Self, TypeAlias

from connectors.sdk.describing_wire import faults_of, hear, located_bytes, plain, say
from connectors.sdk.discovery import Broken
from connectors.sdk.documents import Described
from connectors.sdk.fencing.fence import Fence
from connectors.sdk.lookup import Criteria
from connectors.sdk.manifest import Manifest, Role
from connectors.sdk.spawning import environment
from connectors.sdk.wire import manifest_of
from contracts.fault import Fault
from contracts.yaml_source import Located

_AT_A_TIME = 4
_MOST_CRITERIA = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Seconds for python to start and a module to load, for one answer after that, and for a whole package; bytes of memory."""

    load_seconds: float = 20.0
    answer_seconds: float = 5.0
    total_seconds: float = 60.0
    memory_bytes: int = 1024 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Kind:
    """An installed kind that is not ours. ``package`` is the distribution it came with: one process for each."""

    name: str
    reference: str
    package: str


@dataclass(frozen=True, slots=True)
class Draft:
    """Settings as they are written, for a kind in one of these roles: the first that the kind has."""

    kind: Kind
    roles: tuple[Role, ...]
    written: Located


@dataclass(frozen=True, slots=True)
class Fits:
    """The settings are right; ``manifest`` is what the kind promises under them, ``criteria`` what a lookup may be asked."""

    role: Role
    manifest: Manifest
    criteria: Criteria = field(default_factory=Criteria)


@dataclass(frozen=True, slots=True)
class OtherRole:
    """The kind can be used, but for something else."""

    manifest: Manifest


Fitting: TypeAlias = Fits | OtherRole | Broken | tuple[Fault, ...]


def fit_all(drafts: Sequence[Draft], fence: Fence | None = None, bounds: Bounds | None = None) -> list[Fitting]:
    """What came of each draft, in their order. Never raises over what a connector does."""
    found: dict[int, Fitting] = {}
    numbered = sorted(enumerate(drafts), key=lambda one: (one[1].kind.package, one[1].kind.name, one[0]))
    groups = [list(group) for _, group in groupby(numbered, key=lambda one: one[1].kind.package)]

    def fit_group(group: Sequence[tuple[int, Draft]]) -> None:
        with _Talk(fence or Fence(), bounds or Bounds()) as talk:
            for number, draft in group:
                found[number] = talk.fit(draft)

    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        list(pool.map(fit_group, groups))
    return [found[number] for number in range(len(drafts))]


def describe_all(
    kinds: Sequence[Kind], fence: Fence | None = None, bounds: Bounds | None = None
) -> list[Described | Broken]:
    """What each kind is, in their order. Never raises over what a connector does."""
    found: dict[str, Described | Broken] = {}
    ordered = sorted(kinds, key=lambda kind: (kind.package, kind.name))
    groups = [list(group) for _, group in groupby(ordered, key=lambda kind: kind.package)]

    def describe_group(group: Sequence[Kind]) -> None:
        with _Talk(fence or Fence(), bounds or Bounds()) as talk:
            for kind in group:
                found[kind.name] = talk.describe(kind)

    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        list(pool.map(describe_group, groups))
    return [found[kind.name] for kind in kinds]


class _Talk:
    """With one package's processes, one after the other."""

    def __init__(self, fence: Fence, bounds: Bounds) -> None:
        self._fence = fence
        self._bounds = bounds
        self._until = time.monotonic() + bounds.total_seconds  # because this is a process's time, not the hub's
        self._process: subprocess.Popen[bytes] | None = None
        self._link: socket.socket | None = None
        self._here: set[str] = set()
        """The kinds that the present process has loaded."""
        self._known: dict[str, Manifest | Broken] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._end()

    def fit(self, draft: Draft) -> Fitting:
        manifest = self._loaded(draft.kind)
        if isinstance(manifest, Broken):
            return manifest
        role = next((one for one in draft.roles if one in manifest.roles), None)
        if role is None:
            return OtherRole(manifest)
        try:
            written = located_bytes(draft.written)
        except (TypeError, ValueError):
            return Broken(draft.kind.name, "its settings cannot be handed over")
        head = {"is": "fit", "kind": draft.kind.name, "role": role.value}
        match self._ask(head, written, self._bounds.answer_seconds):
            case {"is": "fits", "manifest": told, **more} if (promises := manifest_of(told)) is not None:
                criteria = _criteria(more.get("criteria", [[], []]))
                if promises.kind == draft.kind.name and criteria is not None:
                    return Fits(role, promises, criteria)
            case {"is": "unfit", "faults": told} if (faults := faults_of(told, draft.written.file)) is not None:
                return faults
            case {"is": "raised", "reason": str(reason)}:
                return Broken(draft.kind.name, f"checking its settings raises {plain(reason)}")
            case str(reason):
                return Broken(draft.kind.name, f"checking its settings: {reason}")
            case _:
                pass
        self._end()
        return Broken(draft.kind.name, "checking its settings: what it says cannot be understood")

    def describe(self, kind: Kind) -> Described | Broken:
        manifest = self._loaded(kind)
        if isinstance(manifest, Broken):
            return manifest
        match self._ask({"is": "schemas", "kind": kind.name}, b"", self._bounds.answer_seconds):
            case {"is": "schemas", "schemas": dict(schemas)}:
                told = {role: schemas[role] for role in manifest.roles if isinstance(schemas.get(role), dict)}
                if len(told) == len(manifest.roles):
                    return Described(manifest, told)
            case {"is": "raised", "reason": str(reason)}:
                return Broken(kind.name, f"describing its settings raises {plain(reason)}")
            case str(reason):
                return Broken(kind.name, f"describing its settings: {reason}")
            case _:
                pass
        self._end()
        return Broken(kind.name, "describing its settings: what it says cannot be understood")

    def _loaded(self, kind: Kind) -> Manifest | Broken:
        """The kind's manifest, with the kind loaded in the present process. One that cannot be loaded is not tried again."""
        known = self._known.get(kind.name)
        if isinstance(known, Broken) or (known is not None and kind.name in self._here):
            return known
        head = {"is": "load", "kind": kind.name, "reference": kind.reference}
        told = self._ask(head, b"", self._bounds.load_seconds)
        self._known[kind.name] = manifest = _manifest(kind, told)
        if isinstance(manifest, Broken):
            if not isinstance(told, str):
                self._end()  # what it left behind there is nobody else's
        else:
            self._here.add(kind.name)
        return manifest

    def _ask(self, head: Mapping[str, object], body: bytes, seconds: float) -> Mapping[str, Any] | str:
        """What it says; or why it says nothing, and then its process is ended."""
        left = self._until - time.monotonic()  # as above
        if left <= 0:
            self._end()
            return f"its package was not done within {self._bounds.total_seconds:g} seconds"
        if self._link is None and (trouble := self._start()):
            return trouble
        assert self._link is not None, "it has just been started"
        seconds = min(seconds, left)
        self._link.settimeout(seconds)
        try:
            if not say(self._link, head, body):
                return "what it is told is too large"
            told = hear(self._link, 0)
        except TimeoutError:
            self._end()
            return f"it did not answer within {seconds:.3g} seconds"
        except OSError:
            told = None
        if told is None:
            return self._died()
        return told[0]

    def _start(self) -> str:
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                self._process = subprocess.Popen(  # noqa: S603  # because every part of it is written here
                    [
                        sys.executable, "-P", "-m", "connectors.sdk.describing_child",
                        str(theirs.fileno()), str(self._bounds.memory_bytes), str(os.getpid()), self._fence.written(),
                    ],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    env=environment(),
                    cwd="/",
                    pass_fds=(theirs.fileno(),),
                    start_new_session=True,
                )  # fmt: skip
            except OSError as error:
                ours.close()
                return f"its process cannot be started: {type(error).__name__}"
        self._link = ours
        return ""

    def _died(self) -> str:
        code = self._end()
        return "its process ended" + (f" with {code}" if code is not None else "")

    def _end(self) -> int | None:
        """End the present process and all it began; the code with which it had ended by itself, if it had."""
        process, self._process = self._process, None
        link, self._link = self._link, None
        self._here.clear()
        if link is not None:
            link.close()
        if process is None:
            return None
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.2)  # one whose socket has closed is on its way
        code = process.poll()
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return code


def _manifest(kind: Kind, told: Mapping[str, Any] | str) -> Manifest | Broken:
    match told:
        case {"is": "loaded", "manifest": written} if (manifest := manifest_of(written)) is not None:
            if manifest.kind == kind.name and manifest.roles:
                return manifest
        case {"is": "broken", "reason": str(reason)}:
            return Broken(kind.name, plain(reason))
        case {"is": "raised", "reason": str(reason)}:
            return Broken(kind.name, f"loading it raises {plain(reason)}")
        case str(reason):
            return Broken(kind.name, f"loading it: {reason}")
        case _:
            pass
    return Broken(kind.name, "loading it: what it says cannot be understood")


def _criteria(told: object) -> Criteria | None:
    match told:
        case [list(required), list(optional)] if len(required) + len(optional) <= _MOST_CRITERIA:
            if all(isinstance(one, str) for one in (*required, *optional)):
                return Criteria(required=frozenset(required), optional=frozenset(optional))
    return None
