# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What every connector must keep whose manifest promises ``receipts``: the final answer reaches the hub, whenever it comes.

As :mod:`connectors.sdk.rules`. Each rule waits for what it wants, never for a time.
"""

import asyncio
from typing import Any, Protocol

from connectors.sdk.answers import Answer
from connectors.sdk.bench import Bench
from connectors.sdk.far_side import Behaviour, FarSide
from connectors.sdk.outcomes import Accepted, Delivered, Rejected
from connectors.sdk.rule import Rule, entering, parcel_of, unless
from connectors.sdk.sink import Sink

ANSWER_RULES: list[Rule] = []
_rule = entering(ANSWER_RULES)

_OTHERS = 20


class AnsweringFarSide(FarSide, Protocol):
    """A far side that says later what became of what it took. One whose answers a receiver or a source of the kind hears has an
    attribute ``answers``, which the rules set to the bench's: it opens that receiver with them.
    """

    async def answer(self, idempotency_key: str, *, refused: bool = False) -> None:
        """Give the final answer to what arrived under that key, in the far side's own way; again, if this is called again. What
        nobody fetches now waits, where the far side keeps such things.
        """
        ...


@_rule()
async def gives_the_final_answer(bench: Bench) -> str:
    """What was accepted under a reference is answered under that reference, as done and with proof."""
    async with bench.open() as sink:
        reference, fault = await _accepted(sink, "key-1")
        if fault:
            return fault
        await _far_side(bench).answer("key-1")
        answer = await _kept(bench, reference)
    return unless(
        isinstance(answer.outcome, Delivered) and bool(answer.outcome.receipt), f"done is answered as {answer.outcome}"
    )


@_rule()
async def gives_a_refusal(bench: Bench) -> str:
    """What the far side refuses later is answered as refused, with a code."""
    async with bench.open() as sink:
        reference, fault = await _accepted(sink, "key-1")
        if fault:
            return fault
        await _far_side(bench).answer("key-1", refused=True)
        answer = await _kept(bench, reference)
    return unless(
        isinstance(answer.outcome, Rejected) and bool(answer.outcome.code), f"a refusal is answered as {answer.outcome}"
    )


@_rule()
async def answers_at_once_are_heard(bench: Bench) -> str:
    """An answer on the heels of the arrival is given under the reference that the send names, before or after it returns."""
    async with bench.open() as sink:
        sending = asyncio.ensure_future(_accepted(sink, "key-1"))
        await bench.far_side.until_arrived(1)
        await _far_side(bench).answer("key-1")
        reference, fault = await sending
        if fault:
            return fault
        await _kept(bench, reference)
    return ""


@_rule()
async def answers_are_told_apart(bench: Bench) -> str:
    """Of many that were sent each has a reference of its own, and each gets its own answer."""
    keys = [f"key-{number}" for number in range(_OTHERS)]
    async with bench.open() as sink:
        accepted = [await _accepted(sink, key) for key in keys]
        if faults := [fault for _, fault in accepted if fault]:
            return faults[0]
        references = [reference for reference, _ in accepted]
        if len(set(references)) != len(keys):
            return "two deliveries have one reference"
        for number, key in enumerate(keys):
            await _far_side(bench).answer(key, refused=number % 2 == 1)
        answers = [await _kept(bench, reference) for reference in references]
    kinds = [isinstance(answer.outcome, Delivered) for answer in answers]
    return unless(kinds == [number % 2 == 0 for number in range(_OTHERS)], "an answer was given for another delivery")


@_rule()
async def a_repeated_answer_harms_nobody(bench: Bench) -> str:
    """The same answer twice is the same answer, and what is sent afterwards goes its way."""
    async with bench.open() as sink:
        reference, fault = await _accepted(sink, "key-1")
        if fault:
            return fault
        for _ in range(2):
            await _far_side(bench).answer("key-1")
        await _kept(bench, reference)
        other, fault = await _accepted(sink, "key-2")
        if fault:
            return fault
        await _far_side(bench).answer("key-2")
        await _kept(bench, other)
    strange = {one.reference for one in bench.answers.given} - {reference, other}
    return unless(not strange and not bench.answers.contradictions, f"also answered: {strange or 'the opposite'}")


@_rule()
async def answers_survive_an_outage(bench: Bench) -> str:
    """A far side that was away in between is heard again when it is back."""
    async with bench.open() as sink:
        reference, fault = await _accepted(sink, "key-1")
        if fault:
            return fault
        await bench.far_side.behave(Behaviour.OUTAGE)
        await sink.check()
        await bench.far_side.behave(Behaviour.ACCEPT)
        await _far_side(bench).answer("key-1")
        await _kept(bench, reference)
    return ""


@_rule()
async def answers_survive_a_restart(bench: Bench) -> str:
    """An answer that comes while nobody is there is given by whoever is opened next."""
    async with bench.open() as sink:
        reference, fault = await _accepted(sink, "key-1")
        if fault:
            return fault
    await _far_side(bench).answer("key-1")
    async with bench.open():
        await _kept(bench, reference)
    return ""


@_rule()
async def gives_again_what_was_not_kept(bench: Bench) -> str:
    """An answer that the hub could not keep is given again until it is kept, and its far side is not told before."""
    async with bench.open() as sink:
        reference, fault = await _accepted(sink, "key-1")
        if fault:
            return fault
        bench.answers.away = True
        await _far_side(bench).answer("key-1")
        await bench.answers.until_given(1)
        bench.answers.away = False
        await _kept(bench, reference)
    return ""


def _far_side(bench: Bench) -> AnsweringFarSide:
    far_side: Any = bench.far_side
    assert hasattr(far_side, "answer"), "its far side has a method that answers"
    if hasattr(far_side, "answers"):
        far_side.answers = bench.answers
    answering: AnsweringFarSide = far_side
    return answering


async def _accepted(sink: Sink, key: str) -> tuple[str, str]:
    """The reference under which a parcel was accepted; and what is wrong, if it was not."""
    outcome = await sink.send(parcel_of(key))
    if isinstance(outcome, Accepted) and outcome.reference:
        return outcome.reference, ""
    return "", f"what is to be answered later is not accepted under a reference: {outcome}"


async def _kept(bench: Bench, reference: str) -> Answer:
    return await bench.answers.until_kept(reference)
