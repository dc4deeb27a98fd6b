# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The headers of a request, and what cannot be one."""

from collections.abc import Callable
from urllib.parse import unquote

import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_binary
from cloudevents.core.formats.json import JSONFormat
from hypothesis import given
from hypothesis import strategies as st

from connectors.rest import RestConfig
from connectors.rest.request import percent_encoded, request_headers
from connectors.sdk import Parcel, Rejected, Unavailable

SECRETS = {"token": "made-up-token", "key": "made-up-key", "split": "a\r\nb", "empty": ""}


def config(**settings: object) -> RestConfig:
    return RestConfig.model_validate({"url": "http://department.example/cases", **settings})


def test_structured_mode_adds_no_attributes(parcel: Callable[..., Parcel]) -> None:
    headers = request_headers(config(headers={"X-System": "govhub"}), parcel(), SECRETS.__getitem__)

    assert headers == {
        "X-System": "govhub",
        "Accept-Encoding": "identity",
        "Content-Type": "application/json",
        "Idempotency-Key": "key-1",
    }


def test_binary_mode_is_understood_by_another_implementation(parcel: Callable[..., Parcel]) -> None:
    attributes = {
        "specversion": "1.0",
        "id": "m 1",
        "source": "portal/门户",
        "type": "cn.gov.application.submitted",
        "subject": '办件"100%"',
        "datacontenttype": "application/json",
        "partitionkey": "𠮷",
    }
    sent = parcel(attributes=attributes)
    headers = request_headers(config(mode="binary"), sent, SECRETS.__getitem__)

    assert isinstance(headers, dict)
    event = from_binary(HTTPMessage(headers=headers, body=sent.body), JSONFormat())
    assert {name: event.get_attributes()[name] for name in attributes} == attributes
    assert "ce-datacontenttype" not in headers


@pytest.mark.parametrize("mode", ["structured", "binary"])
def test_the_trace_of_the_hop_is_a_header_of_its_own(parcel: Callable[..., Parcel], mode: str) -> None:
    begun, hop = f"00-{'1' * 32}-{'2' * 16}-01", f"00-{'1' * 32}-{'3' * 16}-01"
    sent = parcel(attributes={"traceparent": begun}, traceparent=hop)
    headers = request_headers(config(mode=mode), sent, SECRETS.__getitem__)

    assert isinstance(headers, dict)
    assert headers["traceparent"] == hop
    assert headers.get("ce-traceparent") == (begun if mode == "binary" else None)


@given(st.text(st.characters(codec="utf-8")))
def test_any_text_survives_the_encoding(text: str) -> None:
    encoded = percent_encoded(text)

    assert all("\x21" <= char <= "\x7e" and char != '"' for char in encoded)
    assert unquote(encoded, errors="strict") == text


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"content_type": "application/json\r\nX-Evil: 1"}, "UNSENDABLE_HEADER"),
        ({"content_type": ""}, "UNSENDABLE_HEADER"),
        ({"idempotency_key": "键"}, "UNSENDABLE_HEADER"),
        ({"attributes": {"bad name": "1"}}, "UNSENDABLE_ATTRIBUTE"),
        ({"attributes": {"id": "\ud800"}}, "UNSENDABLE_ATTRIBUTE"),
    ],
)
def test_a_parcel_that_fits_no_header_is_rejected(
    changes: dict[str, object], code: str, parcel: Callable[..., Parcel]
) -> None:
    outcome = request_headers(config(mode="binary"), parcel(**changes), SECRETS.__getitem__)

    assert isinstance(outcome, Rejected)
    assert outcome.code == code


def test_secrets_are_sent_under_their_headers(parcel: Callable[..., Parcel]) -> None:
    settings = config(bearer_secret="token", secret_headers={"X-Key": "key"})
    headers = request_headers(settings, parcel(), SECRETS.__getitem__)

    assert isinstance(headers, dict)
    assert (headers["Authorization"], headers["X-Key"]) == ("Bearer made-up-token", "made-up-key")


@pytest.mark.parametrize(("name", "code"), [("gone", "SECRET_MISSING"), ("split", "SECRET_UNSENDABLE"),
                                           ("empty", "SECRET_UNSENDABLE")])  # fmt: skip
def test_without_its_secret_a_destination_is_unavailable(name: str, code: str, parcel: Callable[..., Parcel]) -> None:
    outcome = request_headers(config(bearer_secret=name), parcel(), SECRETS.__getitem__)

    assert isinstance(outcome, Unavailable)
    assert outcome.reason.startswith(f"{code}: ")
    assert "a\r\nb" not in outcome.reason


def test_a_far_side_that_repeats_gets_a_connection_of_its_own(parcel: Callable[..., Parcel]) -> None:
    headers = request_headers(config(idempotency="none"), parcel(), SECRETS.__getitem__)

    assert isinstance(headers, dict)
    assert headers["Connection"] == "close"
