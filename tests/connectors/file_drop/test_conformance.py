# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The kind keeps the SDK's rules: in a folder of this machine, behind OpenSSH's server, and behind an FTP server."""

from collections.abc import AsyncIterator
from pathlib import Path
from types import MappingProxyType

import pytest

from connectors.sdk.conformance import ConnectorSuite
from connectors.sdk.source_conformance import SourceSuite
from tests.connectors.far_files import FolderFarSide, FolderFeed, FtpFarSide, SftpFarSide, SftpFeed, by_ftp
from tests.support.ftpd import Ftpd
from tests.support.sshd import Sshd

_NEVER_HANGS = (
    "a folder of this machine can be away, but nobody stands behind it who takes a file and then hangs or hangs up"
)


class TestFileDrop(ConnectorSuite):
    reference = "connectors.file_drop:CONNECTOR"
    exempt = MappingProxyType(
        dict.fromkeys(
            [
                "hang_ends_at_the_deadline",
                "cut_is_in_doubt",
                "sends_concurrently",
                "closes_while_sending",
                "obeys_cancellation",
            ],
            _NEVER_HANGS,
        )
    )

    @pytest.fixture
    def far_side(self, tmp_path: Path) -> FolderFarSide:
        (tmp_path / "in").mkdir()
        return FolderFarSide(tmp_path / "in", {"folder": str(tmp_path / "in")})


class TestFileDropIn(SourceSuite):
    reference = "connectors.file_drop:CONNECTOR"

    @pytest.fixture
    def feed(self, tmp_path: Path) -> FolderFeed:
        (tmp_path / "out").mkdir()
        return FolderFeed(tmp_path / "out", {"folder": str(tmp_path / "out")})


class TestFileDropBySftp(ConnectorSuite):
    reference = "connectors.file_drop:CONNECTOR"

    @pytest.fixture
    def far_side(self, tmp_path: Path, sshd: Sshd) -> SftpFarSide:
        (tmp_path / "in").mkdir()
        type(self).secrets = {"sftp-key": sshd.private_key}
        return SftpFarSide(tmp_path / "in", sshd)


class TestFileDropBySftpIn(SourceSuite):
    reference = "connectors.file_drop:CONNECTOR"

    @pytest.fixture
    def feed(self, tmp_path: Path, sshd: Sshd) -> SftpFeed:
        (tmp_path / "out").mkdir()
        type(self).secrets = {"sftp-key": sshd.private_key}
        return SftpFeed(tmp_path / "out", sshd)


class TestFileDropByFtp(ConnectorSuite):
    reference = "connectors.file_drop:CONNECTOR"
    secrets = MappingProxyType({"ftp": "made-up"})

    @pytest.fixture
    async def far_side(self, tmp_path: Path, ftpd: Ftpd) -> AsyncIterator[FtpFarSide]:
        (tmp_path / "in").mkdir()
        async with FtpFarSide(tmp_path / "in", ftpd.port) as far:
            yield far


class TestFileDropByFtpIn(SourceSuite):
    reference = "connectors.file_drop:CONNECTOR"
    secrets = MappingProxyType({"ftp": "made-up"})
    exempt = MappingProxyType(
        {
            "rotation_is_live": "the outage is a folder that is gone: the control connection stays, and is not logged in again"
        }
    )

    @pytest.fixture
    def feed(self, tmp_path: Path, ftpd: Ftpd) -> FolderFeed:
        (tmp_path / "out").mkdir()
        return FolderFeed(tmp_path / "out", by_ftp("/out", ftpd.port))
