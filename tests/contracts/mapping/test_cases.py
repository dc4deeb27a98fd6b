# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The cases beside a map: what passes, what differs, and that nobody's data is shown when it does."""

from pathlib import Path

import pytest

from contracts.catalogue import builtin
from contracts.fault import Fault
from contracts.mapping.cases import HIDDEN, Difference, Ran, run, run_beside
from tests.contracts.mapping.maps import CASE, STEP_MAP, site_map

GOOD = f"""cases:
  - name: waiting
    contract: cn.gov.process.step:1
    data: {{case_no: "{CASE}", step_name: 核查, status: "1", started_at: "2026-03-04T09:00:00+08:00"}}
    document:
      name: Step
      fields: {{no: "{CASE}", name: 核查, state: "10", start: "2026-03-04 09:00:00", end: "2026-03-04 09:00:00"}}
"""


def ran(tmp_path: Path, cases: str, text: str = STEP_MAP) -> Ran:
    found = run(written(tmp_path, cases), site_map(tmp_path, text), builtin())
    assert isinstance(found, Ran), "\n".join(map(str, found))
    return found


def faulty(tmp_path: Path, cases: str) -> tuple[Fault, ...]:
    found = run(written(tmp_path, cases), site_map(tmp_path, STEP_MAP), builtin())
    assert not isinstance(found, Ran)
    return found


def written(tmp_path: Path, cases: str) -> Path:
    path = tmp_path / "map_test.yaml"
    path.write_text(cases)
    return path


def test_a_good_case_is_tried_both_ways(tmp_path: Path) -> None:
    found = ran(tmp_path, GOOD)

    assert [(one.name, one.direction, one.differences) for one in found.results] == [
        ("waiting", "write", ()),
        ("waiting", "read", ()),
    ]
    assert run_beside(tmp_path / "map.yaml", site_map(tmp_path, STEP_MAP), builtin()) == found


def test_a_map_without_cases_has_none(tmp_path: Path) -> None:
    assert run_beside(tmp_path / "map.yaml", site_map(tmp_path, STEP_MAP), builtin()) is None


def test_what_differs_is_told_by_path_with_both_sides(tmp_path: Path) -> None:
    found = ran(tmp_path, GOOD.replace('state: "10"', 'state: "20", extra: x'))

    assert found.failed[0].differences == (
        Difference("$.state", "'20'", "'10'"),
        Difference("$.extra", "'x'", "—"),
    )
    assert Difference("$.extra", "—", "E_V_UNKNOWN_FIELD") in found.failed[1].differences


def test_a_name_on_either_side_is_hidden(tmp_path: Path) -> None:
    text = STEP_MAP.replace("ignored: [remark]", "").replace("handler, opinion,", "opinion,")
    text = text.replace("no: case_no", "no: case_no\n      officer: handler")
    cases = GOOD.replace("step_name: 核查,", "step_name: 核查, handler: 测试核查员戊,").replace(
        "name: 核查, state", "name: 核查, officer: 测试核查员己, state"
    )

    found = ran(tmp_path, cases, text)

    assert found.failed[0].differences == (Difference("$.officer", HIDDEN, HIDDEN),)
    assert found.failed[1].differences == (Difference("$.data.handler", HIDDEN, HIDDEN),)
    assert "测试核查员" not in str(found.failed)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("    document:", "    losses: [$.data.handler]\n    document:"), Difference("$.data.handler", "loss", "—")),
        (('status: "1"', 'status: "1", handler: 戊'), Difference("$.data.handler", "—", "loss")),
        (("name: Step", "name: Stride"), Difference("$", "Stride", "Step")),
        (("    data:", "    comes_back: {step_name: x}\n    data:"), Difference("$.data.step_name", "'x'", "'核查'")),
    ],
)
def test_losses_and_names_count(tmp_path: Path, change: tuple[str, str], expected: Difference) -> None:
    found = ran(tmp_path, GOOD.replace(*change))

    assert expected in {one for result in found.failed for one in result.differences}


def test_a_refusal_that_does_not_come_differs(tmp_path: Path) -> None:
    cases = GOOD[: GOOD.index("    document:")] + (
        "    direction: write\n    refused: [{code: E_V_CODE, path: $.data.status}]\n"
    )

    assert ran(tmp_path, cases).failed[0].differences == (Difference("$.data.status", "E_V_CODE", "—"),)


@pytest.mark.parametrize(
    ("cases", "code"),
    [
        ("cases: []\n", "E_VALUE"),
        (GOOD.replace("process.step:1", "process.step:9"), "E_CASE_CONTRACT"),
        (GOOD.replace("step_name: 核查,", ""), "E_CASE_DATA"),
        (GOOD.replace("    data:", "    example: none\n    x:"), "E_KEY_UNKNOWN"),
        (GOOD.replace("    data:", "    example: x\n    data:"), "E_VALUE"),
        (GOOD.replace("    document:", "    direction: read\n    refused: []\n    document:"), None),
        (GOOD.replace("    document:", "    refused: [{code: E_V_CODE, path: $.x}]\n    document:"), "E_VALUE"),
        (GOOD.replace("    document:", "    values: {row: x}\n    document:"), "E_CASE_CONTEXT"),
        (GOOD.replace("    document:", "    values: {time: yesterday}\n    document:"), "E_CASE_CONTEXT"),
        (GOOD.replace('state: "10"', "state: 10"), "E_VALUE"),
        (GOOD.replace("    document:", "    earlier: {x: {example: y}}\n    document:"), "E_CASE_CONTRACT"),
    ],
)
def test_a_case_that_is_wrong_itself_is_told_with_its_line(tmp_path: Path, cases: str, code: str | None) -> None:
    if code is None:
        assert ran(tmp_path, cases).failed == ()
        return
    found = faulty(tmp_path, cases)

    assert code in {fault.code for fault in found}
    assert all(fault.at.file.endswith("map_test.yaml") for fault in found)


def test_an_example_of_the_contract_serves_as_data(tmp_path: Path) -> None:
    cases = (
        'cases:\n  - {name: x, contract: "cn.gov.process.step:1", direction: write, example: 环节待办 / waiting,\n'
        '     document: {name: Step, fields: {no: "510500-20260302-000001", name: 现场核查, state: "10",\n'
        '     start: "2026-03-04 09:00:00", end: "2026-03-04 09:00:00"}}}\n'
    )

    assert ran(tmp_path, cases).failed == ()
    assert faulty(tmp_path, cases.replace("waiting", "walking"))[0].code == "E_CASE_EXAMPLE"


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    found = run(tmp_path / "none.yaml", site_map(tmp_path, STEP_MAP), builtin())

    assert isinstance(found, tuple)
    assert [fault.code for fault in found] == ["E_FILE_MISSING"]
