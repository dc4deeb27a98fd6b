# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Keeping the gates: tells the journal what this hub heard of its destinations, and probes those that are shut. 熔断与探测"""

import asyncio
from contextlib import suppress
from datetime import timedelta

from connectors.sdk import Outcome, Rejected
from connectors.sdk.guard import QUESTION_SECONDS, guarded
from hub.breakers import BreakerPolicy, alive
from hub.outlet import Outlet
from hub.path import PATIENCE
from hub.ports.journal import JournalDown, Trial
from hub.probing import trial
from hub.running import Hub

_TICK = 0.3
_BUNCH = 0.05  # what a far side in trouble says is told together
_MARGIN = 10.0
_PASS_ON = timedelta(seconds=1)
_CHECKS_BELIEVED = 1


class Gatekeeper:
    """One per hub. ``run`` until cancelled; then a delivery that a destination is being tried with is finished first."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._probing: dict[str, asyncio.Task[None]] = {}
        self._trials: set[asyncio.Task[Outcome | None]] = set()

    async def run(self) -> None:
        """Tell, read, probe."""
        try:
            while True:
                await self._hub.breakers.tell()
                self.look()
                await self._hub.clock.sleep(_BUNCH)
                with suppress(TimeoutError):
                    async with asyncio.timeout(_TICK):
                        await self._hub.breakers.news.wait()
        finally:
            for task in self._probing.values():
                task.cancel()
            if unfinished := [*self._probing.values(), *self._trials]:
                await asyncio.wait(unfinished)

    def look(self) -> None:
        """Begin the probes that are due, one at a time per destination."""
        hub = self._hub
        self._probing = {name: task for name, task in self._probing.items() if not task.done()}
        for name, outlet in hub.outlets.items():
            if name not in self._probing and hub.breakers.probe_due(name, hub.clock.now()):
                self._probing[name] = asyncio.create_task(self._probe(outlet), name=f"probe {name}")

    async def _probe(self, outlet: Outlet) -> None:
        try:
            await self.probe(outlet)
        except Exception as bug:  # because one destination must not end the probes of all others
            self._hub.log.error("bug in a probe", destination=outlet.name, exc_info=bug)

    async def probe(self, outlet: Outlet) -> None:
        """Find out whether a destination is back, unless another hub does, and say so in the journal.

        The connector's own check decides. Where it cannot tell, or has said yes before and no delivery was answered since, one
        real delivery does; it burns no attempt if the far side is still away.
        """
        hub, name = self._hub, outlet.name
        patience = QUESTION_SECONDS + 2 * PATIENCE + outlet.form.timeout + _MARGIN
        if await hub.journal.gates.take_probe(name, hub.clock.now() + timedelta(seconds=patience)) is not True:
            return
        policy = outlet.breaker or BreakerPolicy(1, _TICK, _TICK)  # switched off while it was open: close it soon
        outcome = await guarded(outlet.sink.check, QUESTION_SECONDS)
        back, reason = alive(outcome), getattr(outcome, "reason", "")
        gate = hub.breakers.known.get(name)
        if back and (isinstance(outcome, Rejected) or (gate is not None and gate.openings > _CHECKS_BELIEVED)):
            back = None
        if back is not None:
            await self._told(outlet, policy, back=back, answered=False, reason=reason)
            return
        await self._try(outlet, policy)

    async def _try(self, outlet: Outlet, policy: BreakerPolicy) -> None:
        """Probe with a real delivery."""
        hub = self._hub
        candidate = await hub.journal.gates.trial(outlet.name, sorted(hub.leases.held))
        match candidate:
            case None:  # nothing waits: the next message will tell
                await self._told(outlet, policy, back=True, answered=False, reason="")
            case Trial(delivery, queue, mine=True):
                trying = asyncio.create_task(trial(hub, outlet, delivery, queue), name=f"trial {outlet.name}")
                self._trials.add(trying)
                trying.add_done_callback(self._trials.discard)
                outcome = await asyncio.shield(trying)  # what has left must be settled, also when the hub stops
                if outcome is None:
                    await hub.journal.gates.pass_on(outlet.name, hub.clock.now() + _PASS_ON)
                else:
                    back = alive(outcome) is True
                    await self._told(outlet, policy, back=back, answered=True, reason=getattr(outcome, "reason", ""))
            case Trial() | JournalDown():
                await hub.journal.gates.pass_on(outlet.name, hub.clock.now() + _PASS_ON)

    async def _told(self, outlet: Outlet, policy: BreakerPolicy, *, back: bool, answered: bool, reason: str) -> None:
        """What the journal does not hear is probed again when the right to probe has run out."""
        hub = self._hub
        if back:
            await hub.journal.gates.close(outlet.name, answered=answered)
        else:
            await hub.journal.gates.reopen(outlet.name, reason[:200], policy.first, policy.longest)
        hub.log.info("probed", destination=outlet.name, back=back, reason=reason)
        hub.breakers.news.set()
