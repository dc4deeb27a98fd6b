# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The common differences between versions, one by one."""

import copy
import re
from collections.abc import Mapping
from typing import Any

import pytest

from contracts.conversion import Finding, Inexpressible, Loss, Step
from contracts.reshaping import FirstOfMany
from contracts.steps import Added, CodesAdded, Recoded, Removed, Renamed, Widened
from contracts.telling_apart import KindTold, ToldApart
from contracts.text import Text

DIGITS = re.compile(r"^[0-9]{3}$")
LETTERS = re.compile(r"^[a-z]{1,3}$")
KIND = KindTold("code", "kind", (("number", DIGITS), ("word", LETTERS)), "other")
APART = ToldApart("code", (("number", DIGITS), ("code", LETTERS)), "other", longest=5)
HOLDERS = FirstOfMany("holders", {"holder": "name", "holder_type": "type"})
NEW = {"new": Text("新", "new")}


def ran(step: Step, record: Mapping[str, Any], *, up: bool) -> tuple[dict[str, Any], tuple[Finding, ...]]:
    """The record after the step, of which what lies below the top level must be untouched."""
    changed = dict(record)
    before = copy.deepcopy(list(record.values()))
    found = step.up(changed) if up else step.down(changed)
    assert list(record.values()) == before
    return changed, found


def paths(found: tuple[Finding, ...]) -> list[str]:
    return [one.path for one in found]


@pytest.mark.parametrize(
    ("step", "older", "newer"),
    [
        (Renamed("old", "new"), {"old": 1, "x": 2}, {"new": 1, "x": 2}),
        (Renamed("old", "new"), {"x": 2}, {"x": 2}),
        (Added("new"), {"x": 1}, {"x": 1}),
        (Added("new", "usual"), {"x": 1}, {"x": 1, "new": "usual"}),
        (Added("new", []), {"x": 1}, {"x": 1, "new": []}),
        (Removed("old"), {"x": 1}, {"x": 1}),
        (Removed("old", "usual"), {"x": 1, "old": "usual"}, {"x": 1}),
        (Recoded("code", {"0": "no", "1": "yes"}), {"code": "1"}, {"code": "yes"}),
        (Recoded("code", {"0": "no", "1": "yes"}), {"x": 1}, {"x": 1}),
        (Recoded("code", {"a": "x", "b": "y"}, {"x": "a", "y": "b", "z": "b"}), {"code": "b"}, {"code": "y"}),
        (CodesAdded("code", NEW), {"code": "old"}, {"code": "old"}),
        (CodesAdded("code", NEW), {"x": 1}, {"x": 1}),
        (Widened("name", 3), {"name": "甲乙丙"}, {"name": "甲乙丙"}),
        (Widened("name", 3), {"x": 1}, {"x": 1}),
        (KIND, {"code": "123"}, {"code": "123", "kind": "number"}),
        (KIND, {"code": "abc"}, {"code": "abc", "kind": "word"}),
        (KIND, {"code": "123\n"}, {"code": "123\n", "kind": "other"}),
        (APART, {"code": "123"}, {"number": "123"}),
        (APART, {"code": "abc"}, {"code": "abc"}),
        (APART, {"code": "12345"}, {"other": "12345"}),
        (APART, {"x": 1}, {"x": 1}),
        (HOLDERS, {"holder": "甲"}, {"holders": [{"name": "甲"}]}),
        (HOLDERS, {"holder": "甲", "holder_type": "1"}, {"holders": [{"name": "甲", "type": "1"}]}),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, dict) else None,
)
def test_goes_both_ways_without_loss(step: Step, older: dict[str, Any], newer: dict[str, Any]) -> None:
    assert ran(step, older, up=True) == (newer, ())
    assert ran(step, newer, up=False) == (older, ())


