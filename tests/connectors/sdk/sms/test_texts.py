# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Numbers, parts, and the way back from parts to a text."""

from collections.abc import Callable
from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sdk import Parcel, Rejected
from connectors.sdk.sms.assembly import Assembly, Place, opened
from connectors.sdk.sms.message import Message, Reading
from connectors.sdk.sms.numbers import Prefix, dialled, numbers_in, plain
from connectors.sdk.sms.parts import cut
from connectors.sdk.sms.upstream import read_text
from contracts.notices.segments import Alphabet, segmented

ALL = (Alphabet.ASCII, Alphabet.GB, Alphabet.UCS2)
CODINGS = {Alphabet.ASCII: 0, Alphabet.GB: 15, Alphabet.UCS2: 8}
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=400)


@pytest.mark.parametrize(
    ("number", "prefix", "as_dialled"),
    [
        ("13800000000", "", "13800000000"),
        ("+86 138-0000-0000", "", "13800000000"),
        ("8613800000000", "86", "8613800000000"),
        ("008613800000000", "+86", "+8613800000000"),
        ("10086", "86", "10086"),
        ("+85200000000", "86", "+85200000000"),
        ("12", "", None),
        ("1380000000x", "", None),
        ("１３８００００００００", "", None),
        ("", "", None),
    ],
)
def test_numbers_are_dialled_as_the_gateway_wants_them(number: str, prefix: Prefix, as_dialled: str | None) -> None:
    assert dialled(number, prefix) == as_dialled


def test_a_prefix_is_taken_off_again() -> None:
    assert [plain(one) for one in ("+8613800000000", "8613800000000", "10086", "86123")] == ["13800000000"] * 2 + [
        "10086",
        "86123",
    ]


def test_a_list_of_numbers_has_each_once() -> None:
    assert numbers_in(" 13800000000，13800000001; 13800000000、\n10086,") == ("13800000000", "13800000001", "10086")


@pytest.mark.parametrize(
    ("text", "alphabet", "lengths"),
    [
        ("a" * 160, Alphabet.ASCII, [160]),
        ("a" * 161, Alphabet.ASCII, [140, 33]),
        ("受" * 70, Alphabet.GB, [140]),
        ("受" * 71, Alphabet.GB, [140, 14]),
        ("𠮷" + "受" * 68, Alphabet.UCS2, [140]),
        ("𠮷" + "受" * 69, Alphabet.UCS2, [140, 14]),
    ],
)
def test_parts_have_the_lengths_that_are_allowed(text: str, alphabet: Alphabet, lengths: list[int]) -> None:
    made = cut(text, ALL, 300)
    assert made is not None
    assert (made.alphabet, [len(one.content) for one in made.parts]) == (alphabet, lengths)
    if len(lengths) > 1:
        assert [one.content[:6].hex() for one in made.parts] == ["0500032c0201", "0500032c0202"]


@given(
    TEXTS, st.sampled_from([(Alphabet.ASCII, Alphabet.UCS2), ALL, (Alphabet.UCS2,)]), st.integers(0, 999), st.randoms()
)
def test_what_is_cut_is_counted_before_and_comes_together_again(
    text: str, alphabets: tuple[Alphabet, ...], reference: int, chance: object
) -> None:
    made = cut(text, alphabets, reference)
    assert made is not None
    assert len(made.parts) == len(segmented(text, alphabets).parts)
    assert all(len(one.content) <= (160 if made.alphabet is Alphabet.ASCII else 140) for one in made.parts)
    read = [opened(one.content) if one.headed else (None, one.content) for one in made.parts]
    chance.shuffle(read)  # type: ignore[attr-defined]
    assembly: Assembly[bytes] = Assembly(60)
    whole = None
    for place, part in read:
        whole = [part] if place is None else assembly.add("sender", place, part, 0.0)
    assert whole is not None
    assert read_text(b"".join(whole), CODINGS[made.alphabet]) == text


def test_a_text_of_too_many_parts_is_none() -> None:
    assert cut("受" * 67 * 256, (Alphabet.UCS2,), 0) is None


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ("0500032c0201" + "41", Place(0x2C, 2, 1)),
        ("06080401020302" + "41", Place(0x0102, 3, 2)),
        ("0a050400010002" + "0003ff0202" + "41", None),
        ("0b0504000100020003ff0202" + "41", Place(0xFF, 2, 2)),
        ("0500032c0200" + "41", None),
        ("0500032c0203" + "41", None),
        ("ff41", None),
        ("", None),
    ],
)
def test_headers_are_read_and_nonsense_is_text(content: str, place: Place | None) -> None:
    assert opened(bytes.fromhex(content))[0] == place


@given(st.binary(max_size=60))
def test_whatever_a_header_says_nothing_breaks(content: bytes) -> None:
    place, text = opened(content)
    assert len(text) <= len(content)
    assert place is None or 1 <= place.number <= place.total


def test_what_never_becomes_whole_comes_out_in_the_end() -> None:
    assembly: Assembly[str] = Assembly(60, most=1)
    assembly.add("a", Place(1, 3, 3), "third", 0.0)
    assembly.add("a", Place(1, 3, 1), "first", 1.0)
    assembly.add("a", Place(1, 3, 1), "first again", 1.0)
    assert assembly.overdue(59.0) == []
    assert assembly.overdue(60.0) == [["first again", "third"]]
    assembly.add("a", Place(1, 2, 1), "x", 0.0)
    assembly.add("b", Place(1, 2, 1), "y", 1.0)
    assert assembly.overdue(2.0) == [["x"]]


READING = Reading("{/to}", "【示例】{/text}", "{/until}", "86", 2)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"to": "13800000000", "text": "您好"}, Message(("8613800000000",), "【示例】您好")),
        ({"to": ["13800000000", "10086"], "text": "您好"}, Message(("8613800000000", "10086"), "【示例】您好")),
        ({"to": "13800000000"}, "TEMPLATE_UNFILLED"),
        ({"to": [13800000000], "text": "x"}, "TEMPLATE_UNFILLED"),
        ({"to": "张三", "text": "x"}, "NUMBER_INVALID"),
        ({"to": "", "text": "x"}, "NUMBER_INVALID"),
        ({"to": "10001,10002,10003", "text": "x"}, "TOO_MANY_NUMBERS"),
        ({"to": "10001", "text": "长" * 20_001}, "TEXT_LENGTH"),
    ],
)
def test_a_body_says_to_whom_and_what(
    parcel: Callable[..., Parcel], body: dict[str, object], said: Message | str
) -> None:
    read = READING.message(parcel(body=orjson.dumps(body)), lambda: datetime(2026, 3, 5, tzinfo=UTC))
    if isinstance(said, str):
        assert isinstance(read, Rejected)
        assert read.code == said
        assert "13800000000" not in repr(read)
        assert "张三" not in repr(read)
    else:
        assert read == said


def test_nothing_of_a_message_is_printed() -> None:
    assert "13800000000" not in repr(Message(("13800000000",), "密"))
    assert "密" not in repr(Message(("13800000000",), "密"))
