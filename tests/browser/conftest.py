# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The console in a real browser, before a real hub with a journal of its own and a department that can be taken away."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, async_playwright
from typer.testing import CliRunner

from certs.api_key import digest_of
from hub.api.console import BUILT
from hub.cli.main import app
from hub.config.load import Loaded, load_deployment
from tests.browser.department import Department
from tests.hub.api.conftest import LIMITS
from tests.hub.api.house import House, key_of, open_house
from tests.support.missing import missing
from tests.support.postgres import PrivatePostgres, find_postgres

PASSWORD = "made-up and long enough"
ACCOUNT, VIEWER, APPROVER = "duty", "looker", "second"
WITHIN_MS = 30_000.0


@dataclass(slots=True)
class Town:
    """The hub, and the department that it delivers to."""

    house: House
    housing: Department

    @property
    def console(self) -> str:
        return f"{self.house.url}/console/"


def _deployment(folder: Path, journal: str, port: int) -> Loaded:
    keys = {name: digest_of(key_of(name)) for name in ("portal", "housing", "civil", "keeper")}
    (folder / "govhub.yaml").write_text(
        f"""\
hub: {{name: hub-1, data: data}}
journal: {journal}
bus: memory
partitions: 2
systems:
  portal: {{keys: ["{keys["portal"]}"], sends: ["*"], any_case: true}}
  housing: {{keys: ["{keys["housing"]}"]}}
  civil: {{keys: ["{keys["civil"]}"]}}
operators:
  keeper: {{keys: ["{keys["keeper"]}"], may: [act]}}
operating: {{second_person: {{acts: {{discard: 5}}}}}}
destinations:
  housing:
    system: housing
    connector: rest
    settings: {{url: "http://127.0.0.1:{port}/messages"}}
    retry: {{immediate: 0, first_seconds: 0.1, longest_seconds: 0.2, attempts: 100}}
    breaker: {{failures: 3, first_seconds: 0.2, longest_seconds: 0.5}}
  civil: {{system: civil, connector: mailbox}}
""",
        encoding="utf-8",
    )
    (folder / "routes.yaml").write_text(
        "version: 1\nroutes:\n  - {name: all, when: {}, to: [housing, civil]}\n", encoding="utf-8"
    )
    loaded = load_deployment(folder / "govhub.yaml", {})
    assert isinstance(loaded, Loaded), loaded
    return loaded


def _account(folder: Path, name: str, *roles: str) -> None:
    words = [word for role in roles for word in ("--role", role)]
    made = CliRunner().invoke(
        app,
        ["operators", "add", name, *words, "--reason", "test", "-c", str(folder / "govhub.yaml")],
        input=f"{PASSWORD}\n",
    )
    assert made.exit_code == 0, made.output


@pytest.fixture(scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    if not (BUILT / "index.html").exists():
        missing("make console")
    folder: Path = tmp_path_factory.mktemp("console")
    housing = Department()
    await housing.start()
    try:
        async with (
            PrivatePostgres(find_postgres(15)) as postgres,
            open_house(_deployment(folder, await postgres.fresh_database(), housing.port), LIMITS) as house,
        ):
            await asyncio.to_thread(_account, folder, ACCOUNT, "operator")
            await asyncio.to_thread(_account, folder, VIEWER, "viewer")
            await asyncio.to_thread(_account, folder, APPROVER, "approver", "auditor")
            yield Town(house, housing)
    finally:
        await housing.stop()


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        missing("apt-get install chromium")
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--lang=zh-CN"])
        try:
            yield opened
        finally:
            await opened.close()


@dataclass(slots=True)
class Desk:
    """A page that somebody looks at. ``complaints`` are the browser's: errors of scripts, and what the policy forbade."""

    page: Page
    town: Town
    complaints: list[str] = field(default_factory=list)

    async def sign_in(self, account: str = ACCOUNT) -> None:
        await self.page.goto(self.town.console)
        await self.page.fill("#account", account)
        await self.page.fill("#password", PASSWORD)
        await self.page.keyboard.press("Enter")
        await self.page.wait_for_selector("[data-screen=overview] tr[data-destination=housing]")

    async def open(self, place: str) -> None:
        await self.page.goto(f"{self.town.console}#/{place}")

    async def text(self, selector: str) -> str:
        return await self.page.inner_text(selector)

    async def until_text(self, selector: str, wanted: str) -> None:
        """Until the element says so."""
        await self.page.locator(selector, has_text=wanted).first.wait_for()


@pytest.fixture
async def desk(browser: Browser, town: Town) -> AsyncIterator[Desk]:
    async with _desk(browser, town) as opened:
        yield opened


@pytest.fixture
async def other_desk(browser: Browser, town: Town) -> AsyncIterator[Desk]:
    """Somebody else's, in a browser of their own."""
    async with _desk(browser, town) as opened:
        yield opened


@asynccontextmanager
async def _desk(browser: Browser, town: Town) -> AsyncIterator[Desk]:
    context: BrowserContext = await browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
    context.set_default_timeout(WITHIN_MS)
    page = await context.new_page()
    opened = Desk(page, town)

    def said(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and "Failed to load resource" not in message.text:
            opened.complaints.append(message.text)

    page.on("console", said)
    page.on("pageerror", lambda error: opened.complaints.append(str(error)))
    try:
        yield opened
        assert opened.complaints == []
    finally:
        await context.close()


@pytest.fixture(autouse=True)
async def well(town: Town) -> AsyncIterator[None]:
    """Every test begins and ends with a department that takes what comes."""
    town.housing.status = 200
    yield
    town.housing.status = 200
