# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Held, then alarm: what waits behind its case's unfinished record is held, told of after a while, and goes out in order."""

from collections.abc import Sequence
from dataclasses import replace

from connectors.sdk import Accepted, Answer, Delivered, Heard, Idempotency, InDoubt
from hub.config.observed import TelemetrySection
from hub.health import Condition
from hub.observing.exposition import Exposition
from hub.ports.journal import State
from hub.workers.watching import Watcher, look_at_backlog
from tests.support.hubs import POLICY, Destination, Rig, at_work, event, hub_on
from tests.support.sinks import ScriptedSink, Step

PATIENCE = 60.0
CASES = 20


async def alarms(rig: Rig) -> Sequence[Condition]:
    """What health tells of backlogs, looked at now."""
    await look_at_backlog(rig.hub)
    await Watcher(rig.hub).look()
    return [one for one in rig.hub.health.concerns if one.what == "backlog"]


async def test_records_that_came_too_early_are_held_and_told_of_and_go_out_in_order(dsn: str) -> None:
    """Interleaved records of many cases; in half of them the first one's sending is in doubt."""
    stuck = [f"case-{n}" for n in range(0, CASES, 2)]
    scripts: dict[str, Sequence[Step]] = {case: [InDoubt("TIMED_OUT")] for case in stuck}
    sink = ScriptedSink(scripts)
    destination = Destination(sink=sink, policy=replace(POLICY, idempotency=Idempotency.NONE))
    async with hub_on(dsn, {"housing": destination}) as made:
        hub = replace(made.hub, telemetry=TelemetrySection(backlog_seconds=PATIENCE))
        rig = replace(made, hub=hub)
        async with at_work(hub):
            for number in range(1, 4):
                for n in range(CASES):
                    await rig.accept(event(f"case-{n}", f"{n}-{number}"))
            doubts = [s for s in await rig.until_state(State.IN_DOUBT, len(stuck)) if s.state is State.IN_DOUBT]
            await rig.until_state(State.DELIVERED, 3 * CASES // 2)

            held = {case: sink.of(case) for case in stuck}
            assert await alarms(rig) == []
            rig.clock.step(seconds=PATIENCE + 1)
            told = await alarms(rig)
            shown = Exposition(hub).text().decode()

            answers = [Answer(str(one.claim.delivery_id), Delivered("found")) for one in doubts]
            heard = await hub.answers.of("housing").answered(answers)
            await rig.until_state(State.DELIVERED, 3 * CASES // 2 + 2 * len(stuck))
            assert await alarms(rig) == []

    assert held == {case: [f"{case.removeprefix('case-')}-1"] for case in stuck}
    assert [(one.destination, one.what) for one in told] == [("housing", "backlog")]
    assert f'govhub_blocking_deliveries{{destination="housing"}} {len(stuck)}.0' in shown
    assert f'govhub_open_deliveries{{destination="housing",state="waiting"}} {2 * len(stuck)}.0' in shown
    assert set(heard) == {Heard.RECORDED}
    for n in range(CASES):
        assert sink.of(f"case-{n}") == [f"{n}-1", f"{n}-2", f"{n}-3"]


async def test_what_is_held_behind_an_answer_that_is_not_in_is_told_of_too(dsn: str) -> None:
    sink = ScriptedSink({"case-1": [Accepted("R-1")]})
    policy = replace(POLICY, ordered_completion=True, idempotency=Idempotency.NONE)
    async with hub_on(dsn, {"housing": Destination(sink=sink, policy=policy)}) as made:
        hub = replace(made.hub, telemetry=TelemetrySection(backlog_seconds=PATIENCE))
        rig = replace(made, hub=hub)
        async with at_work(hub):
            await rig.accept(event("case-1", "a"))
            await rig.accept(event("case-1", "b"))
            await rig.until_state(State.ACCEPTED)
            rig.clock.step(seconds=PATIENCE + 1)
            told = await alarms(rig)
            await hub.answers.of("housing").answered([Answer("R-1", Delivered())])
            await rig.until_state(State.DELIVERED)

    assert [one.destination for one in told] == ["housing"]
    assert sink.of("case-1") == ["a", "b"]
