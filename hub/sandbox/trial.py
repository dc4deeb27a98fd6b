# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A trial from beginning to end: a hub of its own, the two systems, one scenario after the other, and the report."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

import aiohttp
from structlog.typing import FilteringBoundLogger

from connectors.sdk import Outcome as ConnectorOutcome
from contracts.located import Fault
from hub.api.server import serve
from hub.app import running
from hub.checking import check_all
from hub.journal.embedded import erase
from hub.ports.clock import Clock
from hub.running import Hub
from hub.sandbox import words
from hub.sandbox.alone import CHECK
from hub.sandbox.desk import Desk
from hub.sandbox.far_real import AbsentFarSide, RealFarSide
from hub.sandbox.far_side import FarSide, FarSideError, Temper
from hub.sandbox.far_sides import FAR_SIDES
from hub.sandbox.plan import Plan, Reach, Wishes, plan
from hub.sandbox.report import Outcome, Report
from hub.sandbox.scenarios import Scenario
from hub.sandbox.script import Folder
from hub.sandbox.speech import Speech
from hub.sandbox.stage import Finding, OverError, Stage
from hub.sandbox.workplace import Workplace, furnish, sound, told_of_script
from hub.start_failures import Failure

Trial: TypeAlias = Report | Failure | tuple[Fault, ...]


async def hold(folder: Folder, wishes: Wishes, clock: Clock, log: FilteringBoundLogger) -> Trial:
    """Try the connection of this folder. Faults: it cannot be tried as it stands; a failure: the hub did not start."""
    planned = plan(folder, wishes)
    if isinstance(planned, Failure):
        return planned
    if faults := sound(folder, secret=wishes.real):
        return faults
    with TemporaryDirectory(prefix="govhub-sandbox-") as place:
        async with AsyncExitStack() as stack:
            try:
                far = await stack.enter_async_context(_far(planned, folder, wishes, clock))
            except FarSideError as closed:
                return Failure(closed.reason, closed.remedy)
            furnished = furnish(folder, far, Path(place), wishes.journal)
            if not isinstance(furnished, Workplace):
                return told_of_script(folder, furnished) if wishes.real else furnished
            try:
                opened = _alone if planned.reach is Reach.ALONE else _opened
                async with opened(furnished, folder, far, clock, log) as desk:
                    if isinstance(desk, Failure):
                        return desk
                    return await _tried(_Setting(folder, furnished, far, desk, wishes, clock, log), planned)
            finally:
                if wishes.journal == "embedded":
                    await erase(Path(place) / "data" / "postgres", clock=clock)


@dataclass(frozen=True, slots=True)
class _Setting:
    folder: Folder
    place: Workplace
    far: FarSide
    desk: Desk
    wishes: Wishes
    clock: Clock
    log: FilteringBoundLogger

    @property
    def endpoint(self) -> str:
        return self.folder.script.destination

    def stage(self, case: str) -> Stage:
        spoken = self.place.loaded.agreed.spoken[self.folder.script.department]
        registry = self.place.loaded.registry
        return Stage(
            desk=self.desk,
            far=self.far,
            speech=Speech(registry, self.folder.application, spoken.versions, self.folder.script.says),
            script=self.folder.script,
            dialect=spoken.dialects[0],
            case=case,
            seconds=self.wishes.seconds,
            idempotency=self.place.loaded.endpoints[self.endpoint].promises.idempotency.value,
            check=self.check,
        )

    async def check(self) -> ConnectorOutcome:
        """What the connection says of its far side."""
        checked = await check_all(self.place.loaded, self.log)
        [outcome] = [one.outcome for one in checked if (one.name, one.role) == (self.endpoint, "destination")]
        assert outcome is not None, "a destination can be asked"
        return outcome


@asynccontextmanager
async def _opened(
    place: Workplace, folder: Folder, far: FarSide, clock: Clock, log: FilteringBoundLogger
) -> AsyncIterator[Desk | Failure]:
    async with running(place.loaded, log) as hub, AsyncExitStack() as stack:
        if not isinstance(hub, Hub):
            yield hub
            return
        server = await serve(hub, place.loaded.deployment.limits, "127.0.0.1", 0)
        stack.push_async_callback(server.stop)
        url = f"http://127.0.0.1:{server.port}"
        http = await stack.enter_async_context(aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(90)))
        desk = Desk(url, http, clock, folder.script.portal, place.keys)
        others = [
            asyncio.create_task(desk.collect(place.mailbox)),
            asyncio.create_task(far.at_work(url, place.keys[folder.script.department])),
        ]
        try:
            yield desk
        finally:
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)


@asynccontextmanager
async def _alone(
    place: Workplace, folder: Folder, far: FarSide, clock: Clock, log: FilteringBoundLogger
) -> AsyncIterator[Desk | Failure]:
    """A desk with no hub behind it: nothing is sent."""
    del far, log
    async with aiohttp.ClientSession() as http:
        yield Desk("", http, clock, folder.script.portal, place.keys)


def _far(planned: Plan, folder: Folder, wishes: Wishes, clock: Clock) -> FarSide:
    match planned.reach:
        case Reach.PLAYED:
            return FAR_SIDES[planned.kind](folder, clock, wishes.broker)
        case Reach.REAL:
            return RealFarSide(folder)
        case Reach.ALONE:
            return AbsentFarSide(folder)


async def _tried(setting: _Setting, planned: Plan) -> Report:
    run = secrets.token_hex(3)
    outcomes: list[Outcome] = []
    contracts: set[str] = set()
    away = False
    for number, scenario in enumerate(planned.run, start=1):
        stage = setting.stage(f"sandbox-{run}-{number:02}")
        outcomes.append(_untried(scenario) if away else await _one(setting, scenario, stage))
        away = away or (scenario.name == CHECK and outcomes[-1].result == "failed")
        contracts |= stage.contracts
    outcomes += map(_untried, planned.left)
    endpoint = setting.place.loaded.endpoints[setting.endpoint]
    section = setting.place.loaded.deployment.systems[setting.folder.script.department]
    return Report(
        department=setting.folder.script.department,
        title=section.title,
        connector=endpoint.section.connector,
        idempotency=endpoint.promises.idempotency.value,
        dialect=setting.stage("-").dialect.name,
        govhub=version("govhub"),
        held_at=setting.clock.now().astimezone(),
        contracts=tuple(sorted(contracts)),
        outcomes=tuple(outcomes),
        general=_general(setting.place.untried),
        reach=planned.reach,
    )


async def _one(setting: _Setting, scenario: Scenario, stage: Stage) -> Outcome:
    began = setting.clock.monotonic()
    if scenario.needs not in setting.far.tempers:
        return Outcome(scenario.name, scenario.title, "skipped", stage.case, 0.0, ())
    setting.far.behave(Temper.READY)
    try:
        await scenario.run(stage)
    except OverError:
        pass  # what kept it from going on is among its findings
    finally:
        setting.far.behave(Temper.READY)
    failed = any(finding.severity == "error" for finding in stage.findings)
    seconds = setting.clock.monotonic() - began
    findings = tuple(stage.findings)
    return Outcome(scenario.name, scenario.title, "failed" if failed else "passed", stage.case, seconds, findings)


def _untried(scenario: Scenario) -> Outcome:
    return Outcome(scenario.name, scenario.title, "untried", "", 0.0, ())


def _general(untried: Sequence[str]) -> tuple[Finding, ...]:
    return (Finding("info", "S_UNTRIED", *words.untried(untried)),) if untried else ()
