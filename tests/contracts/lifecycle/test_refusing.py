# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What the sender of a message that does not fit is told."""

import pytest

from contracts.lifecycle.judgement import Impossible, Parked, judge
from contracts.lifecycle.message import Kind, Message
from contracts.lifecycle.refusing import refusal
from contracts.problem import problem
from contracts.refusal_codes import CODES
from contracts.violation_codes import VIOLATION_CODES
from tests.contracts.lifecycle.test_judgement import (
    ACCEPTED,
    ANSWER_ONE,
    APPLIED,
    ASKED,
    DENIED,
    ENDED,
    ISSUED,
    LAPSED,
    LICENCE,
    REFUSED,
    STEP,
    SUPPLIED,
    TUESDAY,
    TWO,
    WITHDRAWN,
    after,
)

DATED = Message(Kind.STEP, "1", at=TUESDAY)
NUMBERED = Message(Kind.SPECIAL_ENDED, "1", number="1")


@pytest.mark.parametrize(
    ("known", "message", "code", "rule", "path"),
    [
        ([APPLIED], STEP, "E_LIFECYCLE_PARKED", "R03", "$.type"),
        ([APPLIED], ISSUED, "E_LIFECYCLE_PARKED", "R03", "$.data.result"),
        ([APPLIED], LAPSED, "E_LIFECYCLE_PARKED", "R02", "$.data.result"),
        ([APPLIED], SUPPLIED, "E_LIFECYCLE_PARKED", "R02", "$.type"),
        ([APPLIED, TWO], ANSWER_ONE, "E_LIFECYCLE_PARKED", "R02", "$.data.correction_no"),
        ([APPLIED, ACCEPTED], NUMBERED, "E_LIFECYCLE_PARKED", "R04", "$.data.special_no"),
        ([APPLIED, REFUSED], ENDED, "E_LIFECYCLE_IMPOSSIBLE", "R12", "$.type"),
        (
            [APPLIED, ACCEPTED, STEP],
            Message(Kind.ACCEPTANCE, "", "refused", 2),
            "E_LIFECYCLE_IMPOSSIBLE",
            "R12",
            "$.data.decision",
        ),
        ([APPLIED, ACCEPTED, DENIED], LICENCE, "E_LIFECYCLE_IMPOSSIBLE", "R13", "$.type"),
        ([APPLIED, ASKED, WITHDRAWN], DATED, "E_LIFECYCLE_IMPOSSIBLE", "R14", "$.data.started_at"),
        ([APPLIED, ACCEPTED, DATED], WITHDRAWN, "E_LIFECYCLE_IMPOSSIBLE", "R14", "$.data.completed_at"),
        ([APPLIED, ACCEPTED], REFUSED, "E_LIFECYCLE_IMPOSSIBLE", "R21", "$.data.record_version"),
    ],
)
def test_code_rule_and_place_are_told(known: list[Message], message: Message, code: str, rule: str, path: str) -> None:
    judged = judge(after(*known), message)
    assert isinstance(judged, Parked | Impossible)

    told = refusal(judged, message)

    [violation] = told.violations
    assert (told.code, told.extra, violation.path) == (code, {"rule": rule}, path)
    assert code in CODES
    assert violation.code in VIOLATION_CODES
    assert all((*told.detail, *violation.expected, *violation.remedy))
    assert all(rule in text for text in told.detail)
    document = problem(told, None)
    assert (document["code"], document["rule"], document["status"]) == (code, rule, 409)


def test_nothing_of_the_message_is_repeated() -> None:
    message = Message(Kind.CORRECTION_SUPPLIED, "correction_no=测试", number="测试", at=TUESDAY)
    judged = judge(after(APPLIED, TWO), message)
    assert isinstance(judged, Parked)

    told = repr(refusal(judged, message))

    assert "测试" not in told
    assert TUESDAY not in told


def test_a_contradiction_asks_for_a_higher_version_and_anything_else_for_a_comparison() -> None:
    contradicting, absurd = judge(after(ACCEPTED), REFUSED), judge(after(REFUSED), STEP)
    assert isinstance(contradicting, Impossible)
    assert isinstance(absurd, Impossible)

    first, second = refusal(contradicting, REFUSED).violations[0], refusal(absurd, STEP).violations[0]

    assert first.remedy != second.remedy
    assert "record_version" in first.remedy.en
