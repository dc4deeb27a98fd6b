# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A hub as a real process, for tests that kill it."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

import yaml

READY_SECONDS = 60.0


class HubProcess:
    """``govhub run`` on a deployment file. Started, killed and started again at will."""

    def __init__(self, config: Path) -> None:
        self._config = config
        self._process: asyncio.subprocess.Process | None = None
        self.url = ""

    async def start(self, environment: Mapping[str, str] | None = None) -> None:
        """Start, and wait for the address it serves on."""
        with (self._config.parent / "hub.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "hub.cli.main", "run", "-c", str(self._config),
                stdout=asyncio.subprocess.PIPE, stderr=log, env={**os.environ, **(environment or {})},
            )  # fmt: skip
        assert self._process.stdout is not None
        line = await asyncio.wait_for(self._process.stdout.readline(), READY_SECONDS)
        assert line, f"the hub did not start:\n{self.log()}"
        self.url = json.loads(line)["address"]

    async def refused(self) -> int:
        """Start it and wait for its end: it must not come to serve. The exit code."""
        with (self._config.parent / "hub.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "hub.cli.main", "run", "-c", str(self._config),
                stdout=asyncio.subprocess.DEVNULL, stderr=log,
            )  # fmt: skip
        return await asyncio.wait_for(self._process.wait(), READY_SECONDS)

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def freeze(self) -> None:
        """Stop it in its tracks: its connections stay, nothing answers."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen one go on."""
        os.kill(self.pid, signal.SIGCONT)

    async def died(self) -> int:
        """Wait for its end; the exit code, negative for a signal."""
        assert self._process is not None
        return await self._process.wait()

    async def kill(self) -> None:
        """As a power cut would."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> int:
        """As an operator would; the exit code."""
        return await self._end(signal.SIGTERM)

    async def _end(self, how: signal.Signals) -> int:
        assert self._process is not None
        if self._process.returncode is None:
            self._process.send_signal(how)
        return await self._process.wait()

    def log(self) -> str:
        """The last lines it wrote."""
        return "\n".join((self._config.parent / "hub.log").read_text(errors="replace").splitlines()[-40:])


def write_deployment(directory: Path, deployment: Mapping[str, object], routes: list[Mapping[str, object]]) -> Path:
    """The two files of a deployment."""
    (directory / "routes.yaml").write_text(yaml.safe_dump({"version": 1, "routes": routes}), encoding="utf-8")
    config = directory / "govhub.yaml"
    config.write_text(yaml.safe_dump(dict(deployment), allow_unicode=True), encoding="utf-8")
    return config
