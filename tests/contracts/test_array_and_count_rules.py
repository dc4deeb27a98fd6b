# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Rules inside arrays and between numbers: they speak when broken and hold their peace about everything else."""

import jsonschema  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings

from contracts.array_rules import RequiredInEach, SameInEach
from contracts.count_rules import NotMore, SumOf
from contracts.rules import Rule
from tests.contracts.events import JSON_VALUES

REQUIRED = RequiredInEach("findings", "own_digest", "finding", ("differs",))
SAME = SameInEach("items", ("form", "item_code"), "item_code")
SUM = SumOf("completed", ("on_time", "overdue"))
NOT_MORE = NotMore("page", "pages")
RULES: list[Rule] = [REQUIRED, SAME, SUM, NOT_MORE]


@pytest.mark.parametrize(
    ("rule", "data", "expected"),
    [
        (REQUIRED, {"findings": [{"finding": "differs"}]}, ["$.data.findings[0].own_digest"]),
        (REQUIRED, {"findings": [{"finding": "matched"}, {"finding": "differs", "own_digest": "a"}]}, []),
        (REQUIRED, {"findings": [7, {"finding": "differs", "own_digest": None}]}, ["$.data.findings[1].own_digest"]),
        (REQUIRED, {"findings": {"finding": "differs"}}, []),
        (REQUIRED, {}, []),
        (SAME, {"items": [{"item_code": "a", "form": {"item_code": "b"}}]}, ["$.data.items[0].form.item_code"]),
        (SAME, {"items": [{"item_code": "a", "form": {"item_code": "a"}}, {"item_code": "a"}]}, []),
        (SAME, {"items": [{"item_code": 1, "form": {"item_code": "b"}}, {"form": 7}]}, []),
        (SUM, {"completed": 3, "on_time": 2, "overdue": 2}, ["$.data.completed"]),
        (SUM, {"completed": 4, "on_time": 2, "overdue": 2}, []),
        (SUM, {"completed": 4, "on_time": 2}, []),
        (SUM, {"completed": 4, "on_time": True, "overdue": "2"}, []),
        (NOT_MORE, {"page": 2, "pages": 1}, ["$.data.page"]),
        (NOT_MORE, {"page": 2, "pages": 2}, []),
        (NOT_MORE, {"page": 2}, []),
        (NOT_MORE, {"page": 2.5, "pages": 1}, []),
    ],
)
def test_rules(rule: Rule, data: dict[str, object], expected: list[str]) -> None:
    found = list(rule.broken(data))

    assert [violation.path for violation in found] == expected
    assert all(violation.code == "E_V_RULE" and violation.expected == rule.text() for violation in found)


@pytest.mark.parametrize("own_digest", ["a", None])
def test_what_an_element_requires_stands_in_the_schema(own_digest: str | None) -> None:
    schema = jsonschema.Draft202012Validator(REQUIRED.schema())
    finding = {"finding": "differs"} if own_digest is None else {"finding": "differs", "own_digest": own_digest}

    assert schema.is_valid({"findings": [{"finding": "matched"}, finding]}) == (own_digest is not None)


@given(JSON_VALUES, JSON_VALUES)
@settings(deadline=None, max_examples=60)
def test_nothing_makes_a_rule_raise(one: object, other: object) -> None:
    data = {
        "findings": [one, {"finding": one}, {"finding": "differs", "own_digest": other}],
        "items": [other, {"item_code": one, "form": other}, {"item_code": one, "form": {"item_code": other}}],
        "completed": one,
        "on_time": other,
        "overdue": one,
        "page": other,
        "pages": one,
    }

    for rule in RULES:
        list(rule.broken(data))
        list(rule.broken(dict.fromkeys(data, one)))
