# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The register of persons does as its script says, and the README's own settings say of each trouble what it is."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from connectors import rest_query
from connectors.rest_query import CONNECTOR
from connectors.rest_query.config import RestQueryConfig
from connectors.rest_query.simulator import PERSONS, PersonRegister, Step
from connectors.sdk import Context, Finding, Found, NotFound, Question

README = Path(rest_query.__file__).with_name("README.md").read_text("utf-8")
EXPECTED = {
    Step.OK: "Found",
    Step.FAIL: "Rejected",
    Step.BUSY: "Unavailable",
    Step.MISSING: "Unavailable",
    Step.CUT: "Unavailable",
    Step.HANG: "Unavailable",
    Step.GARBAGE: "Unavailable",
}


def settings(url: str) -> dict[str, Any]:
    """Those of the README, for a register at that address."""
    written = yaml.safe_load(README.partition("```yaml\n")[2].partition("```")[0])
    told: dict[str, Any] = written["lookups"]["people"]["settings"]
    return {**told, "url": url + "?" + told["url"].partition("?")[2]}


async def asked(context: Context, url: str, *persons: tuple[str, str]) -> list[Finding]:
    config = RestQueryConfig.model_validate(settings(url))
    async with CONNECTOR.lookup(config, context) as lookup:
        return [
            await lookup.ask(Question(criteria={"name": name, "number": number}, timeout=0.5))
            for name, number in persons
        ]


def test_the_table_is_whole() -> None:
    assert EXPECTED.keys() == set(Step)


@pytest.mark.parametrize("step", Step)
async def test_it_does_as_its_script_says(context: Context, step: Step) -> None:
    known = [(one["xm"], one["bh"]) for one in PERSONS]
    # A question has no effect, so the client asks once more by itself where the connection is cut.
    script = [step] * (2 if step is Step.CUT else 1)
    async with PersonRegister(script) as register:
        first, *others, nobody = await asked(
            context, register.address, known[0], *known, (PERSONS[0]["xm"], PERSONS[1]["bh"])
        )

    assert type(first).__name__ == EXPECTED[step]
    assert others == [Found(({"name": one["xm"], "valid": one["zt"]},)) for one in PERSONS]
    assert nobody == NotFound()


async def test_the_readmes_way_to_try_it_is_true(tmp_path: Path) -> None:
    """The simulator as a program, a deployment with the README's lookup, and the questions of the README in turn."""
    simulator = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "hub.cli.main",
        "simulate",
        "rest-query",
        "--script",
        "ok,busy",
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert simulator.stdout is not None
        url = (await asyncio.wait_for(simulator.stdout.readline(), 30)).decode().strip()
        lookup = {"connector": "rest_query", "systems": ["portal"], "settings": settings(url)}
        deployment = {
            "systems": {"portal": {}, "desk": {}},
            "destinations": {"desk": {"system": "desk", "connector": "mailbox"}},
            "lookups": {"people": lookup},
        }
        (tmp_path / "govhub.yaml").write_text(json.dumps(deployment), "utf-8")
        (tmp_path / "routes.yaml").write_text("version: 1\nroutes:\n  - {name: all, when: {}, to: desk}\n", "utf-8")
        lines = [line.partition("#")[0].split()[4:] for line in README.splitlines() if "connectors ask people" in line]
        told = [await _govhub(tmp_path, *criteria) for criteria in lines]
    finally:
        simulator.kill()
        await simulator.wait()

    assert [code for code, _ in told] == [0, 1, 0]
    assert json.loads(told[0][1])["records"] == [{"name": "张示例", "valid": "有效"}]
    assert "HTTP_503" in told[1][1]
    assert json.loads(told[2][1])["found"] is False


async def _govhub(folder: Path, *criteria: str) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "from hub.cli.main import run; run()", "connectors", "ask", "people", *criteria, "--json",
        cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    said, _ = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode, said.decode()
