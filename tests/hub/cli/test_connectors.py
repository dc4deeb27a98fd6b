# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub connectors``: a new connector passes its suite as it is; what is installed is listed; far sides are asked."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from connectors.sdk.fencing.trial import Attempt
from hub.cli.main import app
from tests.connectors.far_http import HttpFarSide

GOVHUB = [sys.executable, "-m", "hub.cli.main"]
ROOT = Path(__file__).parents[3]


def run(*words: str, code: int = 0) -> dict[str, Any]:
    """The command's JSON answer."""
    result = CliRunner().invoke(app, ["connectors", *words, "--json"])
    assert result.exit_code == code, result.output
    told: dict[str, Any] = json.loads(result.output)
    return told


class TestKinds:
    def test_those_installed_are_listed(self) -> None:
        by_kind = {one["kind"]: one for one in run("list")["connectors"]}

        assert {"rest", "mailbox", "amqp"} <= by_kind.keys()
        assert by_kind["amqp"]["roles"] == ["sink", "source"]
        assert by_kind["rest"]["isolation"] == "hub"
        assert by_kind["rest"]["origin"].startswith("govhub ")

    def test_one_is_shown_with_the_schemas_of_its_settings(self) -> None:
        told = run("show", "amqp")

        assert told["settings"].keys() == {"sink", "source"}
        assert "queue" in told["settings"]["source"]["properties"]

    def test_people_are_shown_tables(self) -> None:
        for words in (["list"], ["show", "rest"]):
            result = CliRunner().invoke(app, ["connectors", *words])
            assert result.exit_code == 0, result.output
            assert "rest" in result.output

    def test_a_schema_is_given_for_a_role(self) -> None:
        result = CliRunner().invoke(app, ["connectors", "schema", "amqp", "--role", "source"])
        schema = json.loads(result.output)

        assert schema["$id"] == "urn:govhub:connector:amqp:source"
        assert "queue" in schema["required"]

    @pytest.mark.parametrize("words", [("show", "fax"), ("test", "fax")])
    def test_one_that_is_not_installed_is_refused(self, words: tuple[str, ...]) -> None:
        assert "rest" in run(*words, code=2)["remedy"]["zh"]

    def test_a_role_that_a_kind_has_not_is_refused(self) -> None:
        result = CliRunner().invoke(app, ["connectors", "schema", "mailbox", "--role", "source"])

        assert result.exit_code == 2


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("new")
    run("new", "fax_gateway", "--title", "传真网关", "--into", str(folder))
    root = folder / "govhub-fax-gateway"
    metadata = root / "govhub_fax_gateway-0.1.0.dist-info"  # as pip would leave it behind
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: govhub-fax-gateway\nVersion: 0.1.0\n")
    (metadata / "entry_points.txt").write_text(
        "[govhub.connectors]\nfax_gateway = govhub_fax_gateway:CONNECTOR\n", encoding="utf-8"
    )
    return root


