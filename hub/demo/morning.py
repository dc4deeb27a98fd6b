# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A working morning, from beginning to end: far sides, a hub, several hundred cases, and the reckoning."""

import asyncio
import os
import secrets
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

import aiohttp
import orjson
from rich.console import Console

from certs.sm2 import available as sm2_available
from contracts.text import Text
from hub.demo.far.fate import Morning
from hub.demo.far.services import HALL
from hub.demo.figures import Figures
from hub.demo.flows import Counts, HallBook, flows, verified_in
from hub.demo.ledgers import book_of, read_book, read_books
from hub.demo.operator import DemoOperator, make_ready
from hub.demo.processes import (
    Child,
    Company,
    Ended,
    serving_at,
    start_far_side,
    start_hub,
    start_part,
    start_platform,
)
from hub.demo.reconcile import reconcile
from hub.demo.report import Report
from hub.demo.scenario import SYSTEMS, Scenario
from hub.demo.settling import Settled, settle
from hub.demo.watching import Quiet, Watch, health, screen
from hub.demo.workplace import Unusable, Workplace, open_workplace
from hub.ports.clock import Clock, SystemClock

INTERRUPTED = 130
"""The exit code after Ctrl-C before the morning was over."""

_FAULTY = 2
_READY_SECONDS = 120.0
_LAST_WORDS = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What may be chosen. ``speed`` divides all pauses; ``bus`` and ``journal`` are addresses, None: memory, embedded."""

    once: bool = False
    cases: int = 240
    seed: int = 2026
    speed: float = 1.0
    directory: Path = Path("var/demo")
    bus: str | None = None
    journal: str | None = None
    as_json: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there was no morning, what to do about it, and the exit code."""

    reason: Text
    remedy: Text
    code: int = 1


async def demo(wishes: Wishes, console: Console, clock: Clock | None = None) -> int:
    """The exit code: 0 when nothing was lost, doubled or out of order and everything promised came about."""
    clock = clock or SystemClock()
    run = secrets.token_hex(3)  # keeps the case numbers of two mornings in one journal apart
    place = open_workplace(wishes.directory.resolve(), run, clock)
    if isinstance(place, Unusable):
        return _tell(Failure(place.reason, place.remedy, _FAULTY), wishes, console)
    stage = _Stage(wishes, console, clock, place, Scenario.of(Morning(wishes.seed, run, wishes.cases)))
    try:
        async with _company(stage) as (company, interrupted):
            ended = await stage.hold(company, interrupted)
    finally:
        os.close(place.lock)
    match ended:
        case None:
            return INTERRUPTED
        case Failure():
            return _tell(ended, wishes, console)
        case Report():
            return await stage.conclude(ended)


@asynccontextmanager
async def _company(stage: "_Stage") -> AsyncIterator[tuple[Company, asyncio.Event]]:
    """The processes, all gone at the end. The first signal asks for an orderly end, the second kills."""
    company, interrupted = Company(), asyncio.Event()

    def on_signal() -> None:
        if interrupted.is_set():
            company.kill()
            os._exit(INTERRUPTED)
        interrupted.set()
        stage.say(Text("正在有序停止，再按 Ctrl-C 立即结束。", "Stopping in order; Ctrl-C again ends it at once."))

    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, on_signal)
    try:
        yield company, interrupted
    finally:
        interrupted.set()
        await company.close()
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(name)


