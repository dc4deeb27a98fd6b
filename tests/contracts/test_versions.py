# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Every two versions of every built-in family: what goes from one to the other and back, over records made by chance."""

import copy
from collections.abc import Iterator
from typing import Any, TypeAlias

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from contracts.catalogue import builtin
from contracts.contract import Checked, Contract
from contracts.conversion import Converted, Inexpressible
from contracts.example import but
from contracts.steps import CodesAdded, Recoded
from tests.contracts.instances import canonical, canonical_instances

REGISTRY = builtin()
PAIRS = [
    pytest.param(one, other, id=f"{one.type}:{one.version}-{other.version}")
    for one in REGISTRY.all()
    for other in REGISTRY.versions(one.type)
    if one.version != other.version
]
EXAMPLES = [
    pytest.param(one, other, example.data, id=f"{one.type}:{one.version}-{other.version}-{at}")
    for one in REGISTRY.all()
    for other in REGISTRY.versions(one.type)
    if one.version != other.version
    for at, example in enumerate(one.examples)
    if example.valid
]
Draw: TypeAlias = Any


@st.composite
def related(draw: Draw, contract: Contract, other: Contract) -> dict[str, Any]:
    """A canonical record, with values here and there that a record of the other version has, where they are valid."""
    record = draw(canonical_instances(contract))
    lender = draw(canonical_instances(other))
    for name in sorted(record.keys() & lender.keys() & contract.model.model_fields.keys()):
        borrowed = {**record, name: lender[name]}
        if draw(st.booleans()) and isinstance(contract.check(borrowed, borrowed[contract.subject]), Checked):
            record = borrowed
    return canonical(contract, record)


def differences(one: Any, other: Any, path: str) -> Iterator[str]:
    """The paths at which two JSON values differ; the place itself where a member or element is on one side only."""
    if isinstance(one, dict) and isinstance(other, dict):
        for name in sorted(one.keys() | other.keys()):
            inside = f"{path}.{name}"
            if name in one and name in other:
                yield from differences(one[name], other[name], inside)
            else:
                yield inside
    elif isinstance(one, list) and isinstance(other, list):
        yield from (f"{path}[{index}]" for index in range(min(len(one), len(other)), max(len(one), len(other))))
        for index, (left, right) in enumerate(zip(one, other, strict=False)):
            yield from differences(left, right, f"{path}[{index}]")
    elif one != other:
        yield path


def covers(loss: str, difference: str) -> bool:
    return difference == loss or difference.startswith((f"{loss}.", f"{loss}["))


def declared(contract: Contract, other: Contract) -> set[str]:
    """Where the steps between the two versions say that a record may be inexpressible."""
    between = range(min(contract.version, other.version) + 1, max(contract.version, other.version) + 1)
    conversions = [one.conversion for one in REGISTRY.versions(contract.type) if one.version in between]
    steps = [step for conversion in conversions if conversion is not None for step in conversion.steps]
    return {f"$.data.{step.field}" for step in steps if isinstance(step, CodesAdded | Recoded)}


def there_and_back(contract: Contract, other: Contract, record: dict[str, Any]) -> None:
    before = copy.deepcopy(record)

    told = REGISTRY.convert(record, contract, other.version)

    assert record == before, "what is converted is not changed"
    if isinstance(told, Inexpressible):
        assert told.path in declared(contract, other)
        return
    assert canonical(other, told.data) == told.data, "the result is canonical as it stands"

    back = REGISTRY.convert(told.data, other, contract.version)

    assert isinstance(back, Converted), "what came from a version can be said in it"
    assert canonical(contract, back.data) == back.data
    changed = list(differences(record, back.data, "$.data"))
    lost = [loss.path for loss in told.losses]
    assert [path for path in changed if not any(covers(loss, path) for loss in lost)] == []
    assert [loss for loss in lost if not any(covers(loss, path) for path in changed)] == [], "a loss that was none"
    assert all(all(loss.text) for loss in told.losses)


@pytest.mark.parametrize(("contract", "other", "data"), EXAMPLES)
def test_examples_go_there_and_back(contract: Contract, other: Contract, data: Any) -> None:
    there_and_back(contract, other, canonical(contract, data))


@pytest.mark.parametrize(("contract", "other"), PAIRS)
@given(data=st.data())
@settings(deadline=None, max_examples=25, phases=(Phase.explicit, Phase.reuse, Phase.generate))
def test_records_go_there_and_back(contract: Contract, other: Contract, data: st.DataObject) -> None:
    strategy: SearchStrategy[dict[str, Any]] = related(contract, other)
    there_and_back(contract, other, data.draw(strategy))


def test_four_families_and_more_have_two_versions() -> None:
    assert {one.type for one in REGISTRY.all() if one.version > 1} >= {
        "cn.gov.application.submitted",
        "cn.gov.acceptance.decided",
        "cn.gov.completion.decided",
        "cn.gov.licence.issued",
        "cn.gov.evaluation.recorded",
    }


