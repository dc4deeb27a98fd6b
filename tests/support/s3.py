# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""An S3-compatible server of other makers (moto) as a process of its own: real HTTP on loopback, nothing kept on disk."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import aiohttp

from hub.materials.s3_client import Bucket, s3_client

KEYS = ("test-access-key", "test-secret-key")
STARTING_SECONDS = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class S3Server:
    """Started, stopped in mid-air (SIGSTOP) and killed at will; a new start is empty."""

    def __init__(self) -> None:
        self.port = free_port()
        self._process: asyncio.subprocess.Process | None = None

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port),
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        async with asyncio.timeout(STARTING_SECONDS), aiohttp.ClientSession() as http:
            while not await self._answers(http):
                assert self._process.returncode is None, "the S3 server did not start"
                await asyncio.sleep(0.1)

    async def _answers(self, http: aiohttp.ClientSession) -> bool:
        try:
            async with http.get(f"{self.endpoint}/moto-api/") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False

    async def end(self) -> None:
        if self._process is not None and self._process.returncode is None:
            os.kill(self._process.pid, signal.SIGKILL)
            await self._process.wait()

    def freeze(self) -> None:
        """It keeps its connections and says nothing any more."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGCONT)

    async def new_bucket(self, name: str, seconds: float = 20.0) -> Bucket:
        """An empty bucket; objects of the hub lie below a prefix in it."""
        bucket = Bucket(endpoint=self.endpoint, name=name, region="us-east-1", prefix="some/where/", timeout=seconds)
        async with client_of(bucket) as client:
            await client.create_bucket(Bucket=name)
        return bucket


@asynccontextmanager
async def client_of(bucket: Bucket) -> AsyncIterator[Any]:
    """A client beside the hub's own, to look at what lies in the bucket."""
    async with s3_client(replace(bucket), lambda: KEYS) as client:
        yield client


async def objects_of(bucket: Bucket) -> set[str]:
    """What lies in the bucket: objects by name, and uploads that were begun, as ``upload:`` and the name."""
    async with client_of(bucket) as client:
        listed = await client.list_objects_v2(Bucket=bucket.name)
        begun = await client.list_multipart_uploads(Bucket=bucket.name)
    names = {one["Key"].removeprefix(bucket.prefix) for one in listed.get("Contents", ())}
    return names | {f"upload:{one['Key'].removeprefix(bucket.prefix)}" for one in begun.get("Uploads", ())}
