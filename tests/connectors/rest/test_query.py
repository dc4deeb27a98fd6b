# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Asking what became of a key: only the far side's own word settles it, and nothing else counts as "never seen"."""

from collections.abc import AsyncIterator, Callable

import pytest
from aiohttp import web
from multidict import CIMultiDict
from pydantic import ValidationError

from connectors.rest import CONNECTOR, RestConfig
from connectors.rest.answer import query_outcome_of
from connectors.sdk import (
    Accepted,
    Context,
    Delivered,
    Idempotency,
    InDoubt,
    NotSeen,
    Parcel,
    QueryOutcome,
    Rejected,
    Unavailable,
)
from connectors.sdk.far_side import Behaviour
from connectors.sdk.http.exchange import Answer
from tests.connectors.far_http import QueryableFarSide

URL = "https://seals.example/tasks"
ANSWERS = [
    {"status": 200, "at": "/state", "in": ["done"], "means": "delivered", "receipt": "/no"},
    {"status": 200, "at": "/state", "in": ["queued"], "means": "unknown"},
    {"status": 200, "at": "/code", "in": ["7", "true"], "means": "accepted", "receipt": "/no"},
    {"status": 200, "at": "/state", "in": ["refused"], "means": "rejected", "receipt": "/why"},
    {"status": 404, "at": "/code", "in": ["NO_SUCH_KEY"], "means": "not_seen"},
    {"status": 204, "means": "delivered"},
]


@pytest.fixture
async def far_side() -> AsyncIterator[QueryableFarSide]:
    async with QueryableFarSide() as far:
        yield far


def config(url: str = f"{URL}/{{key}}", answers: object = ANSWERS, **settings: object) -> RestConfig:
    query = {"url": url, "answers": answers}
    return RestConfig.model_validate({"url": URL, "idempotency": "queryable", "query": query, **settings})


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, b'{"state":"done","no":"R-1"}', Delivered("R-1")),
        (200, b'{"state":"done"}', InDoubt("ANSWER_WITHOUT_RECEIPT: it knows the key and names no receipt")),
        (200, b'{"state":"queued"}', InDoubt("NOT_KNOWN_YET: the far side does not know yet")),
        (200, b'{"code":7,"no":12}', Accepted("12")),
        (200, b'{"code":true,"no":"T"}', Accepted("T")),
        (200, b'{"state":"refused","why":"E_NO"}', Rejected("E_NO")),
        (200, '{"state":"refused","why":"张三的章"}'.encode(), Rejected("HTTP_200")),
        (204, b"", Delivered()),
        (404, b'{"code":"NO_SUCH_KEY"}', NotSeen()),
        (404, b"<html>no such page</html>", InDoubt("HTTP_404: an answer that no rule knows")),
        (404, None, InDoubt("HTTP_404: an answer that no rule knows")),
        (404, b'{"code":"NO_SUCH_ROUTE"}', InDoubt("HTTP_404: an answer that no rule knows")),
        (200, b'{"state":["done"]}', InDoubt("HTTP_200: an answer that no rule knows")),
        (302, b"", InDoubt("HTTP_302: an answer that no rule knows")),
        (401, b'{"code":"NO_SUCH_KEY"}', Unavailable("HTTP_401")),
        (503, b'{"code":"NO_SUCH_KEY"}', Unavailable("HTTP_503")),
    ],
)
def test_what_an_answer_means(status: int, body: bytes | None, expected: QueryOutcome) -> None:
    query = config().query
    assert query is not None
    assert query_outcome_of(query, Answer(status, CIMultiDict(), body)) == expected


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"idempotency": "native"}, "belong together"),
        ({"query": None}, "belong together"),
        ({"url_": "https://seals.example/tasks"}, "marked once"),
        ({"url_": "https://seals.example/{key}/{key}"}, "marked once"),
        ({"url_": "https://{key}.example/"}, "never in the host"),
        ({"url_": "seals/{key}"}, "absolute"),
        ({"answers": []}, "at least 1"),
        ({"answers": [{"status": 404, "means": "not_seen"}]}, "a bare status never means"),
        ({"answers": [{"status": 200, "at": "/a", "means": "delivered"}]}, "belong together"),
        ({"answers": [{"status": 200, "means": "rejected"}]}, "need receipt"),
        ({"answers": [{"status": 404, "at": "/a", "in": ["x"], "means": "not_seen"}]}, "settle nothing"),
    ],
)
def test_settings_that_could_not_be_trusted_are_refused(change: dict[str, object], why: str) -> None:
    where = {"url": change.pop("url_")} if "url_" in change else {}
    with pytest.raises(ValidationError, match=why):
        config(**(where | change))  # type: ignore[arg-type]


def test_a_destination_that_can_be_asked_promises_so() -> None:
    assert CONNECTOR.promises(config()).idempotency is Idempotency.QUERYABLE


class TestAsked:
    async def test_with_its_credentials_and_the_key_as_it_is(
        self, context: Context, far_side: QueryableFarSide
    ) -> None:
        settings = {**far_side.settings, "bearer_secret": "token"}
        async with CONNECTOR.sink(CONNECTOR.config.model_validate(settings), context) as sink:
            assert await sink.query("a/b 键?&#") == NotSeen()

        (request,) = far_side.requests
        assert (request.method, request.query["key"]) == ("GET", "a/b 键?&#")
        assert request.headers["Authorization"] == "Bearer made-up-token"

    async def test_a_cut_send_is_known_afterwards(
        self, context: Context, far_side: QueryableFarSide, parcel: Callable[..., Parcel]
    ) -> None:
        async with CONNECTOR.sink(CONNECTOR.config.model_validate(far_side.settings), context) as sink:
            await far_side.behave(Behaviour.CUT)
            assert isinstance(await sink.send(parcel()), InDoubt)
            assert await sink.query("key-1") == Delivered()
            await far_side.behave(Behaviour.OUTAGE)
            assert await sink.query("key-2") == Unavailable("HTTP_503")

    async def test_nobody_there_is_nobody_to_ask(self, context: Context) -> None:
        settings = config(url="http://127.0.0.1:9/{key}")
        async with CONNECTOR.sink(settings, context) as sink:
            assert isinstance(await sink.query("key-1"), Unavailable)

    async def test_a_closed_sink_asks_nobody(self, context: Context, far_side: QueryableFarSide) -> None:
        sink = CONNECTOR.sink(CONNECTOR.config.model_validate(far_side.settings), context)
        async with sink:
            pass
        assert isinstance(await sink.query("key-1"), Unavailable)
        assert far_side.requests == []

    async def test_a_redirect_is_not_followed(self, context: Context, far_side: QueryableFarSide) -> None:
        far_side.answer = lambda _: web.Response(status=302, headers={"Location": "/tasks?key=x"})
        url = f"{far_side.url}?key={{key}}"
        async with CONNECTOR.sink(config(url=url), context) as sink:
            outcome = await sink.query("key-1")
        assert not isinstance(outcome, NotSeen | Delivered)
