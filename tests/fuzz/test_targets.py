# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The fuzz targets with inputs that were right before somebody spoilt them, and with none that ever was."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.targets import TARGETS, kept, seeds

WORDS = {
    "json": [b'"', b"{", b"}", b"[", b"]", b":", b",", b"1e999", b"NaN", b"\\ud800", b"\\u0000", b"-", b"9" * 30, b'{"a":'],
    "xml": [
        b"<", b">", b"</", b"/>", b"&", b";", b"&#x0;", b"&#13;", b"&lt;", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<?a?>",
        b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b' a="b"', b' xmlns="u"', b' xmlns:p="u"', b"<p:a/>", b"<a>" * 70, b"\xef\xbb\xbf",
        b' xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true"', b"GB2312", b"GB18030", b"UTF-8", b"UTF-16", b"1.1",
    ],
    "map": [
        b"&a ", b"*a", b"<<: ", b"!!python/object:os.system ", b"- ", b": ", b"{", b"}", b"[", b"]", b"|\n", b"\t", b"---\n",
        b"extends: gbt39046\n", b"extends: site.yaml\n", b"like: x", b"null", b"1e400", b"0x1", b"2026-03-02", b"'", b'"', b"#",
        b"[*]", b".", b"path: ", b"each: ", b"codes: ", b"max: -1", b"\xff", b"\x00",
    ],
    "routes": [
        b"&a ", b"*a", b"<<: ", b"!!python/object:os.system ", b"- ", b": ", b"{", b"}", b"[", b"]", b"|\n", b"\t", b"---\n",
        b"null", b"name: a", b"when: {}", b"except: {}", b"if: ", b"as: tap", b"to: civil", b"delay: 1h", b"expires: 1s",
        b"until: ",
        b"priority: 10",
        b"purposes: ", b'"*"', b"region: 510500", b"contract: cn.gov.application.submitted@9", b"identifiers: refuse", b"1e400",
        b"\xff", b"\x00", b"routes: ", b"version: 2", b"true ", b"data.", b"'", b'"', b"#",
    ],
    "expression": [
        b"data", b".", b"(", b")", b"[", b"]", b"'", b'"', b"exists(x, ", b"map(x, ", b"matches('(a+)+$')", b"+",
        b"&&", b"||", b"!", b"?", b":", b"has(", b"0",
        b"9223372036854775808", b"1.0e999", b"b'\\xff'", b"\xff", b"\x00", b"{", b"}", b"in", b"/0",
        b"%0", b"null", b"source",
        b"timestamp('x')", b"duration('1s')", b"dyn(", b"type(", b"-", b"\n", b"// ", b"\xe6\x89\xa7",
    ],
    "envelope": [
        b"\x00", b"\x01", b"\x02", b"{", b"}", b"[", b"]", b'"id":', b'"specversion":"1.0"', b"ce-id: ", b"ce-time: ", b"\n",
        b"\n\n", b",",
        b"%", b"%00", b"\xff", b"application/cloudevents", b'"data_base64":"', b"=", b'"\\u0000"', b"2026-12-31T23:59:60Z",
    ],
    "signature": [
        b"0\x80", b"\x30\x82\xff\xff", b"\x02\x01\x01", b"\x06\x09", b"\xa0\x82", b"\x31\x00", b"\x04\x00", b"\x05\x00",
        b"\x30\x00", b"what was signed",
    ],
    "seal": [
        b"0\x80", b"\x30\x82\xff\xff", b"\x02\x01\x04", b"\x02\x01\x01", b"\x16\x02ES", b"\x18\x0f20260311142000Z",
        b"\x17\x0d260311142000Z",
        b"\x03\x01\x00", b"\x04\x00", b"\xa0\x02", b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06",
        b"../", b"%PDF-", b"OFD.xml", b"-----BEGIN X-----",
    ],
}  # fmt: skip


@st.composite
def spoilt(draw: Callable[[st.SearchStrategy[Any]], Any], target: str) -> bytes:
    """A right input with some of it cut out, doubled, moved or written over."""
    data: bytes = draw(st.sampled_from(SEEDS[target]))
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 40)))
        to = draw(st.integers(0, len(data)))
        word = draw(st.sampled_from(WORDS[target]) | st.binary(max_size=4))
        data = draw(
            st.sampled_from(
                [
                    data[:start] + data[end:],
                    data[:start] + word + data[end:],
                    data[:start] + word + data[start:],
                    data[:to] + data[start:end] + data[to:],
                    data[:end],
                ]
            )
        )
    return data


SEEDS = {target: seeds(target) for target in TARGETS}


@pytest.mark.parametrize("target", TARGETS)
def test_what_is_right_holds(target: str) -> None:
    for seed in SEEDS[target]:
        TARGETS[target](seed)


@pytest.mark.parametrize("target", TARGETS)
def test_what_was_kept_holds(target: str) -> None:
    inputs = kept(target)
    assert inputs, "make fuzz KEEP=1 keeps what a run has found"
    for one in inputs:
        TARGETS[target](one)


@pytest.mark.parametrize("target", TARGETS)
@settings(deadline=None, max_examples=150)
@given(data=st.data())
def test_whatever_was_spoilt(target: str, data: st.DataObject) -> None:
    TARGETS[target](data.draw(spoilt(target)))


@pytest.mark.parametrize("target", TARGETS)
@settings(deadline=None, max_examples=100)
@given(data=st.data())
def test_whatever_words(target: str, data: st.DataObject) -> None:
    words = st.sampled_from(WORDS[target]) | st.binary(max_size=5)
    TARGETS[target](b"".join(data.draw(st.lists(words, max_size=20))))
