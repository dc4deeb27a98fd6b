# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Every value knows its place, and whatever is wrong is said with file, line, column and remedy."""

import json
from pathlib import Path
from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from contracts.fault import as_dict
from contracts.located import Fault, Located, Position, UnsuitableError, build, parse, read
from contracts.text import Text
from contracts.yaml_source import MAX_BYTES


def even(value: int) -> int:
    if value % 2:
        raise UnsuitableError(Text("须为偶数。", "It must be even."), Text("请加一。", "Add one."))
    return value


def never_seven(value: int) -> int:
    if value == 7:
        raise ValueError("seven is taken")
    return value


class Door(BaseModel):
    model_config = ConfigDict(extra="forbid")

    port: int = Field(gt=0)
    kind: Literal["in", "out"] = "in"
    name: str = Field(default="x", min_length=1, max_length=5, pattern="^[a-z]*$")
    open: bool = True
    pair: Annotated[int, AfterValidator(even)] = 0
    luck: Annotated[int, AfterValidator(never_seven)] = 0


class House(BaseModel):
    model_config = ConfigDict(extra="forbid")

    doors: list[Door] = []
    rooms: dict[str, Door] = {}
    number: int | list[str] = 0
    front: Door | None = Field(default=None, alias="the-front")


def located(text: str) -> Located:
    result = parse(text, "f.yaml")
    assert isinstance(result, Located)
    return result


def refused(text: str) -> Fault:
    result = parse(text, "f.yaml")
    assert isinstance(result, Fault)
    return result


def faults(text: str) -> list[tuple[int, int, str, str]]:
    result = build(located(text), House)
    assert isinstance(result, tuple)
    return [(fault.at.line, fault.at.column, fault.code, fault.path) for fault in result]


def only(text: str) -> Fault:
    result = build(located(text), House)
    assert isinstance(result, tuple)
    (fault,) = result
    return fault


def test_values_and_their_places() -> None:
    document = located('a: 1\nb:\n  - x\n  - {c: "2"}\n')

    assert document.value == {"a": 1, "b": ["x", {"c": "2"}]}
    assert document.at(()) == Position("f.yaml", 1, 1)
    assert document.at(("b", 0)) == Position("f.yaml", 3, 5)
    assert document.at(("b", 1, "c")) == Position("f.yaml", 4, 9)
    assert document.key_at(("b", 1, "c")) == Position("f.yaml", 4, 6)
    assert document.key_at(("b", 0)) == Position("f.yaml", 3, 5)


def test_the_place_of_what_is_missing_is_its_nearest_ancestor() -> None:
    document = located("a: 1\nb:\n  - {c: 2}\n")

    assert document.at(("b", 0, "nothing", "deeper")) == Position("f.yaml", 3, 5)
    assert document.at(("nothing",)) == Position("f.yaml", 1, 1)


def test_a_part_is_a_document_that_still_knows_its_places() -> None:
    document = located("a: 1\nb:\n  - {c: 2}\n")
    part = document.below(("b", 0), document.value["b"][0])

    assert part.value == {"c": 2}
    assert part.at(("c",)) == Position("f.yaml", 3, 9)


def test_columns_count_characters_not_bytes() -> None:
    assert located("住建局: {民政局: 1}").at(("住建局", "民政局")).column == 12


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("510502", 510502), ("-3", -3), ("0", 0), ("1.5", 1.5), ("true", True), ("False", False), ("~", None),
        ("", None), ("0510", "0510"), ("no", "no"), ("on", "on"), ("12:30", "12:30"), ("2026-01-01", "2026-01-01"),
        ("0x1F", "0x1F"), ("1E5", "1E5"), ("11370800E10", "11370800E10"), (".inf", ".inf"), ("1_000", "1_000"),
        ("'1'", "1"), ('"true"', "true"), ("!!str 5", "5"), ("9" * 5000, "9" * 5000), ("|\n  5\n", "5\n"),
    ],
)  # fmt: skip
def test_no_code_changes_on_the_way_in(written: str, value: object) -> None:
    assert located(f"k: {written}").value == {"k": value}


def test_keys_stay_as_written() -> None:
    assert located("on: 1\n5105: 2\ntrue: 3\n<<: 4").value == {"on": 1, "5105": 2, "true": 3, "<<": 4}


