# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What the REST sink costs beside a bare aiohttp client loop, and what templates, signatures and SOAP add.

python -m tests.benchmarks.rest_sink [MESSAGES]

CPU time of this process alone; the far side, which answers 201 to everything, is another process. Each way is tried in turn,
several times, and the best round counts: what others do on the machine only ever makes a round slower.
"""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import structlog
import uvloop

from connectors.rest import CONNECTOR as REST
from connectors.sdk import Context, Delivered, Parcel
from connectors.sdk.guard import GuardedSink
from connectors.sdk.session import open_session
from connectors.soap import CONNECTOR as SOAP

_ROUNDS = 5
_CONCURRENCY = 32
_BODY = b'{"case_no":"510500-20260302-000001","filler":"' + b"x" * 1_950 + b'"}'
_ATTRIBUTES = {
    "specversion": "1.0",
    "id": "m-1",
    "source": "portal",
    "type": "cn.gov.application.submitted",
    "subject": "510500-20260302-000001",
    "dataschema": "urn:govhub:contract:cn.gov.application.submitted:1",
}
_SECRETS = {"word": "made-up-word"}
_WSDL = Path(__file__).parents[1] / "connectors" / "soap" / "banjian.wsdl"
_FAR = """
import asyncio, sys
A = b"HTTP/1.1 201 Created\\r\\nContent-Length: 0\\r\\n\\r\\n"
X = (b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><n:tijiaoResponse xmlns:n="http://service.banjian.example/">'
     b'<return>&lt;RESULT&gt;&lt;STATUS&gt;200&lt;/STATUS&gt;&lt;/RESULT&gt;</return></n:tijiaoResponse></s:Body></s:Envelope>')
X = b"HTTP/1.1 200 OK\\r\\nContent-Type: text/xml\\r\\nContent-Length: %d\\r\\n\\r\\n%s" % (len(X), X)
class Far(asyncio.Protocol):
    def connection_made(self, t): self.t, self.b = t, b""
    def data_received(self, d):
        self.b += d
        while (end := self.b.find(b"\\r\\n\\r\\n")) >= 0:
            head = self.b[:end].lower()
            at = head.find(b"content-length:")
            whole = end + 4 + int(head[at + 15:].split(b"\\r\\n")[0])
            if len(self.b) < whole: return
            self.b = self.b[whole:]
            self.t.write(X if b"soapaction" in head else A)
async def main():
    s = await asyncio.get_running_loop().create_server(Far, "127.0.0.1", 0)
    print(s.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
asyncio.run(main())
"""


def parcel(number: int) -> Parcel:
    """One message of two kilobytes."""
    return Parcel(
        idempotency_key=f"0198c0de-0000-7000-8000-{number:012}",
        content_type="application/json",
        body=_BODY,
        attributes=_ATTRIBUTES,
        traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    )


async def bare(session: aiohttp.ClientSession, url: str, number: int) -> None:
    """As somebody who writes the loop by hand would."""
    one = parcel(number)
    headers = {
        "Content-Type": one.content_type,
        "Idempotency-Key": one.idempotency_key,
        "traceparent": one.traceparent,
        **{f"ce-{name}": value for name, value in one.attributes.items()},
    }
    async with session.post(url, data=one.body, headers=headers) as answer:
        assert answer.status == 201


async def by_sink(sink: GuardedSink, number: int) -> None:
    """As the hub does."""
    outcome = await sink.send(parcel(number))
    assert isinstance(outcome, Delivered), outcome


async def cost(send: Callable[[int], Awaitable[None]], messages: int) -> float:
    """CPU microseconds for one."""
    numbers = iter(range(messages))

    async def work() -> None:
        for number in numbers:
            await send(number)

    began = time.process_time()
    await asyncio.gather(*(work() for _ in range(_CONCURRENCY)))
    return (time.process_time() - began) / messages * 1e6


@asynccontextmanager
async def sink_of(connector: Any, **settings: Any) -> AsyncIterator[GuardedSink]:
    """A sink with a session of its own, guarded as in the hub."""
    async with open_session() as http:
        context = Context(
            destination="bench",
            http=http,
            log=structlog.get_logger(),
            secret=_SECRETS.__getitem__,
            monotonic=asyncio.get_running_loop().time,
        )
        async with connector.sink(connector.config.model_validate(settings), context) as sink:
            yield GuardedSink(sink)


async def main(messages: int) -> None:
    """Measure, and print a table."""
    far = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _FAR, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert far.stdout is not None
    assert far.stdin is not None
    url = f"http://127.0.0.1:{int(await far.stdout.readline())}/cases"
    signature = {"secret": "word", "over": "{h.rid}{h.rtime}", "header": "sign"}
    form = {"form": {"app_id": "hub", "timestamp": "{now.ms}", "biz_content": "{body}"}}
    digest = {
        "kind": "digest",
        "digest": "sm3",
        "secret": "word",
        "over": "{fields}&key={secret.key}",
        "field": "sign",
    }  # because it is a template
    status = {"at": "/tijiaoResponse/return>>/RESULT/STATUS", "in": ["200"], "means": "delivered"}
    async with (
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
        sink_of(REST, url=url, mode="binary") as plain,
        sink_of(REST, url=url, mode="plain", headers={"rid": "r_1", "rtime": "{now.ms}"}, signatures=[signature]) as signed,
        sink_of(REST, url=url, mode="plain", wrap=form, signatures=[digest]) as formed,
        sink_of(
            SOAP, url=url, wsdl_file=str(_WSDL), operation="tijiao", idempotency="native",
            parameters={"sblsh": "{key}", "neirong": "{body}"}, answers=[status],
        ) as soap,
    ):  # fmt: skip
        ways: dict[str, Callable[[int], Awaitable[None]]] = {
            "bare aiohttp loop": partial(bare, session, url),
            "rest": partial(by_sink, plain),
            "rest, HMAC in a header": partial(by_sink, signed),
            "rest, SM3 in a form": partial(by_sink, formed),
            "soap 1.1, code in the result": partial(by_sink, soap),
        }
        best = dict.fromkeys(ways, float("inf"))
        for _ in range(_ROUNDS):
            for name, send in ways.items():
                best[name] = min(best[name], await cost(send, messages))
    far.stdin.close()
    await far.wait()
    loop = best["bare aiohttp loop"]
    for name, micros in best.items():
        print(
            f"{name:30} {micros:7.1f} us CPU each   {1e6 / micros:7.0f} /s of one core   {loop / micros:4.0%} of bare"
        )


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 3_000))
