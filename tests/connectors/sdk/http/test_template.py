# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Templates: what stands in them, what fills them, and that no value breaks out of its place."""

import hashlib
import urllib.parse
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from connectors.sdk.http.template import FILTERS, Missing, Moment, compiled, filled, java_url, names_in, xml_text

VALUES = {"key": "k-1", "ce.subject": "办件 1/2", "/data/no": "17", "now.ms": "1767225600000"}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("plain", "plain"),
        ("{key}", "k-1"),
        ("a{{{key}}}b", "a{k-1}b"),
        ("/{ce.subject|url}/{/data/no}", "/%E5%8A%9E%E4%BB%B6%201%2F2/17"),
        ("{key|md5|upper}", hashlib.md5(b"k-1").hexdigest().upper()),
        ("{now.ms|from_ms}", "2026-01-01T00:00:00Z"),
        ("{nothing}", None),
        ("{key|nothing}", None),
        ("{", None),
        ("}", None),
    ],
)
def test_places(template: str, expected: str | None) -> None:
    if expected is None:
        with pytest.raises(ValueError):
            compiled(template)
        return
    assert filled(template, VALUES.get) == expected


def test_what_is_missing_is_named() -> None:
    assert filled("{key}-{ce.id}", VALUES.get) == Missing("ce.id")
    assert filled("{key|from_ms}", VALUES.get) == Missing("key")
    assert names_in("{key|upper} {/a} {{no}}") == {"key", "/a"}


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("a b", "a+b"),
        ("*-._", "*-._"),
        ("~", "%7E"),
        ("办", "%E5%8A%9E"),
        ("a&b=c+d", "a%26b%3Dc%2Bd"),
        ("'()!", "%27%28%29%21"),
    ],
)
def test_java_url_encoder(value: str, written: str) -> None:
    """The rules of java.net.URLEncoder's documentation; a library for the web keeps or escapes others of them."""
    assert java_url(value) == written
    assert urllib.parse.unquote_plus(written) == value


@pytest.mark.parametrize(
    ("name", "digest"),
    [
        ("sm3", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
        ("md5", "900150983cd24fb0d6963f7d28e17f72"),
        ("sha256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ],
)
def test_digests_of_abc(name: str, digest: str) -> None:
    """GB/T 32905, RFC 1321 and FIPS 180-4 give these for abc."""
    assert FILTERS[name]("abc") == digest


@given(st.text(st.characters(codec="utf-8")))
def test_no_value_breaks_out_of_xml(value: str) -> None:
    made = filled("<a b='{key}'>{key}</a>", {"key": value}.get, xml_text)
    if isinstance(made, Missing):
        assert any(ord(char) < 32 or char in "\ufffe\uffff" for char in value)
        return
    element = etree.fromstring(made.encode())
    assert (element.text or "") == value
    assert len(element) == 0


def test_a_request_sees_one_moment() -> None:
    moment = Moment(datetime(2026, 1, 1, 0, 0, 1, 5000, UTC), "ab")
    names = ("now.ms", "now.s", "now.iso", "now.compact", "nonce", "now.other")
    expected = ["1767225601005", "1767225601", "2026-01-01T08:00:01+08:00", "20260101080001", "ab", None]
    assert [moment.resolve(name) for name in names] == expected
