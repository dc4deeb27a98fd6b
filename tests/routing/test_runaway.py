# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Expressions that would run for ever, or eat everything, on the largest records that there can be: each ends, and soon."""

import time

import orjson
import pytest

from contracts.catalogue import builtin
from routing.expressions import Expression, Undecided, language
from tests.routing.support import SUBMITTED

SECONDS = 2.0
"""Of processor time: hundreds of times what such an expression takes, and nothing beside what it would take unbounded."""

APPLICATION = builtin().versions(SUBMITTED)[0]
EXAMPLE = next(one.data for one in APPLICATION.examples if one.valid)
HUGE = {"item_code": "x", "form_version": 1, "data": {"text": "a" * 2**20, "list": ["x" * 10] * 50_000}}
ITEMS = ", ".join("1" for _ in range(90))

ENDS = [
    "data.form.data.text.contains('b')",
    "data.form.data.text.matches('(a+)+$')",
    "data.form.data.text.matches('^(([a-z])+.)+[A-Z]([a-z])+$')",
    f"size({' + '.join(['string(data.form.data.text)'] * 25)}) > 0",
]
LONG_TEXT = {"item_code": "x", "form_version": 1, "data": {"text": "a" * 2**20, "list": ["y"]}}
STOPS = [
    "data.form.data.list.exists(x, x == 'y')",
    "data.form.data.list.exists(x, data.form.data.list.exists(y, y == x + 'q'))",
    "data.form.data.list.map(x, data.form.data.text).map(x, x + 'a').exists(x, x == 'z')",
]


def evaluated(text: str, form: object = HUGE) -> tuple[bool | str | Undecided, float]:
    assert isinstance(EXAMPLE, dict)
    found = language(APPLICATION).compiled(text, "bool")
    assert isinstance(found, Expression), found
    said = language(APPLICATION).said(orjson.loads(orjson.dumps(EXAMPLE | {"form": form})), "portal")
    began = time.process_time()
    value = found.value(said)
    return value, time.process_time() - began


@pytest.mark.parametrize("text", ENDS)
def test_what_is_long_in_the_data_ends(text: str) -> None:
    value, took = evaluated(text)
    assert isinstance(value, bool)
    assert took < SECONDS


@pytest.mark.parametrize("text", STOPS)
def test_what_is_long_in_steps_is_stopped_and_says_nothing_of_the_record(text: str) -> None:
    value, took = evaluated(text)
    assert isinstance(value, Undecided)
    assert "xxx" not in value.said
    assert took < SECONDS


@pytest.mark.parametrize(
    "text", ["(" * 900 + "true" + ")" * 900, "!" * 1900 + "true", "[" * 900 + "]" * 900, "1 + " * 600]
)
def test_what_is_deep_is_no_expression(text: str) -> None:
    began = time.process_time()
    found = language(APPLICATION).compiled(text, "bool")
    assert not isinstance(found, Expression) or found.value(language(APPLICATION).said(EXAMPLE, "p")) in {True, False}
    assert time.process_time() - began < SECONDS


@pytest.mark.parametrize(
    "text",
    [
        "data.form.data.list.map(x, data.form.data.text).exists(x, x == 'z')",
        "data.form.data.list.exists(x, data.form.data.text.matches('(a|b)+c'))",
        "data.form.data.list.all(x, data.form.data == data.form.data)",
    ],
)
def test_whoever_walks_over_lists_is_not_asked_of_what_is_very_long(text: str) -> None:
    value, took = evaluated(text, LONG_TEXT)
    assert value == Undecided("the record is too long to be walked over")
    assert took < SECONDS


@pytest.mark.parametrize("count", [1, 400])
def test_long_lists_of_what_contracts_allow_are_walked_over(count: int) -> None:
    form = {"item_code": "x", "form_version": 1, "data": {"list": ["长" * 200] * count}}
    value, took = evaluated("data.form.data.list.exists(x, x.contains('短'))", form)
    assert value is False
    assert took < SECONDS


def test_what_walks_on_and_on_is_stopped_whatever_the_record() -> None:
    nested = f"[{ITEMS}].all(x, [{ITEMS}].all(y, [{ITEMS}].all(z, x == y && y == z)))"
    value, took = evaluated(nested, {"item_code": "x", "form_version": 1, "data": {}})
    assert isinstance(value, Undecided)
    assert "budget" in value.said
    assert took < SECONDS
