# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Rules between fields: they speak when broken and hold their peace about everything else."""

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.rules import AbsentWhen, Distinct, NotBefore, OneOf, RequiredWhen, Rule, SameAs, Together
from contracts.timestamps import parse_timestamp
from tests.contracts.events import JSON_VALUES

REQUIRED = RequiredWhen("reason", "decision", ("refused",))
ABSENT = AbsentWhen("until", "validity", ("long_term",))
TOGETHER = Together(("digest", "size"))
IN_EACH = Together(("digest", "size"), each="materials")
ORDER = NotBefore("end", "start")
SAME = SameAs(("form", "item"), "item")
ONE = OneOf(("text", "template"))
ONE_IN_EACH = OneOf(("text", "template"), each="materials")
SOME = OneOf(("law", "consent"), several=True)
DISTINCT = Distinct("materials", "name")
RULES: list[Rule] = [REQUIRED, ABSENT, TOGETHER, IN_EACH, ORDER, SAME, ONE, ONE_IN_EACH, SOME, DISTINCT]


def paths(rule: Rule, data: dict[str, object]) -> list[str]:
    found = list(rule.broken(data))
    assert all(violation.code == "E_V_RULE" and violation.expected == rule.text() for violation in found)
    return [violation.path for violation in found]


@pytest.mark.parametrize(
    ("rule", "data", "expected"),
    [
        (REQUIRED, {"decision": "refused"}, ["$.data.reason"]),
        (REQUIRED, {"decision": "refused", "reason": None}, ["$.data.reason"]),
        (REQUIRED, {"decision": "refused", "reason": ""}, []),
        (REQUIRED, {"decision": "accepted"}, []),
        (REQUIRED, {}, []),
        (ABSENT, {"validity": "long_term", "until": "2099-12-31"}, ["$.data.until"]),
        (ABSENT, {"validity": "long_term", "until": None}, []),
        (ABSENT, {"validity": "until", "until": "2026-03-02"}, []),
        (ABSENT, {"validity": ["long_term"], "until": 1}, []),
        (TOGETHER, {"digest": "a"}, ["$.data.size"]),
        (TOGETHER, {"size": 0}, ["$.data.digest"]),
        (TOGETHER, {"digest": "a", "size": 0}, []),
        (TOGETHER, {}, []),
        (
            IN_EACH,
            {"materials": [{}, {"size": 1}, 7, {"digest": "a"}]},
            ["$.data.materials[1].digest", "$.data.materials[3].size"],
        ),
        (IN_EACH, {"materials": "a"}, []),
        (ONE, {}, ["$.data.text"]),
        (ONE, {"text": None, "template": ""}, []),
        (ONE, {"text": "a", "template": "b"}, ["$.data.template"]),
        (ONE_IN_EACH, {"materials": [{"text": "a"}, {}, 7]}, ["$.data.materials[1].text"]),
        (ONE_IN_EACH, {}, []),
        (SOME, {}, ["$.data.law"]),
        (SOME, {"law": "a", "consent": "b"}, []),
        (
            DISTINCT,
            {"materials": [{"name": "a"}, {"name": 1}, {"name": "a"}, {"name": 1}, {}, {}]},
            ["$.data.materials[2].name"],
        ),
        (DISTINCT, {"materials": [{"name": "a"}, {"name": "b"}]}, []),
        (ORDER, {"start": "2026-03-02T09:00:00+08:00", "end": "2026-03-02T00:59:59Z"}, ["$.data.end"]),
        (ORDER, {"start": "2026-03-02T09:00:00+08:00", "end": "2026-03-02T01:00:00Z"}, []),
        (ORDER, {"start": "2026-03-02", "end": "2026-03-01"}, ["$.data.end"]),
        (ORDER, {"start": "2026-03-02", "end": "2026-03-02"}, []),
        (ORDER, {"start": "2026-03-02", "end": "2026-03-01T09:00:00+08:00"}, []),
        (ORDER, {"start": "nonsense", "end": "2026-03-02T01:00:00Z"}, []),
        (ORDER, {"start": 1, "end": 0}, []),
        (SAME, {"form": {"item": "a"}, "item": "b"}, ["$.data.form.item"]),
        (SAME, {"form": {"item": "a"}, "item": "a"}, []),
        (SAME, {"form": {"item": "a"}}, []),
        (SAME, {"form": {"item": 1}, "item": "a"}, []),
        (SAME, {"form": "a", "item": "a"}, []),
        (SAME, {"item": "a"}, []),
    ],
)
def test_rules(rule: Rule, data: dict[str, object], expected: list[str]) -> None:
    assert paths(rule, data) == expected


@given(JSON_VALUES, JSON_VALUES)
@settings(deadline=None, max_examples=60)
def test_nothing_makes_a_rule_raise(one: object, other: object) -> None:
    data = {
        "decision": one,
        "digest": one,
        "materials": [one, {"digest": other, "name": one}, {"name": one}],
        "start": one,
        "end": other,
    }
    data |= {"form": {"item": one}, "item": other}

    for rule in RULES:
        list(rule.broken(data))


DAYS = st.sampled_from(["2026-03-01", "2026-03-02", "2026-02-30", "nonsense"])
TIMES = st.sampled_from(["09:05:00", "09:05:01", "24:00:00"])
MOMENTS = st.builds(
    "{}{}{}{}{}".format,
    DAYS,
    st.sampled_from(["T", "t", " "]),
    TIMES,
    st.sampled_from(["", ".5", ".4999"]),
    st.sampled_from(["Z", "z", "+08:00", "+00:00", ""]),
)


@given(DAYS | MOMENTS, DAYS | MOMENTS)
@settings(deadline=None, max_examples=500)
def test_order_is_that_of_the_moments_however_they_are_written(start: str, end: str) -> None:
    moments = _moments(start, end, "") or _moments(start, end, "T00:00:00Z")

    assert bool(paths(ORDER, {"start": start, "end": end})) == (moments is not None and moments[1] < moments[0])


def _moments(start: str, end: str, completed: str) -> tuple[datetime, datetime] | None:
    first, last = parse_timestamp(start + completed), parse_timestamp(end + completed)
    return None if first is None or last is None else (first, last)