class _Stage:
    """What a morning is held with."""

    def __init__(self, wishes: Wishes, console: Console, clock: Clock, place: Workplace, scenario: Scenario) -> None:
        self._wishes = wishes
        self._console = console
        self._clock = clock
        self._place = place
        self._scenario = scenario
        self._settled: list[Settled] = []
        self._operator: DemoOperator | None = None

    async def hold(self, company: Company, interrupted: asyncio.Event) -> Report | Failure | None:
        """The morning, and the serving after it; None: interrupted before it was over."""
        begun = self._clock.now()
        address = await self._start(company, interrupted)
        if address is None or isinstance(address, Failure):
            return address
        watch = Watch(self._place, self._scenario, self._clock)
        await company.tell(f"start {address}")
        async with self._console_opened(address):
            with screen(self._console, silent=self._wishes.as_json) as shown:
                over = await watch.until_quiet(company, interrupted, address, shown)
            match over:
                case None:
                    return None
                case Ended():
                    return _died(over)
                case Quiet(seconds):
                    self._settled = await self._settle(company, address, begun)
                    report = await self._reckon(seconds)
        if not self._wishes.once:
            self._print(report)
            self._tell_serving(address)
            await interrupted.wait()
        return report

    @asynccontextmanager
    async def _console_opened(self, address: str) -> AsyncIterator[None]:
        """The operator is made ready beside the traffic, which does not wait for it."""
        if self._wishes.once:
            yield
            return
        opening = asyncio.get_running_loop().create_task(self._open_console(address))
        try:
            yield
            await opening
        finally:
            opening.cancel()
            await asyncio.gather(opening, return_exceptions=True)

    async def _open_console(self, address: str) -> None:
        made = await make_ready(self._place.config)
        if isinstance(made, DemoOperator):
            self._operator = made
            self._tell_console(address)
        else:
            self.say(Text(f"没有备好操作员账号：{made}", f"No operator was made ready: {made}"))

    def _tell_console(self, address: str) -> None:
        if self._operator is None or self._wishes.as_json:
            return
        self._line(f"控制台 console: {address}/console/")
        self._line(f"账号 account: {self._operator.account}  密码 password: {self._operator.password}")

    async def conclude(self, earlier: Report) -> int:
        """The last word, now that the books are closed: what the drain brought has to be right as well."""
        last = await self._reckon(earlier.seconds)
        if self._wishes.once or (last.reconciled, last.flows) != (earlier.reconciled, earlier.flows):
            self._print(last)
        return 0 if last.kept else 1

    async def _start(self, company: Company, interrupted: asyncio.Event) -> str | Failure | None:
        """The hub's address once it is ready. The far sides come first: their ports stand in its configuration."""
        dead = await self._company_of(company)
        if dead is not None:
            return _died(dead)
        self.say(Text("正在启动中枢……", "Starting the hub …"))
        company.hub = await start_hub(self._place.config, self._place.log("hub"))
        return await self._ready(company, interrupted)

    async def _company_of(self, company: Company) -> Ended | None:
        """Everybody but the hub, and its configuration."""
        place = self._place
        tokens = place.tokens
        beside: dict[str, object] = {}
        platform, providers, province = await asyncio.gather(
            start_platform(tokens["platform"], tokens["platform-secret"], place.log("platform")),
            start_part("providers", "hub.demo.providers", place.providers_part(), place.log("providers")),
            start_part("province", "hub.demo.province", place.province_part(), place.log("province")),
        )
        if not isinstance(platform, Ended):
            company.platform = platform[0]
            place.platform.append(platform[1])
        if not isinstance(providers, Ended):
            company.providers = providers[0]
            beside |= providers[1]
        if not isinstance(province, Ended):
            company.province = province[0]
            beside |= province[1]
        dead = [one for one in (platform, providers, province) if isinstance(one, Ended)]
        ports: dict[str, int] = {}
        pushed = (*SYSTEMS, HALL)
        for system, started in zip(pushed, await asyncio.gather(*map(self._far_side, pushed)), strict=True):
            match started:
                case Ended():
                    dead.append(started)
                case (child, port):
                    company.far_sides.append(child)
                    ports[system] = port
        if dead:
            return dead[0]
        place.configure(ports, beside, self._wishes.bus, self._wishes.journal)
        return None

    async def _far_side(self, system: str) -> tuple[Child, int] | Ended:
        part = self._place.part(system, self._scenario.morning, self._wishes.speed)
        return await start_far_side(system, part, self._place.log(system))

    async def _ready(self, company: Company, interrupted: asyncio.Event) -> str | Failure | None:
        assert company.hub is not None
        patience = self._clock.monotonic() + _READY_SECONDS
        said = "…"
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
            while self._clock.monotonic() < patience:
                if interrupted.is_set():
                    return None
                if (ended := company.ended()) is not None:
                    return _died(ended)
                address = serving_at(company.hub)
                if address is not None:
                    said, well = await health(session, address)
                    if well:
                        return address
                await self._clock.sleep(0.1)
        return Failure(
            Text(f"中枢没有就绪（{said}）。", f"The hub did not become ready ({said})."),
            Text(f"请看它的日志：{company.hub.log}", f"See its log: {company.hub.log}"),
        )

    async def _settle(self, company: Company, address: str, begun: datetime) -> list[Settled]:
        self.say(Text("正在与省级对账……", "Reconciling with the province …"))
        assert company.province is not None, "it was started"
        cases = frozenset(self._scenario.fates)
        return await settle(self._place.config, address, company.province, cases, begun, self._clock)

    async def _reckon(self, seconds: float) -> Report:
        """Figures and reconciliation from the books as they are on disk."""
        books = read_books(self._place.ledgers, SYSTEMS)
        figures = Figures(self._scenario)
        for system, book in books.items():
            for entry in book:
                figures.take(system, entry)
        place, wishes = self._place, [wish for wish in self._scenario.wishes if wish.service == "seal"]
        look = partial(verified_in, place.sealed, place.anchors, wishes, self._clock.now(), ofd=sm2_available())
        hall = HallBook.of(read_book(book_of(place.ledgers, HALL)))
        came = flows(self._scenario, hall, Counts.at(place.ledgers), await asyncio.to_thread(look))
        return Report(figures, reconcile(books, self._scenario.destinations), seconds, came, tuple(self._settled))

    def _print(self, report: Report) -> None:
        if self._wishes.as_json:
            said = {**report.as_dict(), "directory": str(self._place.folder)}
            self._console.out(orjson.dumps(said, option=orjson.OPT_INDENT_2).decode(), highlight=False)
        else:
            report.print(self._console)
            self._line(f"账本与日志 ledgers and logs: {self._place.folder}")

    def _tell_serving(self, address: str) -> None:
        """Where to look, and a line that works."""
        if self._wishes.as_json:
            return
        case = next(iter(self._scenario.fates))
        key = self._place.keys["municipal"]
        self._line("")
        self._line(f"中枢继续服务 the hub keeps serving: {address}")
        self._tell_console(address)
        self._line(f"演示密钥（市级平台） demo key (municipal platform): {key}")
        self._line(f"curl -s -H 'Authorization: Bearer {key}' {address}/v1/cases/{case}")
        self._line("按 Ctrl-C 结束。 Ctrl-C to end.")

    def say(self, text: Text) -> None:
        """A line for people; programs want the end only."""
        if not self._wishes.as_json:
            self._line(f"{text.zh} {text.en}")

    def _line(self, text: str) -> None:
        self._console.print(text, highlight=False, markup=False, soft_wrap=True)


def _died(ended: Ended) -> Failure:
    words = ended.log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LAST_WORDS:]
    return Failure(
        Text(f"{ended.name} 提前结束（{ended.code}）。", f"{ended.name} ended too early ({ended.code})."),
        Text("\n".join(["它最后的话：", *words]), f"Its log: {ended.log}"),
    )


def _tell(failure: Failure, wishes: Wishes, console: Console) -> int:
    if wishes.as_json:
        said = {"ok": False, "error": failure.reason._asdict(), "remedy": failure.remedy._asdict()}
        console.out(orjson.dumps(said, option=orjson.OPT_INDENT_2).decode(), highlight=False)
    else:
        told = f"{failure.reason.zh} {failure.remedy.zh}\n{failure.reason.en} {failure.remedy.en}"
        console.print(told, highlight=False, markup=False, soft_wrap=True)
    return failure.code
