# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Encodings: every character of Unicode goes and comes back or is refused, and the traps of real senders."""

from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.dialects.encoding import Encoding, Undecodable, Unencodable, named

SCALARS = [chr(code) for code in chain(range(0xD800), range(0xE000, 0x110000))]
STANDINS = [*range(0xE78D, 0xE797), 0xE81E, 0xE826, 0xE82B, 0xE82C, 0xE832, 0xE843, 0xE854, 0xE864]
"""Private-use points of GB18030-2000 whose codes mean a character of Unicode since 2022."""


@pytest.mark.parametrize(
    ("encoding", "outside"),
    [(Encoding.UTF_8, 0), (Encoding.GB18030, len(STANDINS)), (Encoding.GB2312, len(SCALARS) - 128 - 7445)],
)
def test_every_character_comes_back_or_is_refused(encoding: Encoding, outside: int) -> None:
    encoded = [(character, encoding.encode(character)) for character in SCALARS]

    assert sum(isinstance(body, Unencodable) for _, body in encoded) == outside
    written = [(character, body) for character, body in encoded if isinstance(body, bytes)]
    assert [character for character, body in written if encoding.decode(body) != character] == []
    assert len({body for _, body in written}) == len(written)
    whole = "".join(character for character, _ in written)
    assert encoding.decode(b"".join(body for _, body in written)) == whole


@pytest.mark.parametrize("standin", STANDINS)
def test_what_was_private_use_is_refused_in_gb18030(standin: int) -> None:
    assert Encoding.GB18030.encode(f"甲{chr(standin)}") == Unencodable(chr(standin), 1)


@pytest.mark.parametrize(
    ("character", "gb18030"),
    [
        ("·", "a1a4"),
        ("—", "a1aa"),
        ("€", "a2e3"),
        ("𠮷", "9534b235"),
        ("䶮", "fe9f"),
        ("㐂", "8139ef31"),
        ("〇", "a996"),
        ("ḿ", "a8bc"),
        ("龴", "fe59"),
        ("龻", "fea0"),
        ("︐", "a6d9"),
        ("︑", "a6db"),
        ("︒", "a6da"),
        ("︙", "a6f3"),
        ("\ue000", "aaa1"),
        ("\ue765", "a7a0"),
        ("\ue816", "fe51"),
        ("\U000f0000", "d8389734"),
        ("\U0010ffff", "e3329a35"),
    ],
)
def test_gb18030_is_that_of_2022(character: str, gb18030: str) -> None:
    assert Encoding.GB18030.encode(character) == bytes.fromhex(gb18030)
    assert Encoding.GB18030.decode(bytes.fromhex(gb18030)) == character


@pytest.mark.parametrize(
    ("code", "character"),
    [("82359037", "龴"), ("82359134", "龻"), ("84318236", "︐"), ("84318335", "︙")],
)
def test_the_four_byte_codes_of_2000_are_read_too(code: str, character: str) -> None:
    assert Encoding.GB18030.decode(bytes.fromhex(code)) == character


@pytest.mark.parametrize("name", ["买买提·艾力（测试）", "测试—甲", "GB 2312：１２"])
def test_gb2312_keeps_the_dot_of_a_name(name: str) -> None:
    body = Encoding.GB2312.encode(name)

    assert isinstance(body, bytes)
    assert body == name.encode("gbk")
    assert Encoding.GB2312.decode(body) == name


@pytest.mark.parametrize("character", ["𠮷", "镕", "䶮", "€", "〇", "・", "―", "\x80", "\ud842"])
def test_what_gb2312_has_not_is_named(character: str) -> None:
    assert Encoding.GB2312.encode(f"测试{character}甲𠮷") == Unencodable(character, 2)


def test_the_character_is_shown_with_its_number() -> None:
    assert str(Unencodable("𠮷", 0)) == "𠮷 (U+20BB7)"
    assert str(Unencodable("\x00", 0)) == "U+0000"
    assert str(Unencodable("\ue81e", 0)) == "U+E81E"


def test_what_declares_gb2312_may_be_gb18030() -> None:
    assert Encoding.GB2312.decode("𠮷镕€".encode("gb18030")) == "𠮷镕€"


@pytest.mark.parametrize(
    ("encoding", "body", "index"),
    [
        (Encoding.UTF_8, b"a\xff", 1),
        (Encoding.UTF_8, b"\xed\xa0\x80", 0),
        (Encoding.UTF_8, b"\xc0\x80", 0),
        (Encoding.GB18030, b"ab\x80", 2),
        (Encoding.GB18030, b"\xff", 0),
        (Encoding.GB18030, b"\xb2", 0),
        (Encoding.GB2312, b"\xe3\x32\x9a\x36", 0),
    ],
)
def test_bytes_of_another_encoding_are_placed(encoding: Encoding, body: bytes, index: int) -> None:
    assert encoding.decode(body) == Undecodable(index)


def test_a_lone_surrogate_is_in_no_encoding() -> None:
    assert [encoding.encode("甲\ud800") for encoding in Encoding] == [Unencodable("\ud800", 1)] * 3


@given(st.sampled_from(Encoding), st.binary(max_size=60))
@settings(deadline=None, max_examples=200)
def test_no_bytes_make_it_raise(encoding: Encoding, body: bytes) -> None:
    text = encoding.decode(body)

    assert isinstance(text, Undecodable) or isinstance(Encoding.UTF_8.encode(text), bytes)


@pytest.mark.parametrize(
    ("label", "encoding"),
    [
        ("utf-8", Encoding.UTF_8),
        ("UTF8", Encoding.UTF_8),
        (" Gb2312 ", Encoding.GB2312),
        ("GBK", Encoding.GB18030),
        ("gb18030", Encoding.GB18030),
        ("utf-16", None),
        ("utf-7", None),
        ("latin-1", None),
        ("", None),
    ],
)
def test_labels(label: str, encoding: Encoding | None) -> None:
    assert named(label) is encoding
