# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Records made by chance are valid, and reach what handwritten examples do not."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st
from pydantic import AfterValidator, BaseModel, Field
from pydantic_core import PydanticCustomError

from contracts.catalogue import builtin
from contracts.contract import Checked, Contract
from contracts.families.fields import CaseNo, Flag, Line20
from contracts.text import Text
from tests.contracts.instances import canonical, canonical_instances, instances

CONTRACTS = builtin().all()
APPLICATION = builtin().versions("cn.gov.application.submitted")[0]
COMPLETION = builtin().versions("cn.gov.completion.decided")[0]
ANY = settings(deadline=None, max_examples=3000, database=None, phases=(Phase.generate,))
STEP = builtin().versions("cn.gov.process.step")[0]


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: f"{contract.type}:{contract.version}")
@given(data=st.data())
@settings(deadline=None, max_examples=10)
def test_every_contract_takes_its_instances(contract: Contract, data: st.DataObject) -> None:
    record = data.draw(instances(contract))

    assert isinstance(contract.check(record, record[contract.subject]), Checked)


@given(canonical_instances(APPLICATION))
@settings(deadline=None, max_examples=20)
def test_canonical_instances_are_canonical(record: dict[str, Any]) -> None:
    assert canonical(APPLICATION, record) == record


@pytest.mark.parametrize(
    ("contract", "reached"),
    [
        (APPLICATION, lambda data: "𠮷" in data["applicant"]["name"]),
        (APPLICATION, lambda data: "·" in data["applicant"]["name"]),
        (APPLICATION, lambda data: len(data["item_name"]) == 200),
        (APPLICATION, lambda data: len(data.get("materials", ())) > 1 and "digest" in data["materials"][1]),
        (APPLICATION, lambda data: bool(data.get("form", {}).get("data"))),
        (APPLICATION, lambda data: "contact" not in data and data["applied_at"] == "2199-12-31T23:59:59.999999Z"),
        (COMPLETION, lambda data: data["result"] == "denied"),
        (COMPLETION, lambda data: data["result"] == "permitted" and "reason" not in data),
        (STEP, lambda data: "ended_at" in data and data["ended_at"] != data["started_at"]),
    ],
)
def test_what_matters_is_reached(contract: Contract, reached: Callable[[Any], bool]) -> None:
    assert find(instances(contract), reached, settings=ANY)


@given(instances(APPLICATION, st.sampled_from("ab")))
@settings(deadline=None, max_examples=20)
def test_the_alphabet_can_be_chosen(record: dict[str, Any]) -> None:
    assert set(record["applicant"]["name"]) <= set("ab")


def _even(value: int) -> int:
    if value % 2:
        raise PydanticCustomError("odd", "an even number is expected")
    return value


class Rare(BaseModel):
    """Types that no built-in contract may have today."""

    case_no: CaseNo
    number: Annotated[int, Field(gt=0, lt=9), AfterValidator(_even)]
    share: Annotated[float, Field(ge=0, le=1)]
    word: Literal["one", "two"]
    either: Annotated[Line20, Field(max_length=3)] | Flag
    listed: Annotated[list[Line20], Field(min_length=4)]
    plain: str


@given(st.data())
@settings(deadline=None, max_examples=30)
def test_other_types_are_made_too(data: st.DataObject) -> None:
    contract = Contract(type="rare", version=1, title=Text("", ""), meaning=Text("", ""), model=Rare)

    record = data.draw(instances(contract))

    assert isinstance(contract.check(record, record["case_no"]), Checked)


def test_a_type_nobody_can_make_is_said() -> None:
    class Odd(BaseModel):
        case_no: CaseNo
        odd: complex

    contract = Contract(type="odd", version=1, title=Text("", ""), meaning=Text("", ""), model=Odd)

    with pytest.raises(TypeError, match="complex"):
        find(instances(contract), lambda _: True, settings=ANY)