@pytest.mark.parametrize(
    ("step", "up", "before", "after", "lost"),
    [
        (Added("new"), False, {"new": 1, "x": 2}, {"x": 2}, ["$.data.new"]),
        (Added("new", "usual"), False, {"new": "rare"}, {}, ["$.data.new"]),
        (Added("new", "usual"), False, {"x": 1}, {"x": 1}, ["$.data.new"]),
        (Removed("old"), True, {"old": 1}, {}, ["$.data.old"]),
        (Removed("old", "usual"), True, {"old": "rare"}, {}, ["$.data.old"]),
        (Removed("old", "usual"), True, {"x": 1}, {"x": 1}, ["$.data.old"]),
        (
            Recoded("code", {"1": "yes", "2": "yes"}, {"yes": "1"}),
            True,
            {"code": "2"},
            {"code": "yes"},
            ["$.data.code"],
        ),
        (Recoded("code", {"1": "a"}, {"a": "1", "b": "1"}), False, {"code": "b"}, {"code": "1"}, ["$.data.code"]),
        (Widened("name", 3), False, {"name": "甲乙丙丁"}, {}, ["$.data.name"]),
        (KIND, False, {"code": "123", "kind": "other"}, {"code": "123"}, ["$.data.kind"]),
        (APART, False, {"number": "123", "code": "abc"}, {"code": "123"}, ["$.data.code"]),
        (APART, False, {"code": "abc", "other": "++"}, {"code": "abc"}, ["$.data.other"]),
        (APART, False, {"other": "123"}, {"code": "123"}, ["$.data.other", "$.data.number"]),
        (APART, False, {"other": "123456"}, {}, ["$.data.other"]),
        (
            HOLDERS,
            False,
            {"holders": [{"name": "a"}, {}, {}]},
            {"holder": "a"},
            ["$.data.holders[1]", "$.data.holders[2]"],
        ),
    ],
)
def test_says_what_is_lost(
    step: Step,
    up: bool,  # noqa: FBT001  # because it is a table
    before: dict[str, Any],
    after: dict[str, Any],
    lost: list[str],
) -> None:
    changed, found = ran(step, before, up=up)

    assert changed == after
    assert paths(found) == lost
    assert all(isinstance(one, Loss) and all(one.text) for one in found)


@pytest.mark.parametrize(
    ("step", "record", "up"),
    [
        (Recoded("code", {"1": "yes"}), {"code": "no"}, False),
        (Recoded("code", {"1": "yes"}, {}), {"code": "yes"}, False),
        (CodesAdded("code", NEW), {"code": "new"}, False),
    ],
)
def test_says_what_cannot_be_said(step: Step, record: dict[str, Any], up: bool) -> None:  # noqa: FBT001  # because it is a table
    _, found = ran(step, record, up=up)

    assert paths(found) == ["$.data.code"]
    assert all(isinstance(one, Inexpressible) and all(one.text) for one in found)


@pytest.mark.parametrize(
    ("step", "told"),
    [
        (Renamed("a", "b"), Text("a 改名为 b", "a is now called b")),
        (Added("a"), Text("新增 a", "a is new")),
        (Removed("a"), Text("删除 a", "a is gone")),
        (Recoded("a", {"1": "x", "2": "y"}), Text("a 的代码改变：1→x、2→y", "a has other codes: 1→x, 2→y")),
        (
            Recoded("a", {"1": "x"}, {"x": "1", "z": "1"}),
            Text("a 的代码改变：1→x；回到旧版本时 z→1", "a has other codes: 1→x; going back z→1"),
        ),
        (
            CodesAdded("a", {"n": Text("新", "new"), "m": Text("另", "more")}),
            Text(
                "a 新增代码：n 新、m 另；旧版本不能表达",
                "a has new codes, which the older version cannot say: n (new), m (more)",
            ),
        ),
        (Widened("a", 9), Text("a 可超过 9 个字符", "a may have more than 9 characters")),
        (KIND, Text("kind 说明 code 属哪一种编码", "kind states which kind of code code is")),
        (APART, Text("code 按格式分为 number, code, other", "code is told apart by its form into number, code, other")),
        (
            HOLDERS,
            Text(
                "holder, holder_type 移入 holders，可填多项",
                "holder, holder_type move into holders, which may hold several",
            ),
        ),
    ],
)
def test_reads_well_in_both_languages(step: Step, told: Text) -> None:
    assert step.text() == told
