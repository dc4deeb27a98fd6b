# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Servers that are not who they should be, do not let us in, or die: told, waited for, and never trusted."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import asyncssh
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from connectors.file_drop.config import SinkConfig, SourceConfig
from connectors.file_drop.sink import FileSink
from connectors.file_drop.source import FileSource
from connectors.sdk import Context, Delivered, Outcome, Parcel, Taken, Unavailable
from hub.bench.broker import free_ports
from tests.connectors.far_files import by_ftp, by_sftp
from tests.support.ftpd import Ftpd
from tests.support.missing import missing
from tests.support.sshd import REMEDY as NO_SSHD
from tests.support.sshd import Sshd, find_sshd
from tests.support.vsftpd import REMEDY, USER, Vsftpd, find_vsftpd

Make = Callable[..., Parcel]


async def sent(context: Context, parcel: Parcel, reach: dict[str, Any]) -> Outcome:
    async with FileSink(SinkConfig.model_validate(reach | {"mode": "plain"}), context) as out:
        return await out.send(parcel)


def away(outcome: Outcome) -> str:
    assert isinstance(outcome, Unavailable), outcome
    return outcome.reason


async def test_a_server_with_another_key_is_not_spoken_to(
    folder: Path, sshd: Sshd, context: Context, secrets: dict[str, str], parcel: Make
) -> None:
    secrets["sftp-key"] = sshd.private_key
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
    told = away(await sent(context, parcel(), by_sftp(folder, sshd) | {"host_keys": [other]}))
    assert told == "AWAY: the server does not have the key it should have"
    told = away(await sent(context, parcel(), by_sftp(folder, sshd) | {"host_keys": ["nonsense"]}))
    assert told == "AWAY: host_keys holds what is no public key"
    assert list(folder.iterdir()) == []


async def test_a_key_that_is_not_let_in_or_is_none_is_an_outage(
    folder: Path, sshd: Sshd, context: Context, secrets: dict[str, str], parcel: Make
) -> None:
    reach = by_sftp(folder, sshd)
    assert away(await sent(context, parcel(), reach)) == "AWAY: a secret is not there"
    secrets["sftp-key"] = "hunter2"
    assert "hunter2" not in away(await sent(context, parcel(), reach))
    secrets["sftp-key"] = asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode()
    assert away(await sent(context, parcel(), reach)) == "AWAY: the server does not let us in"
    secrets["sftp-key"] = sshd.private_key
    assert isinstance(await sent(context, parcel(), reach), Delivered)


async def test_a_folder_that_is_not_there_is_an_outage(
    folder: Path, sshd: Sshd, ftpd: Ftpd, context: Context, secrets: dict[str, str], parcel: Make
) -> None:
    secrets |= {"sftp-key": sshd.private_key, "ftp": "made-up"}
    for reach in (by_sftp(folder / "no", sshd), by_ftp("/no", ftpd.port)):
        assert away(await sent(context, parcel(), reach)) == "AWAY: the folder is not there"


async def test_an_ftp_server_that_does_not_let_us_in_is_an_outage(
    ftpd: Ftpd, folder: Path, context: Context, secrets: dict[str, str], parcel: Make
) -> None:
    secrets["ftp"] = "wrong"
    assert away(await sent(context, parcel(), by_ftp("/drop", ftpd.port))) == "AWAY: the server does not let us in"


async def test_nobody_there_is_an_outage(
    folder: Path, context: Context, secrets: dict[str, str], parcel: Make, sshd: Sshd
) -> None:
    secrets |= {"sftp-key": sshd.private_key, "ftp": "made-up"}
    [port] = free_ports(1)
    for reach in (by_sftp(folder, sshd) | {"port": port}, by_ftp("/drop", port)):
        assert away(await sent(context, parcel(), reach)).startswith("AWAY: no connection: ")


@pytest.fixture
async def own_sshd() -> AsyncIterator[Sshd]:
    """A server that a test may kill."""
    binaries = find_sshd()
    if binaries is None:
        missing(NO_SSHD)
    with TemporaryDirectory(prefix="govhub-sshd-") as directory:
        async with Sshd(binaries, Path(directory)) as server:
            yield server


