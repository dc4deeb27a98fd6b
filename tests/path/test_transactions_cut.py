# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A hub dies before or after any commit of a coordinator's turn, and another one goes on at the same place."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, cast

import pytest

from connectors.sdk import Rejected
from hub.hearing import Hearing
from hub.ports.journal import Processes, Transactions
from hub.running import Hub
from hub.workers.processing import take_turns
from tests.support.hubs import by_hand
from tests.support.transactions import Town, town, word_of

pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")

TURN = 31.0
"""Seconds after which a turn that was cut off is another hub's."""


class Death(BaseException):
    """The process dies here."""


@dataclass
class Fuse:
    """Goes off at the nth call of one method, before it or after its commit."""

    method: str
    after: bool
    left: int

    async def around(self, call: Any, *arguments: Any) -> Any:
        self.left -= 1
        if self.left or self.after:
            result = await call(*arguments)
        if not self.left:
            raise Death
        return result


@dataclass
class Cut:
    """A part of the journal, one method of which has a fuse."""

    inner: Any
    fuse: Fuse

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.inner, name)
        if name != self.fuse.method:
            return method

        async def called(*arguments: Any) -> Any:
            return await self.fuse.around(method, *arguments)

        return called


async def turn(hub: Hub, here: Town) -> None:
    machine = hub.outlets["saga"].machine
    assert machine is not None
    await take_turns(hub, {"saga": machine})
    here.rig.clock.step(seconds=0.5)
    await asyncio.sleep(0.001)


async def lives_through(here: Town, case: str, fuse: Fuse) -> bool:
    """Whether a hub came to the end; where it died another one did, which knows nothing but the journal."""
    here.notices.script(case, Rejected("NO_SUCH_NUMBER"))
    journal = here.rig.hub.journal
    cut = replace(
        journal,
        processes=cast("Processes", Cut(journal.processes, fuse)),
        transactions=cast("Transactions", Cut(journal.transactions, fuse)),
    )
    await here.begin(case)
    with suppress(Death):
        await until_ended(here, replace(here.rig.hub, journal=cut, hearing=Hearing()), case)
        return True
    here.rig.clock.step(seconds=TURN)
    await until_ended(here, replace(here.rig.hub, hearing=Hearing()), case)
    return False


async def until_ended(here: Town, hub: Hub, case: str) -> None:
    async with asyncio.timeout(60):
        while not any(said["matter_no"] == case for said in here.told):
            await turn(hub, here)


@pytest.mark.parametrize("method", ["name", "close", "rest"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_a_death_at_any_commit_repeats_and_forgets_nothing(dsn: str, method: str, *, after: bool) -> None:
    async with town(dsn, working=by_hand) as here:
        number, lived = 0, False
        while not lived:
            number += 1
            case = f"c-{number}"
            lived = await lives_through(here, case, Fuse(method, after, number))
            words = [
                word_of(parcel)
                for sink in (here.office, here.carrier, here.notices)
                for parcel in sink.arrived
                if parcel.attributes["subject"] == case
            ]
            assert words == ["apply", "withdraw", "ship", "cancel", "tell"], f"the {number}th {method}"
            (told,) = (said for said in here.told if said["matter_no"] == case)
            assert told["outcome"] == "undone"
    assert number > 1, "it died at least once"
