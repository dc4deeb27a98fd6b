# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A RabbitMQ node of the tests' own, to be killed, frozen and wiped at will."""

import asyncio
import os
import shutil
import signal
from asyncio.subprocess import DEVNULL, PIPE, STDOUT

from hub.bench.broker import PrivateBroker, find_binaries, free_ports

__all__ = ["REMEDY", "RabbitNode", "find_binaries", "free_ports"]

REMEDY = "install RabbitMQ (apt-get install rabbitmq-server) or give a URL in GOVHUB_TEST_RABBITMQ"


class RabbitNode(PrivateBroker):
    """Methods are for one task at a time."""

    def freeze(self) -> None:
        """Stop the node in its tracks: connections stay, nothing answers."""
        if self._server is not None:
            os.killpg(self._server.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen node go on."""
        if self._server is not None:
            os.killpg(self._server.pid, signal.SIGCONT)

    async def restart(self) -> None:
        """Stop cleanly if it runs, and start on the same data."""
        await self._end(signal.SIGTERM)
        await self.start()

    async def wipe(self) -> None:
        """Kill the node, forget all its data, and start afresh."""
        await self.kill()
        shutil.rmtree(self._directory / "mnesia")
        await self.start()

    async def ensure_running(self) -> None:
        """Start it if a test left it dead."""
        if self._server is None:
            await self.start()

    async def virtual_host(self, name: str) -> str:
        """The URL of a virtual host, made if need be."""
        await self.control("add_vhost", name)
        await self.control("set_permissions", "--vhost", name, "hub", ".*", ".*", ".*")
        return self.url + name

    async def control(self, *arguments: str) -> str:
        """Run ``rabbitmqctl`` against the node; its output."""
        process = await asyncio.create_subprocess_exec(
            self._binaries / "rabbitmqctl", *arguments, env=self._environment, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT
        )
        output, _ = await process.communicate()
        if process.returncode != 0:
            raise RuntimeError(f"rabbitmqctl {arguments}: {output.decode()}")
        return output.decode()
