# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The hub's memory while materials stream through it: a gigabyte in and out again, four at a time.

python -m tests.benchmarks.materials [MEGABYTES]

The hub is this process; who sends and fetches is another one, and so is the database. Memory is the resident set of this process,
looked at all the time.
"""

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from hub.config.deployment import Limits
from tests.hub.api.house import key_of, open_house, write_config
from tests.support.postgres import PrivatePostgres

_AT_A_TIME = 4
_LOOK_SECONDS = 0.02
_CLIENT = """
import asyncio, hashlib, sys, aiohttp
url, key, size, count = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
PIECE = 1 << 16
def pieces(n):
    block = n.to_bytes(8, "big") * (PIECE // 8)
    for _ in range(size // PIECE):
        yield block
def digest(n):
    whole = hashlib.sha256()
    for piece in pieces(n):
        whole.update(piece)
    return "sha256:" + whole.hexdigest()
async def flow(n):
    for piece in pieces(n):
        yield piece
async def one(session, n):
    name = digest(n)
    async with session.put(f"{url}/v1/materials/{name}", data=flow(n)) as answer:
        assert answer.status == 201, await answer.text()
    back = hashlib.sha256()
    async with session.get(f"{url}/v1/materials/{name}") as answer:
        assert answer.status == 200
        async for piece in answer.content.iter_any():
            back.update(piece)
    assert "sha256:" + back.hexdigest() == name
async def main():
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/octet-stream"}
    async with aiohttp.ClientSession(headers=headers, timeout=aiohttp.ClientTimeout(None)) as session:
        await asyncio.gather(*(one(session, n) for n in range(count)))
asyncio.run(main())
"""


def resident() -> float:
    """Megabytes of memory that this process has."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 2**20


async def main(megabytes: int) -> None:
    """Stream, and print what it took."""
    each = megabytes // _AT_A_TIME
    peak = 0.0

    async def look() -> None:
        nonlocal peak
        while True:
            peak = max(peak, resident())
            await asyncio.sleep(_LOOK_SECONDS)

    async def stream(size: int) -> float:
        began = time.monotonic()
        client = await asyncio.create_subprocess_exec(
            sys.executable, "-c", _CLIENT, house.url, key_of("portal"), str(size), str(_AT_A_TIME)
        )
        assert await client.wait() == 0
        return time.monotonic() - began

    with tempfile.TemporaryDirectory(prefix="govhub-bench-") as folder:
        async with PrivatePostgres(None) as postgres:
            loaded = write_config(Path(folder), await postgres.fresh_database())
            limits = Limits(material_bytes=1024 * 2**20, receive_seconds=600)
            async with open_house(loaded, limits) as house:
                await stream(2**20)  # what is loaded once is loaded
                before = resident()
                looking = asyncio.create_task(look())
                seconds = await stream(each * 2**20)
                looking.cancel()
    print(f"{2 * each * _AT_A_TIME} MB through the hub in {seconds:.1f} s")
    print(f"resident before {before:.0f} MB, at most {peak:.0f} MB: {peak - before:+.0f} MB")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1024))
