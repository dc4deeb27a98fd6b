# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What is wrong with a form file is told with file, line and column; a file that is right has no fault."""

from pathlib import Path

import pytest

from contracts.fault import Fault
from contracts.item_forms import load as loading
from contracts.item_forms.load import LoadedForms, digest_of, load_folder
from tests.contracts.item_forms.desk import GOOD, closed, faults, loaded, of_schema

SECOND = GOOD.replace("version: 1", "version: 2").replace("area", "size")
RENAMED = SECOND + "from_previous:\n  - renamed: {from: area, to: size}\n"


def test_a_good_file_has_no_fault() -> None:
    assert faults(GOOD) == []
    assert faults(GOOD, RENAMED) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("items: [TESTSHOP1]", "items: [TEST*SHOP*]", ("FORM_ITEM", "0.yaml:2:9")),
        ("items: [TESTSHOP1]", "items: ['*']", ("FORM_ITEM", "0.yaml:2:9")),
        ("items: [TESTSHOP1]", "items: []", ("E_VALUE", "0.yaml:2:8")),
        ("version: 1", "version: 0", ("E_VALUE", "0.yaml:3:10")),
        ("version: 1", 'version: "1"', ("E_TYPE", "0.yaml:3:10")),
        ("title: {zh", "titel: {zh", ("E_KEY_UNKNOWN", "0.yaml:4:1")),
        ("type: object", "type: array", ("FORM_ROOT", "0.yaml:6:9")),
        ("  additionalProperties: false\n", "", ("FORM_OPEN", "0.yaml:5:1")),
        ("additionalProperties: false", "additionalProperties: true", ("FORM_OPEN_UNMARKED", "0.yaml:7:25")),
        ("required: [kind]", "required: [kind, arae]", ("FORM_NAME_UNKNOWN", "0.yaml:8:20")),
        ("required: [kind]", "required: kind", ("FORM_SCHEMA", "0.yaml:8:13")),
        ("title: 面积, ", "", ("FORM_TITLE", "0.yaml:11:5")),
        ("title: 面积", "title: area", ("FORM_TITLE", "0.yaml:11:5")),
        ("type: integer, ", "", ("FORM_TYPE", "0.yaml:11:5")),
        ("type: integer", "type: int", ("FORM_SCHEMA", "0.yaml:11:29")),
        ("maximum", "maximun", ("FORM_KEYWORD", "0.yaml:11:50")),
        (", maximum: 1000", "", ("FORM_UNBOUNDED", "0.yaml:11:5")),
        (", maxLength: 20", "", ("FORM_UNBOUNDED", "0.yaml:12:5")),
        (", x-personal: name", "", ("FORM_PERSONAL_MISSING", "0.yaml:12:5")),
        ("x-personal: name", "x-personal: person", ("FORM_PERSONAL_CLASS", "0.yaml:12:81")),
        ("x-personal: name", "x-persnal: name", ("FORM_KEYWORD", "0.yaml:12:69")),
        ("area: {title", "面积: {title", ("FORM_NAME", "0.yaml:11:5")),
        ("path: $.kind", "path: $.kin", ("FORM_EXAMPLE", "0.yaml:15:5")),
        ("kind: retail, ", "", ("FORM_EXAMPLE", "0.yaml:14:5")),
    ],
)  # fmt: skip
def test_one_thing_wrong(old: str, new: str, expected: tuple[str, str]) -> None:
    assert GOOD.count(old) == 1

    assert expected in faults(GOOD.replace(old, new))


