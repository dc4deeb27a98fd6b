# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""How the three kinds of platform sign what is sent to them, and what they send. Pure: keys come in, texts come out."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from connectors.e_seal.profile import Scheme
from connectors.sdk.http.spool import Body

JSON_TYPE = "application/json; charset=UTF-8"
FORM_TYPE = "application/x-www-form-urlencoded; charset=UTF-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A request before it is signed. ``target`` is path and query as they go out; ``form`` is the value of bizContent;
    ``moment`` milliseconds since 1970; ``nonce`` 32 characters.
    """

    method: str
    target: str
    body: Body
    moment: str
    nonce: str
    app_id: str
    content_type: str = ""
    form: str | None = None
    token: str = ""


def signed(scheme: Scheme, key: str, draft: Draft) -> dict[str, str]:
    """The headers that prove who sends it."""
    match scheme:
        case Scheme.HMAC:
            return _ours(key, draft)
        case Scheme.TSIGN:
            return _tsign(key, draft)
        case Scheme.FASC:
            return _fasc(key, draft)


def callback_signature(
    scheme: Scheme, key: str, headers: Mapping[str, str], query: str, body: bytes, form: str | None
) -> tuple[str, str, str]:
    """What a callback is signed with, what it ought to be, and its moment in milliseconds; empty where it has none.

    ``headers`` have names in lower case.
    """
    match scheme:
        case Scheme.HMAC:
            moment, shown = headers.get("x-seal-timestamp", ""), headers.get("x-seal-signature", "")
            made = _hmac(key.encode(), f"{moment}\n".encode() + body).hex()
        case Scheme.TSIGN:
            moment, shown = headers.get("x-tsign-open-timestamp", ""), headers.get("x-tsign-open-signature", "")
            values = "".join(value for _, value in sorted(parse_qsl(query, keep_blank_values=True)))
            made = _hmac(key.encode(), f"{moment}{values}".encode("utf-8", "surrogateescape") + body).hex()
        case Scheme.FASC:
            moment, shown = headers.get("x-fasc-timestamp", ""), headers.get("x-fasc-sign", "")
            signed_too = ("X-FASC-App-Id", "X-FASC-Sign-Type", "X-FASC-Timestamp", "X-FASC-Nonce", "X-FASC-Event")
            parameters = {name: headers.get(name.lower(), "") for name in signed_too}
            made = fasc_signature({**parameters, "bizContent": form or ""}, moment, key)
    return shown, made, moment


def fasc_signature(parameters: Mapping[str, str], moment: str, key: str) -> str:
    """FASC 5.1: empty parameters are left out, the others sorted by name and joined."""
    text = "&".join(f"{name}={value}" for name, value in sorted(parameters.items()) if value)
    digest = hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
    return _hmac(_hmac(key.encode(), moment.encode("utf-8", "surrogateescape")), digest.encode()).hex()


def _ours(key: str, draft: Draft) -> dict[str, str]:
    digest = hashlib.sha256(draft.body).hexdigest()
    text = f"{draft.method}\n{draft.target}\n{draft.moment}\n{draft.nonce}\n{digest}"
    return {
        "X-Seal-App-Id": draft.app_id,
        "X-Seal-Timestamp": draft.moment,
        "X-Seal-Nonce": draft.nonce,
        "X-Seal-Signature": _hmac(key.encode(), text.encode()).hex(),
    }


def _tsign(key: str, draft: Draft) -> dict[str, str]:
    digest = base64.b64encode(hashlib.md5(draft.body, usedforsecurity=False).digest()).decode() if draft.body else ""
    kind = draft.content_type or JSON_TYPE
    text = f"{draft.method}\n*/*\n{digest}\n{kind}\n\n{draft.target}"
    return {
        "Accept": "*/*",
        "Content-Type": kind,
        "Content-MD5": digest,
        "X-Tsign-Open-App-Id": draft.app_id,
        "X-Tsign-Open-Auth-Mode": "Signature",
        "X-Tsign-Open-Ca-Timestamp": draft.moment,
        "X-Tsign-Open-Ca-Signature": base64.b64encode(_hmac(key.encode(), text.encode())).decode(),
    }


def _fasc(key: str, draft: Draft) -> dict[str, str]:
    headers = {
        "X-FASC-App-Id": draft.app_id,
        "X-FASC-Sign-Type": "HMAC-SHA256",
        "X-FASC-Timestamp": draft.moment,
        "X-FASC-Nonce": draft.nonce,
        "X-FASC-Api-SubVersion": "5.1",
        **({"X-FASC-AccessToken": draft.token} if draft.token else {"X-FASC-Grant-Type": "client_credential"}),
    }
    return {**headers, "X-FASC-Sign": fasc_signature({**headers, "bizContent": draft.form or ""}, draft.moment, key)}


def _hmac(key: bytes, message: bytes) -> bytes:
    return hmac.new(key, message, hashlib.sha256).digest()
