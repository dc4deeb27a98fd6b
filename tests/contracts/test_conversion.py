# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""From any version of a family to any other, through those between: a made-up family with three versions."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel

from contracts.contract import Checked, Contract
from contracts.conversion import Conversion, Converted, Inexpressible, Step
from contracts.families.fields import CaseNo, Line20, says
from contracts.registry import Registry
from contracts.steps import Added, CodesAdded, Recoded, Removed, Renamed
from contracts.text import Text

NAMED = Text("试验", "trial")


class First(BaseModel):
    case_no: Annotated[CaseNo, says("编号", "number")]
    name: Line20
    state: Literal["0", "1"]
    old: Line20 | None = None


class Second(BaseModel):
    case_no: Annotated[CaseNo, says("编号", "number")]
    title: Line20
    state: Literal["no", "yes", "later"]
    remark: Line20 | None = None


class Third(BaseModel):
    case_no: Annotated[CaseNo, says("编号", "number")]
    title: Line20
    answer: Literal["no", "yes", "later", "never"]
    remark: Line20 | None = None
    sign: Line20 | None = None


def version(number: int, model: type[BaseModel], *steps: Step) -> Contract:
    conversion = Conversion(steps) if steps else None
    return Contract(type="trial", version=number, title=NAMED, meaning=NAMED, model=model, conversion=conversion)


FIRST = version(1, First)
SECOND = version(
    2,
    Second,
    Renamed("name", "title"),
    Recoded("state", {"0": "no", "1": "yes"}),
    Removed("old"),
    Added("remark"),
)
THIRD = version(
    3,
    Third,
    Renamed("state", "answer"),
    CodesAdded("answer", {"never": Text("从不", "never")}),
    Added("sign"),
)
REGISTRY = Registry([THIRD, FIRST, SECOND])


def convert(data: Mapping[str, Any], contract: Contract, number: int) -> Converted | Inexpressible:
    before = dict(data)
    told = REGISTRY.convert(data, contract, number)
    assert data == before
    if isinstance(told, Converted):
        other = REGISTRY.versions("trial")[number - 1]
        assert isinstance(other.check(told.data, "1"), Checked)
    return told


def test_up_through_every_version() -> None:
    told = convert({"case_no": "1", "name": "甲", "state": "1"}, FIRST, 3)

    assert told == Converted({"case_no": "1", "title": "甲", "answer": "yes"})


def test_down_through_every_version() -> None:
    told = convert({"case_no": "1", "title": "甲", "answer": "no"}, THIRD, 1)

    assert told == Converted({"case_no": "1", "name": "甲", "state": "0"})


def test_its_own_version_is_the_record_itself() -> None:
    data = {"case_no": "1", "title": "甲", "state": "later"}

    told = convert(data, SECOND, 2)

    assert told == Converted(data)
    assert isinstance(told, Converted)
    assert told.data is not data


def test_losses_of_every_step_on_the_way_are_told() -> None:
    told = convert({"case_no": "1", "title": "甲", "answer": "no", "sign": "乙", "remark": "丙"}, THIRD, 1)

    assert isinstance(told, Converted)
    assert told.data == {"case_no": "1", "name": "甲", "state": "0"}
    assert [loss.path for loss in told.losses] == ["$.data.sign", "$.data.remark"]


@pytest.mark.parametrize(
    ("answer", "number", "path"),
    [
        ("never", 2, "$.data.answer"),
        ("never", 1, "$.data.answer"),
        ("later", 1, "$.data.state"),
    ],
)
def test_what_a_version_on_the_way_cannot_say_is_inexpressible(answer: str, number: int, path: str) -> None:
    """The path is of the version that could still say it: version 3 says ``answer``, version 2 says ``state``."""
    told = convert({"case_no": "1", "title": "甲", "answer": answer}, THIRD, number)

    assert isinstance(told, Inexpressible)
    assert told.path == path


def test_a_version_may_lead_to_the_next_without_a_difference() -> None:
    same = Contract(type="trial", version=4, title=NAMED, meaning=NAMED, model=Third, conversion=Conversion(()))
    registry = Registry([FIRST, SECOND, THIRD, same])
    data = {"case_no": "1", "title": "甲", "answer": "yes"}

    assert registry.convert(data, same, 3) == registry.convert(data, THIRD, 4) == Converted(data)
