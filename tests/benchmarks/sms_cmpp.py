# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Submissions per second by one CMPP connection: the gateway is a process of its own that answers after 0.2 ms, the window 16.

python -m tests.benchmarks.sms_cmpp [SUBMISSIONS] [--window 16] [--latency-ms 0.2]
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Awaitable, Callable

import orjson
import structlog

from connectors.sdk import Accepted, Context, Parcel
from connectors.sdk.hearing import MemoryAnswers
from connectors.sdk.session import open_session
from connectors.sms_cmpp import CONNECTOR

_AT_ONCE = 64
_BODY = orjson.dumps(
    {"address": "13900000000", "text": "【示例市政务】您的申请已受理，办件编号510500-20260302-000001。"}
)


async def _paced(count: int, one: Callable[[int], Awaitable[None]]) -> float:
    numbers = iter(range(count))

    async def work() -> None:
        for number in numbers:
            await one(number)

    began = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(_AT_ONCE)))
    return count / (time.perf_counter() - began)


async def _measure(port: int, count: int, window: int, *, reports: bool) -> None:
    settings = {
        "host": "127.0.0.1", "port": port, "account": "900001", "password": "secret", "sender": "106900001", "window": window,
        "reports": reports,
    }  # fmt: skip
    answers = MemoryAnswers(early_bound=10 * count)
    async with open_session() as http:
        context = Context(
            destination="bench", http=http, log=structlog.get_logger(), secret=lambda _: "simulated",
            monotonic=time.monotonic, answers=answers,
        )  # fmt: skip
        async with CONNECTOR.sink(CONNECTOR.config.model_validate(settings), context) as sink:

            async def send(number: int) -> None:
                parcel = Parcel(idempotency_key=str(number), content_type="application/json", body=_BODY)
                outcome = await sink.send(parcel)
                assert isinstance(outcome, Accepted) or not reports, outcome

            await _paced(500, send)
            cpu = time.process_time()
            rate = await _paced(count, send)
            spent = (time.process_time() - cpu) / count * 1e6
            if reports:
                await answers.until_given(count + 500)
    told = "with status reports" if reports else "without status reports"
    print(f"{rate:,.0f} submits/s {told}; {spent:.0f} us of this process's CPU each")  # because it is its result


async def main(count: int, window: int, latency_ms: float) -> None:
    """Start the gateway, and measure with and without status reports."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "hub.cli.main", "simulate", "sms-cmpp", "--json", "--script", f"slow*{3 * count + 2000}",
        "--option", f"slow_seconds={latency_ms / 1000}", stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        port = int(orjson.loads(await process.stdout.readline())["address"].rpartition(":")[2])
        for reports in (False, True):
            await _measure(port, count, window, reports=reports)
    finally:
        process.terminate()
        await process.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("submissions", type=int, nargs="?", default=20_000)
    parser.add_argument("--window", type=int, default=16)
    parser.add_argument("--latency-ms", type=float, default=0.2)
    given = parser.parse_args()
    asyncio.run(main(given.submissions, given.window, given.latency_ms))