async def test_a_server_that_was_killed_is_found_again_in_both_directions(
    folder: Path, own_sshd: Sshd, context: Context, secrets: dict[str, str], parcel: Make
) -> None:
    secrets["sftp-key"] = own_sshd.private_key
    reach = by_sftp(folder, own_sshd) | {"mode": "plain"}
    taking = SourceConfig.model_validate(reach | {"attributes": {"type": "t"}, "poll_seconds": 0.05})
    async with (
        FileSink(SinkConfig.model_validate(reach), context) as out,
        FileSource(taking, context) as into,
        asyncio.timeout(60),
    ):
        assert isinstance(await out.send(parcel("k1", body=b"1")), Delivered)
        [item] = await into.take()
        await own_sshd.kill()
        await into.settle([(item.token, Taken())])
        assert isinstance(await out.send(parcel("k2", body=b"2")), Unavailable)
        waiting = asyncio.ensure_future(into.take())
        await own_sshd.start()
        assert isinstance(await out.send(parcel("k2", body=b"2", attempt=2)), Delivered)
        bodies = [one.body for one in await waiting]
        assert bodies == [b"2"]
        while (folder / "k1.json").exists():  # noqa: ASYNC110  # because a folder tells nobody that it has changed
            await asyncio.sleep(0.05)
    assert {path.name for path in folder.glob("archive/*/*")} == {"k1.json"}


class _Server(asyncssh.SSHServer):
    """Lets in whoever says the password."""

    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == ("hub", "made-up")


async def test_a_password_does_where_there_is_no_key(
    folder: Path, context: Context, secrets: dict[str, str], parcel: Make
) -> None:
    host_key = asyncssh.generate_private_key("ssh-ed25519")
    secrets["password"] = "made-up"
    async with await asyncssh.listen(
        "127.0.0.1", 0, server_factory=_Server, server_host_keys=[host_key], sftp_factory=True, allow_scp=False
    ) as server:
        reach = {
            "carrier": "sftp",
            "folder": str(folder),
            "host": "127.0.0.1",
            "port": server.get_port(),
            "user": "hub",
            "password_secret": "password",
            "host_keys": [host_key.export_public_key().decode()],
        }
        assert isinstance(await sent(context, parcel(), reach), Delivered)
        secrets["password"] = "wrong"
        assert away(await sent(context, parcel("k2"), reach)) == "AWAY: the server does not let us in"
    assert [path.name for path in folder.iterdir()] == ["key-1.json"]


@pytest.fixture
async def ftps(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Vsftpd, Path]]:
    """An FTP server with TLS, and the file that vouches for it."""
    program = find_vsftpd()
    if program is None:
        missing(REMEDY)
    tmp_path = tmp_path_factory.mktemp("ftps")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    now = datetime.now(UTC)  # noqa: TID251  # because a certificate is valid by the machine's clock
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    (tmp_path / "ca.pem").write_bytes(pem)
    (tmp_path / "server.pem").write_bytes(
        pem
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    async with Vsftpd(program, folder.parent, tmp_path, tmp_path / "server.pem") as server:
        yield server, tmp_path / "ca.pem"


async def test_ftp_with_tls_goes_both_ways_and_only_with_whom_somebody_vouches_for(
    folder: Path, ftps: tuple[Vsftpd, Path], context: Context, secrets: dict[str, str], parcel: Make
) -> None:
    server, authorities = ftps
    secrets["ftp"] = "made-up"
    reach = by_ftp(str(folder), server.port) | {"carrier": "ftps", "user": USER}
    assert away(await sent(context, parcel(), reach)).startswith("AWAY: no connection: SSL")
    reach |= {"tls_ca_file": str(authorities), "mode": "plain"}
    body = bytes(range(256)) * 2000
    assert isinstance(await sent(context, parcel(body=body), reach), Delivered)
    taking = SourceConfig.model_validate(reach | {"attributes": {"type": "t"}, "poll_seconds": 0.05})
    async with FileSource(taking, context) as into, asyncio.timeout(30):
        [item] = await into.take()
        await into.settle([(item.token, Taken())])
    assert item.body == body
    assert {path.name for path in folder.glob("archive/*/*")} == {"key-1.json"}
    plain = by_ftp(str(folder), server.port) | {"user": USER}
    assert isinstance(await sent(context, parcel("k2"), plain), Unavailable)  # this server wants TLS
