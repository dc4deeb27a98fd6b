# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub maps``: what it says to the author of a site's map."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner

from contracts.catalogue import builtin
from hub.cli.main import app

runner = CliRunner()

SITES = Path("examples/sites")
RIVER = SITES / "river_city.yaml"


def event(type_: str, version: int, **changes: object) -> bytes:
    contract = next(one for one in builtin().versions(f"cn.gov.{type_}") if one.version == version)
    data = contract.examples[0].data
    assert isinstance(data, dict)
    return orjson.dumps(
        {
            "specversion": "1.0", "id": "1", "source": "portal", "type": contract.type, "subject": data["case_no"],
            "dataschema": contract.schema_uri, "data": {**data, **changes},
        }
    )  # fmt: skip


def told(*arguments: str, code: int = 0) -> Any:
    result = runner.invoke(app, ["maps", *arguments, "--json"])
    assert result.exit_code == code, result.output
    return orjson.loads(result.stdout)


def test_check_without_files_checks_the_maps_of_the_hub_with_their_cases() -> None:
    found = told("check")

    assert found["ok"]
    assert [Path(one["map"]).stem for one in found["maps"]] == ["front_v3", "gbt39046", "ten_messages"]
    assert all(case["passed"] for one in found["maps"] for case in one["cases"])
    assert all(fault["severity"] == "warning" for one in found["maps"] for fault in one["faults"])


def test_check_says_where_a_map_is_wrong_and_what_to_do(tmp_path: Path) -> None:
    site = tmp_path / "site.yaml"
    site.write_text('map: 1\nextends: front_v3\ncodes: {project_type: {"1": "2"}}\n')

    result = runner.invoke(app, ["maps", "check", str(site)])

    assert result.exit_code == 2
    assert f"{site}:3:9: E_MAP_CODES_GAP" in result.output
    assert "2 承诺件" in result.output


def test_check_asks_for_cases(tmp_path: Path) -> None:
    site = tmp_path / "site.yaml"
    site.write_text("map: 1\nextends: gbt39046\n")

    found = told("check", str(site))

    assert found["ok"]
    assert "E_MAP_UNTESTED" in {fault["code"] for fault in found["maps"][0]["faults"]}


def test_a_case_that_fails_is_shown_as_a_difference_without_anybodys_data(tmp_path: Path) -> None:
    site = tmp_path / "river_city.yaml"
    site.write_text(RIVER.read_text())
    cases = (SITES / "river_city_test.yaml").read_text()
    (tmp_path / "river_city_test.yaml").write_text(
        cases.replace('project_type: "1"', 'project_type: "2"', 1).replace("applyer_name: 示例", "applyer_name: 某", 1)
    )

    result = runner.invoke(app, ["maps", "test", str(site)])

    assert result.exit_code == 1
    assert "$.project_type\n      - '2'\n      + '1'" in result.stdout
    assert "$.applyer_name\n      - …\n      + …" in result.stdout
    assert "示例餐饮" not in result.stdout


def test_test_of_a_map_that_is_no_map() -> None:
    assert {fault["code"] for fault in told("test", "none.yaml", code=2)["faults"]} == {"E_FILE_MISSING"}


def test_convert_makes_the_dialect_of_an_event_and_tells_losses(tmp_path: Path) -> None:
    message = tmp_path / "event.json"
    message.write_bytes(event("process.step", 1, step_no="3"))

    result = runner.invoke(app, ["maps", "convert", str(message), "--map", "gbt39046"])

    assert result.exit_code == 0
    assert "<环节名称>现场核查</环节名称>".encode("gb18030") in result.stdout_bytes
    assert "$.data.step_no" in result.stderr


def test_convert_makes_canonical_json_of_the_dialect(tmp_path: Path) -> None:
    message, document = tmp_path / "event.json", tmp_path / "step.xml"
    message.write_bytes(event("process.step", 1))
    document.write_bytes(runner.invoke(app, ["maps", "convert", str(message), "--map", "gbt39046"]).stdout_bytes)

    found = told("convert", str(document), "--map", "gbt39046")

    assert found["contract"] == "urn:govhub:contract:cn.gov.process.step:1"
    assert found["data"]["step_name"] == "现场核查"
    assert found["losses"] == []


def test_convert_takes_the_context_and_the_earlier_records_that_a_row_wants(tmp_path: Path) -> None:
    message, earlier = tmp_path / "event.json", tmp_path / "earlier.json"
    message.write_bytes(event("acceptance.decided", 2, basic_code="000101000001"))
    earlier.write_bytes(event("application.submitted", 1))
    values = ("--value", "row_guid=g", "--value", "operation=insert", "--value", "time=2026-03-03T10:00:05+08:00")

    found = told("convert", str(message), "--map", str(RIVER), "--earlier", str(earlier), *values)
    refused = told("convert", str(message), "--map", str(RIVER), *values, code=1)

    assert [one["table"] for one in orjson.loads(found["body"])["rows"]] == ["up_pro_accept_v4"]
    assert {one["path"] for one in refused["violations"]} >= {"$.data.applicant.name", "$.data.applied_at"}


@pytest.mark.parametrize("value", ["time=yesterday", "row=1", "operation"])
def test_convert_says_which_context_it_takes(tmp_path: Path, value: str) -> None:
    message = tmp_path / "event.json"
    message.write_bytes(event("process.step", 1))

    result = runner.invoke(app, ["maps", "convert", str(message), "--map", "front_v3", "--value", value])

    assert result.exit_code == 2
    assert "row_guid, operation, time, batch, source" in result.output


@pytest.mark.parametrize(
    ("body", "code"),
    [(b"<a/>", "E_DIALECT_NAME"), (b"", "E_EMPTY_BODY"), (b'{"specversion":"1.0"}', "E_ATTRIBUTE_MISSING")],
)
def test_convert_refuses_with_a_problem(tmp_path: Path, body: bytes, code: str) -> None:
    file = tmp_path / "file"
    file.write_bytes(body)

    found = told("convert", str(file), "--map", "gbt39046", code=1)

    assert found["type"] == f"urn:govhub:problem:{code}"


def test_convert_of_no_file() -> None:
    result = runner.invoke(app, ["maps", "convert", "none.json", "--map", "gbt39046"])

    assert result.exit_code == 2
    assert "none.json" in result.output