@pytest.mark.parametrize(
    ("schema", "code"),
    [
        (closed("a: {title: 甲, $ref: https://example.gov.cn/x.json}"), "FORM_REF_OUTSIDE"),
        (closed("a: {title: 甲, $ref: file:///etc/hostname}"), "FORM_REF_OUTSIDE"),
        (closed("a: {title: 甲, $ref: '#'}"), "FORM_REF_OUTSIDE"),
        (closed("a: {title: 甲, $ref: '#/$defs/b'}"), "FORM_REF_MISSING"),
        (closed("a: {title: 甲, $ref: '#/$defs/b'}") + "\n$defs: {c: {type: string}}", "FORM_REF_MISSING"),
        (closed("a: {title: 甲, $ref: '#/$defs/b'}") + "\n$defs: {b: {$ref: '#/$defs/b'}}", "FORM_REF_CIRCLE"),
        (
            closed("a: {title: 甲, $ref: '#/$defs/b'}")
            + "\n$defs:\n  b: {type: array, maxItems: 1, items: {$ref: '#/$defs/c'}}"
            + "\n  c: {type: array, maxItems: 1, items: {$ref: '#/$defs/b'}}",
            "FORM_REF_CIRCLE",
        ),
        (closed("a: {title: 甲, type: string, maxLength: 9, pattern: '(?=a)b'}"), "FORM_PATTERN"),
        (closed("a: {title: 甲, type: string, maxLength: 9, pattern: '(a)\\1'}"), "FORM_PATTERN"),
        (closed("a: {title: 甲, type: string, maxLength: 9, pattern: '((a{99}){99}){99}'}"), "FORM_PATTERN"),
        (closed("a: {title: 甲, type: string, format: postcode}"), "FORM_FORMAT"),
        (closed("a: {title: 甲, type: array, maxItems: 3}"), "FORM_OPEN"),
        (closed("a: {title: 甲, type: array, items: {type: boolean}}"), "FORM_UNBOUNDED"),
        (closed("a: {title: 甲, type: object, properties: {b: {title: 乙, type: boolean}}}"), "FORM_OPEN"),
        (closed("a: {title: 甲, type: boolean}") + "\n$schema: http://json-schema.org/draft-07/schema#", "FORM_DIALECT"),
        (closed("a: {title: 甲, type: boolean}") + "\n$id: https://example.gov.cn/form", "FORM_KEYWORD"),
        (closed("a: {title: 甲, type: boolean}") + "\nif: {required: [b]}", "FORM_NAME_UNKNOWN"),
        (closed("a: {title: 甲, type: boolean}") + "\nthen: {properties: {b: {const: 1}}}", "FORM_NAME_UNKNOWN"),
        (closed("a: {title: 甲, type: boolean}") + "\nnot: {required: [a]}", "FORM_RULE_WORDS"),
        (closed("a: {title: 甲, type: boolean}") + "\nx-rule: 不可", "FORM_RULE_WORDS"),
        (closed("a: {title: 甲, x-personal: 1, type: boolean}"), "FORM_PERSONAL_CLASS"),
        (closed("applicant_phone: {title: 甲, type: string, maxLength: 9}"), "FORM_PERSONAL_MISSING"),
        (closed("a: {title: 名单, type: array, maxItems: 9, items: {title: 姓名, type: string, maxLength: 9}}"),
         "FORM_PERSONAL_MISSING"),
    ],
)  # fmt: skip
def test_schemas_that_must_not_be_used(schema: str, code: str) -> None:
    assert code in [found for found, _ in faults(of_schema(schema))]


def test_what_looks_personal_may_be_said_not_to_be() -> None:
    assert faults(of_schema(closed("a: {title: 经营场所地址, type: string, maxLength: 9, x-personal: none}"))) == [
        ("FORM_EXAMPLES", "0.yaml:1:1")
    ]


def test_a_personal_object_covers_what_is_inside_it() -> None:
    inner = "{b: {title: 姓名, type: string, maxLength: 9}}"
    whole = f"a: {{title: 甲, type: object, additionalProperties: true, x-personal: free_text, properties: {inner}}}"

    assert [code for code, _ in faults(of_schema(closed(whole)))] == ["FORM_EXAMPLES"]
    assert "FORM_PERSONAL_MISSING" in [
        code for code, _ in faults(of_schema(closed(whole.replace("free_text", "none"))))
    ]


@pytest.mark.parametrize(
    ("texts", "code"),
    [
        ((GOOD, GOOD), "FORM_DUPLICATE"),
        ((GOOD, SECOND), "FORM_NO_CONVERSION"),
        ((GOOD, SECOND + "from_previous: []\n"), "FORM_STEP_MISSING"),
        ((GOOD, SECOND + "from_previous: [{added: {field: size}}]\n"), "FORM_STEP_MISSING"),
        ((GOOD, SECOND + "from_previous: [{renamed: {from: aera, to: size}}]\n"), "FORM_STEP_FIELD"),
        ((GOOD, SECOND + "from_previous: [{renamed: {from: area, to: sice}}]\n"), "FORM_STEP_FIELD"),
        ((GOOD, SECOND + "from_previous: [{renamed: {at: shop, from: area, to: size}}]\n"), "FORM_STEP_FIELD"),
        ((GOOD, SECOND + "from_previous: [{renamed: {from: area, to: size}, added: {field: size}}]\n"), "E_VALUE"),
        ((GOOD, SECOND + "from_previous: [{}]\n"), "E_VALUE"),
        ((GOOD, SECOND + "from_previous: [{recoded: {field: kind, codes: {}}}]\n"), "E_VALUE"),
        ((GOOD, RENAMED.replace("version: 2", "version: 3")), "FORM_VERSION_GAP"),
        ((GOOD, RENAMED.replace("TESTSHOP1", "TESTSHOP2")), "FORM_ITEMS_DIFFER"),
        ((GOOD, RENAMED.replace("enum: [retail", "enum: [detail").replace("kind: retail", "kind: detail")),
         "FORM_CONVERSION"),
        ((GOOD, RENAMED.replace("required: [kind]", "required: [kind, owner]")), "FORM_EXAMPLE"),
        ((GOOD, GOOD.replace("name: shop", "name: store")), "FORM_ITEM_TAKEN"),
        ((GOOD.replace("TESTSHOP1", "TESTS*"), GOOD.replace("name: shop", "name: s").replace("TESTSHOP1", "'*SHOP1'")),
         "FORM_ITEM_TAKEN"),
    ],
)  # fmt: skip
def test_files_that_do_not_go_together(texts: tuple[str, ...], code: str) -> None:
    assert code in [found for found, _ in faults(*texts)]


