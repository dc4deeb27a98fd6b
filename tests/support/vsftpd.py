# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A private vsftpd on a loopback port: it knows neither MLSD nor MLST, and speaks TLS."""

import asyncio
import shutil
from asyncio.subprocess import DEVNULL
from contextlib import suppress
from pathlib import Path
from typing import Self

from hub.bench.broker import free_ports

REMEDY = "install vsftpd (apt-get install vsftpd)"
_PATH = "/usr/sbin:/usr/local/sbin:/usr/bin"
USER = "anonymous"


def find_vsftpd() -> str | None:
    """The server; None when it is not installed."""
    return shutil.which("vsftpd", path=_PATH)


class Vsftpd:
    """Used as an async context manager; Clients begin in ``root``, and see the machine's own paths.

    ``pem`` holds key and certificate for TLS.
    """

    def __init__(self, program: str, root: Path, directory: Path, pem: Path | None = None) -> None:
        self._program = program
        self._root = root
        self._configuration = directory / "vsftpd.conf"
        self._pem = pem
        [self.port] = free_ports(1)
        self._server: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        settings = {
            "listen": "YES",
            "listen_address": "127.0.0.1",
            "listen_port": str(self.port),
            "background": "NO",
            "run_as_launching_user": "YES",
            "seccomp_sandbox": "NO",
            "anonymous_enable": "YES",
            "local_enable": "NO",
            "anon_root": str(self._root),
            "no_anon_password": "YES",
            "anon_world_readable_only": "NO",
            "write_enable": "YES",
            "anon_upload_enable": "YES",
            "anon_mkdir_write_enable": "YES",
            "anon_other_write_enable": "YES",
            "anon_umask": "022",
            "chown_uploads": "NO",
            "xferlog_enable": "NO",
        }
        if self._pem is not None:
            settings |= {
                "ssl_enable": "YES",
                "allow_anon_ssl": "YES",
                "force_anon_data_ssl": "YES",
                "force_anon_logins_ssl": "YES",
                "rsa_cert_file": str(self._pem),
                "rsa_private_key_file": str(self._pem),
                "require_ssl_reuse": "YES",
            }
        self._configuration.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
        self._server = await asyncio.create_subprocess_exec(
            self._program, self._configuration, stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL
        )
        async with asyncio.timeout(20):
            while True:
                with suppress(OSError):
                    _, writer = await asyncio.open_connection("127.0.0.1", self.port)
                    writer.close()
                    return self
                if self._server.returncode is not None:
                    raise RuntimeError("vsftpd did not start")
                await asyncio.sleep(0.05)

    async def __aexit__(self, *exc: object) -> None:
        if self._server is not None:
            with suppress(ProcessLookupError):
                self._server.kill()
            await self._server.wait()
