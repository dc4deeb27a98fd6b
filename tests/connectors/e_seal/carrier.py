# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Carries requests to seal in a process of its own, as the hub's does, and tells how much memory each of them took at the most.

Standard input: one JSON object with ``settings`` and ``requests``. Standard output: a list with, for each request, the most
anonymous memory in KiB (mapped files are not of it) and what became of it.
"""

import asyncio
import json
import sys
import threading
from pathlib import Path
from typing import Any, Self

import structlog

from connectors.e_seal.config import SealConfig
from connectors.e_seal.sink import SealSink
from connectors.sdk import Accepted, Context, Parcel
from connectors.sdk.session import open_session
from tests.connectors.far_seals import SECRETS


class Watch:
    """Looks at the process's memory all the time."""

    def __init__(self) -> None:
        self.most = 0
        self._ended = threading.Event()
        self._looking = threading.Thread(target=self._look)

    def __enter__(self) -> Self:
        self._looking.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._ended.set()
        self._looking.join()

    def _look(self) -> None:
        while not self._ended.wait(0.003):
            for line in Path("/proc/self/status").read_text().splitlines():
                if line.startswith("RssAnon:"):
                    self.most = max(self.most, int(line.split()[1]))


async def carried(sink: SealSink, key: str, request: dict[str, Any]) -> str:
    body = json.dumps(request).encode()
    sent = await sink.send(Parcel(idempotency_key=key, content_type="application/json", body=body, timeout=60))
    ended: Any = sent
    while isinstance(ended, Accepted):
        await asyncio.sleep(0.02)
        ended = await sink.query(key)
    return type(ended).__name__


async def main() -> None:
    said = json.loads(sys.stdin.read())
    found = []
    async with open_session() as http:
        context = Context(
            destination="seals",
            http=http,
            log=structlog.get_logger(),
            secret=SECRETS.__getitem__,
            monotonic=asyncio.get_running_loop().time,
        )
        async with SealSink(SealConfig.model_validate({**said["settings"], "follow_seconds": 0}), context) as sink:
            for number, request in enumerate(said["requests"]):
                with Watch() as watch:
                    became = await carried(sink, f"key-{number}", request)
                found.append([watch.most, became])
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    asyncio.run(main())