def test_a_conversion_that_loses_without_a_word_is_found() -> None:
    # The older version's default hides a value that was stated: it comes back as silence.
    old = GOOD.replace("area", "old").replace("old: 10", "old: 10, x: 5").replace(
        "    owner:", "    x: {title: 旧项, type: integer, minimum: 1, maximum: 9}\n    owner:"
    )  # fmt: skip
    new = old.replace("version: 1", "version: 2").replace("required: [kind]", "required: [kind, y]")
    new = new.replace("x: {title", "y: {title").replace("x: 5", "y: 5")
    new = new.replace("path: $.kind}", "path: $.kind}, {code: E_V_MISSING, path: $.y}")
    silent = "from_previous: [{removed: {field: x, default: 5}}, {added: {field: y, default: 5}}]\n"

    assert faults(old, new + silent) == []
    broken = silent.replace("y, default: 5", "y")
    assert "FORM_CONVERSION" in [code for code, _ in faults(old, new + broken)]


def test_two_forms_of_one_item_go_together_when_different_records_carry_them() -> None:
    step = GOOD.replace("name: shop", "name: visit") + "carried_by: [step]\n"
    registry = loaded(GOOD + "carried_by: [application]\n", step).registry

    applied, visited = registry.find("TESTSHOP1", 1), registry.find("TESTSHOP1", 1, "step")
    assert applied is not None
    assert visited is not None
    assert (applied.name, visited.name) == ("shop", "visit")


def test_all_faults_of_all_files_come_at_once() -> None:
    assert faults(GOOD.replace("title: 面积", "title: a"), "version: [", "name: shop") == [
        ("FORM_TITLE", "0.yaml:11:5"),
        *[found for found in faults("", "version: [") if found[1].startswith("1.yaml")],
        ("E_KEY_MISSING", "2.yaml:1:1"),
        ("E_KEY_MISSING", "2.yaml:1:1"),
        ("E_KEY_MISSING", "2.yaml:1:1"),
        ("E_KEY_MISSING", "2.yaml:1:1"),
    ]


def test_a_folder_is_read_with_what_is_in_its_folders_and_nothing_hidden(tmp_path: Path) -> None:
    (tmp_path / "civil").mkdir()
    (tmp_path / "civil" / "shop.yaml").write_text(GOOD, encoding="utf-8")
    (tmp_path / ".draft.yaml").write_text("no form", encoding="utf-8")
    (tmp_path / "README.md").write_text("no form", encoding="utf-8")

    forms = load_folder(tmp_path)

    assert isinstance(forms, LoadedForms)
    assert [form.name for form in forms.registry.all()] == ["shop"]
    before = digest_of(tmp_path)
    assert forms.digest == before
    (tmp_path / ".draft.yaml").write_text("still none", encoding="utf-8")
    assert digest_of(tmp_path) == before
    (tmp_path / "civil" / "shop.yaml").write_text(GOOD + "\n", encoding="utf-8")
    assert digest_of(tmp_path) != before


def test_a_form_may_be_written_in_json(tmp_path: Path) -> None:
    (tmp_path / "shop.json").write_text(
        '{"name": "shop", "items": ["X1"], "version": 1, "title": {"zh": "店", "en": "s"}, "schema": {"type": "object",'
        ' "additionalProperties": false, "properties": {"a": {"title": "甲", "type": "boolean"}}}}',
        encoding="utf-8",
    )

    forms = load_folder(tmp_path)
    assert isinstance(forms, LoadedForms)
    assert [fault.code for fault in forms.warnings] == ["FORM_EXAMPLES"]


def test_a_folder_that_is_not_there_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in (tmp_path / "none", tmp_path / "\0"):
        missing = load_folder(folder)
        assert isinstance(missing, tuple)
        assert [fault.code for fault in missing] == ["FORM_FOLDER"]
        assert digest_of(folder) == "FORM_FOLDER"
    (tmp_path / "a.yaml").touch()
    monkeypatch.setattr(loading, "MAX_FILES", 0)
    crowded = load_folder(tmp_path)
    assert isinstance(crowded, tuple)
    assert [type(fault) for fault in crowded] == [Fault]
