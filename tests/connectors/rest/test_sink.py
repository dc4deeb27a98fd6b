# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""One request against real servers: what answers, what misbehaves, and what is not there."""

import asyncio
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from connectors.rest import CONNECTOR
from connectors.sdk import Accepted, Context, Delivered, InDoubt, Outcome, Parcel, Rejected, Sink, Unavailable
from connectors.sdk.far_side import Arrived, Behaviour
from connectors.sdk.session import open_session
from tests.connectors.far_http import HttpFarSide, Talk, raw_server, read_request

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


@asynccontextmanager
async def rest(context: Context, url: str, **settings: object) -> AsyncIterator[Sink]:
    config = CONNECTOR.config.model_validate({"url": url, **settings})
    async with CONNECTOR.sink(config, context) as sink:
        yield sink


async def sent(context: Context, url: str, parcel: Parcel, **settings: object) -> Outcome:
    async with rest(context, url, **settings) as sink:
        return await sink.send(parcel)


def unused_url(scheme: str = "http") -> str:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return f"{scheme}://127.0.0.1:{listener.getsockname()[1]}/cases"


class TestAnswered:
    async def test_bytes_and_attributes_arrive(
        self, far_side: HttpFarSide, context: Context, parcel: Callable[..., Parcel]
    ) -> None:
        body = "办件".encode("gb18030") + bytes(range(256)) * 8_000
        outcome = await sent(
            context, far_side.url, parcel(body=body, content_type="text/plain", attributes={"id": "一"}), mode="binary"
        )

        assert outcome == Delivered()
        assert far_side.arrived == [
            Arrived(idempotency_key="key-1", content_type="text/plain", body=body, attributes={"id": "一"})
        ]

    @pytest.mark.parametrize("method", ["POST", "PUT"])
    async def test_an_empty_body_is_a_body(
        self, method: str, far_side: HttpFarSide, context: Context, parcel: Callable[..., Parcel]
    ) -> None:
        assert await sent(context, far_side.url, parcel(body=b""), method=method) == Delivered()
        assert far_side.requests[0].method == method
        assert far_side.requests[0].headers["Content-Length"] == "0"

    async def test_a_receipt_is_read(
        self, far_side: HttpFarSide, context: Context, parcel: Callable[..., Parcel]
    ) -> None:
        far_side.answer = lambda _: web.json_response({"data": {"no": "R-7"}})

        assert await sent(context, far_side.url, parcel(), receipt_pointer="/data/no") == Delivered("R-7")

    async def test_accepted_for_later(
        self, far_side: HttpFarSide, context: Context, parcel: Callable[..., Parcel]
    ) -> None:
        far_side.answer = lambda _: web.Response(status=202, headers={"Location": "/tasks/9"})
        outcome = await sent(context, far_side.url, parcel(), accepted_statuses=[202], reference_header="location")

        assert outcome == Accepted("/tasks/9")

    async def test_a_refusal_with_its_code(
        self, far_side: HttpFarSide, context: Context, parcel: Callable[..., Parcel]
    ) -> None:
        await far_side.behave(Behaviour.REFUSE)

        assert await sent(context, far_side.url, parcel()) == Rejected("CASE_UNKNOWN", "no such case")

    async def test_an_outage_with_its_wish(
        self, far_side: HttpFarSide, context: Context, parcel: Callable[..., Parcel]
    ) -> None:
        await far_side.behave(Behaviour.OUTAGE)

        assert await sent(context, far_side.url, parcel()) == Unavailable("HTTP_503", 7.0)

    async def test_a_redirect_is_not_followed(
        self, far_side: HttpFarSide, context: Context, parcel: Callable[..., Parcel]
    ) -> None:
        far_side.answer = lambda _: web.Response(status=307, headers={"Location": far_side.url})
        outcome = await sent(context, far_side.url, parcel())

        assert isinstance(outcome, Rejected)
        assert outcome.code == "REDIRECT"
        assert len(far_side.requests) == 1

    async def test_cookies_are_not_kept(
        self, far_side: HttpFarSide, context: Context, parcel: Callable[..., Parcel]
    ) -> None:
        far_side.answer = lambda _: web.Response(headers={"Set-Cookie": "session=1"})
        async with rest(context, far_side.url) as sink:
            await sink.send(parcel())
            await sink.send(parcel("key-2"))

        assert ["Cookie" in request.headers for request in far_side.requests] == [False, False]

    async def test_the_environment_names_no_proxy(
        self,
        far_side: HttpFarSide,
        context: Context,
        parcel: Callable[..., Parcel],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setenv("http_proxy", unused_url())

        assert await sent(context, far_side.url, parcel()) == Delivered()

    async def test_a_rotated_secret_is_used_at_once(
        self,
        far_side: HttpFarSide,
        context: Context,
        secrets: dict[str, str],
        parcel: Callable[..., Parcel],
    ) -> None:
        async with rest(context, far_side.url, bearer_secret="token") as sink:
            await sink.send(parcel())
            secrets["token"] = "another-token"
            await sink.send(parcel("key-2"))
            del secrets["token"]
            outcome = await sink.send(parcel("key-3"))

        sent_tokens = [request.headers["Authorization"] for request in far_side.requests]
        assert sent_tokens == ["Bearer made-up-token", "Bearer another-token"]
        assert outcome == Unavailable("SECRET_MISSING: no secret token")

    async def test_many_at_once(self, far_side: HttpFarSide, context: Context, parcel: Callable[..., Parcel]) -> None:
        async with rest(context, far_side.url) as sink:
            outcomes = await asyncio.gather(*(sink.send(parcel(f"key-{n}")) for n in range(50)))

        assert outcomes == [Delivered()] * 50
        assert {arrived.idempotency_key for arrived in far_side.arrived} == {f"key-{n}" for n in range(50)}


class TestNotThere:
    """Nothing of ours has left: the hub may send again."""

    async def test_nobody_listens(self, context: Context, parcel: Callable[..., Parcel]) -> None:
        outcome = await sent(context, unused_url(), parcel())

        assert outcome == Unavailable("NO_ANSWER: ClientConnectorError ECONNREFUSED")

    async def test_no_such_host(self, context: Context, parcel: Callable[..., Parcel]) -> None:
        assert isinstance(await sent(context, "http://no-such-host.invalid/", parcel()), Unavailable)

    async def test_connecting_takes_too_long(self, context: Context, parcel: Callable[..., Parcel]) -> None:
        with socket.socket() as listener, socket.socket() as first, socket.socket() as second:
            listener.bind(("127.0.0.1", 0))
            listener.listen(0)
            for filler in (first, second):
                filler.settimeout(0)
                filler.connect_ex(listener.getsockname())
            url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
            outcome = await sent(context, url, parcel(timeout=0.2))

        assert outcome == Unavailable("TIMED_OUT: no answer in time")

    async def test_the_pool_is_full(
        self, far_side: HttpFarSide, context: Context, parcel: Callable[..., Parcel]
    ) -> None:
        await far_side.behave(Behaviour.HANG)
        async with open_session(connections=1) as narrow:
            lent = Context(
                destination=context.destination,
                http=narrow,
                log=context.log,
                secret=context.secret,
                monotonic=context.monotonic,
            )
            async with rest(lent, far_side.url) as sink:
                first = asyncio.create_task(sink.send(parcel(timeout=30)))
                await far_side.until_arrived(1)
                outcome = await sink.send(parcel("key-2", timeout=0.2))
        assert outcome == Unavailable("TIMED_OUT: no answer in time")
        assert isinstance(await first, InDoubt)

    async def test_not_speaking_tls(
        self, far_side: HttpFarSide, context: Context, parcel: Callable[..., Parcel]
    ) -> None:
        url = far_side.url.replace("http:", "https:")

        assert isinstance(await sent(context, url, parcel()), Unavailable)
        assert far_side.requests == []

    async def test_the_tls_greeting_stalls(self, context: Context, parcel: Callable[..., Parcel]) -> None:
        async def stall(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
            await reader.read(-1)

        async with raw_server(stall) as url:
            outcome = await sent(context, url.replace("http:", "https:"), parcel(timeout=0.2))

        assert outcome == Unavailable("TIMED_OUT: no answer in time")


class TestTls:
    @pytest.fixture
    def identity(self, tmp_path: Path) -> tuple[Path, Path]:
        certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
             "-subj", "/CN=department", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
            check=True, capture_output=True,
        )  # fmt: skip
        return certificate, key

    async def test_only_a_known_authority_is_believed(
        self, identity: tuple[Path, Path], context: Context, parcel: Callable[..., Parcel]
    ) -> None:
        certificate, key = identity
        served: list[bytes] = []

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            served.append(await read_request(reader))
            writer.write(OK)
            await writer.drain()
            await reader.read(-1)

        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(certificate, key)
        async with raw_server(serve, tls) as url:
            unknown = await sent(context, url, parcel())
            assert served == []
            known = await sent(context, url, parcel(), tls_ca_file=str(certificate))

        assert unknown == Unavailable("NO_ANSWER: ClientConnectorCertificateError EPERM")
        assert known == Delivered()

    @pytest.mark.parametrize("content", [None, "not a certificate"])
    async def test_an_authority_that_cannot_be_read(
        self, content: str | None, tmp_path: Path, context: Context, parcel: Callable[..., Parcel]
    ) -> None:
        file = tmp_path / "ca.pem"
        if content is not None:
            file.write_text(content)
        async with rest(context, "https://127.0.0.1/", tls_ca_file=str(file)) as sink:
            outcomes = [await sink.send(parcel()), await sink.check()]

        assert all(isinstance(one, Unavailable) and one.reason.startswith("TLS_FILES_UNREADABLE") for one in outcomes)


async def cut_at_once(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await reader.readexactly(1)


async def cut_after_request(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await read_request(reader)


async def hang_up_politely(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    writer.close()
    await writer.wait_closed()


async def cut_in_the_head(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    writer.write(b"HTTP/1.1 200 O")
    await writer.drain()


async def garbage(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    writer.write(b"\x00\xff no http\r\n\r\n")
    await writer.drain()
    await reader.read(-1)


async def contradicting_lengths(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 9\r\n\r\n{}")
    await writer.drain()
    await reader.read(-1)


async def silence(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await reader.read(-1)


async def endless_head(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X-Filler: " + b"x" * 1_000 + b"\r\n")
        await writer.drain()


async def head_drop_by_drop(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}":
        writer.write(bytes([byte]))
        await asyncio.sleep(0.05)  # a slow line has no other signal than time


@pytest.mark.parametrize(
    "talk",
    [
        cut_at_once,
        cut_after_request,
        hang_up_politely,
        cut_in_the_head,
        garbage,
        contradicting_lengths,
        silence,
        endless_head,
        head_drop_by_drop,
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_without_a_readable_answer_nobody_knows(
    talk: Talk, method: str, context: Context, parcel: Callable[..., Parcel]
) -> None:
    calls = 0

    async def counted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal calls
        calls += 1
        await talk(reader, writer)

    async with raw_server(counted) as url, asyncio.timeout(5):
        outcome = await sent(context, url, parcel(timeout=0.4), method=method)

    assert isinstance(outcome, InDoubt)
    assert calls == 1


async def test_a_kept_connection_that_is_cut_is_not_tried_again_in_silence(
    context: Context, parcel: Callable[..., Parcel]
) -> None:
    """aiohttp repeats a PUT on its own when a kept connection turns out dead; a connector must not."""
    requests = 0

    async def one_answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal requests
        await read_request(reader)
        requests += 1
        writer.write(OK)
        await writer.drain()
        await read_request(reader)
        requests += 1

    async with raw_server(one_answer) as url, rest(context, url, method="PUT", receipt_pointer="/x") as sink:
        await sink.send(parcel())
        outcome = await sink.send(parcel("key-2"))

    assert isinstance(outcome, InDoubt)
    assert requests == 2


async def test_a_cut_in_the_middle_of_a_large_body(context: Context, parcel: Callable[..., Parcel]) -> None:
    async def take_a_little(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(1_000)

    async with raw_server(take_a_little) as url:
        outcome = await sent(context, url, parcel(body=b"x" * 8_000_000))

    assert isinstance(outcome, InDoubt)


class TestAnswerBody:
    """The status came, the body does not end."""

    @staticmethod
    def never_ending(status: bytes) -> Talk:
        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await read_request(reader)
            writer.write(b"HTTP/1.1 " + status + b"\r\nContent-Length: 100\r\n\r\n{")
            await reader.read(-1)

        return talk

    async def test_is_not_waited_for_without_need(self, context: Context, parcel: Callable[..., Parcel]) -> None:
        async with raw_server(self.never_ending(b"200 OK")) as url, asyncio.timeout(5):
            assert await sent(context, url, parcel(timeout=60)) == Delivered()

    async def test_a_receipt_that_never_comes_is_in_doubt(
        self, context: Context, parcel: Callable[..., Parcel]
    ) -> None:
        async with raw_server(self.never_ending(b"200 OK")) as url:
            outcome = await sent(context, url, parcel(timeout=0.3), receipt_pointer="/no")

        assert outcome == InDoubt("ANSWER_WITHOUT_RECEIPT: it said success")

    async def test_a_refusal_stands_without_its_reasons(self, context: Context, parcel: Callable[..., Parcel]) -> None:
        async with raw_server(self.never_ending(b"422 No")) as url:
            assert await sent(context, url, parcel(timeout=0.3)) == Rejected("HTTP_422")

    async def test_more_than_anyone_would_believe(self, far_side: HttpFarSide, context: Context,
                                                  parcel: Callable[..., Parcel]) -> None:  # fmt: skip
        far_side.answer = lambda _: web.Response(text='{"no":"R-7","filler":"' + "x" * 70_000 + '"}')
        outcome = await sent(context, far_side.url, parcel(), receipt_pointer="/no")

        assert outcome == InDoubt("ANSWER_WITHOUT_RECEIPT: it said success")


class TestClosing:
    async def test_ends_what_is_under_way(
        self, far_side: HttpFarSide, context: Context, parcel: Callable[..., Parcel]
    ) -> None:
        await far_side.behave(Behaviour.HANG)
        async with asyncio.timeout(5):
            async with rest(context, far_side.url) as sink:
                under_way = asyncio.create_task(sink.send(parcel(timeout=60)))
                await far_side.until_arrived(1)
            assert await under_way == InDoubt("CLOSED: this destination is being closed")
            assert await sink.send(parcel("key-2")) == Unavailable("CLOSED: this destination is being closed")

    async def test_a_cancelled_send_is_cancelled(
        self, far_side: HttpFarSide, context: Context, parcel: Callable[..., Parcel]
    ) -> None:
        await far_side.behave(Behaviour.HANG)
        async with rest(context, far_side.url) as sink:
            under_way = asyncio.create_task(sink.send(parcel(timeout=60)))
            await far_side.until_arrived(1)
            under_way.cancel()
            with pytest.raises(asyncio.CancelledError):
                await under_way


class TestCheck:
    async def test_has_no_effect(self, far_side: HttpFarSide, context: Context) -> None:
        async with rest(context, far_side.url, bearer_secret="token", headers={"X-System": "govhub"}) as sink:
            outcome = await sink.check()

        assert outcome == Delivered("HTTP_204")
        assert [(request.method, request.headers["X-System"]) for request in far_side.requests] == [
            ("OPTIONS", "govhub")
        ]
        assert far_side.requests[0].headers["Authorization"] == "Bearer made-up-token"

    @pytest.mark.parametrize(
        ("status", "expected"),
        [
            (405, Delivered("HTTP_405")),
            (403, Rejected("HTTP_403", "The far side is there but does not know us.")),
            (502, Unavailable("HTTP_502")),
        ],
    )
    async def test_any_answer_says_that_somebody_is_there(
        self, status: int, expected: Outcome, context: Context
    ) -> None:
        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 %d No\r\nContent-Length: 0\r\n\r\n" % status)
            await reader.read(-1)

        async with raw_server(talk) as url, rest(context, url, check_method="HEAD") as sink:
            assert await sink.check() == expected

    async def test_nobody_there(self, context: Context) -> None:
        async with rest(context, unused_url()) as sink:
            assert isinstance(await sink.check(), Unavailable)

    async def test_a_missing_secret(self, context: Context) -> None:
        async with rest(context, unused_url(), bearer_secret="gone") as sink:
            assert await sink.check() == Unavailable("SECRET_MISSING: no secret gone")


async def test_it_knows_nothing_of_earlier_sends(context: Context) -> None:
    async with rest(context, unused_url()) as sink:
        assert isinstance(await sink.query("key-1"), InDoubt)
