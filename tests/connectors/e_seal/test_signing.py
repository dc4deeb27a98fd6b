# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""How platforms sign, by vectors where somebody published one, and by an independent computation where nobody did."""

import base64
import hashlib
import hmac
from pathlib import Path
from urllib.parse import urlencode

import pytest

from connectors.e_seal.profile import SHIPPED, Profile, Scheme, State, read_profile, shipped
from connectors.e_seal.signing import Draft, callback_signature, fasc_signature, signed
from tests.house.tree import ROOT


def draft(**other: str | bytes | None) -> Draft:
    given = {
        "method": "POST",
        "target": "/v3/sign-flow/create-by-file",
        "body": b'{"a":1}',
        "moment": "1660000000123",
        "nonce": "0123456789abcdef0123456789abcdef",
        "app_id": "app-id",
        **other,
    }
    return Draft(**given)  # type: ignore[arg-type]  # the names are those of the fields


def test_fasc_by_the_published_vector() -> None:
    parameters = {
        "X-FASC-App-Id": "app-id",
        "X-FASC-Sign-Type": "HMAC-SHA256",
        "X-FASC-Timestamp": "1660000000123",
        "X-FASC-Nonce": "0123456789abcdef0123456789abcdef",
        "X-FASC-Api-SubVersion": "5.1",
        "X-FASC-AccessToken": "token",
        "bizContent": "Alice",
    }
    expected = "37e2dd3277c7fd3618257b09a7cde544f7d07208fb2791666738236dd3aeabde"

    assert fasc_signature(parameters, "1660000000123", "app-secret") == expected
    assert fasc_signature({**parameters, "empty": ""}, "1660000000123", "app-secret") == expected
    made = signed(Scheme.FASC, "app-secret", draft(form="Alice", token="token"))
    assert made["X-FASC-Sign"] == expected
    assert made["X-FASC-AccessToken"] == "token"


def test_the_request_for_a_token_carries_none() -> None:
    made = signed(Scheme.FASC, "app-secret", draft())

    assert "X-FASC-AccessToken" not in made
    assert made["X-FASC-Grant-Type"] == "client_credential"


def test_tsign_binds_method_type_body_and_path() -> None:
    made = signed(Scheme.TSIGN, "secret", draft())
    digest = base64.b64encode(hashlib.md5(b'{"a":1}').digest()).decode()
    text = f"POST\n*/*\n{digest}\napplication/json; charset=UTF-8\n\n/v3/sign-flow/create-by-file"
    expected = base64.b64encode(hmac.new(b"secret", text.encode(), hashlib.sha256).digest()).decode()

    assert made["X-Tsign-Open-Ca-Signature"] == expected
    assert made["Content-MD5"] == digest
    assert made["X-Tsign-Open-Auth-Mode"] == "Signature"
    assert signed(Scheme.TSIGN, "secret", draft(method="GET", body=b""))["Content-MD5"] == ""


def test_a_callback_of_tsign_covers_moment_query_and_body() -> None:
    headers = {"x-tsign-open-timestamp": "1660000000123"}
    text = "1660000000123" + "1" + "2" + '{"signFlowId":"f"}'
    expected = hmac.new(b"secret", text.encode(), hashlib.sha256).hexdigest()
    _, made, moment = callback_signature(Scheme.TSIGN, "secret", headers, "b=2&a=1", b'{"signFlowId":"f"}', None)

    assert (made, moment) == (expected, "1660000000123")


def test_a_callback_of_fasc_covers_its_event() -> None:
    headers = {
        "x-fasc-app-id": "app-id",
        "x-fasc-sign-type": "HMAC-SHA256",
        "x-fasc-timestamp": "1660000000123",
        "x-fasc-nonce": "n",
        "x-fasc-event": "sign-task-finished",
    }
    form = '{"signTaskId":"t"}'
    body = urlencode({"bizContent": form}).encode()
    one = callback_signature(Scheme.FASC, "secret", headers, "", body, form)[1]
    other = callback_signature(Scheme.FASC, "secret", {**headers, "x-fasc-event": "sign-task-signed"}, "", body, form)[
        1
    ]
    parameters = {
        "X-FASC-App-Id": "app-id",
        "X-FASC-Sign-Type": "HMAC-SHA256",
        "X-FASC-Timestamp": "1660000000123",
        "X-FASC-Nonce": "n",
        "X-FASC-Event": "sign-task-finished",
        "bizContent": form,
    }

    assert one == fasc_signature(parameters, "1660000000123", "secret")
    assert one != other


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_profile_can_be_read(name: str) -> None:
    profile = shipped(name)

    assert isinstance(profile, Profile)
    assert profile.name == name
    assert State.DONE in profile.look.states.values()


def test_only_a_platform_that_can_be_asked_says_so() -> None:
    assert {name for name in SHIPPED if shipped(name).find is not None} == {"generic"}


def test_a_faulty_profile_says_where(tmp_path: Path) -> None:
    text = (ROOT / "connectors/e_seal/profiles/generic.yaml").read_text("utf-8")
    faulty = tmp_path / "mine.yaml"
    faulty.write_text(text.replace("  keep: {task: /task_id}\nfind", "  keep: {}\nfind"), "utf-8")

    with pytest.raises(ValueError, match="create and find keep task"):
        read_profile(faulty)
    faulty.write_text("name: [", "utf-8")
    with pytest.raises(ValueError, match=r"mine\.yaml"):
        read_profile(faulty)
