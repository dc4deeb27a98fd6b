# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Whatever the attributes hold, the name is harmless, fits, is always the same, and no other message's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.file_drop.file_system import is_sound
from connectors.file_drop.naming import LONGEST, file_name, template_fault

ENCODINGS = st.sampled_from(["utf-8", "gb18030", "gbk"])


def test_a_template_is_filled_in() -> None:
    attributes = {"time": "2026-03-02T09:05:00+08:00", "subject": "510502-20260302-000001", "id": "m-1"}
    name = file_name("{date}_{moment}_{subject}_{key}.xml", "utf-8", "0190-ab", attributes)
    assert name == b"20260302_20260302090500_510502-20260302-000001_0190-ab.xml"


def test_chinese_is_written_in_the_declared_encoding() -> None:
    assert file_name("{subject}-{key}.json", "gb18030", "k", {"subject": "办件𠮷"}) == "办件𠮷-k.json".encode("gb18030")


@pytest.mark.parametrize(
    "value",
    ["../../etc/passwd", "a/b", "..\\x", "a\0b", "a\nb", ".hidden", "", "x.", "nul", "COM1", "a*?b", "\ud800", "x\u202egpj"],
)  # fmt: skip
def test_what_is_not_safe_is_replaced_and_marked(value: str) -> None:
    name = file_name("{id}", "utf-8", "k", {"id": value})
    assert is_sound(name)
    assert not name.startswith(b".")
    assert b"~" in name


def test_what_an_encoding_does_not_have_is_replaced_and_marked() -> None:
    name = file_name("{id}.xml", "gbk", "k", {"id": "𠮷"})
    assert name.startswith(b"_~")
    assert name.endswith(b".xml")


def test_a_long_name_is_shortened_and_keeps_its_extension() -> None:
    long, longer = (file_name("{id}.xml", "utf-8", "k", {"id": "件" * length}) for length in (500, 501))
    assert len(long) <= LONGEST
    assert long.endswith(b".xml")
    assert long != longer
    long.decode("utf-8")


@given(st.text(max_size=400), st.text(max_size=400), ENCODINGS)
def test_two_messages_never_share_a_name(one: str, other: str, encoding: str) -> None:
    names = [file_name("{id}.json", encoding, "k", {"id": value}) for value in (one, other)]
    assert all(is_sound(name) and len(name) <= LONGEST for name in names)
    assert (names[0] == names[1]) == (one == other)


@pytest.mark.parametrize(
    "template", ["{key", "{key!r}", "{key:>3}", "{0}", "{a.b}", "{key[0]}", "a/{key}", "{Key}", "{}"]
)
def test_bad_templates_are_refused(template: str) -> None:
    assert template_fault(template)
