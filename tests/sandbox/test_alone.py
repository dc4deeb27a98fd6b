# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A kind whose far side the sandbox does not play: told at once what can be tried, and certified is only that."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from typer.testing import CliRunner

from connectors.sdk.scaffold import scaffold
from connectors.sdk.simulator import Simulator, script_of, simulators
from hub.cli.main import app
from hub.sandbox.plan import Plan, Reach, Wishes, plan
from hub.sandbox.scenarios import RARE, SCENARIOS
from hub.sandbox.script import Folder, read_folder
from hub.start_failures import Failure
from tests.house.tree import ROOT
from tests.sandbox.conftest import REST, Ground

TEN = [scenario.name for scenario in SCENARIOS]
FAX = """\
    connector: fax_gateway
    settings: {url: "https://fax.housing.invalid", token: housing-token}
routes: routes.yaml
"""


@dataclass
class FaxMachine:
    """The department's test system, as the kind speaks to it."""

    token: str
    url: str = ""
    taken: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["FaxMachine"]:
        machine = web.Application()
        machine.router.add_get("/health", self._health)
        machine.router.add_post("/documents", self._take)
        runner = web.AppRunner(machine, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self
        finally:
            await runner.cleanup()

    async def _health(self, request: web.Request) -> web.Response:
        self.asked.append(request.headers["Authorization"])
        return web.Response(status=200 if request.headers["Authorization"] == f"Bearer {self.token}" else 401)

    async def _take(self, request: web.Request) -> web.Response:
        self.taken[request.headers["X-Key"]] = await request.read()
        return web.json_response({"receipt": f"F-{len(self.taken)}"})


@pytest.fixture
def third_party(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A distribution with a kind of its own is installed; where it is."""
    root = tmp_path / "installed"
    for name, text in scaffold("fax_gateway", "传真网关", "fax gateway").items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    metadata = root / "govhub_fax_gateway-0.1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: govhub-fax-gateway\nVersion: 0.1.0\n")
    (metadata / "entry_points.txt").write_text("[govhub.connectors]\nfax_gateway = govhub_fax_gateway:CONNECTOR\n")
    monkeypatch.setattr(sys, "path", [*sys.path, str(root)])
    return root


def faxed(ground: Ground, test_system: str = "") -> Path:
    def tested(text: str) -> str:
        return f"{text}test_system: {test_system}\n"

    changes = {"sandbox": tested} if test_system else {}
    return ground.copy(REST, govhub=lambda text: text[: text.index("    connector: rest")] + FAX, **changes)


def planned(folder: Path, wishes: Wishes) -> Plan | Failure:
    read = read_folder(folder)
    assert isinstance(read, Folder), read
    return plan(read, wishes)


def test_what_can_be_tried_is_known_before_anything_is_installed_or_runs(ground: Ground) -> None:
    known = planned(faxed(ground), Wishes())
    assert isinstance(known, Plan), known
    assert (known.reach, [one.name for one in known.run]) == (Reach.ALONE, ["configuration", "dialect"])
    assert [one.name for one in known.left] == TEN
    told = known.told()
    assert told is not None
    assert all(word in told.zh for word in ("fax_gateway", "--real", "test_system", "lost-answer"))


@pytest.mark.usefixtures("third_party")
async def test_a_third_partys_kind_is_certified_for_what_was_tried_and_no_more(ground: Ground) -> None:
    report = await ground.report(faxed(ground))
    results = {one.name: one.result for one in report.outcomes}
    assert results == {"configuration": "passed", "dialect": "passed", **dict.fromkeys(TEN, "untried")}
    assert (report.passed, report.complete, report.as_dict()["reach"]) == (True, False, "alone")
    assert "对接本身未认证" in report.markdown()
    assert "未试，不认证" in report.markdown()
    assert "urn:govhub:contract:cn.gov.application.submitted:1" in report.contracts


@pytest.mark.usefixtures("third_party")
async def test_its_simulator_is_found_and_does_as_a_script_says() -> None:
    simulator = simulators()["fax_gateway"]
    try:
        assert isinstance(simulator, Simulator), simulator
        script = script_of(simulator.words, "busy,refuse,cut")
        assert not isinstance(script, str)
        async with simulator.start(script, "127.0.0.1", 0, None) as running, aiohttp.ClientSession() as http:
            became = [await _sent(http, running.address, str(number)) for number in range(5)]
    finally:
        for name in [name for name in sys.modules if name.startswith("govhub_fax_gateway")]:
            del sys.modules[name]

    assert became == [503, 422, 0, 200, 200]
    assert all(word.meaning.zh and word.meaning.en for word in simulator.words)


async def _sent(http: aiohttp.ClientSession, address: str, key: str) -> int:
    headers = {"X-Key": key, "X-Attributes": "{}", "Content-Type": "text/plain"}
    try:
        async with http.post(f"{address}/documents", data=b"a fax", headers=headers) as answer:
            return answer.status
    except aiohttp.ClientError:
        return 0


@pytest.mark.usefixtures("third_party")
async def test_a_setting_that_the_kind_does_not_know_is_told_at_its_line(ground: Ground) -> None:
    folder = faxed(ground)
    file = folder / "govhub.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("{url:", "{uri:"), "utf-8")
    faults = await ground.hold(folder)
    assert isinstance(faults, tuple)
    assert {Path(fault.at.file).name for fault in faults} == {"govhub.yaml"}


@pytest.mark.usefixtures("third_party")
async def test_codes_that_fall_together_are_found_with_nobody_there(ground: Ground) -> None:
    folder = faxed(ground)
    for name, old, new in (
        (
            "mapping",
            'step_status: {"1": "0", "2": "1"}',
            'step_status: {write: {"1": "1", "2": "1"}, read: {"1": "1"}}',
        ),
        ("sandbox", "says:\n", 'says:\n  cn.gov.process.step: {status: "2"}\n'),
    ):
        file = folder / f"{name}.yaml"
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new), "utf-8")
    report = await ground.report(folder, "dialect")
    [dialect] = [one for one in report.outcomes if one.name == "dialect"]
    assert (dialect.result, report.passed) == ("failed", False)
    assert [(f.code, f.paths) for f in dialect.findings if f.severity == "error"] == [
        ("S_DIFFERENT", ("$.data.status",))
    ]


async def test_a_scenario_that_needs_a_played_far_side_is_refused_at_once(ground: Ground) -> None:
    failure = await ground.failure(faxed(ground), "plain")
    assert "plain" in failure.reason.zh
    assert "configuration" in failure.remedy.zh


async def test_the_real_system_is_not_reached_unless_the_script_names_a_test_system(ground: Ground) -> None:
    failure = await ground.failure(faxed(ground), real=True)
    assert "test_system" in failure.reason.zh


@pytest.mark.usefixtures("third_party")
async def test_the_test_system_is_reached_for_real(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOUSING_TOKEN", "token-of-the-test-system")
    monkeypatch.setenv("HOUSING_SIGNING", "-")
    async with FaxMachine("token-of-the-test-system").running() as machine:
        report = await ground.report(faxed(ground, f'{{url: "{machine.url}"}}'), real=True)
    results = {one.name: (one.result, [f.code for f in one.findings]) for one in report.outcomes}
    assert [name for name, (result, _) in results.items() if result == "passed"] == [
        "configuration", "dialect", "check", "real-delivery", "real-duplicate", "real-rare-characters", "real-check-digit",
    ]  # fmt: skip
    assert {results[name][0] for name in TEN} == {"untried"}
    assert (report.passed, report.complete) == (True, False)
    assert len(machine.taken) == 4, "one of each, though one application was handed in twice"
    assert any(RARE.encode("gb18030") in body or RARE.encode() in body for body in machine.taken.values())
    assert set(machine.asked) == {"Bearer token-of-the-test-system"}


@pytest.mark.usefixtures("third_party")
async def test_nothing_is_sent_to_a_test_system_that_fails_the_check(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOUSING_TOKEN", "a-token-of-yesterday")
    monkeypatch.setenv("HOUSING_SIGNING", "-")
    async with FaxMachine("token-of-the-test-system").running() as machine:
        report = await ground.report(faxed(ground, f'{{url: "{machine.url}"}}'), real=True)
    results = {one.name: one.result for one in report.outcomes}
    assert (results["check"], results["real-delivery"], report.passed) == ("failed", "untried", False)
    assert machine.taken == {}
    [error] = [f for one in report.outcomes for f in one.findings if f.severity == "error"]
    assert (error.code, "HTTP_401" in error.text.zh) == ("S_AWAY", True)


@pytest.mark.usefixtures("third_party")
async def test_a_secret_of_the_test_system_that_is_not_there_is_told_at_its_line(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HOUSING_TOKEN", raising=False)
    faults = await ground.hold(faxed(ground, "{}"), real=True)
    assert isinstance(faults, tuple)
    assert "SECRET_MISSING" in {fault.code for fault in faults}
    assert {Path(fault.at.file).parent for fault in faults} == {ground.folder / "department"}


@pytest.mark.usefixtures("third_party")
async def test_a_setting_of_the_test_system_that_is_none_is_told_where_it_stands(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOUSING_TOKEN", "-")
    monkeypatch.setenv("HOUSING_SIGNING", "-")
    folder = faxed(ground, '{uri: "https://test.housing.invalid"}')
    faults = await ground.hold(folder, real=True)
    assert isinstance(faults, tuple)
    line = (folder / "sandbox.yaml").read_text(encoding="utf-8").splitlines().index(
        "test_system: " + '{uri: "https://test.housing.invalid"}'
    ) + 1
    assert {(Path(fault.at.file).name, fault.at.line) for fault in faults} == {("sandbox.yaml", line)}


async def test_the_command_says_it_first(ground: Ground, third_party: Path) -> None:
    """Though the deployment has a fault, which is told after it."""
    folder = faxed(ground)
    file = folder / "govhub.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("{url:", "{uri:"), "utf-8")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "hub.cli.main", "connectors", "sandbox", str(folder),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(third_party), str(ROOT)])},
    )  # fmt: skip
    out, _ = await process.communicate()
    told = out.decode()
    assert process.returncode == 2
    assert told.startswith("沙箱不会模拟 fax_gateway 的对方")
    assert told.index("fax_gateway") < told.index("govhub.yaml")


def test_programs_are_told_by_the_document_alone(ground: Ground) -> None:
    result = CliRunner().invoke(app, ["connectors", "sandbox", str(faxed(ground)), "--only", "plain", "--json"])
    assert result.exit_code == 2
    assert "plain" in json.loads(result.stdout)["error"]["zh"]
