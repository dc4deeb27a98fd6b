# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Everything wrong with a map is said before it runs, with file, line, column and remedy; nothing in a file raises."""

from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.catalogue import builtin
from contracts.fault import Fault
from contracts.mapping.loading import Loaded, load, shipped
from contracts.mapping.map_file import CodesSpec, FieldSpec, MapFile, MessageSpec
from tests.contracts.mapping.maps import HEAD, STEP_MAP, faults, loaded


def changed(old: str, new: str) -> str:
    assert old in STEP_MAP
    return STEP_MAP.replace(old, new)


def shown(found: list[Fault]) -> list[tuple[str, int]]:
    return [(fault.code, fault.at.line) for fault in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (changed("name: step_name", "name: step_nam"), [("E_MAP_UNSAID", 8), ("E_MAP_SOURCE", 8), ("E_MAP_PATH", 12)]),
        (changed("start: started_at", "start: {path: started_at, format: YYMMDD}"), [("E_MAP_FORMAT", 14)]),
        (changed("start: started_at", "start: {path: started_at, format: YYYYMMDDss}"), [("E_MAP_FORMAT", 14)]),
        (changed("start: started_at", "start: {path: started_at, format: YYYYMMDD}"), [("E_MAP_FILL", 14)]),
        (changed("start: started_at", "start: {path: started_at, join: ','}"), [("E_MAP_SETTING", 14)]),
        (changed("codes: status", "codes: statuses"), [("E_MAP_UNUSED", 6), ("E_MAP_CODES", 13)]),
        (changed("{path: status, codes: status}", "status"), [("E_MAP_UNUSED", 6), ("E_MAP_CODES", 13)]),
        (changed('{"1": "10", "2": "20"}', '{"1": "10"}'), [("E_MAP_CODES_GAP", 6)]),
        (changed('{"1": "10", "2": "20"}', '{"1": "10", "2": "10"}'), [("E_MAP_CODES_BACK", 6)]),
        (
            changed('{"1": "10", "2": "20"}', '{write: {"1": "10", "2": "20"}, read: {"10": "1"}}'),
            [("E_MAP_CODES_BACK", 6)],
        ),
        (
            changed('{"1": "10", "2": "20"}', '{write: {"1": "10", "2": "20"}, read: {"10": "1", "20": "3"}}'),
            [("E_MAP_CODE_UNKNOWN", 6)],
        ),
        (
            changed('{"1": "10", "2": "20"}', '{write: {"1": "10", "2": "20"}, unmapped: pass}'),
            [("E_MAP_PASS", 6)],
        ),
        (changed('{"1": "10", "2": "20"}', '{"1": "10", "2": "20", "9": "30"}'), [("E_MAP_CODE_UNKNOWN", 6)]),
        (changed("no: case_no", "no: case_no\n      also: case_no"), [("E_MAP_TWICE", 12)]),
        (changed("no: case_no", "no: {path: case_no, direction: write}"), [("E_MAP_SOURCE", 8)]),
        (changed("action, handler, opinion,", "action, opinion,"), [("E_MAP_UNSAID", 8)]),
        (changed("dropped: [region_code,", "dropped: [region, region_code,"), [("E_MAP_PATH", 16)]),
        (changed("dropped: [region_code,", "dropped: [case_no, region_code,"), [("E_MAP_DROPPED", 16)]),
        (changed("process.step:1", "process.step:7"), [("E_MAP_UNUSED", 6), ("E_MAP_CONTRACT", 8)]),
        (changed("name: Step\n", "direction: both\n"), [("E_MAP_NAME", 8)]),
        (changed("no: case_no", "办 件: case_no"), [("E_MAP_NAME", 11)]),
        (
            changed("no: case_no", "no: {fields: {x: case_no}}"),
            [("E_MAP_UNSAID", 8), ("E_MAP_SOURCE", 8), ("E_MAP_NESTED", 11)],
        ),
        (
            changed("no: case_no", "no: {context: row}"),
            [("E_MAP_UNSAID", 8), ("E_MAP_SOURCE", 8), ("E_MAP_CONTEXT", 11)],
        ),
        (changed("otherwise: started_at", "otherwise: step_name"), [("E_MAP_OTHERWISE", 15)]),
        (changed("no: case_no", "no: {path: case_no, constant: x}"), [("E_VALUE", 11)]),
        (changed("no: case_no", "no: {path: case_no, max: 0}"), [("E_VALUE", 11)]),
        (changed("carrier: messages", "carrier: soap"), [("E_VALUE", 3)]),
        (changed("ignored: [remark]", "ignored: [remark]\n    when: {rmark: true}"), [("E_MAP_WHEN", 19)]),
        (changed("ignored: [remark]", "assume: {region_code: [1]}"), [("E_TYPE", 18)]),
        (changed("ignored: [remark]", "assume: {level_code: '12'}"), [("E_MAP_ASSUME", 18)]),
        (changed("ignored: [remark]", "assume: {status: '1'}"), [("E_MAP_TWICE", 18)]),
        (changed('"1": "10"', '"1": 10'), [("E_TYPE", 6)]),
        (changed("codes: status}", "code: status}"), [("E_KEY_UNKNOWN", 13)]),
    ],
)
def test_a_fault_names_its_line(tmp_path: Path, text: str, expected: list[tuple[str, int]]) -> None:
    found = faults(tmp_path, text)

    assert shown(found) == expected
    assert all(fault.at.file.endswith("map.yaml") for fault in found)
    assert all(all(fault.problem) and all(fault.remedy) for fault in found)
    assert any(fault.severity == "error" for fault in found)


