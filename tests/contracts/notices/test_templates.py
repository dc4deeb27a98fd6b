# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Templates: what they become, what does not fit, and a file that is wrong."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.notices.template import Form, Template, misfits
from contracts.notices.templates import Rendered, Templates, Unrendered, load_templates

GOOD = """\
version: 1
signature: 示例区政务服务
templates:
  accepted:
    title: 受理通知
    moment: acceptance
    text: 您申请的{item}已受理，办件编号{case_no}。{{原文}}
    places:
      item: {longest: 30}
      case_no: {longest: 50, form: number}
  code:
    classes: [urgent]
    text: 验证码{code}，{minutes}分钟内有效。
    places: {code: {longest: 6, form: digits}, minutes: {longest: 2, form: digits}}
    segments: 1
"""
VALUES = {"item": "食品经营许可", "case_no": "510500-20260302-000001"}


def loaded(tmp_path: Path, text: str = GOOD) -> Templates:
    file = tmp_path / "templates.yaml"
    file.write_text(text, encoding="utf-8")
    templates = load_templates(file)
    assert isinstance(templates, Templates), templates
    return templates


def test_a_template_is_filled_and_signed(tmp_path: Path) -> None:
    rendered = loaded(tmp_path).rendered("accepted", VALUES)
    assert rendered == Rendered(
        "受理通知", "您申请的食品经营许可已受理，办件编号510500-20260302-000001。{原文}", "示例区政务服务"
    )
    assert rendered.signed.startswith("【示例区政务服务】您申请的")
    assert len(rendered.segmented.parts) == 1


def test_another_may_sign(tmp_path: Path) -> None:
    rendered = loaded(tmp_path).rendered("code", {"code": "000000", "minutes": "5"}, "另一单位")
    assert isinstance(rendered, Rendered)
    assert rendered.signed == "【另一单位】验证码000000，5分钟内有效。"


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({"item": None}, ["item"]),
        ({"item": ""}, ["item"]),
        ({"item": "长" * 31}, ["item"]),
        ({"item": "两行\n文字"}, ["item"]),
        ({"item": "【别的单位】您中奖了"}, ["item"]),
        ({"case_no": "编号"}, ["case_no"]),
        ({"other": "x"}, ["other"]),
        ({"item": None, "case_no": "一"}, ["item", "case_no"]),
    ],
)
def test_what_does_not_fit_is_told_by_name_and_never_by_value(
    tmp_path: Path, changes: dict[str, str | None], names: list[str]
) -> None:
    values = {name: value for name, value in {**VALUES, **changes}.items() if value is not None}
    told = loaded(tmp_path).rendered("accepted", values)
    assert isinstance(told, Unrendered)
    assert [one.name for one in told.misfits] == names
    assert not any(value in str(one.problem) for value in changes.values() if value for one in told.misfits)


def test_a_template_that_there_is_not(tmp_path: Path) -> None:
    assert loaded(tmp_path).rendered("none", {}) == Unrendered()


@pytest.mark.parametrize(
    ("old", "new", "line", "code"),
    [
        ("{item}已受理", "{thing}已受理", 5, "E_VALUE"),
        ("{item}已受理", "{item!r}已受理", 5, "E_VALUE"),
        ("{item}已受理", "{item.x}已受理", 5, "E_VALUE"),
        ("{item}已受理", "{0}已受理", 5, "E_VALUE"),
        ("{item}已受理", "{item已受理", 5, "E_VALUE"),
        ("{item}已受理", "已受理", 5, "E_VALUE"),
        ("您申请的", "【自己签】您申请的", 5, "E_VALUE"),
        ("longest: 6", "longest: 0", 14, "E_VALUE"),
        ("form: digits}, minutes", "form: digit}, minutes", 14, "E_VALUE"),
        ("longest: 6", "longest: 200", 13, "TEMPLATE_TOO_LONG"),
        ("moment: acceptance", "moment: accepted", 6, "E_VALUE"),
        ("signature: 示例区政务服务", "signature: 【示例】", 2, "E_VALUE"),
    ],
)
def test_a_wrong_file_is_told_with_its_line(tmp_path: Path, old: str, new: str, line: int, code: str) -> None:
    assert old in GOOD
    file = tmp_path / "templates.yaml"
    file.write_text(GOOD.replace(old, new), encoding="utf-8")
    faults = load_templates(file)
    assert isinstance(faults, tuple)
    assert [(fault.code, fault.at.line) for fault in faults] == [(code, line)]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    faults = load_templates(tmp_path / "none.yaml")
    assert isinstance(faults, tuple)
    assert faults[0].code == "E_FILE_MISSING"


@given(st.dictionaries(st.sampled_from(["a", "b", "c"]), st.text(max_size=12)))
def test_what_fits_can_be_filled_and_keeps_its_bound(values: dict[str, str]) -> None:
    template = Template.model_validate(
        {"text": "{a}{{{b}}}", "places": {"a": {"longest": 5}, "b": {"longest": 3, "form": "digits"}}}
    )
    if not misfits(template, values):
        assert len(template.filled(values)) <= len(template.longest())
        assert template.filled(values) == values["a"] + "{" + values["b"] + "}"


@pytest.mark.parametrize("value", ["٣", "²", "1 ", "", "-1"])
def test_digits_are_those_of_ascii(value: str) -> None:
    assert not Form.DIGITS.fits(value)
