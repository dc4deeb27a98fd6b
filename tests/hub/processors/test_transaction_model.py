# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Whatever becomes of the steps of a transaction, in the end all are done, or those that took effect are undone.

The coordinator is the real one; journal and far sides are a model of a few lines, which hypothesis plays against it.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.catalogue import builtin
from hub.ports.journal import WORD, Emission, Fate, Joined, Process, State
from hub.processors.processor import Close
from hub.processors.transaction.config import TransactionConfig
from hub.processors.transaction.coordinator import Coordinator
from tests.support.transactions import APPLICATION, APPLY, CLOSED, SETTINGS, SHIP, TELL

BEGUN = datetime(2026, 3, 2, 1, tzinfo=UTC)
FINAL = frozenset({State.DELIVERED, State.EXPIRED, State.SKIPPED, State.WITHDRAWN})
FAILED = frozenset({State.DEAD, State.EXPIRED, State.SKIPPED, State.WITHDRAWN})
SECOND = {**SHIP, "name": "second", "together": True, "data": {**SHIP["data"], "order_no": "{transaction}-2"}}
LAST = {**TELL, "name": "last", "data": {**TELL["data"], "notice_no": "{transaction}-2"}}
SHAPES = ([APPLY, SHIP, TELL], [APPLY, SHIP, SECOND], [SHIP, APPLY], [APPLY, SHIP, TELL, LAST])


@dataclass
class World:
    """The journal and the far sides, as far as they matter. ``effects`` are what really took effect, in order."""

    coordinator: Coordinator
    process: Process
    effects: list[str] = field(default_factory=list)
    over: str = ""
    standing: str = ""
    awaits: str = ""
    now: datetime = BEGUN

    def emission(self, name: str) -> Emission:
        return self.process.emissions[name]

    def put(self, emission: Emission) -> None:
        self.process = replace(self.process, emissions={**self.process.emissions, emission.name: emission})

    def turn(self) -> None:
        self.now += timedelta(seconds=1)
        said = self.coordinator.turn(self.process, self.now, {})
        self.standing, self.awaits = said.standing, said.awaits
        if said.close is not None:
            self.close(said.close)
            return
        for name in said.emit:
            if name not in self.process.emissions:
                event = self.coordinator.event(self.process, name, self.now)
                contract = builtin().by_schema(event.dataschema or "")
                assert contract is not None
                state = State.DELIVERED if name.startswith("ended.") else State.WAITING
                self.put(Emission(name=name, named_at=self.now, message=UUID(int=1), fates={"far": Fate(state)}))
        if said.answer is not None:
            self.over = said.standing

    def close(self, close: Close) -> None:
        """As the journal does it."""
        here = {name: self.emission(name) for name in close.names}
        states = {name: one.fates["far"].state for name, one in here.items()}
        if close.because and states.get(close.because) not in FAILED:
            return
        taken = {
            name: state in (State.DELIVERED, State.ACCEPTED) or here[name].fates["far"].doubtful
            for name, state in states.items()
        }
        if any(taken.get(name, False) for name in close.spared):
            return
        for name, one in here.items():
            if states[name] not in (State.SENDING, State.IN_DOUBT):
                self.put(replace(one, closed_at=self.now, taken=taken[name]))

    def send(self, name: str, outcome: str) -> None:
        """What becomes of a delivery that is not over."""
        one = self.emission(name)
        fate = one.fates["far"]
        if one.closed_at is not None or fate.state in FINAL:
            return
        if fate.state is State.WAITING:
            self.put(replace(one, fates={"far": replace(fate, state=State.SENDING)}))
            return
        if fate.state is State.DEAD:  # an operator: sent again, or discarded
            state = State.SKIPPED if outcome == "discard" else State.WAITING
            self.put(replace(one, fates={"far": replace(fate, state=state)}))
            return
        arrived = outcome in ("delivered", "doubt-arrived")
        if arrived and name not in self.effects:  # the same key again has no second effect
            self.effects.append(name)
        state, doubtful = {
            "delivered": (State.DELIVERED, fate.doubtful),
            "rejected": (State.DEAD, fate.doubtful),
            "discard": (State.DEAD, fate.doubtful),
            "doubt-arrived": (State.IN_DOUBT, True),
            "doubt-lost": (State.IN_DOUBT, True),
        }[outcome]
        self.put(replace(one, fates={"far": Fate(state, "CODE", doubtful)}))

    def withdraw(self) -> None:
        self.join("withdrawal", {"type": CLOSED}, {"result": "withdrawn", "case_no": "c-1"})

    def decide(self, word: str) -> None:
        if self.awaits and not any(
            orjson.loads(one.attributes).get("name") == self.awaits for one in self.process.joined
        ):
            self.join(self.awaits, {"type": WORD, "name": self.awaits}, {"word": word})

    def join(self, _what: str, attributes: dict[str, str], data: dict[str, str]) -> None:
        said = Joined(UUID(int=len(self.process.joined)), self.now, orjson.dumps(attributes), orjson.dumps(data))
        self.process = replace(self.process, joined=(*self.process.joined, said))


