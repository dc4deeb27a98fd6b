# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What is seen of a message on its way: one line per message and stage, its trace on every hop, and nothing personal."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

import orjson
import pytest

from connectors.sdk import Accepted, Delivered, Rejected, Unavailable
from contracts.refusal import Refusal
from contracts.trace_context import read_traceparent
from hub.logging import _exception
from hub.path import accept
from hub.ports.journal import State
from tests.support.hubs import Destination, Rig, at_work, bearer, by_hand, event, hub_on, received
from tests.support.sinks import ScriptedSink, raising

pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
GIVEN = f"00-{TRACE}-{SPAN}-01"
CANARY = "990102199001019999"  # made up: no region begins with 99

ACCEPTED = {"message", "trace", "system", "contract", "version", "deliveries", "warnings"}
SETTLED = {
    "message", "delivery", "trace", "destination", "contract", "attempt", "state", "code", "stale", "age_ms", "settle_ms",
}  # fmt: skip


async def trace_of(rig: Rig, sink: ScriptedSink, case: str) -> Mapping[str, str]:
    await sink.until_arrived(1)
    (parcel,) = [one for one in sink.arrived if one.attributes["subject"] == case]
    return {"attribute": parcel.attributes["traceparent"], "hop": parcel.traceparent}


class TestTrace:
    async def test_a_senders_trace_is_carried_to_the_far_side(self, dsn: str) -> None:
        sink = ScriptedSink()
        async with hub_on(dsn, {"housing": Destination(sink=sink)}) as rig, by_hand(rig.hub):
            message = await rig.accept(event("a", extensions={"traceparent": GIVEN, "tracestate": "v=1"}))
            assert await trace_of(rig, sink, "a") == {"attribute": GIVEN, "hop": GIVEN}
            await rig.until_settled(1)
        for line in ("accepted", "settled"):
            assert [(one["message"], one["trace"]) for one in rig.logged(line)] == [(message, TRACE)]

    async def test_without_one_the_trace_bears_the_messages_id(self, dsn: str) -> None:
        sink = ScriptedSink()
        async with hub_on(dsn, {"housing": Destination(sink=sink)}) as rig, by_hand(rig.hub):
            message = await rig.accept(event("a", extensions={"traceparent": f"{GIVEN}\r\nX-Evil: 1"}))
            carried = await trace_of(rig, sink, "a")
            await rig.until_settled(1)
        context = read_traceparent(carried["hop"])
        assert context is not None
        assert context.trace_id == message.hex
        assert carried["attribute"] == carried["hop"]
        assert {one["trace"] for one in rig.logged("settled")} == {message.hex}

    async def test_the_header_of_the_hop_serves_a_message_without_its_own(self, dsn: str) -> None:
        sink = ScriptedSink()
        async with hub_on(dsn, {"housing": Destination(sink=sink)}) as rig, by_hand(rig.hub):
            one = event("a")
            receipt = await accept(rig.hub, bearer("portal"), one, replace(received(one), traceparent=GIVEN))
            assert isinstance(receipt, bytes)
            assert await trace_of(rig, sink, "a") == {"attribute": GIVEN, "hop": GIVEN}

    async def test_another_trace_is_the_same_message(self, dsn: str) -> None:
        async with hub_on(dsn, {"housing": Destination(sink=ScriptedSink())}) as rig:
            first = await rig.accept(event("a", extensions={"traceparent": GIVEN}))
            again = await rig.accept(event("a", extensions={"traceparent": GIVEN.replace("4", "5")}))
        assert first == again
        (line,) = rig.logged("repeated")
        assert (line["message"], line["system"]) == (first, "portal")


class TestLines:
    async def test_a_morning_has_one_line_per_message_and_stage(self, dsn: str) -> None:
        sink = ScriptedSink({
            "a": [Unavailable(f"HTTP_503 {CANARY}"), Delivered(CANARY)],
            "b": [Rejected(f"R-{CANARY}", f"{CANARY} is unknown", (CANARY,))],
            "c": [Accepted(CANARY)],
            "d": [raising(RuntimeError(CANARY))],
        })  # fmt: skip
        other = ScriptedSink()
        async with hub_on(dsn, {"housing": Destination(sink=sink), "archives": Destination(sink=other)}) as rig:

            async def ticking() -> None:
                while True:
                    rig.clock.step(seconds=1)
                    await asyncio.sleep(0.05)

            async with at_work(rig.hub):
                time = asyncio.create_task(ticking())
                sent = {case: await rig.accept(event(case, f"{case}-{CANARY}")) for case in "abcde"}
                await rig.until(lambda settled: len({s.claim.delivery_id for s in settled if _over(s.state)}) >= 10)
                time.cancel()
            bad = replace(event("f", CANARY), data={"case_no": CANARY})
            refusal = await accept(rig.hub, bearer("portal"), bad, received(bad))
            assert isinstance(refusal, Refusal)

        accepted = rig.logged("accepted")
        assert Counter(line["message"] for line in accepted) == Counter(sent.values())
        assert all(set(line) >= ACCEPTED for line in accepted)
        attempts = Counter((line["message"], line["destination"], line["attempt"]) for line in rig.logged("settled"))
        assert set(attempts.values()) == {1}
        assert attempts == Counter([
            *((message, "archives", 1) for message in sent.values()),
            *((message, "housing", 1) for message in sent.values()),
            (sent["a"], "housing", 2),
            (sent["d"], "housing", 2),
        ])  # fmt: skip
        assert all(set(line) >= SETTLED for line in rig.logged("settled"))
        assert all(
            isinstance(line["message"], UUID) and line["message"].hex == line["trace"] for line in rig.logged("settled")
        )
        (refused,) = rig.logged("refused")
        assert refused["code"] == refusal.code
        assert {line["code"] for line in rig.logged("settled") if line["state"] == "dead"} == {"OTHER"}
        written = [_exception(None, "", dict(entry)) for entry in rig.log.entries]
        assert CANARY.encode() not in orjson.dumps(written, default=repr)


def _over(state: State) -> bool:
    return state in {State.DELIVERED, State.DEAD, State.ACCEPTED, State.IN_DOUBT}