def test_a_fault_of_a_wrong_name_suggests_the_right_one(tmp_path: Path) -> None:
    found = faults(tmp_path, changed("name: step_name", "name: step_nme"))

    assert "Did you mean 'step_name'?" in {fault.remedy.en for fault in found}
    assert next(fault for fault in found if fault.code == "E_MAP_PATH").at.column == 13


def test_two_messages_of_one_name_have_to_be_told_apart(tmp_path: Path) -> None:
    second = STEP_MAP.split("messages:\n")[1].replace("process.step:1:", "process.step:1/other:")

    found = faults(tmp_path, STEP_MAP + second)

    assert {fault.code for fault in found} == {"E_MAP_DUPLICATE", "E_MAP_WRITTEN_TWICE"}


def test_conditions_tell_messages_of_one_name_apart(tmp_path: Path) -> None:
    second = STEP_MAP.split("messages:\n")[1].replace("process.step:1:", "process.step:1/other:")
    text = STEP_MAP + second.replace("name: Step\n", "name: Step\n    direction: read\n    when: {remark: 'x'}\n")

    assert len(loaded(tmp_path, text).site_map.messages) == 2


def test_a_field_with_less_room_than_the_contract_is_a_warning(tmp_path: Path) -> None:
    found = loaded(tmp_path, changed("name: step_name", "name: {path: step_name, max: 10}"))

    assert [(fault.code, fault.severity) for fault in found.warnings] == [("E_MAP_SHORT", "warning")]


def test_a_field_with_no_room_for_its_own_codes_is_an_error(tmp_path: Path) -> None:
    found = faults(tmp_path, changed("codes: status}", "codes: status, max: 1}"))

    assert [fault.code for fault in found] == ["E_MAP_LENGTH"]


def test_a_map_without_the_first_things_says_which(tmp_path: Path) -> None:
    assert [fault.path for fault in faults(tmp_path, "map: 1\n")] == ["title", "carrier", "messages"]
    assert [fault.code for fault in faults(tmp_path, "map: 2\n")] == ["E_VALUE"]


# A site's map


def site(tmp_path: Path, text: str) -> Path:
    (tmp_path / "base.yaml").write_text(STEP_MAP)
    path = tmp_path / "site.yaml"
    path.write_text(HEAD + text)
    return path


def test_a_site_says_only_what_differs(tmp_path: Path) -> None:
    path = site(tmp_path, 'extends: base.yaml\ncodes: {status: {"1": "a", "2": "b"}}\n')

    found = load(path, builtin())

    assert isinstance(found, Loaded)
    assert [Path(file).name for file in found.files] == ["site.yaml", "base.yaml"]


@pytest.mark.parametrize(
    ("text", "code", "file", "line"),
    [
        ('extends: base.yaml\ncodes: {status: {"1": "a"}}\n', "E_MAP_CODES_GAP", "site.yaml", 4),
        (
            "extends: base.yaml\nmessages: {cn.gov.process.step:1: {fields: {no: null}}}\n",
            "E_MAP_UNSAID",
            "site.yaml",
            4,
        ),
        ("extends: bas.yaml\n", "E_FILE_MISSING", "site.yaml", 3),
        ("extends: ten_message\n", "E_MAP_EXTENDS", "site.yaml", 3),
        ("extends: site.yaml\n", "E_MAP_EXTENDS", "site.yaml", 3),
        ('extends: "\\0.yaml"\n', "E_MAP_EXTENDS", "site.yaml", 3),
        (
            "extends: base.yaml\nmessages: {cn.gov.process.step:1: {fields: {state: {constant: x}}}}\n",
            "E_MAP_UNSAID",
            "site.yaml",
            4,
        ),
        ("messages: {cn.gov.process.step:1: {like: other}}\n", "E_MAP_LIKE", "site.yaml", 3),
    ],
)
def test_a_fault_stands_in_the_file_that_causes_it(tmp_path: Path, text: str, code: str, file: str, line: int) -> None:
    found = load(site(tmp_path, text), builtin())

    assert isinstance(found, tuple)
    assert (code, file, line) in {(fault.code, Path(fault.at.file).name, fault.at.line) for fault in found}


