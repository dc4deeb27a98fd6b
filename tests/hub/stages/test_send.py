# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Sending: an outcome, always, whatever the connector does; the connector's own words stay out of it."""

import asyncio

import pytest

from connectors.sdk import Accepted, Delivered, InDoubt, Outcome, Parcel, Rejected, Unavailable
from hub.stages.send import send
from tests.support.hubs import captured_log
from tests.support.sinks import Gate, ScriptedSink, Step, answering, raising

PARCEL = Parcel(
    idempotency_key="k", content_type="application/json", body=b"{}", attributes={"subject": "a"}, timeout=0.05
)


async def sent(step: Step) -> Outcome:
    log, _ = captured_log()
    async with asyncio.timeout(10):
        return await send(ScriptedSink({"a": [step]}), PARCEL, log)


@pytest.mark.parametrize(
    "outcome", [Delivered("r"), Accepted("t"), Rejected("X", "d", ("v",)), Unavailable("x", 1.5), InDoubt("x")]
)
async def test_an_outcome_is_handed_on(outcome: Outcome) -> None:
    assert await sent(outcome) == outcome


@pytest.mark.parametrize(
    "step",
    [
        raising(ValueError("made-up canary")),
        raising(TimeoutError("made-up canary")),
        raising(asyncio.CancelledError("made-up canary")),
        raising(SystemExit("made-up canary")),
        answering(None),
        answering(1),
        answering(("Delivered", "made-up canary")),
        answering(Delivered(receipt=b"made-up canary")),  # type: ignore[arg-type]
        Gate(),
    ],
    ids=["error", "time-out", "cancelled", "exit", "none", "number", "tuple", "bytes", "hangs"],
)
async def test_whatever_else_happens_is_in_doubt(step: Step) -> None:
    outcome = await sent(step)
    assert isinstance(outcome, InDoubt)
    assert outcome.reason
    assert "canary" not in outcome.reason


async def test_a_bug_is_told_to_the_operator() -> None:
    log, capture = captured_log()
    await send(ScriptedSink({"a": [raising(KeyError("x"))]}), PARCEL, log)
    (line,) = capture.entries
    assert (line["event"], line["error"], line["log_level"]) == ("connector raised", "KeyError", "error")


async def test_a_cancelled_send_is_cancelled() -> None:
    log, _ = captured_log()
    sink = ScriptedSink({"a": [Gate()]})
    sending = asyncio.create_task(
        send(sink, Parcel(idempotency_key="k", content_type="x", body=b"", attributes={"subject": "a"}), log)
    )
    await sink.until_arrived(1)
    sending.cancel()
    await asyncio.wait({sending}, timeout=5)
    assert sending.cancelled()
    assert len(sink.finished) == 1, "the connector was told"
