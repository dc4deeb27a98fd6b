# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""API keys: found by their digest, never stored, and nothing that is presented as one can do harm."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certs.api_key import PREFIX, KeyRing, digest_of, new_key

OLD, NEW = "ghk_made-up-old", "ghk_made-up-new"
RING = KeyRing.of([("portal", [digest_of(OLD), digest_of(NEW)]), ("housing", [digest_of("ghk_made-up-h")])])


def test_a_key_is_its_prefix_and_256_bits() -> None:
    key = new_key(lambda size: bytes(range(size)))
    assert key == "ghk_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
    assert key.startswith(PREFIX)


def test_keys_of_other_bits_are_other_keys() -> None:
    assert new_key(lambda size: b"\x00" * size) != new_key(lambda size: b"\x01" * size)


def test_the_configuration_holds_a_plain_digest() -> None:
    assert digest_of(OLD) == "sha256:" + hashlib.sha256(OLD.encode("ascii")).hexdigest()


def test_two_keys_of_a_system_serve_side_by_side() -> None:
    assert (RING.identify(OLD), RING.identify(NEW)) == ("portal", "portal")
    assert RING.identify("ghk_made-up-h") == "housing"


@pytest.mark.parametrize(
    "key",
    ["", "ghk_unknown", OLD + " ", OLD.upper(), digest_of(OLD), "x" * 201, OLD + "\x00", "密钥", "\udcff", "é" * 50],
)
def test_whatever_is_no_key_is_nobodys(key: str) -> None:
    assert RING.identify(key) is None


def test_an_oversized_key_is_not_even_hashed() -> None:
    long = "ghk_" + "x" * 10_000
    assert KeyRing.of([("portal", [digest_of(long)])]).identify(long) is None


@given(st.text(alphabet=st.characters(exclude_categories=[])))
def test_nothing_presented_ever_raises(key: str) -> None:
    assert RING.identify(key) in {None, "portal", "housing"}


def test_a_ring_of_nobody_knows_nobody() -> None:
    assert KeyRing.of([("portal", [])]).identify(OLD) is None