@pytest.mark.parametrize("contract", [one for one in REGISTRY.all() if one.conversion], ids=lambda one: one.schema_uri)
def test_every_difference_is_said_in_both_languages(contract: Contract) -> None:
    assert contract.conversion is not None
    for step in contract.conversion.steps:
        text = step.text()
        assert not text.zh.isascii()
        assert "{" not in text.zh + text.en
        assert text.en
        assert text.en.split()[0] != text.zh


def lost(told: Converted | Inexpressible) -> list[str]:
    assert isinstance(told, Converted)
    return [loss.path.removeprefix("$.data.") for loss in told.losses]


def converted(type_: str, example: int, to: int, **changes: Any) -> Converted | Inexpressible:
    """A changed example of the one version, in the other."""
    first, second = REGISTRY.versions(type_)
    source = first if to == 2 else second
    data = canonical(source, but(source.examples[example].data, **changes))
    return REGISTRY.convert(data, source, to)


APPLICATION = "cn.gov.application.submitted"
ACCEPTANCE = "cn.gov.acceptance.decided"
COMPLETION = "cn.gov.completion.decided"
LICENCE = "cn.gov.licence.issued"
NEW = "1151050200000000084000131014000"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (NEW, "implementation"),
        (NEW + "01", "handling_item"),
        ("000000000000000000000001", "old_implementation"),
        ("XK0000000Y", "old_implementation"),
        (NEW[:-1], "local"),
        (NEW + "0", "local"),
        (NEW.replace("1", "a"), "local"),
        ("511A0100000000-510502000000-000-115105020000000008-1-00", "local"),
        ("A-1", "local"),
    ],
)
def test_the_kind_of_an_item_code_is_told_by_its_form_alone(code: str, kind: str) -> None:
    told = converted(APPLICATION, 0, 2, item_code=code)

    assert isinstance(told, Converted)
    assert (told.data["item_code"], told.data["item_code_kind"]) == (code, kind)


@pytest.mark.parametrize(
    ("code", "field"),
    [
        ("000131014000", "basic_code"),
        ("XK0000000Y", "old_basic_code"),
        ("00013101400", "local_basic_code"),
        ("食品-1", "local_basic_code"),
    ],
)
def test_basic_codes_are_told_apart(code: str, field: str) -> None:
    told = converted(APPLICATION, 0, 2, basic_code=code)

    assert isinstance(told, Converted)
    assert {name: value for name, value in told.data.items() if name.endswith("basic_code")} == {field: code}


def test_a_local_code_that_looks_national_is_a_loss() -> None:
    assert lost(converted(APPLICATION, 0, 1, item_code_kind="local")) == ["item_code_kind"]


def test_version_1_has_room_for_one_code_of_each() -> None:
    assert lost(converted(APPLICATION, 1, 1)) == [
        "old_basic_code",
        "local_basic_code",
        "local_item_code",
        "old_item_code",
        "handling_item_code",
    ]


def test_a_correction_is_no_decision_that_version_1_knows() -> None:
    told = converted(ACCEPTANCE, 2, 1)

    assert isinstance(told, Inexpressible)
    assert told.path == "$.data.decision"


def test_an_acceptance_without_its_application_fits_version_1() -> None:
    assert lost(converted(ACCEPTANCE, 0, 1)) == []
    assert "applicant" in lost(converted(ACCEPTANCE, 1, 1))


@pytest.mark.parametrize("result", ["withdrawn", "terminated", "closed"])
def test_endings_that_version_1_has_no_code_for(result: str) -> None:
    told = converted(COMPLETION, 2, 1, result=result)

    assert isinstance(told, Inexpressible)
    assert told.path == "$.data.result"


def test_validity_in_words_and_as_days() -> None:
    up = converted(COMPLETION, 0, 2, valid_for="2026年3月11日至2031年3月10日")
    down = converted(COMPLETION, 0, 1)

    assert isinstance(up, Converted)
    assert (up.data["valid_from"], up.data["valid_until"]) == ("2026-03-11", "2031-03-10")
    assert isinstance(down, Converted)
    assert down == Converted({**down.data, "valid_for": "2026-03-11至2031-03-10"})


def test_more_licence_numbers_than_version_1_holds() -> None:
    assert lost(converted(COMPLETION, 0, 1, licence_no="JY00000000000000、" * 4)) == ["licence_no"]


def test_only_the_first_holder_fits_version_1() -> None:
    told = converted(LICENCE, 1, 1)

    assert isinstance(told, Converted)
    assert told.data["holder_name"] == "测试申请人甲"
    assert sorted(lost(told)) == ["holders[1]", "licence_type", "source_id", "validity"]


def test_a_last_day_says_that_a_licence_ends_and_silence_says_nothing() -> None:
    ending = converted(LICENCE, 1, 2)
    silent = converted(LICENCE, 0, 2)

    assert isinstance(ending, Converted)
    assert ending.data["validity"] == "until"
    assert isinstance(silent, Converted)
    assert "validity" not in silent.data
