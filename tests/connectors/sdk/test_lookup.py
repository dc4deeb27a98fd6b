# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The port for questions: what may be asked, and what a guard makes of a connector that misbehaves."""

import asyncio
from typing import Any, Self

import pytest

from connectors.sdk import Criteria, Found, NotFound, Outcome, Question, Rejected, Unavailable
from connectors.sdk.lookup_guard import GuardedLookup


class Odd:
    """Answers whatever it is given, or raises it."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        pass

    async def ask(self, question: Question) -> Any:
        if isinstance(self._answer, BaseException):
            raise self._answer
        if self._answer is None:
            await asyncio.Event().wait()
        return self._answer

    async def check(self) -> Outcome:
        raise RuntimeError("no")


@pytest.mark.parametrize(
    "finding",
    [Found(({"name": "张三"},)), Found(({},), complete=False), NotFound(), Rejected("NO"), Unavailable("AWAY")],
)
async def test_a_finding_is_handed_on(finding: object) -> None:
    assert await GuardedLookup(Odd(finding)).ask(Question(criteria={})) == finding


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Found(()), "CONNECTOR_NONSENSE"),
        (Found(({},) * 1_001), "CONNECTOR_NONSENSE"),
        (Unavailable("x" * 2_000), "CONNECTOR_NONSENSE"),
        ("found", "CONNECTOR_NONSENSE"),
        (RuntimeError("510502199001011234"), "CONNECTOR_RAISED"),
        (SystemExit(3), "CONNECTOR_RAISED"),
        (None, "OVERDUE"),
    ],
)
async def test_whatever_else_it_does_is_unavailable(answer: object, code: str) -> None:
    finding = await GuardedLookup(Odd(answer)).ask(Question(criteria={}, timeout=0.01))

    assert isinstance(finding, Unavailable)
    assert finding.reason.startswith(code)
    assert "510502" not in finding.reason


def test_missing_criteria_and_unknown_ones_are_named() -> None:
    criteria = Criteria(required=frozenset({"id_number"}), optional=frozenset({"name"}))

    assert criteria.faults({"id_number": "1", "name": "2"}) == ()
    assert criteria.faults({"nmae": "2"}) == ("id_number", "nmae")