def world(steps: list[dict[str, object]]) -> World:
    contract = builtin().versions(APPLICATION)[0]
    data = {**contract.examples[0].data, "case_no": "c-1"}
    process = Process(
        id=UUID(int=7),
        destination="saga",
        case="c-1",
        begun_at=BEGUN,
        turn=1,
        attributes=orjson.dumps({"id": "x", "type": APPLICATION, "dataschema": contract.schema_uri}),
        canonical=orjson.dumps(data),
    )
    return World(Coordinator(TransactionConfig.model_validate({**SETTINGS, "steps": steps})), process)


OUTCOMES = st.sampled_from([*["delivered"] * 7, "rejected", "rejected", "doubt-arrived", "doubt-lost", "discard"])
SENDS = st.tuples(st.integers(0, 20), OUTCOMES)
EVENTS = st.one_of(st.just("turn"), st.just("turn"), SENDS, SENDS, SENDS, st.sampled_from(["retry", "settle", "turn"]))


def play(here: World, event: object) -> None:
    match event:
        case "turn":
            here.turn()
        case "withdraw":
            here.withdraw()
        case "retry" | "settle" as word:
            here.decide(word)
        case (int() as which, str() as outcome):
            names = [name for name in here.process.emissions if not name.startswith("ended.")]
            if names:
                here.send(names[which % len(names)], outcome)
        case _:
            raise AssertionError(event)


def finish(here: World) -> None:
    """Let everything come to its end: what is open arrives, doubts are resolved, persons see to the rest."""
    for _ in range(200):
        if here.over:
            return
        here.turn()
        if here.standing == "needs_person":
            here.decide("settle")
        for name in list(here.process.emissions):
            if name.startswith("undo.") and here.emission(name).fates["far"].state is State.DEAD:
                continue
            if here.emission(name).fates["far"].state is not State.DEAD:
                here.send(name, "delivered")
    raise AssertionError(f"it comes to no end: {here.standing} {here.process.emissions}")


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(SHAPES), st.lists(EVENTS, min_size=10, max_size=80), st.none() | st.integers(5, 60))
def test_in_the_end_all_is_done_or_what_took_effect_is_undone_in_reverse(
    steps: list[dict[str, object]], events: list[object], withdrawn: int | None
) -> None:
    here = world(steps)
    for number, event in enumerate(events):
        if not here.over:
            play(here, "withdraw" if number == withdrawn else event)
    finish(here)
    done = [name.split(".")[1] for name in here.effects if name.startswith("step.")]
    undone = [name.split(".")[1] for name in here.effects if name.startswith("undo.")]
    by_hand = {
        orjson.loads(one.attributes)["name"].split(".")[1]
        for one in here.process.joined
        if orjson.loads(one.attributes)["type"] == WORD
    }
    assert here.over in ("completed", "undone")
    if here.over == "completed":
        assert set(done) | by_hand == {str(step["name"]) for step in steps}
        assert not [name for name in here.process.emissions if name.startswith("undo.")]
        return
    order = [str(step["name"]) for step in steps]
    assert set(done) <= set(undone) | by_hand, "what took effect is undone"
    assert undone == sorted(set(undone), key=order.index, reverse=True), "the last one first, each once"
    for name in undone:
        sent = here.emission(f"step.{name}")
        assert sent.taken, "what was never taken is not undone"
    compensated = [str(step["name"]) for step in steps if "compensation" in step]
    assert set(done) <= set(compensated), "nothing irreversible has taken effect"
