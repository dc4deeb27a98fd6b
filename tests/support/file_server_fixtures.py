# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The fixtures that lend file servers to the tests."""

from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.support import ftpd as ftp
from tests.support.missing import missing
from tests.support.sshd import REMEDY, Sshd, find_sshd


@pytest.fixture(scope="session")
async def private_sshd() -> AsyncIterator[Sshd]:
    """The private server, whatever the last test told it to do. Tests ask for ``sshd``."""
    binaries = find_sshd()
    if binaries is None:
        missing(REMEDY)
    with TemporaryDirectory(prefix="govhub-sshd-") as directory:
        async with Sshd(binaries, Path(directory)) as server:
            yield server


@pytest.fixture
def sshd(private_sshd: Sshd) -> Sshd:
    """A running OpenSSH server that behaves."""
    private_sshd.behaviour.unlink(missing_ok=True)
    return private_sshd


@pytest.fixture
async def ftpd(tmp_path: Path) -> AsyncIterator[ftp.Ftpd]:
    """A running FTP server, whose root is the test's folder ``tmp_path``."""
    if not await ftp.is_installed():
        missing(ftp.REMEDY)
    async with ftp.Ftpd(tmp_path) as server:
        yield server
