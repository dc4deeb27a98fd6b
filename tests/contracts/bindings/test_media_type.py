# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Content types, read so that what means the same reads the same."""

import pytest

from contracts.bindings.media_type import parse


@pytest.mark.parametrize(
    ("text", "normal", "is_json"),
    [
        ("application/json", "application/json", True),
        (" Application/JSON ; Charset=UTF-8 ", "application/json", True),
        ('application/json;charset="utf8";', "application/json", True),
        ("text/json", "text/json", True),
        ("application/vnd.x+json; b=2; a=1", "application/vnd.x+json; a=1; b=2", True),
        ("text/xml; charset=GBK", "text/xml; charset=GBK", False),
        ("application/jsonx", "application/jsonx", False),
        ("a/b; c=1; c=2", "a/b; c=1", False),
    ],
)
def test_media_types(text: str, normal: str, is_json: bool) -> None:  # noqa: FBT001  # because parametrize passes it
    found = parse(text)

    assert found is not None
    assert (found.text, found.is_json) == (normal, is_json)
    assert parse(found.text) == found


@pytest.mark.parametrize(
    "text", ["", "a", "a/", "/b", "a/b c", "a/b; c", "a/b;c=", 'a/b; c="', "甲/乙", "a" * 300 + "/b"]
)
def test_what_is_not_a_media_type(text: str) -> None:
    assert parse(text) is None


def test_the_charset_is_told_when_it_is_another() -> None:
    found = parse("application/json; charset=GB18030")

    assert found is not None
    assert found.charset == "gb18030"
