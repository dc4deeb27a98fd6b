# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What is mounted at /v1/in: a receiver sees the call as it came, the hub accepts, and the caller is told in its own form."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Self

import orjson
import pytest
from yarl import URL

from connectors.rest import CONNECTOR
from connectors.sdk import (
    Admission,
    Admitted,
    Disposition,
    Item,
    NotNow,
    Refused,
    Reply,
    Request,
    Role,
    Taken,
    TurnedAway,
)
from connectors.sdk.fencing.fence import OPEN
from connectors.sdk.process import Limits, Order
from connectors.sdk.receiver_host import Fallen, OpenReceiver, ProcessReceiver
from hub.api.server import serve
from hub.config.deployment import SourceSection
from hub.config.intake import Called
from hub.config.proxy import ProxySection
from hub.inlet import Bringer
from hub.openings import open_reception
from hub.ports.clock import SystemClock
from hub.reception import Reception
from tests.connectors.webhook_caller import SECRET, WebhookCaller
from tests.hub.api.conftest import LIMITS
from tests.hub.api.house import House, application


def brought(request: Request) -> Admitted:
    """The body, as the structured events in it, one for each line."""
    lines = request.body.split(b"\n")
    items = tuple(Item(token=n, content_type="application/cloudevents+json", body=one) for n, one in enumerate(lines))
    return Admitted(items=items, note="my note")


