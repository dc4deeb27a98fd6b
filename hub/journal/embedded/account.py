# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The operating system's user that PostgreSQL runs as. It refuses root, and we make no users."""

import os
import pwd
import stat
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_PREFERRED: Final = ("postgres", "nobody", "daemon")
_ENVIRONMENT: Final = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


@dataclass(frozen=True, slots=True)
class Account:
    """A user: this process's own, or, for root, one to become."""

    uid: int
    gid: int
    name: str

    @property
    def other(self) -> bool:
        """Whether PostgreSQL runs as somebody else than this process."""
        return self.uid != os.geteuid()

    def spawn(
        self, command: Sequence[str | Path], *, output: int, inherit: Sequence[int] = ()
    ) -> subprocess.Popen[bytes]:
        """Start a program as this user, in a session of its own (Ctrl-C is not for it), umask 077.

        Nothing of our environment goes along, no group, and no descriptor but ``output`` (or ``subprocess.PIPE``) for
        both outputs and those in ``inherit``. Raises OSError.
        """
        return subprocess.Popen(  # noqa: S603  # because the programs are PostgreSQL's, by absolute path
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            env=_ENVIRONMENT,
            start_new_session=True,
            umask=0o077,
            pass_fds=tuple(inherit),
            user=self.uid if self.other else None,
            group=self.gid if self.other else None,
            extra_groups=[] if self.other else None,
        )

    def runs(self, program: Path) -> str | None:
        """What ``program --version`` prints when this user runs it; None when it cannot."""
        try:
            process = self.spawn([program, "--version"], output=subprocess.PIPE)
        except (OSError, subprocess.SubprocessError):  # not permitted, not executable, not for this machine
            return None
        output, _ = process.communicate()
        return output.decode("utf-8", "replace").strip() if process.returncode == 0 else None

    def works(self) -> bool:
        """Whether this process can start anything as this user: a container may forbid root to become another."""
        if not self.other:
            return True
        try:
            process = self.spawn(["/bin/sh", "-c", ":"], output=subprocess.DEVNULL)
        except (OSError, subprocess.SubprocessError):
            return False
        return process.wait() == 0

    def reaches(self, directory: Path) -> bool:
        """Whether this user may pass through every directory down to this one, judged by owner, group and mode."""
        return not self.other or all(self._passes(place.stat()) for place in (directory, *directory.parents))

    def _passes(self, status: os.stat_result) -> bool:
        if status.st_uid == self.uid:
            return bool(status.st_mode & stat.S_IXUSR)
        if status.st_gid == self.gid:
            return bool(status.st_mode & stat.S_IXGRP)
        return bool(status.st_mode & stat.S_IXOTH)


def account_of(uid: int) -> Account | None:
    """The user of that number, if it has a name: initdb insists on one."""
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        return None
    return Account(entry.pw_uid, entry.pw_gid, entry.pw_name)


def candidates() -> Iterator[Account]:
    """Who may run PostgreSQL here: this process's own user, or, for root, the existing users worth trying in turn."""
    if os.geteuid() != 0:
        own = account_of(os.geteuid())
        if own is not None:
            yield own
        return
    for name in _PREFERRED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            yield Account(entry.pw_uid, entry.pw_gid, entry.pw_name)
