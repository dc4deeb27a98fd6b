# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A secret's name opens what it names and shows nowhere: it may be the password that somebody wrote in its place."""

import json
import logging

import pytest
from pydantic import BaseModel, Field, ValidationError

from connectors.sdk import STRICT, Secret


class Config(BaseModel):
    model_config = STRICT

    token: Secret
    more: dict[str, Secret] = Field(default_factory=dict)
    size: int = 1


CONFIG = Config.model_validate({"token": "hunter2", "more": {"X-Key": "hunter3"}})


@pytest.mark.parametrize(
    "printed",
    [
        repr(CONFIG),
        str(CONFIG),
        f"{CONFIG.token} {CONFIG.token!r} {CONFIG.token:>20} {CONFIG.more}",
        "%s" % CONFIG.token,  # noqa: UP031  # because it is one of the ways
        CONFIG.model_dump_json(),
        json.dumps(CONFIG.model_dump(mode="json")),
        logging.LogRecord("x", 20, "x", 1, "with %s", (CONFIG.token,), None).getMessage(),
    ],
)
def test_it_prints_as_stars(printed: str) -> None:
    assert "hunter" not in printed
    assert "***" in printed


def test_it_opens_what_it_names() -> None:
    kept = {"hunter2": "the value"}

    assert kept[CONFIG.token] == "the value"
    assert CONFIG.token.name == "hunter2"
    assert type(CONFIG.token.name) is str


@pytest.mark.parametrize("written", ["two words", "", "x" * 101, "päss", 7])
def test_what_is_no_name_is_refused_and_not_quoted(written: object) -> None:
    with pytest.raises(ValidationError) as caught:
        Config.model_validate({"token": written})

    assert str(written) not in str(caught.value) or written in {"", 7}


def test_errors_beside_it_quote_nothing() -> None:
    with pytest.raises(ValidationError) as caught:
        Config.model_validate({"token": "fine", "size": "hunter4", "unknown": "hunter5"})

    assert "hunter" not in str(caught.value)


def test_the_schema_says_what_it_is() -> None:
    assert Config.model_json_schema()["properties"]["token"]["format"] == "secret-name"
