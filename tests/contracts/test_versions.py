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
    assert {one.values[0].type for one in PAIRS} >= {
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


def converted(type_: str, data: dict[str, Any], *, up: bool) -> Converted | Inexpressible:
    first, second = REGISTRY.versions(type_)[:2]
    one, other = (first, second) if up else (second, first)
    return REGISTRY.convert(canonical(one, data), one, other.version)


def example(type_: str, version: int, at: int = 0) -> dict[str, Any]:
    data: dict[str, Any] = REGISTRY.versions(type_)[version - 1].examples[at].data
    return data
