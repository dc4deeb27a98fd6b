# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Folders, and file systems that lead to them."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from connectors.file_drop.file_system import FileSystem
from connectors.file_drop.local import LocalFileSystem
from connectors.file_drop.opening import open_file_system
from connectors.file_drop.place import PlaceConfig
from connectors.sdk import Context
from tests.connectors.far_files import by_ftp, by_sftp
from tests.support.ftpd import Ftpd
from tests.support.missing import missing
from tests.support.sshd import Sshd
from tests.support.vsftpd import REMEDY, USER, Vsftpd, find_vsftpd

Reach = Callable[[], FileSystem]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "drop").mkdir()
    return tmp_path / "drop"


@pytest.fixture
async def local(folder: Path) -> AsyncIterator[FileSystem]:
    files = LocalFileSystem(bytes(folder))
    yield files
    await files.close()


@pytest.fixture
async def sftp(folder: Path, sshd: Sshd, context: Context, secrets: dict[str, str]) -> AsyncIterator[FileSystem]:
    secrets["sftp-key"] = sshd.private_key
    files = open_file_system(PlaceConfig.model_validate(by_sftp(folder, sshd)), context)
    yield files
    await files.close()


@pytest.fixture
async def ftp(folder: Path, ftpd: Ftpd, context: Context, secrets: dict[str, str]) -> AsyncIterator[FileSystem]:
    secrets["ftp"] = "made-up"
    files = open_file_system(PlaceConfig.model_validate(by_ftp("/drop", ftpd.port)), context)
    yield files
    await files.close()


@pytest.fixture
async def old_ftp(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, context: Context, secrets: dict[str, str]
) -> AsyncIterator[FileSystem]:
    """By a server that knows LIST, SIZE and MDTM only."""
    program = find_vsftpd()
    if program is None:
        missing(REMEDY)
    secrets["ftp"] = "made-up"
    async with Vsftpd(program, folder.parent, tmp_path_factory.mktemp("vsftpd")) as server:
        reach = by_ftp(str(folder), server.port) | {"user": USER}
        files = open_file_system(PlaceConfig.model_validate(reach), context)
        yield files
        await files.close()


@pytest.fixture(params=["local", "sftp", "ftp", "old_ftp"])
def files(request: pytest.FixtureRequest) -> FileSystem:
    """Each adapter in turn, at ``folder``."""
    found: FileSystem = request.getfixturevalue(request.param)
    return found
