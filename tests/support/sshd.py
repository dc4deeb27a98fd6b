# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A private OpenSSH server on a loopback port, with keys of its own, that serves SFTP and nothing else."""

import asyncio
import os
import shutil
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE
from contextlib import suppress
from pathlib import Path
from typing import Self

import asyncssh

from hub.bench.broker import free_ports

REMEDY = "install OpenSSH's servers (apt-get install openssh-server openssh-sftp-server)"
_SFTP_SERVERS = ("/usr/lib/openssh/sftp-server", "/usr/libexec/openssh/sftp-server", "/usr/lib/ssh/sftp-server")
_RELAY = Path(__file__).with_name("sftp_relay.py")


def find_sshd() -> tuple[str, str] | None:
    """The server and its SFTP subsystem; None when one of them is not installed."""
    sshd = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    sftp_server = next((path for path in _SFTP_SERVERS if Path(path).exists()), None)
    return (sshd, sftp_server) if sshd and sftp_server else None


class Sshd:
    """Used as an async context manager; ``directory`` must exist and be empty."""

    def __init__(self, binaries: tuple[str, str], directory: Path) -> None:
        self._sshd, self._sftp_server = binaries
        self.directory = directory
        self.behaviour = directory / "behaviour"
        [self.port] = free_ports(1)
        self._host_key = asyncssh.generate_private_key("ssh-ed25519")
        self._user_key = asyncssh.generate_private_key("ssh-ed25519")
        self._server: asyncio.subprocess.Process | None = None

    @property
    def host_key(self) -> str:
        return self._host_key.export_public_key().decode().strip()

    @property
    def private_key(self) -> str:
        return self._user_key.export_private_key().decode()

    @property
    def user(self) -> str:
        import pwd  # noqa: PLC0415  # because there is none on Windows, where nobody calls this

        return pwd.getpwuid(os.getuid()).pw_name

    async def __aenter__(self) -> Self:
        self._host_key.write_private_key(str(self.directory / "host_key"))
        (self.directory / "host_key").chmod(0o600)
        (self.directory / "authorized").write_bytes(self._user_key.export_public_key())
        (self.directory / "sshd_config").write_text(
            f"""
            ListenAddress 127.0.0.1:{self.port}
            HostKey {self.directory}/host_key
            PidFile none
            AuthorizedKeysFile {self.directory}/authorized
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            UsePAM no
            StrictModes no
            UseDNS no
            MaxStartups 100
            Subsystem sftp {sys.executable} -I -S {_RELAY} {self._sftp_server} {self.behaviour}
            """,
            encoding="utf-8",
        )
        if os.getuid() == 0:  # Debian's service would make it; as root sshd wants it
            with suppress(OSError):
                Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        await self.start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.kill()

    async def start(self) -> None:
        self._server = await asyncio.create_subprocess_exec(
            self._sshd, "-D", "-e", "-f", self.directory / "sshd_config",
            stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE, start_new_session=True,
        )  # fmt: skip
        assert self._server.stderr is not None
        said = b""
        async with asyncio.timeout(20):
            while b"Server listening" not in said:
                line = await self._server.stderr.readline()
                if not line:
                    raise RuntimeError(f"sshd ended: {said.decode(errors='replace')}")
                said += line
        self._draining = asyncio.create_task(self._server.stderr.read())

    async def kill(self) -> None:
        """End it and every session."""
        server, self._server = self._server, None
        if server is not None:
            for pid in (server.pid, *_below(server.pid)):  # sessions leave the group
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            await server.wait()
            self._draining.cancel()


def _below(parent: int) -> list[int]:
    """The children of a process, and theirs."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with suppress(OSError):
                fields = (entry / "stat").read_text(errors="replace").rpartition(")")[2].split()
                children.setdefault(int(fields[1]), []).append(int(entry.name))
    found = children.get(parent, [])
    for child in found:
        found.extend(children.get(child, []))
    return found
