# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Every answer has one meaning."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from connectors.rest import RestConfig
from connectors.rest.answer import MAX_RETRY_AFTER, outcome_of, retry_after, wants_body
from connectors.sdk import Accepted, Delivered, InDoubt, Outcome, Rejected, Unavailable
from connectors.sdk.http.exchange import Answer

URL = "http://department.example/cases"


def config(**settings: object) -> RestConfig:
    return RestConfig.model_validate({"url": URL, **settings})


def answer(status: int, body: bytes | None = b"", **headers: str) -> Answer:
    return Answer(status, CIMultiDict({name.replace("_", "-"): value for name, value in headers.items()}), body)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (200, Delivered()),
        (201, Delivered()),
        (202, Delivered()),
        (204, Delivered()),
        (206, InDoubt("HTTP_206: neither success nor refusal")),
        (301, Rejected("REDIRECT", "The address answers with a redirect, which is never followed.")),
        (400, Rejected("HTTP_400")),
        (401, Unavailable("HTTP_401")),
        (404, Rejected("HTTP_404")),
        (408, Unavailable("HTTP_408")),
        (409, Rejected("HTTP_409")),
        (413, Rejected("HTTP_413")),
        (425, Unavailable("HTTP_425")),
        (429, Unavailable("HTTP_429")),
        (500, Unavailable("HTTP_500")),
        (502, Unavailable("HTTP_502")),
        (503, Unavailable("HTTP_503")),
        (504, Unavailable("HTTP_504")),
        (599, Unavailable("HTTP_599")),
        (999, InDoubt("HTTP_999: neither success nor refusal")),
    ],
)
def test_statuses(status: int, expected: Outcome) -> None:
    assert outcome_of(config(), answer(status)) == expected


@pytest.mark.parametrize("status", [500, 502, 504, 507])
def test_a_failure_after_the_request_was_taken_is_in_doubt_where_a_repeat_has_effect(status: int) -> None:
    outcome = outcome_of(config(idempotency="none"), answer(status))

    assert outcome == InDoubt(f"HTTP_{status}: neither success nor refusal")


@pytest.mark.parametrize("status", [408, 425, 429, 503])
def test_a_status_that_says_not_taken_is_believed_whatever_the_idempotency(status: int) -> None:
    assert outcome_of(config(idempotency="none"), answer(status)) == Unavailable(f"HTTP_{status}")


class TestReceipt:
    def test_from_a_header(self) -> None:
        assert outcome_of(config(receipt_header="X-Receipt"), answer(200, x_receipt="R-7")) == Delivered("R-7")

    @pytest.mark.parametrize(
        ("pointer", "body", "receipt"),
        [
            ("/data/no", {"data": {"no": "R-7"}}, "R-7"),
            ("/data/0/no", {"data": [{"no": 42}]}, "42"),
            ("/a~1b/c~0d", {"a/b": {"c~d": "R-7"}}, "R-7"),
            ("/no", {"no": "R" * 500}, "R" * 200),
            ("/no", {"no": "R\r\n7"}, "R7"),
        ],
    )
    def test_from_the_body(self, pointer: str, body: object, receipt: str) -> None:
        assert outcome_of(config(receipt_pointer=pointer), answer(200, orjson.dumps(body))) == Delivered(receipt)

    @pytest.mark.parametrize(
        "body", [None, b"", b"<html>", b'{"no":', b"[]", b'{"no":null}', b'{"no":true}', b'{"no":{}}', b"[" * 60_000]
    )
    def test_a_success_without_the_agreed_receipt_is_in_doubt(self, body: bytes | None) -> None:
        outcome = outcome_of(config(receipt_pointer="/no"), answer(200, body))

        assert outcome == InDoubt("ANSWER_WITHOUT_RECEIPT: it said success")


class TestAccepted:
    def test_a_reference_is_needed(self) -> None:
        settings = config(accepted_statuses=[202], reference_header="Location")

        assert outcome_of(settings, answer(202, location="/tasks/9")) == Accepted("/tasks/9")
        assert outcome_of(settings, answer(202)) == InDoubt("ANSWER_WITHOUT_REFERENCE: it said accepted")

    def test_a_reference_from_the_body(self) -> None:
        settings = config(accepted_statuses=[202], reference_pointer="/task")

        assert outcome_of(settings, answer(202, b'{"task":"T-9"}')) == Accepted("T-9")


