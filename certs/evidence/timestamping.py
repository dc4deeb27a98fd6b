# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Asking a time stamping authority (RFC 3161), and what of its answer is believed."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from asn1crypto import algos, cms, tsp

from certs.der import decoded
from certs.seals.check import Verdict
from certs.seals.timestamps import stamped
from certs.suites.elements import members
from certs.x509.anchors import Trust
from certs.x509.certificate import Certificate

REQUEST_TYPE, REPLY_TYPE = "application/timestamp-query", "application/timestamp-reply"
MAX_REPLY = 64 * 1024
_CLOCKS_DIFFER = timedelta(minutes=5)
_GRANTED = frozenset({"granted", "granted_with_mods"})


class Unstamped(StrEnum):
    """Why an answer is no stamp."""

    NO_REPLY = "TSA_REPLY"
    """It is no answer of RFC 3161."""
    REFUSED = "TSA_REFUSED"
    NONCE = "TSA_NONCE"
    POLICY = "TSA_POLICY"
    TOKEN = "TSA_TOKEN"  # noqa: S105  # because it is a code
    """Imprint, signature or certificate is wrong, or the stamp's authority is under none of its anchors."""
    USAGE = "TSA_USAGE"
    """Its certificate is not, critically, for time stamps alone."""
    TIME = "TSA_TIME"
    """Its clock says a moment that cannot be."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """A token that is believed, and the moment it says."""

    token: bytes
    moment: datetime


def request(content: bytes, nonce: int, policy: str | None = None) -> bytes:
    """A question for a stamp over these bytes, DER: SHA-256, with the certificate wanted back."""
    fields: dict[str, Any] = {
        "version": "v1",
        "message_imprint": tsp.MessageImprint(
            {
                "hash_algorithm": algos.DigestAlgorithm({"algorithm": "sha256"}),
                "hashed_message": hashlib.sha256(content).digest(),
            }
        ),
        "nonce": nonce,
        "cert_req": True,
    }
    if policy is not None:
        fields["req_policy"] = policy
    return bytes(tsp.TimeStampReq(fields).dump())


def believed(
    reply: bytes,
    content: bytes,
    *,
    nonce: int,
    policy: str | None,
    anchors: Sequence[Certificate],
    since: datetime,
    now: datetime,
) -> Stamp | Unstamped:
    """The stamp in an answer. ``since``: when the content was made; the stamp lies between that and now, by five minutes. Never
    raises.
    """
    read = decoded(reply, _read)
    if read is None:
        return Unstamped.NO_REPLY
    status, token, told = read
    if status not in _GRANTED or token is None:
        return Unstamped.REFUSED
    if told["nonce"] != nonce:
        return Unstamped.NONCE
    if policy is not None and told["policy"] != policy:
        return Unstamped.POLICY
    if not is_critical(token):
        return Unstamped.USAGE
    found = stamped(token, content, Trust(tuple(anchors)), now)
    if found.moment is None or any(one.verdict is Verdict.FAILED for one in found.checks):
        late = told["moment"] > now + _CLOCKS_DIFFER
        return Unstamped.TIME if late else Unstamped.TOKEN
    if not since - _CLOCKS_DIFFER <= found.moment <= now + _CLOCKS_DIFFER:
        return Unstamped.TIME
    return Stamp(token, found.moment)


def is_critical(token: bytes) -> bool:
    """Whether a stamping certificate in the token says, critically, that it is for time stamps alone (RFC 3161, 2.3)."""
    return decoded(token, _critical) is True


def _critical(token: bytes) -> bool:
    body = cms.ContentInfo.load(token)["content"]
    for one in body["certificates"]:
        for extension in one.chosen["tbs_certificate"]["extensions"]:
            if extension["extn_id"].native == "extended_key_usage" and extension["extn_value"].parsed.native == [
                "time_stamping"
            ]:
                return bool(extension["critical"].native)
    return False


def _read(reply: bytes) -> tuple[str, bytes | None, dict[str, Any]]:
    ((_, inside, _),) = members(reply)
    (_, _, told_status), *rest = members(inside)
    status = str(tsp.PKIStatusInfo.load(told_status, strict=True)["status"].native)
    if not rest:
        return status, None, {}
    whole = tsp.TimeStampResp.load(reply, strict=True)
    token = whole["time_stamp_token"]
    content = tsp.TSTInfo.load(bytes(token["content"]["encap_content_info"]["content"]), strict=True)
    told = {
        "nonce": content["nonce"].native,
        "policy": content["policy"].dotted,
        "moment": content["gen_time"].native,
    }
    return status, bytes(token.dump()), told
