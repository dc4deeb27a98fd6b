# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""评价 in two versions whose scales mean opposite things."""

from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings

from contracts.catalogue import builtin
from contracts.codes import Rating, RatingGiver, RatingPlatform, Satisfaction
from contracts.contract import Checked, Contract
from contracts.conversion import Converted
from contracts.example import but
from contracts.families.public.evaluation_recorded import CONTRACT as STANDARD
from contracts.families.public.evaluation_recorded_v2 import CONTRACT as NATIONAL
from contracts.families.public.nobody_rated import NobodyRated
from tests.contracts.events import JSON_VALUES
from tests.contracts.instances import canonical, canonical_instances

RATED = STANDARD.examples[0].data
RATED_NATIONALLY = NATIONAL.examples[0].data

SAME_MEANING = [
    ("1", "very_satisfied", "非常满意"),
    ("2", "satisfied", "满意"),
    ("3", "fairly_satisfied", "基本满意"),
    ("4", "dissatisfied", "不满意"),
    ("5", "very_dissatisfied", "非常不满意"),
]
STANDS_FOR = {code.value: code.text.zh for code in (*Satisfaction, *Rating)}


def takes(contract: Contract, data: Any) -> bool:
    return isinstance(contract.check(data, data[contract.subject]), Checked)


def converted(contract: Contract, data: Any, version: int) -> Converted:
    found = builtin().convert(data, contract, version)
    assert isinstance(found, Converted)
    return found


def lost(told: Converted) -> set[str]:
    return {loss.path for loss in told.losses}


@pytest.mark.parametrize(("code", "word", "meaning"), SAME_MEANING)
def test_each_code_keeps_its_meaning_both_ways(code: str, word: str, meaning: str) -> None:
    up = converted(STANDARD, but(RATED, satisfaction=code, channel="短信"), 2)
    down = converted(NATIONAL, but(RATED_NATIONALLY, rating=word), 1)

    assert (up.data["rating"], up.losses) == (word, ())
    assert (down.data["satisfaction"], down.losses) == (code, ())
    assert STANDS_FOR[code] == meaning
    assert STANDS_FOR[word].startswith(meaning)


def test_the_national_numbers_run_the_other_way() -> None:
    """Both lists stand in the order of their own numbers, which the words of the national one tell beside it."""
    numbers = [rating.text.zh.partition("国家接口代码 ")[2] for rating in Rating]

    assert numbers == ["1）", "2）", "3）", "4）", "5）"]
    assert [rating.value for rating in Rating] == [word for _, word, _ in reversed(SAME_MEANING)]
    assert [code.value for code in Satisfaction] == [code for code, _, _ in SAME_MEANING]


def test_neither_scale_is_taken_for_the_other() -> None:
    assert not {code.value for code in Satisfaction} & {code.value for code in Rating}
    assert "rating" not in STANDARD.model.model_fields
    assert "satisfaction" not in NATIONAL.model.model_fields
    for code, word in product(Satisfaction, Rating):
        assert not takes(STANDARD, but(RATED, satisfaction=word.value))
        assert not takes(NATIONAL, but(RATED_NATIONALLY, rating=code.value))
        assert not takes(NATIONAL, but(RATED_NATIONALLY, rating=int(code.value)))


@pytest.mark.parametrize("platform", RatingPlatform)
def test_each_platform_comes_back(platform: RatingPlatform) -> None:
    nobody = platform is RatingPlatform.SYSTEM_DEFAULT
    record = but(RATED_NATIONALLY, platform=platform.value, given_by="system_default" if nobody else "person")

    down = converted(NATIONAL, record, 1)
    up = converted(STANDARD, down.data, 2)

    assert down.data["channel"] == platform.text.zh
    assert up.data == record
    assert down.losses == up.losses == ()


def test_a_channel_that_is_no_platform_is_lost_and_never_guessed() -> None:
    told = converted(STANDARD, but(RATED, channel="移动"), 2)

    assert "platform" not in told.data
    assert lost(told) == {"$.data.channel"}


def test_what_the_standard_cannot_say_is_told() -> None:
    full = canonical(NATIONAL, NATIONAL.examples[1].data)

    told = converted(NATIONAL, full, 1)

    unsaid = set(full) - set(STANDARD.model.model_fields) - {"rating", "platform"}
    assert lost(told) == {f"$.data.{name}" for name in unsaid}
    assert len(unsaid) == 15


def test_the_name_of_who_rated_stays_behind_and_is_told() -> None:
    told = converted(STANDARD, STANDARD.examples[1].data, 2)

    assert lost(told) == {"$.data.evaluator"}
    assert all("测试" not in str(loss) for loss in told.losses)


def only_losses_differ(contract: Contract, record: dict[str, Any], there: int) -> None:
    other = next(one for one in (STANDARD, NATIONAL) if one.version == there)
    kept = dict(record)

    away = converted(contract, record, there)
    assert takes(other, away.data)
    back = converted(other, away.data, contract.version)

    gone = {name for name in record if f"$.data.{name}" in lost(away)}
    assert record == kept
    assert back.data == {name: value for name, value in record.items() if name not in gone}
    assert back.losses == ()
    assert away.data.get("given_by") == record["given_by"]


@given(canonical_instances(STANDARD))
@settings(deadline=None, max_examples=60)
def test_up_and_down_gives_the_original_but_for_declared_losses(record: dict[str, Any]) -> None:
    only_losses_differ(STANDARD, record, 2)


@given(canonical_instances(NATIONAL))
@settings(deadline=None, max_examples=60)
def test_down_and_up_gives_the_original_but_for_declared_losses(record: dict[str, Any]) -> None:
    only_losses_differ(NATIONAL, record, 1)


@pytest.mark.parametrize(("contract", "field"), [(STANDARD, "channel"), (NATIONAL, "platform")])
def test_nobody_is_told_from_somebody(contract: Contract, field: str) -> None:
    shown = next(example.data for example in contract.examples if "a system" in example.name)

    assert takes(contract, shown)
    assert not takes(contract, but(shown, drop=("given_by",)))
    assert not takes(contract, but(shown, given_by="person"))
    assert not takes(contract, but(shown, drop=(field,)))
    assert not takes(contract, but(contract.examples[0].data, given_by="system_default"))
    assert {giver.value for giver in RatingGiver} == {"person", "system_default"}


@given(JSON_VALUES, JSON_VALUES)
@settings(deadline=None, max_examples=60)
def test_nothing_makes_the_rule_raise(one: object, other: object) -> None:
    rule = NobodyRated("platform", "system_default")

    for data in ({"given_by": one, "platform": other}, {"given_by": "person", "platform": one}):
        assert all(violation.path == "$.data.given_by" for violation in rule.broken(data))
