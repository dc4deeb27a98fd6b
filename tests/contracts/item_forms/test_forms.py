# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Filled-in forms: every violation at once with path and title, never a value; conversion with its losses; the policy."""

from collections.abc import Mapping
from typing import Any

import pytest

from contracts.conversion import Converted, Inexpressible
from contracts.item_forms.load import load_folder
from contracts.item_forms.policy import FormPolicy, judge
from contracts.item_forms.registry import FormRegistry
from contracts.personal import PersonalClass
from contracts.violation_codes import VIOLATION_CODES
from tests.contracts.item_forms.desk import GOOD, closed, loaded, of_schema
from tests.house.tree import ROOT

APPLICATION, STEP = "cn.gov.application.submitted", "cn.gov.process.step"
EVERYTHING = closed("""\
    text: {title: 文字, type: string, minLength: 2, maxLength: 4, pattern: "^[a-z]+$"}
    day: {title: 日期, type: string, format: date}
    moment: {title: 时间, type: string, format: date-time}
    whole: {title: 整数, type: integer, minimum: 1, maximum: 9, multipleOf: 2}
    part: {title: 小数, type: number, exclusiveMinimum: 0, exclusiveMaximum: 1}
    yes: {title: 是否, type: boolean}
    maybe: {title: 可空, type: [string, "null"], maxLength: 3}
    kind: {title: 种类, enum: ["1", "2"]}
    code: {title: 代码, oneOf: [{const: a, title: 甲}, {const: b, title: 乙}]}
    list: {title: 列表, type: array, minItems: 1, maxItems: 2, uniqueItems: true, items: {type: integer, minimum: 0, maximum: 9}}
    group: {title: 一组, type: object, additionalProperties: false, required: [name],
            properties: {name: {title: 名称, type: string, maxLength: 9}}}
    fixed: {title: 承诺, const: true}
""") + """
anyOf: [{required: [yes]}, {required: [text]}]
x-rule: {zh: 两者至少填一项, en: one of the two at least}
if: {properties: {kind: {const: "1"}}, required: [kind]}
then: {required: [day], properties: {moment: false}}
"""  # fmt: skip
FORM = loaded(of_schema(EVERYTHING)).registry.all()[0]


