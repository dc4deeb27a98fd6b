# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A RabbitMQ node of our own: on loopback, in its own directory, of the programs that are installed."""

import asyncio
import os
import shutil
import signal
import socket
from asyncio.subprocess import DEVNULL, STDOUT, Process
from collections.abc import Sequence
from pathlib import Path

from contracts.text import Text

REMEDY = Text(
    "请安装 RabbitMQ（apt-get install rabbitmq-server），或给出一个地址。",
    "Install RabbitMQ (apt-get install rabbitmq-server), or give the address of one.",
)
_START_SECONDS = 60
_STOP_SECONDS = 30
# The packaged command in /usr/sbin changes to a system user, who has no business in our directory.
_PLACES = (Path("/usr/lib/rabbitmq/bin"), Path("/opt/rabbitmq/sbin"))


def find_binaries() -> Path | None:
    """The folder that holds ``rabbitmq-server`` and ``rabbitmqctl``, or None."""
    on_path = shutil.which("rabbitmq-server")
    places = [*_PLACES, *([Path(on_path).resolve().parent] if on_path else [])]
    return next((place for place in places if (place / "rabbitmq-server").is_file()), None)


def free_ports(number: int) -> list[int]:
    """Ports of the loopback interface that nobody listens on."""
    sockets = [socket.socket() for _ in range(number)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


class PrivateBroker:
    """One node, with an ``epmd`` of its own. Methods are for one task at a time."""

    def __init__(self, binaries: Path, directory: Path, plugins: Sequence[str] = ()) -> None:
        self._binaries = binaries
        self._directory = directory
        self._port, self._dist_port, self._epmd_port = free_ports(3)
        self._server: Process | None = None
        self._epmd: Process | None = None
        self._prepare(plugins)

    @property
    def url(self) -> str:
        return f"amqp://hub:hub@127.0.0.1:{self._port}/"

    @property
    def pid(self) -> int | None:
        """The script's that leads the node; its children are the node."""
        return self._server.pid if self._server is not None else None

    async def start(self) -> None:
        """Return when the node takes connections."""
        if self._epmd is None:
            self._epmd = await self._spawn("epmd", "-address", "127.0.0.1", "-port", str(self._epmd_port))
        self._server = await self._spawn(str(self._binaries / "rabbitmq-server"))
        async with asyncio.timeout(_START_SECONDS):
            while not await self._listening():
                if self._server.returncode is not None:
                    raise RuntimeError(
                        f"RabbitMQ did not start:\n{(self._directory / 'console.log').read_text()[-2000:]}"
                    )
                await asyncio.sleep(0.05)

    async def stop(self) -> None:
        """Stop cleanly, node and epmd. Idempotent."""
        await self._end(signal.SIGTERM)
        if self._epmd is not None:
            epmd, self._epmd = self._epmd, None
            epmd.terminate()
            await epmd.wait()

    async def kill(self) -> None:
        """SIGKILL the node and everything it started, as a power cut would."""
        await self._end(signal.SIGKILL)

    async def _end(self, how: signal.Signals) -> None:
        if self._server is None:
            return
        server, self._server = self._server, None
        if server.returncode is None:
            # Clean stop: the script that leads the group passes the signal on. Kill: the whole group at once.
            os.kill(server.pid, how) if how is signal.SIGTERM else os.killpg(server.pid, how)
        async with asyncio.timeout(_STOP_SECONDS):
            await server.wait()
            # The script is gone; the node itself may take a moment longer to let go of its port and files.
            while await self._listening():  # noqa: ASYNC110  # because another process's end is not signalled to us
                await asyncio.sleep(0.02)

    async def _listening(self) -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError:
            return False
        writer.close()
        await writer.wait_closed()
        return True

    async def _spawn(self, *command: str) -> Process:
        with (self._directory / "console.log").open("ab") as log:
            return await asyncio.create_subprocess_exec(
                *command, env=self._environment, stdin=DEVNULL, stdout=log, stderr=STDOUT, start_new_session=True
            )

    def _prepare(self, plugins: Sequence[str]) -> None:
        here = self._directory
        for folder in ("home", "log", "mnesia", "config"):
            (here / folder).mkdir(parents=True)
        cookie = here / "home" / ".erlang.cookie"
        cookie.write_text("GOVHUB")
        cookie.chmod(0o400)
        (here / "enabled_plugins").write_text(f"[{','.join(plugins)}].\n")
        (here / "rabbitmq.conf").write_text(
            f"listeners.tcp.1 = 127.0.0.1:{self._port}\n"
            "loopback_users = none\n"
            "default_user = hub\n"
            "default_pass = hub\n"
            "vm_memory_high_watermark.absolute = 1GB\n"
            "disk_free_limit.absolute = 50MB\n"
        )

    @property
    def _environment(self) -> dict[str, str]:
        here = self._directory
        loopback = "-kernel inet_dist_use_interface {127,0,0,1}"
        return {
            "PATH": f"{self._binaries}:{os.environ['PATH']}",
            "LANG": "C.UTF-8",
            "HOME": str(here / "home"),
            "RABBITMQ_NODENAME": "govhub@localhost",
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_MNESIA_BASE": str(here / "mnesia"),
            "RABBITMQ_LOG_BASE": str(here / "log"),
            "RABBITMQ_PID_FILE": str(here / "pid"),
            "RABBITMQ_CONFIG_FILE": str(here / "rabbitmq"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(here / "advanced.config"),
            "RABBITMQ_GENERATED_CONFIG_DIR": str(here / "config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(here / "enabled_plugins"),
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self._port),
            "RABBITMQ_DIST_PORT": str(self._dist_port),
            "ERL_EPMD_PORT": str(self._epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": f"{loopback} +S 2:2 +sbwt none",
            "RABBITMQ_CTL_ERL_ARGS": loopback,
        }