def test_a_byte_order_mark_is_no_content() -> None:
    assert located("\ufeffa: 1").value == {"a": 1}


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("", "E_YAML_EMPTY", 1, 1),
        ("a: 1\na: 2", "E_YAML_DUPLICATE_KEY", 2, 1),
        ("a: &x 1", "E_YAML_ANCHOR", 1, 4),
        ("a: *x", "E_YAML_ANCHOR", 1, 4),
        ("*x : 1", "E_YAML_ANCHOR", 1, 1),
        ("a: !!python/object:os.system x", "E_YAML_TAG", 1, 4),
        ("a: !env SECRET", "E_YAML_TAG", 1, 4),
        ("? [a]\n: b", "E_YAML_KEY", 1, 3),
        ("a: 1\n---\nb: 2", "E_YAML_DOCUMENTS", 2, 1),
        ("[" * 100, "E_YAML_DEPTH", 1, 34),
        ("a:\n\tb: 1", "E_YAML_SYNTAX", 2, 1),
        ("a: b: c", "E_YAML_SYNTAX", 1, 5),
        ("a: 'b", "E_YAML_SYNTAX", 1, 6),
        ("a: @", "E_YAML_SYNTAX", 1, 4),
        ("a: [1,\n", "E_YAML_SYNTAX", 2, 1),
        ("a: 1\nb: \x00", "E_YAML_CHARACTER", 2, 4),
        ("a: \ud800", "E_YAML_CHARACTER", 1, 4),
    ],
)
def test_what_is_refused_is_told_at_its_place(text: str, code: str, line: int, column: int) -> None:
    fault = refused(text)

    assert (fault.code, fault.at) == (code, Position("f.yaml", line, column))
    assert fault.remedy.zh
    assert fault.remedy.en


def test_a_fault_names_the_path_to_what_it_means() -> None:
    assert refused("a:\n  - b: 1\n    b: 2").path == "a[0].b"


def test_many_values_are_refused() -> None:
    assert refused("[" + "1," * 400_001 + "]").code == "E_YAML_DEPTH"


def test_a_large_text_is_refused_unread() -> None:
    assert refused("# " + "x" * MAX_BYTES).code == "E_FILE_SIZE"


@given(st.text(max_size=200))
def test_no_text_raises(text: str) -> None:
    result = parse(text, "f.yaml")

    assert isinstance(result, Located | Fault)
    if isinstance(result, Located):
        assert isinstance(build(result, House), House | tuple)


@given(st.text(alphabet=" \n:-[]{}a1'\"#&*!|>%@`,?~", max_size=60))
def test_no_yaml_like_text_raises(text: str) -> None:
    result = parse(text, "f.yaml")

    assert isinstance(result, Located | Fault)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=10),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
        max_leaves=20,
    )
)
def test_json_is_read_as_what_it_says(value: object) -> None:
    """JSON with ASCII escapes is YAML; every value comes back as it was, and every place exists."""
    document = parse(json.dumps([value]), "f.yaml")

    if isinstance(document, Fault):  # an escaped lone surrogate, or an integer that is too long to be a number
        assert document.code == "E_YAML_SYNTAX"
    else:
        assert document.value == [value]
        assert document.at((0,)).column == 2


def test_a_good_document_becomes_its_model() -> None:
    house = build(located("doors: [{port: 1}]\nthe-front: {port: 2, open: 'yes'}"), House)

    assert isinstance(house, House)
    assert house.doors[0].port == 1
    assert house.front == Door(port=2)


def test_all_faults_at_once_in_the_order_of_the_file() -> None:
    found = faults("doors:\n- prot: 1\n  kind: c\n- port: -1\n  open: 7\n  name: [1]\nrooms:\n  k: {port: x, nme: 2}\n")

    assert found == [
        (2, 3, "E_KEY_MISSING", "doors[0].port"),
        (2, 3, "E_KEY_UNKNOWN", "doors[0].prot"),
        (3, 9, "E_VALUE", "doors[0].kind"),
        (4, 9, "E_VALUE", "doors[1].port"),
        (5, 9, "E_TYPE", "doors[1].open"),
        (6, 9, "E_TYPE", "doors[1].name"),
        (8, 13, "E_TYPE", "rooms.k.port"),
        (8, 16, "E_KEY_UNKNOWN", "rooms.k.nme"),
    ]


