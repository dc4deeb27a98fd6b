# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The data directory: made aside by initdb and put in place whole, so that half of one never counts as a database."""

import secrets
import shutil
import subprocess
from typing import Final

from hub.journal.embedded.binaries import Binaries
from hub.journal.embedded.faults import EmbeddedFault, FaultCode, fault, fault_of_log
from hub.journal.embedded.home import UNFINISHED, Home, sync_folder, write_private

SUPERUSER: Final = "postgres"
_SECONDS: Final = 120
_SINCE_17: Final = (
    "--locale-provider=builtin",  # collations of its own, the same on every operating system
    "--builtin-locale=C.UTF-8",
    "--sync-method=syncfs",  # one call instead of a thousand
)


def ensure(home: Home, binaries: Binaries, lock: int) -> EmbeddedFault | None:
    """Make the data directory if there is none, else check that it is of this version. Raises OSError.

    Runs under the server lock, which initdb inherits: one that outlives us is waited for, not raced.
    """
    for stale in home.unfinished():
        shutil.rmtree(stale, ignore_errors=True)
    if home.data.exists():
        return _check(home, binaries)
    new = home.place / f"{UNFINISHED}{secrets.token_hex(4)}"
    new.mkdir(mode=0o700)
    try:
        return _make(home, binaries, lock, new.name)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _check(home: Home, binaries: Binaries) -> EmbeddedFault | None:
    version = home.data / "PG_VERSION"
    if not version.is_file():
        return fault(FaultCode.DIRECTORY_NOT_OURS, directory=home.directory, detail=f"{home.data} without PG_VERSION")
    written = version.read_text(encoding="ascii", errors="replace").strip()
    if written != str(binaries.major):
        return fault(FaultCode.OTHER_VERSION, detail=f"{written} != {binaries.major}")
    if home.password() is None:
        return fault(FaultCode.PASSWORD_LOST, detail=str(home.directory / "password"))
    return None


def _make(home: Home, binaries: Binaries, lock: int, name: str) -> EmbeddedFault | None:
    new = home.place / name
    write_private(new / "password", home.password() or home.new_password())
    home.give(new / "password")
    home.give(new)
    # C collation: keys sort by their bytes, here and on every other PostgreSQL.
    newer = _SINCE_17 if binaries.major >= 17 else ()
    process = home.account.spawn(
        [
            binaries.bindir / "initdb",
            f"--pgdata={new / 'data'}",
            f"--username={SUPERUSER}",
            f"--pwfile={new / 'password'}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
            *newer,
            "--data-checksums",
            "--no-instructions",
        ],
        output=subprocess.PIPE,
        inherit=(lock,),
    )
    try:
        output, _ = process.communicate(timeout=_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        output, _ = process.communicate()
    if process.returncode != 0:
        said = output.decode("utf-8", "replace").splitlines()[-10:]
        detail = f"initdb: {process.returncode}"
        return fault_of_log(FaultCode.INITDB_FAILED, said, detail=detail, directory=home.directory)
    (new / "data").rename(home.data)  # initdb has synced all that is in it
    sync_folder(home.place)
    return None
