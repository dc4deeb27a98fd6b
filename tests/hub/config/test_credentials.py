# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A destination opens the secrets that its settings name, and no others."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.config.credentials import named_secrets, only

KNOWN = {"token": "1", "key": "2", "other": "3"}


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({}, set()),
        ({"bearer_secret": "token"}, {"token"}),
        ({"secret_headers": {"X-Key": "key", "X-Else": "token"}}, {"key", "token"}),
        ({"token": "a setting of that name"}, set()),
        ({"url": "https://host/token"}, set()),
        ({"deep": [{"deeper": ["other", 7, None, True]}]}, {"other"}),
    ],
)
def test_what_is_named_is_what_stands_as_a_value(settings: dict[str, Any], named: set[str]) -> None:
    assert named_secrets(settings, KNOWN) == named


def test_nothing_else_can_be_opened() -> None:
    secret = only({"token"}, KNOWN.__getitem__)

    assert secret("token") == "1"
    for name in ("key", "other", "none", ""):
        with pytest.raises(KeyError):
            secret(name)


@given(st.recursive(st.none() | st.integers() | st.text(), lambda one: st.lists(one) | st.dictionaries(st.text(), one)))
def test_any_settings_name_only_what_is_known(settings: object) -> None:
    assert named_secrets(settings, KNOWN) <= KNOWN.keys()
