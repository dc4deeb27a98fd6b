# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What pydantic finds, said in our words."""

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated

import pytest
from pydantic import BaseModel, Field, ValidationError

from contracts.codes import CaseType, Code
from contracts.families.fields import Day, Line20, Moment, Size, says
from contracts.refusal import Violation
from contracts.violations import code_list, violations_of


class Plain(StrEnum):
    ONLY = "only"


class Inner(BaseModel):
    name: Annotated[Line20, says("名称", "name")]


class Outer(BaseModel):
    line: Annotated[Line20 | None, says("一行", "line")] = None
    size: Annotated[Size | None, says("大小", "size")] = None
    moment: Annotated[Moment | None, says("时间", "moment")] = None
    day: Annotated[Day | None, says("日期", "day")] = None
    code: Annotated[CaseType | None, says("类型", "code")] = None
    many: Annotated[tuple[Inner, ...], Field(min_length=1, max_length=2), says("多项", "many")] = (Inner(name="a"),)
    number: Annotated[float | None, says("数", "a type no contract uses yet")] = None
    pattern: Annotated[str | None, Field(pattern="^a$")] = None
    plain: Plain | None = None


def found(**data: object) -> tuple[Violation, ...]:
    with pytest.raises(ValidationError) as caught:
        Outer.model_validate(data)
    return violations_of(caught.value, Outer)


def test_says_what_is_expected_and_what_to_do_in_both_languages() -> None:
    (violation,) = found(line="a" * 21)

    assert violation.code == "E_V_LENGTH"
    assert violation.path == "$.data.line"
    assert violation.expected == ("「一行」：最多 20 个字符", "at most 20 character(s)")
    assert violation.remedy == ("缩短内容", "Shorten it")


def test_a_code_list_is_spelt_out() -> None:
    (violation,) = found(code="3")

    assert violation.expected.zh == "「类型」：代码：1 即办件、2 承诺件、9 其他"
    assert violation.expected.en == "one of 1 (done at once), 2 (done by a promised date), 9 (other)"


@pytest.mark.parametrize(
    ("data", "code", "path"),
    [
        ({"line": ""}, "E_V_LENGTH", "$.data.line"),
        ({"line": " "}, "E_V_FORMAT", "$.data.line"),
        ({"line": 1}, "E_V_TYPE", "$.data.line"),
        ({"size": "1"}, "E_V_TYPE", "$.data.size"),
        ({"size": 1.5}, "E_V_TYPE", "$.data.size"),
        ({"size": True}, "E_V_TYPE", "$.data.size"),
        ({"size": -1}, "E_V_RANGE", "$.data.size"),
        ({"size": 2**41}, "E_V_RANGE", "$.data.size"),
        ({"moment": 1772413500}, "E_V_TYPE", "$.data.moment"),
        ({"moment": "2026-03-02"}, "E_V_FORMAT", "$.data.moment"),
        ({"moment": "1899-12-31T00:00:00Z"}, "E_V_FORMAT", "$.data.moment"),
        ({"moment": "9999-12-31T23:59:59Z"}, "E_V_FORMAT", "$.data.moment"),
        ({"day": 20260302}, "E_V_TYPE", "$.data.day"),
        ({"day": "20260302"}, "E_V_FORMAT", "$.data.day"),
        ({"day": "2026-02-30"}, "E_V_FORMAT", "$.data.day"),
        ({"day": "1899-12-31"}, "E_V_FORMAT", "$.data.day"),
        ({"code": 1}, "E_V_CODE", "$.data.code"),
        ({"many": []}, "E_V_LENGTH", "$.data.many"),
        ({"many": [{"name": "a"}] * 3}, "E_V_LENGTH", "$.data.many"),
        ({"many": {}}, "E_V_TYPE", "$.data.many"),
        ({"many": [1]}, "E_V_TYPE", "$.data.many[0]"),
        ({"many": [{"name": "a"}, {}]}, "E_V_MISSING", "$.data.many[1].name"),
        ({"number": "x"}, "E_V_FORMAT", "$.data.number"),
        ({"pattern": "b"}, "E_V_FORMAT", "$.data.pattern"),
        ({"plain": "b"}, "E_V_CODE", "$.data.plain"),
        ({"moment": datetime(2026, 3, 2)}, "E_V_TYPE", "$.data.moment"),  # noqa: DTZ001  # because it is refused
        ({"day": datetime(2026, 3, 2, tzinfo=UTC)}, "E_V_TYPE", "$.data.day"),
    ],
)
def test_each_kind(data: dict[str, object], code: str, path: str) -> None:
    assert [(violation.code, violation.path) for violation in found(**data)] == [(code, path)]


def test_a_program_may_give_moments_and_days_as_such() -> None:
    outer = Outer(moment=datetime(2026, 3, 2, 1, 5, tzinfo=UTC), day=date(2026, 3, 2))

    assert outer.model_dump(mode="json", include={"moment", "day"}) == {
        "moment": "2026-03-02T09:05:00+08:00",
        "day": "2026-03-02",
    }


def test_an_enumeration_that_is_no_code_list_is_said_plainly() -> None:
    assert code_list(int) is None
    assert code_list(CaseType | None) is CaseType
    assert issubclass(CaseType, Code)
