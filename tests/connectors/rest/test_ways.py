# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""How a request travels: mutual TLS that is renewed in flight, pins, tokens, and addresses that messages name themselves."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from connectors.rest import CONNECTOR, RestConfig
from connectors.sdk import Context, Delivered, Outcome, Parcel, Rejected, Unavailable
from tests.connectors.far_http import HttpFarSide
from tests.connectors.sdk.http.authority import Authority, server_context

SENT = Delivered()


class Clock:
    """Goes when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


async def sent(context: Context, parcel: Parcel, **settings: Any) -> Outcome:
    async with CONNECTOR.sink(RestConfig.model_validate(settings), context) as sink:
        return await sink.send(parcel)


@asynccontextmanager
async def serving(handler: Any, **options: Any) -> AsyncIterator[str]:
    """An HTTP server; gives its root address."""
    application = web.Application()
    application.router.add_route("*", "/{rest:.*}", handler)
    runner = web.AppRunner(application, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, **options).start()
    try:
        yield f"{'https' if options else 'http'}://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def whoever(request: web.Request) -> web.Response:
    """Says who called."""
    await request.read()
    subject = dict(part[0] for part in (request.get_extra_info("peercert") or {}).get("subject", ()))
    return web.json_response({"caller": subject.get("commonName", "")})


class TestMutualTls:
    """Both sides prove who they are."""

    @pytest.fixture
    def authority(self, tmp_path: Path) -> Authority:
        return Authority(tmp_path)

    async def test_the_far_side_sees_who_calls(
        self, authority: Authority, context: Context, parcel: Callable[..., Parcel]
    ) -> None:
        own = authority.identity("hub")
        server = server_context(authority.identity("department"), clients=authority)
        tls = {"ca_file": authority.file, "certificate_file": str(own.certificate), "key_file": str(own.key)}
        async with serving(whoever, ssl_context=server) as url:
            known = await sent(context, parcel(), url=url, tls=tls, receipt_pointer="/caller")
            unknown = await sent(context, parcel(), url=url, tls={"ca_file": authority.file})
        assert known == Delivered("hub")
        assert not isinstance(unknown, Delivered)

    async def test_a_renewed_certificate_is_used_at_once(
        self, authority: Authority, context: Context, parcel: Callable[..., Parcel]
    ) -> None:
        clock = Clock()
        first, second = authority.identity("before"), authority.identity("after")
        own = replace(first, certificate=first.certificate.with_name("own.pem"), key=first.key.with_name("own.key"))

        def install(identity: Any) -> None:
            for there, here in ((identity.certificate, own.certificate), (identity.key, own.key)):
                here.with_suffix(".new").write_bytes(there.read_bytes())
                Path(here.with_suffix(".new")).replace(here)

        install(first)
        server = server_context(authority.identity("department"), clients=authority)
        tls = {"ca_file": authority.file, "certificate_file": str(own.certificate), "key_file": str(own.key)}
        async with serving(whoever, ssl_context=server) as url:
            config = RestConfig.model_validate({"url": url, "tls": tls, "receipt_pointer": "/caller"})
            async with CONNECTOR.sink(config, replace(context, monotonic=clock)) as sink:
                seen = [await sink.send(parcel())]
                install(second)
                clock.now += 2
                seen.append(await sink.send(parcel()))
                own.certificate.write_text("half a certificate")
                clock.now += 2
                seen.append(await sink.send(parcel()))
        assert seen == [Delivered("before"), Delivered("after"), Delivered("after")]

    async def test_a_pin_is_one_more_condition(
        self, authority: Authority, tmp_path: Path, context: Context, parcel: Callable[..., Parcel]
    ) -> None:
        department = authority.identity("department")
        other = authority.identity("other")
        stranger = Authority(tmp_path, "elsewhere").identity("stranger")
        async with serving(whoever, ssl_context=server_context(department)) as url:
            right = await sent(
                context, parcel(), url=url, tls={"ca_file": authority.file, "pins": [other.pin, department.pin]}
            )
            wrong = await sent(context, parcel(), url=url, tls={"ca_file": authority.file, "pins": [other.pin]})
        async with serving(whoever, ssl_context=server_context(stranger)) as url:
            vouched_by_nobody = await sent(
                context, parcel(), url=url, tls={"ca_file": authority.file, "pins": [stranger.pin]}
            )
        assert right == SENT
        assert isinstance(wrong, Unavailable)
        assert isinstance(vouched_by_nobody, Unavailable)

    @pytest.mark.parametrize("content", [None, "no certificate"])
    async def test_files_that_cannot_be_used_are_told_and_may_be_mended(
        self, authority: Authority, tmp_path: Path, context: Context, parcel: Callable[..., Parcel], content: str | None
    ) -> None:
        clock, missing = Clock(), tmp_path / "later.pem"
        if content is not None:
            missing.write_text(content)
        async with serving(whoever, ssl_context=server_context(authority.identity("department"))) as url:
            config = RestConfig.model_validate({"url": url, "tls": {"ca_file": str(missing)}})
            async with CONNECTOR.sink(config, replace(context, monotonic=clock)) as sink:
                before = await sink.send(parcel())
                missing.write_bytes(Path(authority.file).read_bytes())
                clock.now += 2
                after = await sink.send(parcel())
        assert isinstance(before, Unavailable)
        assert before.reason.startswith("TLS_FILES_UNREADABLE")
        assert after == SENT


class TokenServer:
    """Gives tokens one after the other, and takes only the last."""

    def __init__(self) -> None:
        self.given = 0
        self.status = 200
        self.life: Any = 100
        self.asked: list[tuple[str, dict[str, str]]] = []

    async def answer(self, request: web.Request) -> web.Response:
        if request.path == "/token":
            self.asked.append((request.headers.get("Authorization", ""), dict(await request.post())))  # type: ignore[arg-type]
            if self.status != 200:
                return web.json_response({"error": "invalid_client"}, status=self.status)
            self.given += 1
            return web.json_response({"access_token": f"t-{self.given}", "expires_in": self.life})
        await request.read()
        return web.Response(status=201 if request.headers["Authorization"] == f"Bearer t-{self.given}" else 401)


class TestToken:
    """A token that is fetched, kept and renewed."""

    def settings(self, url: str, **changes: Any) -> dict[str, Any]:
        token = {"url": f"{url}/token", "client_id": "hub", "client_secret": "key", "scope": "cases", **changes}
        return {"url": f"{url}/cases", "token": token}

    @pytest.mark.parametrize("style", ["basic", "form"])
    async def test_one_token_serves_many(self, context: Context, parcel: Callable[..., Parcel], style: str) -> None:
        server, clock = TokenServer(), Clock()
        async with serving(server.answer) as url:
            config = RestConfig.model_validate(self.settings(url, style=style))
            async with CONNECTOR.sink(config, replace(context, monotonic=clock)) as sink:
                outcomes = await asyncio.gather(*(sink.send(parcel(f"k{n}")) for n in range(20)))
                clock.now += 79
                outcomes.append(await sink.send(parcel()))
                assert server.given == 1
                clock.now += 2
                outcomes.append(await sink.send(parcel()))
        assert outcomes == [SENT] * 22
        assert server.given == 2
        authorization, form = server.asked[0]
        proof = ("", {"client_id": "hub", "client_secret": "made-up-key"})
        if style == "basic":
            proof = ("Basic aHViOm1hZGUtdXAta2V5", {})
        assert (authorization, form) == (proof[0], {"grant_type": "client_credentials", "scope": "cases", **proof[1]})

    async def test_a_token_that_is_not_taken_any_more_is_replaced(
        self, context: Context, parcel: Callable[..., Parcel]
    ) -> None:
        server = TokenServer()
        async with (
            serving(server.answer) as url,
            CONNECTOR.sink(RestConfig.model_validate(self.settings(url)), context) as sink,
        ):
            assert await sink.send(parcel()) == SENT
            server.given += 1  # the secret was changed at the far side: it knows another token now
            spoiled = await sink.send(parcel())
            assert await sink.send(parcel(attempt=2)) == SENT
        assert spoiled == Unavailable("HTTP_401")

    @pytest.mark.parametrize("status", [400, 401, 500])
    async def test_without_a_token_nothing_is_sent_and_the_server_is_left_alone(
        self, context: Context, parcel: Callable[..., Parcel], status: int
    ) -> None:
        server, clock = TokenServer(), Clock()
        server.status = status
        async with serving(server.answer) as url:
            config = RestConfig.model_validate(self.settings(url))
            async with CONNECTOR.sink(config, replace(context, monotonic=clock)) as sink:
                outcomes = await asyncio.gather(*(sink.send(parcel(f"k{n}")) for n in range(5)))
                assert len(server.asked) == 1
                server.status = 200
                clock.now += 2
                again = await sink.send(parcel())
        assert {outcome.reason.split(":")[0] for outcome in outcomes if isinstance(outcome, Unavailable)} == {
            "TOKEN_REFUSED"
        }
        assert len([outcome for outcome in outcomes if isinstance(outcome, Unavailable)]) == 5
        assert again == SENT

    @pytest.mark.parametrize("life", [0, -5, "soon", None, 10**12])
    async def test_a_strange_life_is_no_trouble(
        self, context: Context, parcel: Callable[..., Parcel], life: Any
    ) -> None:
        server = TokenServer()
        server.life = life
        async with serving(server.answer) as url:
            assert await sent(context, parcel(), **self.settings(url)) == SENT


class TestCallback:
    """Messages that name the address to send to."""

    async def test_an_allowed_address_is_called(
        self, far_side: HttpFarSide, context: Context, parcel: Callable[..., Parcel]
    ) -> None:
        one = parcel(body=b'{"callbackUrl": "%s"}' % far_side.url.encode())
        settings = {"url": "https://callbacks.example/", "callback_at": "/callbackUrl"}
        allowed = await sent(context, one, **settings, egress={"networks": ["127.0.0.0/8"]})
        refused = await sent(context, one, **settings, egress={})
        assert allowed == SENT
        assert refused == Rejected("EGRESS_REFUSED", "The address is not one that this destination may call.")
        assert len(far_side.arrived) == 1

    @pytest.mark.parametrize(
        ("url", "code"),
        [
            ("http://169.254.169.254/latest/meta-data", "EGRESS_REFUSED"),
            ("http://[::ffff:127.0.0.1]/", "EGRESS_REFUSED"),
            ("http://localhost/", "EGRESS_REFUSED"),
            ("http://user:word@example.com/", "EGRESS_REFUSED"),
            ("file:///etc/passwd", "CALLBACK_INVALID"),
            ("gopher://example.com/", "CALLBACK_INVALID"),
            ("//example.com/", "CALLBACK_INVALID"),
            ("http:///", "CALLBACK_INVALID"),
            ("http://exa mple\\r\\n/", "CALLBACK_INVALID"),
            ("http://example.com:99999/", "CALLBACK_INVALID"),
            ("", "CALLBACK_INVALID"),
            ("http://" + "a" * 3000, "CALLBACK_INVALID"),
        ],
    )
    async def test_no_other_is(self, context: Context, parcel: Callable[..., Parcel], url: str, code: str) -> None:
        outcome = await sent(
            context,
            parcel(body=b'{"u": "%s"}' % url.encode()),
            url="https://callbacks.example/",
            callback_at="/u",
            egress={},
        )
        assert isinstance(outcome, Rejected)
        assert outcome.code == code

    async def test_a_redirect_is_not_followed(self, context: Context, parcel: Callable[..., Parcel]) -> None:
        async def elsewhere(request: web.Request) -> web.Response:
            await request.read()
            return web.Response(status=302, headers={"Location": "http://169.254.169.254/"})

        async with serving(elsewhere) as url:
            outcome = await sent(
                context,
                parcel(body=b'{"u": "%s"}' % url.encode()),
                url="https://callbacks.example/",
                callback_at="/u",
                egress={"networks": ["127.0.0.0/8"]},
            )
        assert isinstance(outcome, Rejected)
        assert outcome.code == "REDIRECT"


async def test_a_configured_address_outside_the_egress_is_not_called(
    far_side: HttpFarSide, context: Context, parcel: Callable[..., Parcel]
) -> None:
    outcome = await sent(context, parcel(), url=far_side.url, egress={"networks": ["10.0.0.0/8"]})
    assert isinstance(outcome, Rejected)
    assert far_side.requests == []


async def test_a_failure_inside_a_success_is_a_failure(
    far_side: HttpFarSide, context: Context, parcel: Callable[..., Parcel]
) -> None:
    rules = [
        {"at": "/code", "in": ["0"], "means": "delivered", "named": "/no"},
        {"at": "/code", "means": "rejected", "named": "/code"},
    ]
    said: list[Outcome] = []
    for answer in ({"code": 0, "no": "R-1"}, {"code": "B7"}, {"other": 1}):
        far_side.answer = lambda _, answer=answer: web.json_response(answer)  # type: ignore[misc]
        said.append(await sent(context, parcel(), url=far_side.url, answers=rules))
    far_side.answer = lambda _: web.Response(status=503)
    said.append(await sent(context, parcel(), url=far_side.url, answers=rules))
    assert [type(one).__name__ for one in said] == ["Delivered", "Rejected", "InDoubt", "Unavailable"]
    assert said[:2] == [Delivered("R-1"), Rejected("B7")]