def test_an_unknown_key_is_answered_with_the_nearest() -> None:
    assert "'port'" in only("doors: [{port: 1, prt: 2}]").remedy.en
    assert "'the-front'" in only("the-frnt: {port: 1}").remedy.en
    assert "'open'" in only("the-front: {port: 1, opne: true}").remedy.en


def test_an_unknown_key_like_nothing_is_answered_with_all() -> None:
    assert only("zzzz: 1").remedy.en == "Known here: doors, number, rooms, the-front."


def test_a_union_complains_once() -> None:
    assert faults("number: {}") == [(1, 9, "E_TYPE", "number")]


def test_a_validator_of_ours_words_its_own_fault() -> None:
    fault = only("doors: [{port: 1, pair: 3}]")

    assert (fault.problem.zh, fault.remedy.en, fault.at.column) == ("须为偶数。", "Add one.", 25)


def test_a_validator_without_words_is_still_told() -> None:
    assert "seven is taken" in only("doors: [{port: 1, luck: 7}]").problem.en


@pytest.mark.parametrize(
    ("door", "remedy"),
    [
        ("port: 0", "It must be greater than 0."),
        ("port: 1, name: abcdefg", "Its length must be at most 5."),
        ("port: 1, name: ''", "Its length must be at least 1."),
        ("port: 1, name: '1'", "It must match ^[a-z]*$."),
        ("port: 1, kind: up", "Write 'in' or 'out'."),
        ("port: 1.5", "Write a whole number."),
    ],
)
def test_a_remedy_names_the_bound(door: str, remedy: str) -> None:
    assert remedy in str(only(f"doors: [{{{door}}}]"))


def test_the_whole_document_of_a_wrong_type() -> None:
    assert faults("just words") == [(1, 1, "E_TYPE", "")]


def test_no_value_of_the_file_is_repeated() -> None:
    """It may be a password."""
    result = build(located("doors: [{port: hunter2, name: hunter2hunter2, kind: hunter2}]"), House)

    assert isinstance(result, tuple)
    assert len(result) == 3
    assert "hunter2" not in "".join(map(str, result))


def test_a_fault_reads_as_one_line_and_its_translation() -> None:
    assert str(only("doors: [{}]")) == (
        "f.yaml:1:9: E_KEY_MISSING 缺少必填的键“port”。请在此处加上“port: …”。\n"
        "    The required key 'port' is missing. Add 'port: …' here."
    )


def test_a_fault_as_json() -> None:
    assert json.loads(json.dumps(as_dict(refused("a: *x")))) == {
        "severity": "error", "code": "E_YAML_ANCHOR", "path": "a", "file": "f.yaml", "line": 1, "column": 4,
        "problem": {
            "zh": "不接受 YAML 锚点（&）与别名（*）。",
            "en": "YAML anchors (&) and aliases (*) are not taken.",
        },
        "remedy": {
            "zh": "请写出完整的值；以 & 或 * 开头的文字请加引号。",
            "en": "Write the value out; quote text that begins with & or *.",
        },
    }  # fmt: skip


def test_a_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "配置.yaml"
    file.write_text("a: 1", encoding="utf-8")
    document = read(file)

    assert isinstance(document, Located)
    assert document.at(("a",)) == Position(str(file), 1, 4)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    gb = tmp_path / "gb.yaml"
    gb.write_bytes("a: 1\nb: x建".encode("gb18030"))
    large = tmp_path / "large.yaml"
    large.write_bytes("住".encode() * MAX_BYTES)
    found = [read(path) for path in (tmp_path / "none", tmp_path, gb, large, Path("a\0b"), gb / "below")]

    assert [fault.code for fault in found if isinstance(fault, Fault)] == [
        "E_FILE_MISSING", "E_FILE_DIRECTORY", "E_FILE_ENCODING", "E_FILE_SIZE",
        "E_FILE_UNREADABLE", "E_FILE_UNREADABLE",
    ]  # fmt: skip
    assert isinstance(found[2], Fault)
    assert found[2].at == Position(str(gb), 2, 5)
