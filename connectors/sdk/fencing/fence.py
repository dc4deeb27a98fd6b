# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The fence around a connector's process: what it says, and putting it up."""

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from connectors.sdk.fencing import calls, landlock, privileges

_SYSTEM = (
    "/usr", "/lib", "/lib64", "/bin", "/opt/python",
    "/etc/ssl", "/etc/pki", "/etc/ca-certificates", "/etc/resolv.conf", "/run/systemd/resolve", "/run/resolvconf",
    "/etc/hosts", "/etc/host.conf", "/etc/nsswitch.conf", "/etc/gai.conf", "/etc/services", "/etc/protocols",
    "/etc/localtime", "/etc/timezone", "/etc/mime.types", "/etc/ld.so.cache", "/etc/passwd", "/etc/group",
    "/dev/urandom", "/dev/random", "/dev/zero",
)  # fmt: skip
"""Libraries, certificates of authorities, names of hosts, time zones: nothing that belongs to a deployment."""
_DEVICES = ("/dev/null",)
_SITE_PACKAGES = frozenset({"site-packages", "dist-packages"})
_BELONGS = (".py", ".pyc", ".so", ".pth", ".zip")


class Part(StrEnum):
    """One part of a fence."""

    FILES = "files"
    """Files beyond python, the system's libraries and the folders it was given cannot be opened (Landlock)."""
    SIGNALS = "signals"
    """No process outside can be signalled, and no abstract Unix socket called (Landlock 6 and later)."""
    LISTENING = "listening"
    """No TCP port can be listened on (Landlock 4 and later)."""
    CALLS = "calls"
    """System calls that no connector needs fail: tracing, signalling and slowing others, new processes (seccomp)."""
    CAPABILITIES = "capabilities"
    """It has no capability, also under root."""
    GAINING = "gaining"
    """No program gives it what it has not."""
    UNREADABLE = "unreadable"
    """Others of the same user cannot look into it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fence:
    """``folders``: where it may read and write files, as absolute paths; None: wherever its user may. ``programs``: it may begin
    other processes. ``account``: the user and group ids it runs under, where the hub is root; None: the hub's.
    """

    folders: tuple[str, ...] | None = ()
    programs: bool = False
    account: tuple[int, int] | None = None

    def written(self) -> str:
        """The fence as one argument of a command."""
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, text: str) -> "Fence":
        """What :meth:`written` wrote."""
        said = json.loads(text)
        folders, account = said["folders"], said["account"]
        return cls(
            folders=None if folders is None else tuple(folders),
            programs=said["programs"],
            account=None if account is None else (account[0], account[1]),
        )


OURS = "connectors."
"""Where the references of the kinds that come with govhub begin."""

OPEN = Fence(folders=None, programs=True)
"""For kinds that come with govhub: they are audited, and some of them are about files."""


def fence_for(reference: str, far_side: object) -> Fence:
    """The fence on a bench: a third party's kind that is about files says in its far side's ``folders`` where they are."""
    if reference.startswith(OURS):
        return OPEN
    return Fence(folders=tuple(str(folder) for folder in getattr(far_side, "folders", ())))


def put_up(fence: Fence) -> frozenset[Part]:
    """Put it up around this process, for good; gives what of it this kernel has. Call it before any thread is begun, and when
    everything is imported that the connector did not bring.
    """
    if fence.account is not None:
        privileges.become(*fence.account)
    parts = {
        Part.CAPABILITIES: privileges.drop_capabilities(),
        Part.GAINING: privileges.gain_nothing(),
        Part.UNREADABLE: privileges.be_unreadable(),
    }
    if fence.folders is not None:
        listed, read = _listed(), (*_SYSTEM, *_prefixes(), *_importable(), "/proc/self")
        abi = landlock.restrict(listed=listed, read=read, written=(*_DEVICES, *fence.folders))
        parts[Part.FILES] = abi > 0
        parts[Part.LISTENING] = abi >= 4  # because Part says which version has it
        parts[Part.SIGNALS] = abi >= 6
    parts[Part.CALLS] = calls.restrict(programs=fence.programs)
    return frozenset(part for part, there in parts.items() if there)


def _prefixes() -> Iterator[str]:
    """Where this interpreter is installed, unless that is everywhere."""
    for prefix in {sys.prefix, sys.base_prefix, sys.exec_prefix}:
        if len(Path(prefix).parts) > 1:
            yield prefix


def _listed() -> Iterator[str]:
    """Folders that python looks through for modules: their names may be listed, no more."""
    yield from (entry for entry in sys.path if entry)


def _importable() -> Iterator[str]:
    """What of python's path is there to be imported. A folder of packages is given whole; of any other one, such as a
    checkout in which a deployment may lie too, only modules and packages.
    """
    for entry in filter(None, sys.path):
        path = Path(entry)
        if path.is_file() or path.name in _SITE_PACKAGES:
            yield entry
            continue
        try:
            inside = list(os.scandir(entry))
        except OSError:
            continue
        for one in inside:
            is_package = one.is_dir() and (
                one.name.endswith((".dist-info", ".egg-info")) or Path(one.path, "__init__.py").is_file()
            )
            if is_package or (one.is_file() and one.name.endswith(_BELONGS)):
                yield one.path
