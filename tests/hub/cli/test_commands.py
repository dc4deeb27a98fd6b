# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The command line: what it prints for people, what for programs, and how it ends."""

from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from certs.api_key import KeyRing
from contracts.catalogue import builtin
from hub.cli.main import app

runner = CliRunner()

DEPLOYMENT = """\
systems:
  portal: {sends: ["*"]}
  housing: {speaks: {contracts: {"*": [1]}}}
destinations:
  housing: {system: housing, connector: rest, settings: {url: "http://127.0.0.1:9/in"}}
"""
ROUTES = """\
version: 1
routes:
  - name: applications
    when: {contract: cn.gov.application.submitted, source: portal, region: "5105"}
    to: [{destination: housing, purpose: handling}]
purposes: {handling: {fields: all}}
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "routes.yaml").write_text(ROUTES, encoding="utf-8")
    file = tmp_path / "govhub.yaml"
    file.write_text(DEPLOYMENT, encoding="utf-8")
    return file


def application(**changes: object) -> bytes:
    (contract, *_) = builtin().versions("cn.gov.application.submitted")
    data = {**contract.examples[0].data, **changes}
    return orjson.dumps(
        {
            "specversion": "1.0", "id": "1", "source": "portal", "type": contract.type, "subject": data["case_no"],
            "dataschema": contract.schema_uri, "data": data,
        }
    )  # fmt: skip


def test_routes_check_says_that_a_deployment_can_be_used(config: Path) -> None:
    told = runner.invoke(app, ["routes", "check", "-c", str(config)])
    assert told.exit_code == 0
    assert "1 条" in told.stdout
    as_json = orjson.loads(runner.invoke(app, ["routes", "check", "-c", str(config), "--json"]).stdout)
    assert as_json == {"ok": True, "faults": []}


def test_routes_check_names_file_line_and_remedy(config: Path) -> None:
    (config.parent / "routes.yaml").write_text(
        ROUTES.replace("destination: housing", "destination: hosing"), encoding="utf-8"
    )
    told = runner.invoke(app, ["routes", "check", "-c", str(config)])
    assert told.exit_code == 2
    assert f"{config.parent / 'routes.yaml'}:5:" in told.stderr
    assert "housing" in told.stderr
    faults = orjson.loads(runner.invoke(app, ["routes", "check", "-c", str(config), "--json"]).stdout)["faults"]
    assert [(f["at"]["line"], f["severity"]) for f in faults] == [(5, "error")]


def test_routes_explain_tells_what_matched_and_what_nearly_did(config: Path, tmp_path: Path) -> None:
    message = tmp_path / "message.json"
    message.write_bytes(application())
    matched = orjson.loads(runner.invoke(app, ["routes", "explain", str(message), "-c", str(config), "--json"]).stdout)
    assert matched["destinations"] == ["housing"]
    message.write_bytes(application(region_code="110101"))
    told = runner.invoke(app, ["routes", "explain", str(message), "-c", str(config)])
    assert told.exit_code == 0
    assert "差一点 nearly  applications" in told.stdout
    assert "region" in told.stdout


def test_routes_explain_tells_what_a_strict_route_would_refuse(config: Path) -> None:
    explain = ["routes", "explain", "-", "-c", str(config)]
    odd = application(item_code="11370800MB285591843370117002011", department_code="1151130100877818N", applicant={
        "type": "1", "name": "测试申请人甲", "id_type": "414", "id_number": "E00000000"})  # fmt: skip
    lenient = orjson.loads(runner.invoke(app, [*explain, "--json"], input=odd).stdout)
    (config.parent / "routes.yaml").write_text(
        ROUTES.replace("    to:", "    identifiers: refuse\n    to:"), encoding="utf-8"
    )
    strict = orjson.loads(runner.invoke(app, [*explain, "--json"], input=odd).stdout)
    told = runner.invoke(app, explain, input=odd)
    assert lenient["warnings"] == strict["warnings"] == [{"code": "E_W_TRUNCATED", "path": "$.data.department_code"}]
    assert lenient["refusal"] is None
    assert strict["refusal"]["code"] == "E_IDENTIFIER"
    assert "identifiers: refuse" in told.stdout
    assert "E_W_TRUNCATED $.data.department_code" in told.stdout
    assert "E_IDENTIFIER" in told.stdout


def test_routes_explain_reads_standard_input_and_refuses_what_breaks_its_contract(config: Path) -> None:
    told = runner.invoke(app, ["routes", "explain", "-", "-c", str(config)], input=application(case_type="77"))
    assert told.exit_code == 1
    assert "E_CONTRACT_INVALID" in told.stderr
    assert "$.data.case_type" in told.stderr


def test_routes_explain_says_which_file_it_cannot_read(config: Path) -> None:
    told = runner.invoke(app, ["routes", "explain", "nowhere.json", "-c", str(config), "--json"])
    assert told.exit_code == 2
    assert "nowhere.json" in orjson.loads(told.stdout)["error"]["zh"]


def test_a_new_key_is_known_by_its_digest() -> None:
    made = orjson.loads(runner.invoke(app, ["keys", "new", "portal", "--json"]).stdout)
    assert KeyRing({made["digest"]: "portal"}).identify(made["key"]) == "portal"
    told = runner.invoke(app, ["keys", "new", "duty-desk", "--operator"]).stdout
    assert "  operators:\n    duty-desk:\n      may: [read]\n      keys: ['sha256:" in told
    again = orjson.loads(runner.invoke(app, ["keys", "digest", "-", "--json"], input=made["key"] + "\n").stdout)
    assert again["digest"] == made["digest"]


@pytest.mark.parametrize("command", [["run"], ["migrate"]])
def test_a_faulty_deployment_stops_the_start(config: Path, command: list[str]) -> None:
    config.write_text(DEPLOYMENT + "jurnal: embedded\n", encoding="utf-8")
    told = runner.invoke(app, [*command, "-c", str(config)])
    assert told.exit_code == 2
    assert f"{config}:6:1" in told.stderr
    assert "journal" in told.stderr
    assert "Traceback" not in told.stderr


def test_migrate_says_who_migrates_the_embedded_database(config: Path) -> None:
    told = runner.invoke(app, ["migrate", "-c", str(config)])
    assert told.exit_code == 1
    assert "govhub run" in told.stderr


def test_the_version_is_told() -> None:
    assert runner.invoke(app, ["--version"]).stdout.startswith("govhub ")
