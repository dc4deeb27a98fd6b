# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What an answer says about the business: the first rule that fits."""

from typing import Any

import pytest
from pydantic import ValidationError

from connectors.sdk import Accepted, Delivered, InDoubt, Outcome, Rejected, Unavailable
from connectors.sdk.http.place import Document
from connectors.sdk.http.ruling import Ruling, ruled

RULES = tuple(
    Ruling.model_validate(rule)
    for rule in (
        {"statuses": [200], "at": "/code", "in": ["0"], "means": "delivered", "named": "/no"},
        {"at": "/code", "in": ["DUP"], "means": "delivered"},
        {"at": "/code", "in": ["Q"], "means": "accepted", "named": "/no"},
        {"at": "/code", "in": ["busy", "503"], "means": "retry"},
        {"at": "/code", "in": ["?"], "means": "in_doubt"},
        {"at": "/data>>/err", "in": ["E1"], "means": "rejected", "detail": "/msg"},
        {"at": "/code", "means": "rejected", "named": "/code", "detail": "/msg"},
        {"statuses": [200], "at": "/ok", "absent": True, "means": "in_doubt"},
    )
)


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, b'{"code": 0, "no": "R-1"}', Delivered("R-1")),
        (200, b'{"code": "0"}', InDoubt("ANSWER_WITHOUT_RECEIPT: it said success")),
        (200, b'{"code": "DUP"}', Delivered()),
        (200, b'{"code": "Q", "no": "T-1"}', Accepted("T-1")),
        (200, b'{"code": "Q"}', InDoubt("ANSWER_WITHOUT_REFERENCE: it said accepted")),
        (200, b'{"code": "busy"}', Unavailable("BUSY: its own word", 3.0)),
        (200, b'{"code": 503}', Unavailable("CODE_503: its own word", 3.0)),
        (200, b'{"code": "?"}', InDoubt("HTTP_200: its own word")),
        (200, b'{"data": "{\\"err\\": \\"E1\\"}"}', Rejected("E1")),
        (200, b'{"code": "B7", "msg": "510502199001011234 wrong\\n"}', Rejected("B7", "… wrong")),
        (500, b'{"code": "0"}', Rejected("0")),
        (200, b'{"code": "' + b"x" * 300 + b'"}', Rejected("HTTP_200")),
        (200, b"nothing", InDoubt("HTTP_200: its own word")),
        (500, b"nothing", None),
    ],
)
def test_rules(status: int, body: bytes, expected: Outcome | None) -> None:
    assert ruled(RULES, status, Document(body), 3.0) == expected


def test_xml_is_ruled_as_json_is() -> None:
    rule = Ruling.model_validate({"at": "/RESULT/STATUS", "in": ["200"], "means": "delivered", "named": "/RESULT/DATA"})
    answer = Document(b"<RESULT><STATUS>200</STATUS><DATA>N-7</DATA></RESULT>")
    assert ruled((rule,), 200, answer) == Delivered("N-7")


@pytest.mark.parametrize(
    "wrong",
    [
        {"means": "delivered"},
        {"in": ["0"], "statuses": [200], "means": "delivered"},
        {"at": "/a", "in": ["0"], "absent": True, "means": "delivered"},
        {"at": "/a", "means": "accepted"},
        {"at": "a", "means": "rejected"},
        {"at": "/a", "means": "not_seen"},
    ],
)
def test_what_a_rule_may_not_say(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Ruling.model_validate(wrong)
