# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""有效期限: what is read out of words, what is not, and that words and facts find back to each other."""

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from contracts.families.handling.validity_written import ValidityStructured
from tests.contracts.test_versions import differences

STEP = ValidityStructured()
FIRST, LAST = "2026-03-11", "2031-03-10"
SPAN = {"validity": "until", "valid_from": FIRST, "valid_until": LAST}
DAYS = st.dates().map(lambda day: f"{day:%Y-%m-%d}")


@pytest.mark.parametrize(
    ("words", "facts"),
    [
        ("2026-03-11至2031-03-10", SPAN),
        ("至2031-03-10", {"validity": "until", "valid_until": LAST}),
        ("自2026-03-11起", {"valid_from": FIRST}),
        ("长期", {"validity": "long_term"}),
        ("2026-03-11至长期", {"validity": "long_term", "valid_from": FIRST}),
    ],
)
def test_our_own_words_become_facts_alone(words: str, facts: dict[str, Any]) -> None:
    record: dict[str, Any] = {"valid_for": words}
    assert STEP.up(record) == ()
    assert record == facts

    assert STEP.down(record) == ()
    assert record == {"valid_for": words}


@pytest.mark.parametrize(
    ("words", "facts"),
    [
        ("2026/3/11至2031/3/10", SPAN),
        ("2026年3月11日至2031年3月10日", SPAN),
        ("自2026年03月11日起至2031年03月10日", SPAN),
        ("2026-03-11到2031-03-10", SPAN),
        ("有效期至2031年3月10日", {"validity": "until", "valid_until": LAST}),
        ("长期有效", {"validity": "long_term"}),
        ("自2026-03-11起长期有效", {"validity": "long_term", "valid_from": FIRST}),
    ],
)
def test_others_words_are_read_and_kept(words: str, facts: dict[str, Any]) -> None:
    record: dict[str, Any] = {"valid_for": words}
    STEP.up(record)
    assert record == {**facts, "validity_text": words}

    assert STEP.down(record) == ()
    assert record == {"valid_for": words}


@pytest.mark.parametrize(
    "words",
    [
        "5年",
        "至项目竣工",
        "2031-03-10",
        "2026-03-11至2099-12-31",
        "至2099/12/31",
        "2031-03-10至2026-03-11",
        "2026-02-30至2031-03-10",
        "2026-13-01至2031-03-10",
        "0000-01-01至2031-03-10",
        "1899-12-31至2031-03-10",
        "2026-03-11至2200-01-01",
        "2026-3-11至2031-3-10",
        "２０２６-03-11至2031-03-10",
        "长期 ",
    ],
)
def test_what_is_not_certain_stays_words(words: str) -> None:
    """``2099-12-31`` may stand for 长期 or for itself: the hub never guesses."""
    record: dict[str, Any] = {"valid_for": words}
    STEP.up(record)
    assert record == {"validity_text": words}

    assert STEP.down(record) == ()
    assert record == {"valid_for": words}


@pytest.mark.parametrize(
    ("record", "words", "lost"),
    [
        ({**SPAN, "validity_text": "5年"}, "2026-03-11至2031-03-10", ["validity_text"]),
        ({"validity_text": "长期"}, "长期", ["validity", "validity_text"]),
        ({"valid_until": LAST}, "至2031-03-10", ["validity"]),
        ({**SPAN, "validity_text": "2026-03-11至2031-03-10"}, "2026-03-11至2031-03-10", ["validity_text"]),
        ({"validity": "until", "valid_until": LAST, "validity_text": "长期"}, "至2031-03-10", ["validity_text"]),
    ],
)
def test_facts_beside_words_that_say_something_else(record: dict[str, Any], words: str, lost: list[str]) -> None:
    """Facts come before words; what reads back as something else is told."""
    found = STEP.down(record)

    assert record == {"valid_for": words}
    assert [loss.path for loss in found] == [f"$.data.{name}" for name in lost]


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "validity": st.sampled_from(["until", "long_term"]),
            "valid_from": DAYS,
            "valid_until": DAYS,
            "validity_text": st.sampled_from(["5年", "长期", "长期有效", "至2031-03-10", "2026-03-11至2031-03-10"]),
        },
    )
)
@example({"validity": "long_term", "valid_from": "2099-12-31"})
@settings(deadline=None, max_examples=150)
def test_whatever_does_not_come_back_is_told(facts: dict[str, Any]) -> None:
    record = dict(facts)
    found = STEP.down(record)
    STEP.up(record)

    assert sorted(differences(facts, record, "$.data")) == sorted(loss.path for loss in found)


@given(
    st.tuples(
        st.sampled_from(["", "自", "至", "有效期至"]),
        DAYS,
        st.sampled_from(["", "起", "至", "起至"]),
        DAYS | st.just("长期"),
    ).map("".join)
    | st.text(max_size=30)
)
@settings(deadline=None, max_examples=150)
def test_whatever_words_come_back_as_they_were(words: str) -> None:
    record: dict[str, Any] = {"valid_for": words}
    STEP.up(record)
    assert STEP.down(record) == ()
    assert record == {"valid_for": words}