def test_a_fault_of_the_base_stands_in_the_base(tmp_path: Path) -> None:
    path = site(tmp_path, 'extends: base.yaml\ncodes: {status: {"1": "a", "2": "b"}}\n')
    (tmp_path / "base.yaml").write_text(changed("name: step_name", "name: step_nam"))

    found = load(path, builtin())

    assert isinstance(found, tuple)
    fault = next(fault for fault in found if fault.code == "E_MAP_PATH")
    assert (Path(fault.at.file).name, fault.at.line) == ("base.yaml", 12)


def test_a_long_chain_of_files_is_refused(tmp_path: Path) -> None:
    for index in range(12):
        (tmp_path / f"{index}.yaml").write_text(f"map: 1\nextends: {index + 1}.yaml\n")

    found = load(tmp_path / "0.yaml", builtin())

    assert isinstance(found, tuple)
    assert [fault.code for fault in found] == ["E_MAP_EXTENDS"]


# Files of ill will


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- 1\n",
        "map: 1\ntitle: &a {zh: x, en: y}\ncarrier: *a\n",
        "map: !!python/object:os.system x\n",
        "map: 1\n" + "".join(f"{' ' * depth}a:\n" for depth in range(60)),
        "map: 1\ncodes: " + "{a: " * 40 + "1" + "}" * 40,
        "map: 1\nmessages: {x: {fields: " + "{a: {fields: " * 14 + "{}" + "}}" * 14 + "}}\n",
        "\x00",
        "map: 1\n---\nmap: 1\n",
        "a" * (129 * 1024),
        changed("no: case_no", "no: case_no\n      no: case_no"),
        changed("path: status", "path: 'status.x.y[*].z[*]..'"),
        changed("path: status", "path: '[*]'"),
        changed("path: status", "path: '$.'"),
        changed("path: status", "path: ':'"),
        changed("path: status", "path: 'x:status'"),
        changed("path: status", "each: case_no, fields: {}"),
        changed("process.step:1:", "':':"),
        changed("process.step:1:", "'process.step:1//':"),
    ],
)
def test_hostile_files_get_faults(tmp_path: Path, text: str) -> None:
    assert faults(tmp_path, text)


def test_not_a_file(tmp_path: Path) -> None:
    found = load(tmp_path, builtin())

    assert isinstance(found, tuple)
    assert [fault.code for fault in found] == ["E_FILE_DIRECTORY"]


_WORDS = st.sampled_from((
    *MapFile.model_fields, *MessageSpec.model_fields, *FieldSpec.model_fields, *CodesSpec.model_fields,
    "xml", "rows", "same", "titles", "site", "zero", "both", "write", "read", "pass", "yuan", "json",
    "status", "case_no", "$.case_no", "materials[*].name", "start:kind", "[*]", ":", "YYYYMMDD", "YYYYMMDDhhmmss", "1", "true",
    "cn.gov.process.step:1", "cn.gov.correction.requested:1", "row_guid", "\u0085", "办件编号", "\U00020bb7",
))  # fmt: skip
_VALUES = st.recursive(
    _WORDS | st.integers(-3, 10**20) | st.booleans() | st.none() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_WORDS, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150, deadline=1000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.lists(st.integers(0, 50), min_size=1, max_size=6), value=_VALUES)
def test_whatever_stands_anywhere_in_a_map_never_raises(tmp_path: Path, place: list[int], value: object) -> None:
    """One place of a good map is replaced by anything."""
    content = yaml.safe_load(STEP_MAP)
    parent, key = content, next(iter(content))
    inside = content
    for step in place:
        if not isinstance(inside, dict | list) or not inside:
            break
        parent = inside
        key = list(inside)[step % len(inside)] if isinstance(inside, dict) else step % len(inside)
        inside = inside[key]
    parent[key] = value
    path = tmp_path / "map.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True))

    found = load(path, builtin())

    assert isinstance(found, Loaded) or all(fault.problem.zh for fault in found)


@settings(max_examples=100, deadline=1000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, len(STEP_MAP) - 1), length=st.integers(0, 30), text=st.text(max_size=8))
def test_a_torn_file_never_raises(tmp_path: Path, at: int, length: int, text: str) -> None:
    path = tmp_path / "map.yaml"
    path.write_text(STEP_MAP[:at] + text + STEP_MAP[at + length :], errors="replace")

    found = load(path, builtin())

    assert isinstance(found, Loaded) or found


def test_the_maps_of_the_hub_are_found_by_name() -> None:
    assert set(shipped()) == {"gbt39046", "front_v3", "ten_messages"}
