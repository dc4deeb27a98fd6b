# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The folder of PostgreSQL's Unix socket: mode 0700, and with a name short enough for the kernel."""

import os
import stat
import tempfile
from pathlib import Path
from typing import Final

from hub.journal.embedded.home import Home

_FILE: Final = ".s.PGSQL.5432"
_PREFIX: Final = "govhub-"
_LONGEST: Final = 107  # bytes in sun_path of Linux, without its final zero (unix(7))
_LISTED: Final = frozenset(',"\\')  # separators in PostgreSQL's and the driver's lists of hosts


def socket_folder(home: Home, previous: Path | None) -> Path:
    """A private folder for the socket: beside the data if that fits, else a short one elsewhere.

    For the holder of the server lock, just before it starts a server: what a killed one left in the folder is removed.
    ``previous`` is the folder an earlier server used; it is taken again if it is still ours. Raises OSError.
    """
    folder = home.place / "socket"
    kept = folder if fits(folder) else previous
    if kept is not None and _is_ours(kept, home):
        for name in (_FILE, f"{_FILE}.lock"):
            (kept / name).unlink(missing_ok=True)  # stale, like postmaster.pid
        return kept
    if fits(folder):
        folder.mkdir(mode=0o700)
        home.give(folder)
        return folder
    short = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=_parent()))  # made by us, 0700, or it fails: nobody gets in first
    home.give(short)
    return short


def fits(folder: Path) -> bool:
    """Whether a socket in that folder can be bound, and named to PostgreSQL and its driver."""
    name = str(folder)
    try:
        length = len(f"{name}/{_FILE}".encode())
    except UnicodeEncodeError:
        return False
    return length <= _LONGEST and not any(letter in _LISTED or letter.isspace() for letter in name)


def remove(folder: Path, home: Home) -> None:
    """Remove a short folder after its server ended. One beside the data stays."""
    if folder.parent != home.place and folder.name.startswith(_PREFIX) and _is_ours(folder, home):
        for file in folder.iterdir():
            file.unlink(missing_ok=True)
        folder.rmdir()


def _is_ours(folder: Path, home: Home) -> bool:
    """A real folder of the account's that nobody else may enter. Others can make no such thing, nor move it."""
    try:
        status = folder.lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISDIR(status.st_mode) and status.st_uid == home.account.uid and stat.S_IMODE(status.st_mode) == 0o700


def _parent() -> Path:
    """Where short private folders may be made: for root /run, else the user's run-time folder; at last /tmp."""
    wanted = ["/run"] if os.geteuid() == 0 else [os.environ.get("XDG_RUNTIME_DIR", "")]
    return next((Path(name) for name in wanted if name and _is_safe(Path(name))), Path("/tmp"))  # noqa: S108  # because only a private folder is made in it


def _is_safe(parent: Path) -> bool:
    """Whether nobody but its owner, root or us, can rename what we make in it."""
    try:
        status = parent.stat()
    except OSError:
        return False
    guarded = not status.st_mode & 0o022 or bool(status.st_mode & stat.S_ISVTX)
    trusted = guarded and status.st_uid in {0, os.geteuid()}
    return trusted and len(os.fsencode(parent)) < _LONGEST // 2 and os.access(parent, os.W_OK)
