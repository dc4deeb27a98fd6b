# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A trial from beginning to end: a hub of its own, the two systems, one scenario after the other, and the report."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import TypeAlias

import aiohttp
from structlog.typing import FilteringBoundLogger

from contracts.located import Fault
from contracts.text import Text
from hub.api.server import serve
from hub.app import Failure, running
from hub.journal.embedded import erase
from hub.ports.clock import Clock
from hub.running import Hub
from hub.sandbox import words
from hub.sandbox.desk import Desk
from hub.sandbox.far_files import FilesFarSide
from hub.sandbox.far_http import HttpFarSide
from hub.sandbox.far_mailbox import MailboxFarSide
from hub.sandbox.far_rows import RowsFarSide
from hub.sandbox.far_side import FarSide, FarSideError, Temper
from hub.sandbox.far_soap import SoapFarSide
from hub.sandbox.report import Outcome, Report
from hub.sandbox.scenarios import SCENARIOS, Scenario
from hub.sandbox.script import Folder
from hub.sandbox.speech import Speech
from hub.sandbox.stage import Finding, OverError, Stage
from hub.sandbox.workplace import Workplace, furnish, sound

Trial: TypeAlias = Report | Failure | tuple[Fault, ...]

FAR_SIDES: Mapping[str, Callable[[Folder, Clock], FarSide]] = MappingProxyType({
    "file_drop": lambda folder, clock: FilesFarSide(folder.script, clock),
    "front_db": RowsFarSide,
    "mailbox": lambda folder, _: MailboxFarSide(folder.script),
    "rest": lambda folder, clock: HttpFarSide(folder.script, clock),
    "soap": lambda folder, clock: SoapFarSide(folder.script, clock),
})  # fmt: skip
"""The simulated far side of each kind of connector."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """``journal``: ``embedded``, or the URL of an empty database. ``seconds``: how long anything may take to come."""

    journal: str = "embedded"
    seconds: float = 30.0
    only: tuple[str, ...] = ()


async def hold(folder: Folder, wishes: Wishes, clock: Clock, log: FilteringBoundLogger) -> Trial:
    """Try the connection of this folder. Faults: it cannot be tried as it stands; a failure: the hub did not start."""
    if faults := sound(folder):
        return faults
    kind = _connector(folder)
    if kind not in FAR_SIDES:
        return Failure(
            Text(f"沙箱还不会模拟 {kind} 的对方。", f"The sandbox cannot simulate the far side of {kind}."),
            Text(f"可用：{'、'.join(FAR_SIDES)}。", f"It can: {', '.join(FAR_SIDES)}."),
        )
    unknown = [
        one for one in (*wishes.only, *(folder.script.scenarios or ())) if one not in {s.name for s in SCENARIOS}
    ]
    if unknown:
        names = "、".join(scenario.name for scenario in SCENARIOS)
        return Failure(
            Text(f"没有场景 {'、'.join(unknown)}。", f"There is no scenario {', '.join(unknown)}."),
            Text(f"可用：{names}。", f"There are: {names}."),
        )
    with TemporaryDirectory(prefix="govhub-sandbox-") as place:
        async with AsyncExitStack() as stack:
            try:
                far = await stack.enter_async_context(FAR_SIDES[kind](folder, clock))
            except FarSideError as closed:
                return Failure(closed.reason, closed.remedy)
            furnished = furnish(folder, far, Path(place), wishes.journal)
            if not isinstance(furnished, Workplace):
                return furnished
            try:
                async with _opened(furnished, folder, far, clock, log) as desk:
                    if isinstance(desk, Failure):
                        return desk
                    return await _tried(_Setting(folder, furnished, far, desk, wishes, clock))
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
        )


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


async def _tried(setting: _Setting) -> Report:
    wanted = setting.wishes.only or setting.folder.script.scenarios or tuple(one.name for one in SCENARIOS)
    run = secrets.token_hex(3)
    outcomes: list[Outcome] = []
    contracts: set[str] = set()
    for number, scenario in enumerate((one for one in SCENARIOS if one.name in wanted), start=1):
        stage = setting.stage(f"sandbox-{run}-{number:02}")
        outcomes.append(await _one(setting, scenario, stage))
        contracts |= stage.contracts
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


def _general(untried: Sequence[str]) -> tuple[Finding, ...]:
    return (Finding("info", "S_UNTRIED", *words.untried(untried)),) if untried else ()


def _connector(folder: Folder) -> str:
    destinations = folder.raw["destinations"]
    assert isinstance(destinations, dict), "it loads"
    return str(destinations[folder.script.destination]["connector"])