class TestDuplicate:
    def test_a_known_duplicate_is_delivered(self) -> None:
        assert outcome_of(config(duplicate_statuses=[409]), answer(409)) == Delivered()

    def test_a_conflict_without_the_agreed_header_is_a_refusal(self) -> None:
        settings = config(duplicate_statuses=[409], duplicate_header="X-Duplicate")

        assert outcome_of(settings, answer(409)) == Rejected("HTTP_409")
        assert outcome_of(settings, answer(409, x_duplicate="yes")) == Delivered()


class TestRefusal:
    def test_code_and_title_are_theirs(self) -> None:
        body = orjson.dumps({"code": "ITEM_CLOSED", "title": "the item is closed", "detail": "张三"})

        assert outcome_of(config(), answer(422, body)) == Rejected("ITEM_CLOSED", "the item is closed")

    def test_no_number_of_a_person_gets_through_a_title(self) -> None:
        body = orjson.dumps({"title": "no case for 99010119900101001X or 13800000000"})

        assert outcome_of(config(), answer(422, body)) == Rejected("HTTP_422", "no case for … or …")

    @pytest.mark.parametrize("code", [7, "", "a b", "x" * 65, "张三", None])
    def test_a_code_nobody_could_branch_on_is_not_taken_over(self, code: object) -> None:
        assert outcome_of(config(), answer(422, orjson.dumps({"code": code}))) == Rejected("HTTP_422")

    @pytest.mark.parametrize("body", [None, b"", b"\xff", b"[1]", b'"text"'])
    def test_a_body_that_says_nothing_leaves_the_status(self, body: bytes | None) -> None:
        assert outcome_of(config(), answer(400, body)) == Rejected("HTTP_400")


class TestRetryAfter:
    @pytest.mark.parametrize(
        ("value", "seconds"),
        [
            ("0", 0.0),
            (" 7 ", 7.0),
            ("99999999999999999999", MAX_RETRY_AFTER),
            ("Mon, 02 Nov 2026 08:01:00 GMT", 60.0),
            ("Mon, 02 Nov 2026 07:00:00 GMT", 0.0),
            ("Mon, 02 Nov 2036 07:00:00 GMT", MAX_RETRY_AFTER),
            ("-1", None),
            ("1.5", None),
            ("soon", None),
            ("٧", None),
            ("Mon, 99 Nov 2026 08:01:00 GMT", None),
            ("", None),
        ],
    )
    def test_seconds_or_a_date_measured_by_their_own_clock(self, value: str, seconds: float | None) -> None:
        headers = {"Retry-After": value, "Date": "Mon, 02 Nov 2026 08:00:00 GMT"}

        assert retry_after(headers) == seconds

    def test_a_date_without_their_clock_says_nothing(self) -> None:
        assert retry_after({"Retry-After": "Mon, 02 Nov 2026 08:01:00 GMT"}) is None

    def test_it_reaches_the_outcome(self) -> None:
        assert outcome_of(config(), answer(429, Retry_After="3")) == Unavailable("HTTP_429", 3.0)


def test_a_body_is_read_only_where_it_matters() -> None:
    plain = config()
    speaking = config(receipt_pointer="/no", accepted_statuses=[202], reference_pointer="/task")

    assert [wants_body(plain, status) for status in (200, 202, 302, 422, 429, 503)] == [
        False, False, False, True, False, False,
    ]  # fmt: skip
    assert [wants_body(speaking, status) for status in (200, 202, 302, 422, 429, 503)] == [
        True, True, False, True, False, False,
    ]  # fmt: skip


@given(
    status=st.integers(100, 999),
    body=st.one_of(st.none(), st.binary(), st.recursive(
        st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(st.characters(codec="utf-8")),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["code", "title", "no", "x"]), inner),
    ).map(orjson.dumps)),
    headers=st.dictionaries(st.sampled_from(["Retry-After", "Date", "X-Receipt", "Location"]), st.text()),
)  # fmt: skip
def test_no_answer_raises(status: int, body: bytes | None, headers: dict[str, str]) -> None:
    for settings in (
        config(receipt_pointer="/no/0", accepted_statuses=[202], reference_header="Location"),
        config(receipt_header="X-Receipt", duplicate_statuses=[409], idempotency="none"),
    ):
        outcome = outcome_of(settings, Answer(status, CIMultiDict(headers), body))

        assert isinstance(outcome, Delivered | Accepted | Rejected | Unavailable | InDoubt)
