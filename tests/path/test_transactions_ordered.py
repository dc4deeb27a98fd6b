# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""An operator has a transaction undone: now, once, and not behind what nothing undoes."""

import asyncio
from typing import Any

import pytest

from connectors.sdk import Delivered, InDoubt, Rejected, Unavailable
from hub.act_refusals import refusal_of
from hub.acting import Undone
from hub.ports.journal import Acted, Irrevocable, JournalDown, Named, NoSuch, Process
from tests.support.sinks import Gate
from tests.support.transactions import BLIND, order, rows, town

pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")


def standings(told: dict[str, Any]) -> dict[str, str]:
    return {one["step"]: one["standing"] for one in told["steps"]}


async def test_what_was_done_is_undone_and_what_waits_is_not_sent(dsn: str) -> None:
    async with town(dsn) as here:
        here.carrier.script("c-1", Unavailable("down", 3600.0))
        await here.begin()
        await here.until(lambda: bool(here.carrier.finished))
        view = await here.until_standing("under_way")
        first = await here.acting.undo_transaction(order("u-1"), view.id)
        again = await here.acting.undo_transaction(order("u-1"), view.id)
        told = await here.until_ended("undone")
        later = await here.acting.undo_transaction(order("u-2"), view.id)
        acts = await here.rig.hub.journal.acts.newest(None, 10)
    assert isinstance(first, Acted)
    assert (first.applied, first.again) == (1, False)
    assert isinstance(again, Acted)
    assert again.again
    assert isinstance(later, Acted)
    assert later.applied == 0
    assert here.effects == ["apply", "withdraw", "ship"]
    assert (told["code"], standings(told)["shipment"]) == ("UNDO_ORDERED", "failed")
    assert "failed_step" not in told
    assert not isinstance(acts, JournalDown)
    assert ("transaction_undo", "operator", "test") in [(one.kind, one.actor, one.reason) for one in acts]


async def test_what_is_being_sent_and_what_is_in_doubt_are_waited_for(dsn: str) -> None:
    async with town(dsn, policy=BLIND) as here:
        here.carrier.script("c-1", InDoubt("timeout"))
        await here.begin()
        view = await here.until_standing("in_doubt")
        await here.acting.undo_transaction(order("u-1"), view.id)
        await here.turns(20)
        assert here.effects == ["apply", "ship"]
        delivery = (await here.rig.view(here.step(view, "step.shipment"))).deliveries[0].id
        await here.acting.resolve_delivered(order("seen"), Named((delivery,)), "seen by telephone")
        await here.until_ended("undone")
    assert here.effects == ["apply", "withdraw", "ship", "cancel"]


async def test_behind_what_nothing_undoes_it_is_refused(dsn: str) -> None:
    gate = Gate(Delivered("far"))
    async with town(dsn) as here:
        here.notices.script("c-1", gate)
        await here.begin()
        await here.until(lambda: bool(here.notices.arrived))
        view = await here.until_standing("under_way")
        refused = await here.acting.undo_transaction(order("u-1"), view.id)
        stray = await here.acting.undo_transaction(order("u-2"), here.rig.hub.ids.new())
        gate.open()
        await here.until_ended("completed")
        await here.until(lambda: bool(here.listener.told))
        over = await here.acting.undo_transaction(order("u-3"), view.id)
        acts = await here.rig.hub.journal.acts.newest(None, 10)
    assert (refused, stray, over) == (Irrevocable(), NoSuch(), Irrevocable())
    assert here.effects == ["apply", "ship", "tell"]
    assert acts == ()


async def test_while_a_compensation_waits_for_a_person_it_is_being_undone_already(dsn: str) -> None:
    async with town(dsn) as here:
        here.notices.script("c-1", Rejected("NO"))
        here.carrier.script("c-1", Delivered("far"), Rejected("TOO_LATE"))
        await here.begin()
        view = await here.until_standing("needs_person")
        acted = await here.acting.undo_transaction(order("u-1"), view.id)
    assert isinstance(acted, Acted)
    assert acted.applied == 0


async def test_a_turn_that_is_under_way_names_nothing_after_the_order(dsn: str) -> None:
    """The coordinator has decided on its irreversible step and has not named it: the order comes first, and it never goes out."""
    gate = Gate(Delivered("far"))
    async with town(dsn) as here:
        here.carrier.script("c-1", gate)
        await here.begin()
        await here.until(lambda: bool(here.carrier.arrived))
        ((process, turn),) = await rows(dsn, "select id, turn from process")
        await here.acting.undo_transaction(order("u-1"), process)
        now = here.rig.clock.now()
        held = Process(
            id=process, destination="saga", case="c-1", begun_at=now, turn=turn, attributes=b"{}", canonical=b"{}"
        )
        assert await here.rig.hub.journal.processes.name(held, ["step.notice"], now) is False
        gate.open()
        async with asyncio.timeout(30):
            await here.until_ended("undone")
    assert here.effects == ["apply", "withdraw", "ship", "cancel"]


async def test_a_discard_of_what_was_taken_back_is_told_why(dsn: str) -> None:
    async with town(dsn) as here:
        here.carrier.script("c-1", Rejected("NO_SUCH_ADDRESS"))
        await here.begin()
        await here.until_ended("undone")
        view = await here.view()
        assert view is not None
        (delivery,) = (await here.rig.view(here.step(view, "step.shipment"))).deliveries
        discarded = await here.acting.discard(order("d-1"), Named((delivery.id,)))
        again = await here.acting.discard(order("d-1"), Named((delivery.id,)))
        resolved = await here.acting.resolve_delivered(order("d-2"), Named((delivery.id,)), "seen")
        stray = await here.acting.discard(order("d-3"), Named((here.rig.hub.ids.new(),)))
    assert (discarded, again, resolved) == (Undone(), Undone(), Undone())
    assert isinstance(stray, Acted)
    assert refusal_of(Undone()).code == "E_TRANSACTION_UNDONE"