def found(data: Mapping[str, Any]) -> list[tuple[str, str]]:
    violations = FORM.check(data)
    assert all(one.code in VIOLATION_CODES and all(one.expected) and all(one.remedy) for one in violations)
    assert all(one.path.startswith("$.data.form.data") for one in violations)
    return sorted((one.code, one.path.removeprefix("$.data.form.data")) for one in violations)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"yes": True}, []),
        ({"yes": True, "maybe": None}, []),
        ({"text": "A"}, [("E_V_FORMAT", ".text"), ("E_V_LENGTH", ".text")]),
        ({"text": "abcde"}, [("E_V_LENGTH", ".text")]),
        ({"text": 1}, [("E_V_TYPE", ".text")]),
        ({"text": None}, [("E_V_TYPE", ".text")]),
        ({"yes": True, "day": "2026-02-30"}, [("E_V_FORMAT", ".day")]),
        ({"yes": True, "moment": "2026-03-02 09:00"}, [("E_V_FORMAT", ".moment")]),
        ({"yes": True, "whole": 0}, [("E_V_RANGE", ".whole")]),
        ({"yes": True, "whole": 3}, [("E_V_RANGE", ".whole")]),
        ({"yes": True, "whole": 10}, [("E_V_RANGE", ".whole")]),
        ({"yes": True, "part": 0}, [("E_V_RANGE", ".part")]),
        ({"yes": True, "part": 1}, [("E_V_RANGE", ".part")]),
        ({"yes": "yes"}, [("E_V_TYPE", ".yes")]),
        ({"yes": True, "kind": "3"}, [("E_V_CODE", ".kind")]),
        ({"yes": True, "code": "c"}, [("E_V_CODE", ".code")]),
        ({"yes": True, "list": []}, [("E_V_LENGTH", ".list")]),
        ({"yes": True, "list": [1, 2, 3]}, [("E_V_LENGTH", ".list")]),
        ({"yes": True, "list": [1, 1]}, [("E_V_RULE", ".list")]),
        ({"yes": True, "list": [1, "a"]}, [("E_V_TYPE", ".list[1]")]),
        ({"yes": True, "group": {}}, [("E_V_MISSING", ".group.name")]),
        ({"yes": True, "group": {"nmae": ""}}, [("E_V_MISSING", ".group.name"), ("E_V_UNKNOWN_FIELD", ".group.nmae")]),
        ({"yes": True, "fixed": False}, [("E_V_CODE", ".fixed")]),
        ({}, [("E_V_RULE", "")]),
        ({"yes": True, "kind": "1"}, [("E_V_MISSING", ".day")]),
        (
            {"yes": True, "kind": "1", "day": "2026-03-02", "moment": "2026-03-02T09:00:00Z"},
            [("E_V_UNKNOWN_FIELD", ".moment")],
        ),
    ],
)
def test_violations(data: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert found(data) == expected


def test_everything_wrong_is_said_at_once_with_titles_and_without_values() -> None:
    secret = "测试甲99010119000101001X"
    data = {name: [secret] for name in FORM.schema["properties"]} | {
        secret: secret,
        "list": secret,
        "group": {secret: 1},
    }

    violations = FORM.check(data)

    assert len(violations) == len(FORM.schema["properties"]) - 1 + 2 + 1  # the group is one, and wrong in two ways
    assert secret not in str(violations)
    assert secret[3:] not in str(violations)
    assert "「文字」：字符串" in {one.expected.zh for one in violations}


def test_a_rule_is_told_in_its_authors_words() -> None:
    [rule] = FORM.check({})

    assert (rule.expected.zh, rule.expected.en) == ("两者至少填一项", "one of the two at least")


def test_codes_are_told_with_their_meaning() -> None:
    [code] = FORM.check({"yes": True, "code": "c"})

    assert code.expected.zh == "「代码」：代码：a 甲、b 乙"


def test_a_flood_of_violations_is_cut() -> None:
    assert len(FORM.check({"yes": True} | {f"x{n}y": n for n in range(300)})) == 100


V1 = GOOD.replace("area", "old").replace("old: 10", "old: 10")
CONVERTIBLE = of_schema(closed("""\
    kind: {title: 业态, enum: ["1", "2", "3"]}
    fax: {title: 传真, type: string, maxLength: 9, x-personal: phone}
    staff:
      title: 人员
      type: array
      maxItems: 9
      items:
        type: object
        additionalProperties: false
        properties:
          mobile: {title: 手机号码, type: string, maxLength: 9, x-personal: phone}
          skill: {title: 技能, type: string, maxLength: 9}
"""), examples="[{name: one, data: {kind: '1', staff: [{mobile: '0'}, {}]}}]")  # fmt: skip
NEWER = of_schema(closed("""\
    sort: {title: 业态, enum: [a, b, c]}
    open: {title: 是否开放, type: boolean}
    staff:
      title: 人员
      type: array
      maxItems: 9
      items:
        type: object
        additionalProperties: false
        properties:
          phone: {title: 手机号码, type: string, maxLength: 9, x-personal: phone}
          skill: {title: 技能, type: array, maxItems: 9, items: {type: string, maxLength: 9}}
"""), examples="[{name: one, data: {sort: a}}]", from_previous="""
  - renamed: {from: kind, to: sort}
  - recoded: {field: sort, codes: {"1": a, "2": a, "3": b}, back: {a: "1", b: "3"}}
  - added: {field: open, default: false}
  - removed: {field: fax}
  - renamed: {at: "staff[*]", from: mobile, to: phone}
  - listed: {at: "staff[*]", field: skill}
""").replace("version: 1", "version: 2")  # fmt: skip
REGISTRY = loaded(CONVERTIBLE, NEWER).registry


def converted(version: int, data: Mapping[str, Any], to: int) -> Converted | Inexpressible:
    return REGISTRY.convert({"item_code": "TESTSHOP1", "form_version": version, "data": dict(data)}, to)


def test_a_form_is_converted_up_with_its_losses() -> None:
    data = {"kind": "2", "fax": "0", "staff": [{"mobile": "0", "skill": "x"}, {}]}

    told = converted(1, data, 2)

    assert isinstance(told, Converted)
    assert told.data == {
        "item_code": "TESTSHOP1",
        "form_version": 2,
        "data": {"sort": "a", "open": False, "staff": [{"phone": "0", "skill": ["x"]}, {}]},
    }
    assert [loss.path for loss in told.losses] == ["$.data.form.data.sort", "$.data.form.data.fax"]
    assert data == {"kind": "2", "fax": "0", "staff": [{"mobile": "0", "skill": "x"}, {}]}


def test_a_form_is_converted_down_with_its_losses() -> None:
    told = converted(2, {"sort": "b", "open": True, "staff": [{"phone": "0", "skill": ["x", "y"]}, {"skill": []}]}, 1)

    assert isinstance(told, Converted)
    assert told.data["data"] == {"kind": "3", "staff": [{"mobile": "0", "skill": "x"}, {}]}
    assert sorted(loss.path for loss in told.losses) == [
        "$.data.form.data.open",
        "$.data.form.data.staff[0].skill[1]",
        "$.data.form.data.staff[1].skill",
    ]


@pytest.mark.parametrize(
    ("version", "data", "to", "path"),
    [
        (2, {"sort": "c"}, 1, "$.data.form.data.sort"),
        (1, {"kind": 7}, 2, "$.data.form.data.kind"),
        (1, {}, 3, "$.data.form.form_version"),
        (9, {}, 1, "$.data.form.form_version"),
    ],
)
def test_what_cannot_be_converted_is_told(version: int, data: dict[str, Any], to: int, path: str) -> None:
    told = converted(version, data, to)

    assert isinstance(told, Inexpressible)
    assert told.path == path


@pytest.mark.parametrize("form", [{}, {"item_code": 1}, {"item_code": "TESTSHOP1", "form_version": 1, "data": []}])
def test_what_is_no_form_is_not_converted(form: dict[str, Any]) -> None:
    assert isinstance(REGISTRY.convert(form, 2), Inexpressible)


def test_a_result_that_the_other_version_does_not_take_is_told() -> None:
    tight = NEWER.replace(
        "maxLength: 9, x-personal: phone}\n          skill", "maxLength: 1, x-personal: phone}\n          skill"
    )
    registry = loaded(CONVERTIBLE, tight).registry
    form = {"item_code": "TESTSHOP1", "form_version": 1, "data": {"staff": [{"mobile": "00"}]}}

    told = registry.convert(form, 2)

    assert isinstance(told, Inexpressible)
    assert told.path == "$.data.form.data.staff[0].phone"


def test_the_personal_fields_of_a_form_are_named_and_all_of_an_unknown_one() -> None:
    root = "$.data.form.data"

    assert REGISTRY.personal("TESTSHOP1", 2) == {f"{root}.staff[*].phone": PersonalClass.PHONE}
    assert REGISTRY.personal("TESTSHOP1", 9) == {root: PersonalClass.FREE_TEXT}


def test_what_says_more_about_the_item_wins() -> None:
    texts = [
        GOOD.replace("name: shop", f"name: {name}").replace("[TESTSHOP1]", f"['{items}']")
        for name, items in (("whole", "TESTA1"), ("longer", "TESTA*"), ("ends", "*9000"), ("short", "TES*"))
    ]
    registry = loaded(*texts).registry

    def name(item: str) -> str | None:
        form = registry.find(item, 1)
        return form.name if form is not None else None

    assert [name(item) for item in ("TESTA1", "TESTA2", "TESTA19000", "TESTB", "X9000", "TES", "TE", "X")] == [
        "whole", "longer", "longer", "short", "ends", "short", None, None,
    ]  # fmt: skip


SHOP = loaded(GOOD).registry


def judged(policy: FormPolicy, data: Any, contract: str = APPLICATION) -> list[tuple[str, str]]:
    return [(one.code, one.path) for one in judge(SHOP, policy, contract, data)]


def carrying(**form: Any) -> dict[str, Any]:
    return {
        "item_code": "TESTSHOP1",
        "form": {"item_code": "TESTSHOP1", "form_version": 1, "data": {"kind": "food"}} | form,
    }


STRICT = FormPolicy("refuse", "refuse", "refuse")
LENIENT = FormPolicy("accept", "accept", "accept")


@pytest.mark.parametrize(
    ("data", "strict", "lenient"),
    [
        (carrying(), [], []),
        (carrying(data={}), [("E_V_MISSING", "$.data.form.data.kind")], [("E_V_MISSING", "$.data.form.data.kind")]),
        (carrying(form_version=2), [("E_V_FORM_VERSION", "$.data.form.form_version")], []),
        (carrying(item_code="OTHER"), [("E_V_FORM_UNKNOWN", "$.data.form.item_code")], []),
        ({"item_code": "TESTSHOP1"}, [("E_V_MISSING", "$.data.form")], []),
        ({"item_code": "OTHER"}, [], []),
    ],
)
def test_the_policy(data: Any, strict: list[tuple[str, str]], lenient: list[tuple[str, str]]) -> None:
    assert judged(STRICT, data) == strict
    assert judged(LENIENT, data) == lenient


def test_a_step_may_come_without_a_form_and_other_records_carry_none() -> None:
    assert judged(STRICT, {"item_code": "TESTSHOP1"}, STEP) == []
    assert judged(STRICT, carrying(data={}), STEP) == [("E_V_MISSING", "$.data.form.data.kind")]
    assert judged(STRICT, carrying(data={}), "cn.gov.completion.decided") == []


@pytest.mark.parametrize(
    "data",
    [
        None, [], "a", {"form": []}, {"form": "a"}, {"form": {}}, carrying(item_code=1), carrying(form_version="1"),
        carrying(form_version=True), carrying(data=[]), carrying(data={"list": [0] * 20_000}),
    ],
)  # fmt: skip
def test_what_the_contract_itself_refuses_is_not_said_twice(data: Any) -> None:
    assert judged(STRICT, data) == []


def test_without_registered_forms_nothing_is_refused_but_by_policy() -> None:
    assert judge(FormRegistry(), FormPolicy(), APPLICATION, carrying()) == ()
    assert judge(FormRegistry(), STRICT, APPLICATION, {"item_code": "TESTSHOP1"}) == ()


def test_the_examples_serve_the_first_application() -> None:
    forms = load_folder(ROOT / "examples/forms")
    assert not isinstance(forms, tuple)

    assert forms.registry.find("11510502000000051G4000511006000", 2) is not None
