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
HUGE = {"text": "a" * 2**20, "list": ["x" * 10] * 50_000}
ITEMS = ", ".join("1" for _ in range(300))

ENDS = [
    "data.form.text.contains('b')",
    "data.form.text.matches('(a+)+$')",
    "data.form.text.matches('^(([a-z])+.)+[A-Z]([a-z])+$')",
    "size(string(data.form.text) + string(data.form.text)) > 0",
]
STOPS = [
    "data.form.list.exists(x, x == 'y')",
    "data.form.list.exists(x, data.form.list.exists(y, y == x + 'q'))",
    "data.form.list.map(x, data.form.text).map(x, x + 'a').exists(x, x == 'z')",
    f"[{ITEMS}].all(x, [{ITEMS}].all(y, [{ITEMS}].all(z, x == y && y == z)))",
]


def evaluated(text: str) -> tuple[bool | str | Undecided, float]:
    assert isinstance(EXAMPLE, dict)
    found = language(APPLICATION).compiled(text, "bool")
    assert isinstance(found, Expression), found
    said = language(APPLICATION).said(orjson.loads(orjson.dumps(EXAMPLE | {"form": HUGE})), "portal")
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
