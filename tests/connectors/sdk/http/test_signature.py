# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Signatures against vectors that others computed, and what a recipe may not say."""

import base64
import hashlib
import subprocess
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.sdk.http.signature import Signature, Signing
from connectors.sdk.http.template import Missing

KEY = "0123456789abcdef0123456789abcdef"
SHARING = {"h.gjgxjhpt_sid": "s_1", "h.gjgxjhpt_rid": "r_1", "h.gjgxjhpt_rtime": "1700000000000"}


def signing(**settings: Any) -> Signing:
    return Signing.model_validate({"secret": "a", **settings})


def test_the_sharing_platforms_vector() -> None:
    recipe = signing(over="{h.gjgxjhpt_sid}{h.gjgxjhpt_rid}{h.gjgxjhpt_rtime}")
    assert recipe.made(SHARING.get, KEY, {}) == "1B8T4AGSZmSIRJQCRLCXY7UuKCFIoB96faiza/j58O8="


@pytest.mark.parametrize("digest", ["md5", "sha1", "sha256", "sha512", "sm3"])
def test_every_hmac_is_what_openssl_computes(digest: str) -> None:
    made = signing(over="{body}", digest=digest, encoding="hex", prefix="v1=").made(lambda _: "办件 body", KEY, {})
    openssl = subprocess.run(
        ["openssl", "dgst", f"-{digest}", "-hmac", KEY], input="办件 body".encode(), check=True, capture_output=True
    )
    assert made == "v1=" + openssl.stdout.decode().split("= ")[1].strip()


def test_sorted_fields_and_secret() -> None:
    recipe = signing(kind="digest", digest="md5", over="{fields}&key={secret.key}", encoding="upper_hex")
    fields = {"b": "2", "a": "办", "empty": "", "sign": "old"}
    expected = hashlib.md5("a=办&b=2&key=k".encode()).hexdigest().upper()
    assert recipe.made(lambda _: None, "k", fields, into="sign") == expected


@pytest.mark.parametrize(
    ("how", "text"),
    [
        ({"order": "written"}, "b=2&a=1"),
        ({"order": ["a", "none", "b"], "join": ""}, "a=1b=2"),
        ({"pair": "value", "join": "|"}, "1|2"),
        ({"pair": "namevalue", "without": ["a"]}, "b2"),
        ({"skip_empty": False}, "a=1&b=2&c="),
    ],
)
def test_how_fields_are_joined(how: dict[str, Any], text: str) -> None:
    recipe = signing(kind="digest", digest="sha256", over="{fields}{secret.key}", fields=how, encoding="hex")
    made = recipe.made(lambda _: None, "", {"b": "2", "a": "1", "c": ""})
    assert made == hashlib.sha256(text.encode()).hexdigest()


def test_the_two_base64s_of_one_digest_differ() -> None:
    """Carriers mean either, for different interfaces of the same company."""
    over = {"kind": "digest", "digest": "md5", "over": "{body}{secret.key}"}
    raw = signing(**over, encoding="base64").made(lambda _: "x", "k", {})
    hexadecimal = signing(**over, encoding="base64_of_hex").made(lambda _: "x", "k", {})
    digest = hashlib.md5(b"xk")
    assert raw == base64.b64encode(digest.digest()).decode()
    assert hexadecimal == base64.b64encode(digest.hexdigest().encode()).decode()


def test_a_carriers_digest_over_java_encoded_text() -> None:
    recipe = signing(kind="digest", digest="md5", over="{f.msgData|java_url}{f.timestamp}{secret.key}")
    made = recipe.made({"f.msgData": '{"a": "~*"}', "f.timestamp": "1"}.get, "word", {})
    assert made == base64.b64encode(hashlib.md5(b"%7B%22a%22%3A+%22%7E*%22%7D1word").digest()).decode()


def test_bytes_that_are_no_text_are_signed_as_they_are() -> None:
    body = bytes(range(256))
    made = signing(over="{content}", encoding="hex").made(lambda _: body.decode("utf-8", "surrogateescape"), KEY, {})
    openssl = subprocess.run(["openssl", "dgst", "-sha256", "-hmac", KEY], input=body, check=True, capture_output=True)
    assert made == openssl.stdout.decode().split("= ")[1].strip()


def test_what_is_missing_is_told() -> None:
    assert signing(over="{h.none}").made(lambda _: None, KEY, {}) == Missing("h.none")


@pytest.mark.parametrize(
    "wrong",
    [
        {"over": "{body}{secret.key}"},
        {"kind": "digest", "over": "{body}"},
        {"kind": "digest", "over": "{secret.key}{secret.other}"},
        {"over": "{body", "digest": "md5"},
        {"over": "{body}", "digest": "crc32"},
        {"over": "{body}", "secret": "no such/name"},
    ],
)
def test_what_a_recipe_may_not_say(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        signing(**wrong)


def test_a_signature_goes_to_one_place() -> None:
    for places in ({}, {"header": "X-Sign", "field": "sign"}):
        with pytest.raises(ValidationError, match="exactly one"):
            Signature.model_validate({"secret": "a", "over": "{body}", **places})
    assert "made-up" not in repr(Signature.model_validate({"secret": "made-up", "over": "{body}", "field": "s"}))
