# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Refusals as the outside reads them, and the catalogue they come from."""

import json
import re
from http import HTTPStatus
from pathlib import Path

import pytest

from contracts.problem import problem
from contracts.refusal import Refusal, Violation
from contracts.refusal_codes import CODES
from contracts.text import Text
from contracts.violation_codes import VIOLATION_CODES

CHINESE = re.compile("[\u4e00-\u9fff]")
ROOMS = ("hub", "connectors", "contracts", "routing", "certs")
ROOT = Path(__file__).resolve().parents[2]


def test_a_problem_document_has_everything_in_both_languages() -> None:
    violation = Violation("E_V_TYPE", "$.data.a", Text("字符串", "a string"), Text("改正类型", "Correct the type"))
    refusal = Refusal("E_BUSY", Text("队列已满", "The queue is full"), (violation,), 1.5, {"first": "2026-03-02"})

    document = problem(refusal, "urn:uuid:0")

    assert document == {
        "type": "urn:govhub:problem:E_BUSY",
        "title": "系统繁忙 / Busy",
        "status": 503,
        "detail": "队列已满 / The queue is full",
        "instance": "urn:uuid:0",
        "code": "E_BUSY",
        "titles": {"zh": "系统繁忙", "en": "Busy"},
        "details": {"zh": "队列已满", "en": "The queue is full"},
        "remedy": CODES["E_BUSY"].remedy._asdict(),
        "violations": [
            {
                "code": "E_V_TYPE",
                "path": "$.data.a",
                "expected": {"zh": "字符串", "en": "a string"},
                "remedy": {"zh": "改正类型", "en": "Correct the type"},
            }
        ],
        "retry_after": 1.5,
        "first": "2026-03-02",
    }
    assert json.loads(json.dumps(document)) == document


def test_what_is_not_known_is_left_out() -> None:
    document = problem(Refusal("E_NOT_FOUND", Text("无", "none")), None)

    assert "instance" not in document
    assert "retry_after" not in document


def test_extra_facts_never_replace_what_the_standard_defines() -> None:
    document = problem(Refusal("E_NOT_FOUND", Text("无", "none"), extra={"status": "200", "code": "x"}), None)

    assert (document["status"], document["code"]) == (404, "E_NOT_FOUND")


@pytest.mark.parametrize("code", CODES)
def test_every_code_is_complete(code: str) -> None:
    known = CODES[code]

    assert re.fullmatch(r"E_[A-Z_]+", code)
    assert 400 <= HTTPStatus(known.status) < 600
    for text in (known.title, known.remedy):
        assert CHINESE.search(text.zh)
        assert not CHINESE.search(text.en)


def test_every_code_that_is_given_is_in_the_catalogue() -> None:
    """A code without an entry would have no status and no remedy."""
    given = re.compile(r"""(?:Refusal|Violation|_invalid|refuse)\(\s*"(E_[A-Z_]+)\"""")
    used = {
        code
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        for code in given.findall(path.read_text(encoding="utf-8"))
    }

    assert len(used) > 20
    assert used - set(CODES) - set(VIOLATION_CODES) == set()
