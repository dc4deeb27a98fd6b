# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""DER is looked over before anything is built of it."""

import pytest
from asn1crypto.core import Integer, OctetString, SequenceOf, UTF8String
from hypothesis import given
from hypothesis import strategies as st

from certs.der import MAX_DEPTH, decoded, is_der
from connectors.e_seal.sealing.authority import Algorithm
from connectors.e_seal.sealing.seals import sequence
from tests.certs.seals.town import town

SAMPLE = town(Algorithm.SM2).signature()


class Numbers(SequenceOf):  # type: ignore[misc]  # asn1crypto ships no types
    _child_spec = Integer


def nested(depth: int) -> bytes:
    made = b"\x02\x01\x00"
    for _ in range(depth):
        made = sequence(made)
    return made


@pytest.mark.parametrize(
    "written",
    [
        Integer(5).dump(),
        Numbers(range(300)).dump(),
        OctetString(b"x" * 70_000).dump(),
        UTF8String("印章").dump(),
        SAMPLE,
    ],
    ids=["integer", "list", "long", "text", "signature"],
)
def test_der_is_der(written: bytes) -> None:
    assert is_der(written)


@pytest.mark.parametrize(
    "written",
    [
        b"",
        b"\x30",
        b"\x30\x80\x02\x01\x00\x00\x00",
        b"\x30\x81\x03\x02\x01\x00",
        b"\x30\x82\x00\x03\x02\x01\x00",
        b"\x30\x85\x00\x00\x00\x00\x03\x02\x01\x00",
        b"\x24\x05\x04\x03abc",
        b"\x3f\x81\x01\x01\x00",
        b"\x30\x03\x02\x01",
        b"\x30\x03\x02\x02\x00",
        b"\x02\x01\x00\x00",
        b"\x02\x01\x00\x02\x01\x00",
    ],
    ids=["empty", "tag", "indefinite", "long form", "padded", "huge length", "in pieces", "long tag", "short", "beyond",
         "slack", "two"],
)  # fmt: skip
def test_what_two_readers_could_read_differently_is_refused(written: bytes) -> None:
    assert not is_der(written)


def test_nesting_has_a_limit() -> None:
    assert is_der(nested(MAX_DEPTH - 1))
    assert not is_der(nested(MAX_DEPTH + 1))
    assert not is_der(nested(100_000))


def test_a_bomb_of_tiny_elements_is_refused_soon() -> None:
    assert not is_der(sequence(b"\x05\x00" * 200_000))


@given(st.integers(0, len(SAMPLE) - 1))
def test_no_beginning_of_it_is_der(length: int) -> None:
    assert not is_der(SAMPLE[:length])


@given(st.binary(max_size=300))
def test_any_bytes_are_looked_over(junk: bytes) -> None:
    if is_der(junk):
        assert decoded(junk, len) == len(junk)
