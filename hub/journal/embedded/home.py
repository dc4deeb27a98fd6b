# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Where an embedded database lives, and as whom it runs.

The directory asked for always holds the locks, the password and the record of the server. The data stand beside them,
with one exception: root cannot run PostgreSQL, and the user it runs it as may not be able to reach the directory (a
clone in ``/root``, mode 0700). Then the data live in ``<elsewhere>/<digest of the directory>-<random>``, the directory
keeps a pointer to it, and no mode of any parent is changed. A container that runs the hub as root on a volume keeps its
data on the volume. Deleting such a directory by hand leaves its data behind, unused, so that nothing is lost and
nothing comes back unasked; :func:`hub.journal.embedded.erase` removes both.
"""

import hashlib
import os
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hub.journal.embedded.account import Account, account_of, candidates
from hub.journal.embedded.faults import EmbeddedFault, FaultCode, fault

ELSEWHERE: Final = Path("/var/lib/govhub")
UNFINISHED: Final = ".new-"
_POINTER: Final = "data.location"
_WRITABLE_BY_OTHERS: Final = stat.S_IWGRP | stat.S_IWOTH


@dataclass(frozen=True, slots=True)
class Home:
    """``directory`` is what was asked for, ``place`` where the data are; both belong to this process's user."""

    directory: Path
    place: Path
    account: Account

    @property
    def data(self) -> Path:
        """PostgreSQL's data directory, the account's own, mode 0700."""
        return self.place / "data"

    def unfinished(self) -> list[Path]:
        """The folders in which an initdb works, or has been killed."""
        return list(self.place.glob(f"{UNFINISHED}*"))

    @property
    def start_log(self) -> Path:
        """What PostgreSQL said before it opened its own log."""
        return self.directory / "start.log"

    def give(self, path: Path) -> None:
        """Hand a file or folder of ours to the account. Only for what the account could not touch until now."""
        if self.account.other:
            os.chown(path, self.account.uid, self.account.gid, follow_symlinks=False)

    def password(self) -> str | None:
        """The database's password, once it has one."""
        path = self.directory / "password"
        return path.read_text(encoding="ascii").strip() if path.exists() else None

    def new_password(self) -> str:
        """Make a password and write it down for good, readable by this process's user only."""
        password = secrets.token_urlsafe(32)
        write_private(self.directory / "password", password)
        return password


def settle(directory: Path, elsewhere: Path) -> Home | EmbeddedFault:
    """Find or choose where the database of a claimed directory lives. Raises OSError."""
    pointer = directory / _POINTER
    place = Path(pointer.read_text(encoding="utf-8")) if pointer.exists() else directory
    if not place.is_dir():
        return fault(FaultCode.DATA_MISSING, directory=directory, detail=str(place))
    account = _account(place / "data")
    if isinstance(account, EmbeddedFault):
        return account
    if place != directory:
        return Home(directory, place, account)
    directory.chmod(0o711 if account.other else 0o700)
    if account.reaches(directory):
        return Home(directory, directory, account)
    directory.chmod(0o700)
    if (directory / "data").exists():
        return fault(FaultCode.DIRECTORY_NOT_OURS, directory=directory, detail=f"out of reach of {account.name}")
    return _move_out(directory, elsewhere, account)


def _account(data: Path) -> Account | EmbeddedFault:
    """Whose the data are, or shall be: a user chosen once stays the owner, whoever is added to the system later."""
    if data.exists():
        return _owner(data)
    fit = next((one for one in candidates() if one.works()), None)
    return fit or fault(FaultCode.NO_OS_USER, detail=f"uid {os.geteuid()}")


def _owner(data: Path) -> Account | EmbeddedFault:
    uid = data.lstat().st_uid
    account = account_of(uid)
    if account is None or uid == 0:
        return fault(FaultCode.NO_OS_USER, detail=f"{data} uid {uid}")
    if os.geteuid() not in {0, uid}:
        return fault(FaultCode.DIRECTORY_NOT_OURS, directory=data.parent, detail=f"{data} uid {uid}")
    return account


def _move_out(directory: Path, elsewhere: Path, account: Account) -> Home | EmbeddedFault:
    unfit = open_elsewhere(elsewhere, account)
    if unfit is not None:
        return unfit
    digest = hashlib.sha256(os.fsencode(directory)).hexdigest()[:12]
    place = elsewhere / f"{digest}-{secrets.token_hex(4)}"
    place.mkdir(mode=0o711)
    place.chmod(0o711)  # whatever the umask took away
    write_private(place / "directory", str(directory))
    write_private(directory / _POINTER, str(place))  # last: a pointer always has something to point to
    return Home(directory, place, account)


def open_elsewhere(elsewhere: Path, account: Account) -> EmbeddedFault | None:
    """Make the folder for what must be reachable, unless it is there; only we may write it. Raises OSError."""
    if not elsewhere.exists():
        elsewhere.mkdir(parents=True, exist_ok=True)
        elsewhere.chmod(0o755)  # whatever the umask took away
    status = elsewhere.lstat()
    safe = stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() and not status.st_mode & _WRITABLE_BY_OTHERS
    if safe and account.reaches(elsewhere):
        return None
    detail = f"unsafe, or out of reach of {account.name}"
    return fault(FaultCode.DIRECTORY_NOT_OURS, directory=elsewhere, detail=detail)


def write_private(path: Path, text: str) -> None:
    """Write a whole file, mode 0600, in one step that survives a power cut. Raises OSError."""
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.rename(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