class TestNew:
    @pytest.mark.timeout(600)
    def test_it_passes_its_suite_as_it_is(self, made: Path) -> None:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(made), str(ROOT)])}
        done = subprocess.run(
            [*GOVHUB, "connectors", "test", "fax_gateway", "--json"],
            cwd=made, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        told = json.loads(done.stdout)

        assert told["kept"]
        assert {one["result"] for one in told["rules"]} == {"passed"}
        assert {one["isolation"] for one in told["rules"]} == {"none", "process"}
        assert {one["suite"] for one in told["rules"]} == {"TestFaxGateway", "TestFaxGatewayIn"}

    def test_a_broken_promise_is_told(self, made: Path) -> None:
        sink = made / "govhub_fax_gateway" / "sink.py"
        honest = sink.read_text("utf-8")
        path = os.pathsep.join([str(made), str(ROOT)])
        environment = {**os.environ, "PYTHONPATH": path, "PYTEST_ADDOPTS": "-k query_answers"}
        suite = made / "tests" / "test_few.py"
        suite.write_text(
            (made / "tests" / "test_conformance.py").read_text("utf-8").partition("class TestFaxGatewayIn")[0]
        )
        try:
            sink.write_text(honest.replace('path = f"/documents/', 'path = f"/nowhere/'), "utf-8")
            done = subprocess.run(
                [*GOVHUB, "connectors", "test", "fax_gateway", "--suite", str(suite)],
                cwd=made, env=environment, capture_output=True, text=True, check=False,
            )  # fmt: skip
        finally:
            sink.write_text(honest, "utf-8")
            suite.unlink()

        assert done.returncode == 1, done.stdout + done.stderr
        assert "query_answers" in done.stdout
        assert "✗" in done.stdout

    def test_its_code_is_as_strict_as_ours(self, made: Path) -> None:
        for command in (
            ["-m", "ruff", "check", "--isolated", "--line-length", "120", "--select", "E4,E7,E9,F,W,B,UP,SIM"],
            ["-m", "mypy", "--strict", "--explicit-package-bases", "--follow-imports", "silent"],
        ):
            done = subprocess.run(
                [sys.executable, *command, "govhub_fax_gateway"],
                cwd=made, capture_output=True, text=True, check=False, env={**os.environ, "MYPYPATH": str(ROOT)},
            )  # fmt: skip
            assert done.returncode == 0, done.stdout + done.stderr

    @pytest.mark.parametrize("name", ["Fax", "1fax", "fax-gateway", "../fax", "", "rest", "x" * 41])
    def test_a_name_that_does_not_do_is_refused(self, name: str, tmp_path: Path) -> None:
        run("new", name, "--into", str(tmp_path), code=2)

        assert not list(tmp_path.iterdir())

    def test_what_stands_there_is_left_alone(self, tmp_path: Path) -> None:
        (tmp_path / "govhub-fax").mkdir()

        assert "govhub-fax" in run("new", "fax", "--into", str(tmp_path), code=1)["error"]["en"]


class TestCheck:
    _FILE = """
systems: {{portal: {{}}, housing: {{}}}}
destinations:
  there: {{system: housing, connector: rest, settings: {{url: "{there}"}}}}
  apart: {{system: housing, connector: rest, isolation: process, settings: {{url: "{there}"}}}}
  gone: {{system: housing, connector: rest, settings: {{url: "http://127.0.0.1:9/x"}}}}
  shelf: {{system: housing, connector: mailbox}}
sources:
  queue:
    system: portal
    connector: amqp
    settings: {{url: "amqp://127.0.0.1:9/", queue: q, refused_queue: r}}
"""

    async def test_every_far_side_is_asked(self, tmp_path: Path) -> None:
        (tmp_path / "routes.yaml").write_text(
            "version: 1\nroutes:\n  - {name: all, when: {}, to: [there, apart, gone, shelf]}\n", encoding="utf-8"
        )
        async with HttpFarSide() as far:
            (tmp_path / "govhub.yaml").write_text(self._FILE.format(there=far.url), encoding="utf-8")
            process = await asyncio.create_subprocess_exec(
                *GOVHUB, "connectors", "check", "--config", str(tmp_path / "govhub.yaml"), "--json",
                stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, cwd=ROOT,
            )  # fmt: skip
            out, errors = await process.communicate()
        assert process.returncode == 1, errors.decode()
        told = {one["name"]: one for one in json.loads(out)["checked"]}

        assert {name: one["outcome"] for name, one in told.items()} == {
            "there": "Delivered", "apart": "Delivered", "gone": "Unavailable", "shelf": "Delivered", "queue": "Unavailable",
        }  # fmt: skip
        assert told["apart"]["isolation"] == "process"
        assert told["gone"]["detail"].startswith("NO_ANSWER")
        assert not far.arrived

    def test_a_file_that_is_wrong_is_told_with_its_line(self, tmp_path: Path) -> None:
        (tmp_path / "govhub.yaml").write_text("destinations: {a: {system: b, connector: fax}}\n", encoding="utf-8")

        assert run("check", "--config", str(tmp_path / "govhub.yaml"), code=2)["faults"]


class TestDoctor:
    """What holds a third party's connector on this machine is tried, not read in the kernel's papers."""

    def test_every_way_out_is_tried(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        done = subprocess.run([*GOVHUB, "connectors", "doctor", "--json"], capture_output=True, text=True, check=False)
        told = json.loads(done.stdout)

        assert told["stopped"].keys() == {one.value for one in Attempt}
        assert done.returncode == (0 if all(told["stopped"].values()) else 1)
        assert told["stopped"]["look_into"]
        assert told["apart"] == []

    def test_people_are_told_in_words(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        done = subprocess.run([*GOVHUB, "connectors", "doctor"], capture_output=True, text=True, check=False)

        assert "窥视中枢进程的内存" in done.stdout
        assert done.stdout.count("stopped") >= len(Attempt)
