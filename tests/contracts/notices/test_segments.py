# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""How long a text message is, and where it is cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.notices.segments import Alphabet, segmented

TEXTS = st.text(st.characters(blacklist_categories=["Cs"]), max_size=400)


@pytest.mark.parametrize(
    ("text", "alphabet", "places", "parts"),
    [
        ("", Alphabet.GSM7, 0, 1),
        ("a" * 160, Alphabet.GSM7, 160, 1),
        ("a" * 161, Alphabet.GSM7, 161, 2),
        ("a" * 306, Alphabet.GSM7, 306, 2),
        ("a" * 307, Alphabet.GSM7, 307, 3),
        ("€" * 80, Alphabet.GSM7, 160, 1),
        ("€" * 81, Alphabet.GSM7, 162, 2),
        ("受" * 70, Alphabet.UCS2, 70, 1),
        ("受" * 71, Alphabet.UCS2, 71, 2),
        ("受" * 134, Alphabet.UCS2, 134, 2),
        ("受" * 135, Alphabet.UCS2, 135, 3),
        ("𠮷" * 35, Alphabet.UCS2, 70, 1),
        ("𠮷" * 36, Alphabet.UCS2, 72, 2),
    ],
)
def test_lengths_at_the_edges(text: str, alphabet: Alphabet, places: int, parts: int) -> None:
    counted = segmented(text)
    assert (counted.alphabet, counted.places, len(counted.parts)) == (alphabet, places, parts)


def test_what_takes_two_places_is_never_cut_apart() -> None:
    counted = segmented("受" + "𠮷" * 40)
    assert [len(part.encode("utf-16-be")) // 2 for part in counted.parts] == [67, 14]
    assert [len(part) for part in segmented("a" + "€" * 100).parts] == [77, 24]


def test_octets_of_gb_where_a_gateway_takes_it() -> None:
    alphabets = (Alphabet.GB, Alphabet.UCS2)
    assert segmented("受" * 70, alphabets).parts == ("受" * 70,)
    counted = segmented("a" + "受" * 70, alphabets)
    assert (counted.alphabet, counted.places, [len(part) for part in counted.parts]) == (Alphabet.GB, 141, [67, 4])
    assert segmented("𠮷", alphabets).alphabet is Alphabet.UCS2


def test_ascii_where_a_gateway_knows_no_other_short_alphabet() -> None:
    counted = segmented("a" * 161, (Alphabet.ASCII, Alphabet.UCS2))
    assert (counted.alphabet, [len(part) for part in counted.parts]) == (Alphabet.ASCII, [134, 27])
    assert segmented("é", (Alphabet.ASCII, Alphabet.UCS2)).alphabet is Alphabet.UCS2


@given(TEXTS)
def test_parts_are_the_text_and_none_is_too_long(text: str) -> None:
    counted = segmented(text)
    assert "".join(counted.parts) == text
    most = counted.alphabet.single if len(counted.parts) == 1 else counted.alphabet.part
    lengths = [sum(counted.alphabet.places(one) or 0 for one in part) for part in counted.parts]
    assert max(lengths) <= most
    assert sum(lengths) == counted.places
    if counted.alphabet is Alphabet.UCS2:
        assert counted.places == len(text.encode("utf-16-be")) // 2