@dataclass
class ScriptedReceiver:
    """Does as it is told, and remembers."""

    admits: Callable[[Request], Admission | Awaitable[Admission]] = brought
    requests: list[Request] = field(default_factory=list)
    answered: list[tuple[str, Sequence[tuple[int, Disposition]]]] = field(default_factory=list)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Nothing is open."""

    async def admit(self, request: Request) -> Admission:
        self.requests.append(request)
        admission = self.admits(request)
        return await admission if isinstance(admission, Awaitable) else admission

    async def reply(self, note: str, answers: Sequence[tuple[int, Disposition]]) -> Reply:
        self.answered.append((note, answers))
        said = " ".join(type(answer).__name__ for _, answer in answers)
        return Reply(status=207, headers=(("X-Said", said), ("Connection", "close")), body=said.encode())


@asynccontextmanager
async def mounted(house: House, receiver: OpenReceiver, system: str = "portal") -> AsyncIterator[tuple[str, Reception]]:
    """The house's hub with one receiver, behind a server of its own; the source's address."""
    bringer = Bringer(system=system, body_bytes=LIMITS.body_bytes, log=house.hub.log)
    reception = Reception(name="desk", bringer=bringer, receiver=receiver, log=house.hub.log)
    server = await serve(replace(house.hub, receptions={"desk": reception}), LIMITS, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.port}/v1/in/desk", reception
    finally:
        await server.stop()


async def post(house: House, url: str, body: bytes, **headers: str) -> tuple[int, Any, bytes]:
    async with house.http.post(URL(url, encoded=True), data=body, headers=headers) as answer:
        return answer.status, answer.headers, await answer.read()


async def test_a_call_is_seen_as_it_came_and_answered_as_the_receiver_says(house: House) -> None:
    receiver = ScriptedReceiver()
    event = orjson.dumps(application())
    async with mounted(house, receiver) as (url, reception):
        status, headers, body = await post(house, f"{url}/a/b%2Fc?x=%41&wsdl", event, Authorization="Sealed")
    assert (status, headers["X-Said"], body) == (207, "Taken", b"Taken")
    (request,) = receiver.requests
    assert (request.method, request.path, request.query, request.body) == ("POST", "/a/b%2Fc", "x=%41&wsdl", event)
    assert request.header("authorization") == "Sealed"
    assert request.url == f"{url}/a/b%2Fc"
    assert request.peer == "127.0.0.1"
    ((note, ((token, taken),)),) = receiver.answered
    assert (note, token) == ("my note", 0)
    assert isinstance(taken, Taken)
    assert orjson.loads(taken.receipt)["message"]
    assert (reception.taken, reception.refused) == (1, 0)


async def test_a_repeated_call_has_the_same_receipt(house: House) -> None:
    receiver = ScriptedReceiver()
    event = orjson.dumps(application())
    async with mounted(house, receiver) as (url, _):
        await asyncio.gather(*(post(house, url, event) for _ in range(5)))
    receipts = {answer.receipt for _, told in receiver.answered for _, answer in told if isinstance(answer, Taken)}
    assert len(receipts) == 1


async def test_each_message_of_a_call_has_an_answer_of_its_own(house: House) -> None:
    receiver = ScriptedReceiver()
    good, foreign = application(), application(source="somebody-else")
    async with mounted(house, receiver) as (url, reception):
        _, _, body = await post(house, url, b"\n".join([orjson.dumps(good), b"{", orjson.dumps(foreign)]))
    assert body == b"Taken Refused Refused"
    ((_, told),) = receiver.answered
    refused = [answer for _, answer in told if isinstance(answer, Refused)]
    assert [one.code for one in refused] == ["E_JSON_MALFORMED", "E_SOURCE_FOREIGN"]
    assert orjson.loads(refused[0].problem)["code"] == "E_JSON_MALFORMED"
    assert (reception.taken, reception.refused) == (1, 2)


async def test_an_event_that_does_not_say_whose_it_is_is_the_speaking_systems(house: House) -> None:
    def binary(request: Request) -> Admitted:
        event = orjson.loads(request.body)
        headers = {
            f"cloudEvents:{name}": event[name] for name in ("specversion", "id", "type", "subject", "dataschema")
        }
        item = Item(token=1, content_type="application/json", body=orjson.dumps(event["data"]), headers=headers)
        return Admitted(items=(item,))

    receiver = ScriptedReceiver(binary)
    async with mounted(house, receiver) as (url, _):
        _, _, body = await post(house, url, orjson.dumps(application()))
    assert body == b"Taken"


async def test_what_the_receiver_answers_itself_touches_nothing(house: House) -> None:
    receiver = ScriptedReceiver(lambda _: Reply(status=200, headers=(("Content-Type", "text/xml"),), body=b"<wsdl/>"))
    async with mounted(house, receiver) as (url, _), house.http.get(f"{url}?wsdl") as answer:
        assert (answer.status, answer.headers["Content-Type"], await answer.read()) == (200, "text/xml", b"<wsdl/>")
    assert receiver.answered == []


async def test_who_is_turned_away_is_counted(house: House) -> None:
    away = TurnedAway(code="BAD_SIGNATURE", reply=Reply(status=401, body=b"no"))
    before = house.hub.observer.figures.refused["BAD_SIGNATURE"]
    async with mounted(house, ScriptedReceiver(lambda _: away)) as (url, reception):
        status, _, body = await post(house, url, b"x")
    assert (status, body, reception.turned_away) == (401, b"no", {"BAD_SIGNATURE": 1})
    assert house.hub.observer.figures.refused["BAD_SIGNATURE"] == before + 1


async def test_what_is_too_large_never_reaches_the_receiver(house: House) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(LIMITS.body_bytes // 1024 + 1):
            yield b"x" * 1024

    receiver = ScriptedReceiver(lambda _: Reply(status=200))
    async with mounted(house, receiver) as (url, _):
        within, _, _ = await post(house, url, b"x" * LIMITS.body_bytes)
        beyond, _, _ = await post(house, url, b"x" * (LIMITS.body_bytes + 1))
        async with house.http.post(url, data=pieces()) as answer:
            unannounced = answer.status
        packed, _, _ = await post(house, url, b"x", **{"Content-Encoding": "gzip"})
    assert (within, beyond, unannounced, packed) == (200, 413, 413, 415)
    assert len(receiver.requests) == 1


async def test_nobody_is_behind_another_name(house: House) -> None:
    async with mounted(house, ScriptedReceiver()) as (url, _):
        status, _, body = await post(house, url.replace("desk", "nobody"), b"x")
    assert (status, orjson.loads(body)["code"]) == (404, "E_NOT_FOUND")


@pytest.mark.parametrize(
    "admits",
    [
        lambda _: 1 / 0,
        lambda _: None,
        lambda _: Admitted(items=()),
        lambda request: Admitted(items=brought(request).items * 2),
        lambda _: Reply(status=42),
        lambda _: TurnedAway(code="not in capitals", reply=Reply(status=400)),
    ],
)
async def test_a_broken_receiver_is_told_of_and_hurts_nobody(house: House, admits: Any) -> None:
    async with mounted(house, ScriptedReceiver(admits)) as (url, _):
        status, _, body = await post(house, url, orjson.dumps(application()))
    assert (status, orjson.loads(body)["code"]) == (500, "E_BUG")
    (error,) = [call.kwargs for call in house.logged.calls if call.method_name == "error"]
    assert str(error["reason"]).startswith("RECEIVER_")
    house.logged.calls.clear()


async def test_while_the_hub_is_full_the_caller_is_put_off(house: House) -> None:
    receiver = ScriptedReceiver()
    async with mounted(house, receiver) as (url, _):
        house.hub.intake.waiting, waiting = house.hub.intake.backlog, house.hub.intake.waiting
        try:
            status, headers, _ = await post(house, url, orjson.dumps(application()))
        finally:
            house.hub.intake.waiting = waiting
    assert (status, int(headers["Retry-After"]) > 0) == (503, True)
    assert receiver.requests == []


def test_not_now_says_when(house: House) -> None:
    assert NotNow() == NotNow(9.0)  # a source settles by kind; how long is the caller's to know


async def test_a_receiver_whose_process_ends_has_its_caller_come_again(house: House) -> None:
    order = Order(
        reference="tests.connectors.hostile.bad_receiver:CONNECTOR", settings={}, destination="desk", role=Role.RECEIVER
    )
    hosted = ProcessReceiver(
        order,
        secret={"token": "made-up"}.__getitem__,
        log=house.hub.log,
        monotonic=asyncio.get_running_loop().time,
        limits=Limits(restart_seconds=0.01),
    )
    async with hosted, mounted(house, hosted) as (url, reception):
        status, headers, body = await post(house, url, b"exit")
        assert (status, headers["Retry-After"], orjson.loads(body)["code"]) == (503, "1", "E_RECEIVER_AWAY")
        assert reception.turned_away == {"HOST_DIED": 1}
        async with asyncio.timeout(60):
            while (await post(house, url, b"well"))[0] == 503:
                pass
        status, _, body = await post(house, url, b"raise")
        assert (status, orjson.loads(body)["code"]) == (500, "E_BUG")
        assert [c.kwargs["event"] for c in house.logged.calls if c.method_name == "error"] == ["bug in receiver"]
        house.logged.calls.clear()
        status, _, _ = await post(house, url, b"well")
    assert status == 200


async def test_what_was_taken_before_the_receiver_fell_is_taken_once(house: House) -> None:
    @dataclass
    class Falling(ScriptedReceiver):
        fallen: bool = False

        async def reply(self, note: str, answers: Sequence[tuple[int, Disposition]]) -> Reply:
            told = await super().reply(note, answers)
            if self.fallen:
                return told
            self.fallen = True
            return Fallen("HOST_DIED: for a trial", 2.4)  # type: ignore[return-value]

    receiver = Falling()
    event = orjson.dumps(application())
    async with mounted(house, receiver) as (url, _):
        status, headers, _ = await post(house, url, event)
        assert (status, headers["Retry-After"]) == (503, "3")
        assert (await post(house, url, event))[0] == 207
    (first, again) = (answer for _, told in receiver.answered for _, answer in told)
    assert isinstance(first, Taken)
    assert isinstance(again, Taken)
    assert first.receipt == again.receipt


async def test_one_of_ours_in_a_process_of_its_own_is_opened_with_its_secrets_and_the_hubs_limits(house: House) -> None:
    caller = WebhookCaller()
    section = SourceSection.model_validate(
        {"system": "portal", "connector": "rest", "isolation": "process", "settings": caller.settings}
    )
    settings = CONNECTOR.receiver_config.model_validate(caller.settings)
    intake = Called("hook", section, CONNECTOR, "connectors.rest:CONNECTOR", settings, CONNECTOR.manifest, OPEN)
    opening = open_reception(intake, LIMITS.body_bytes, {"callback": SECRET}.__getitem__, SystemClock(), house.hub.log)
    good = caller.call(1)
    async with opening as reception:
        assert isinstance(reception.receiver, ProcessReceiver)
        server = await serve(replace(house.hub, receptions={"hook": reception}), LIMITS, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.port}/v1/in/hook"
        try:
            signed = await post(house, url, good.body, **dict(good.headers))
            forged = await post(house, url, good.body + b" ", **dict(good.headers))
        finally:
            await server.stop()

    assert forged[0] == 401
    assert reception.turned_away == {"BAD_SIGNATURE": 1}
    assert orjson.loads(signed[2])["code"].startswith("E_"), "understood, and judged by the hub"
    assert (reception.taken, reception.refused) == (0, 1)


@pytest.mark.parametrize(
    ("addresses", "said", "heard"),
    [
        (["127.0.0.1"], ["CN=housing,O=made up"], "CN=housing,O=made up"),
        (["10.0.0.0/8"], ["CN=housing,O=made up"], ""),
        (["127.0.0.1"], ["CN=housing", "CN=another"], ""),
        (["127.0.0.1"], [], ""),
    ],
)
async def test_a_callers_certificate_is_what_the_proxy_says_and_nobody_else(
    house: House, addresses: list[str], said: list[str], heard: str
) -> None:
    proxy = ProxySection(addresses=tuple(addresses), subject_header="X-Client-Subject")
    receiver = ScriptedReceiver(admits=lambda _: Reply(status=204))
    behind = replace(house, hub=replace(house.hub, proxy=proxy))
    async with mounted(behind, receiver) as (url, _):
        headers = [("X-Client-Subject", one) for one in said]
        async with house.http.post(URL(url), data=b"x", headers=headers) as answer:
            assert answer.status == 204

    (request,) = receiver.requests
    assert request.subject == heard
    assert request.header("X-Client-Subject") == "", "a receiver is told once"
