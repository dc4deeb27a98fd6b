# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""S1: a signed message that somebody took down on its way serves nobody else, no other message, and no later time."""

import base64
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from certs.api_key import digest_of
from certs.authority import Use
from certs.suites.detached import DetachedSigner
from hub.ports.clock import SystemClock
from tests.hub.identities.secure_house import KEY, Said, SecureHouse, event, secure_house
from tests.support.authority import Ca

pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")
_OTHER_KEY = "ghk_made-up-key-of-archives"


@dataclass(frozen=True, slots=True)
class Eavesdropper:
    """It has the message and its signature, and is a system of its own."""

    house: SecureHouse
    signer: DetachedSigner

    async def send(self, body: bytes, signature: bytes, key: str = KEY) -> Said:
        return await self.house.send(
            body,
            *("-H", f"Authorization: Bearer {key}"),
            *("-H", f"Govhub-Signature: {base64.b64encode(signature).decode()}"),
        )


@pytest.fixture
async def eavesdropper(tmp_path: Path, dsn: str) -> AsyncIterator[Eavesdropper]:
    ca = Ca(tmp_path / "ca")
    signing = {name: ca.issue(name, Use.SIGNING) for name in ("portal", "archives")}
    systems = {
        name: {
            "keys": [digest_of(key)],
            "signature": {"policy": "required", "certificates": [str(ca.pair(signing[name])[0])]},
            "sends": ["*"],
            "any_case": True,
        }
        for name, key in (("portal", KEY), ("archives", _OTHER_KEY))
    }
    async with secure_house(tmp_path / "hub", dsn, ca, more={"systems": systems}) as house:
        yield Eavesdropper(house, DetachedSigner(ca.signer(signing["portal"])))


async def test_s01_the_same_again_has_the_first_receipt_and_no_effect(eavesdropper: Eavesdropper) -> None:
    body = event()
    signature = eavesdropper.signer.over(body)
    first, again = [await eavesdropper.send(body, signature) for _ in range(2)]
    assert (first.status, again.status) == (202, 202)
    assert first.body == again.body


async def test_s01_another_system_cannot_send_it_as_its_own(eavesdropper: Eavesdropper) -> None:
    body = event()
    said = await eavesdropper.send(body, eavesdropper.signer.over(body), _OTHER_KEY)
    assert (said.status, said.problem) == (401, "E_SIGNATURE_UNTRUSTED")


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "another"},
        {"source": "archives"},
        {"type": "cn.gov.process.step"},
        {"subject": "510500-20260302-999999"},
        {"time": "2026-03-02T08:00:00Z"},
        {"expirytime": "2099-01-01T00:00:00Z"},
        {"data": {}},
    ],
    ids=lambda changes: next(iter(changes)),
)
async def test_s01_the_signature_serves_no_other_message(eavesdropper: Eavesdropper, changes: dict[str, Any]) -> None:
    body = event()
    other = json.dumps({**json.loads(body), **changes}).encode()
    said = await eavesdropper.send(other, eavesdropper.signer.over(body))
    assert (said.status, said.problem) == (401, "E_SIGNATURE_INVALID")


@pytest.mark.parametrize("late", [timedelta(days=30, minutes=1), timedelta(days=400)])
async def test_s01_after_its_time_it_is_too_old(eavesdropper: Eavesdropper, late: timedelta) -> None:
    body = event(time=(SystemClock().now() - late).isoformat())
    said = await eavesdropper.send(body, eavesdropper.signer.over(body))
    assert (said.status, said.problem) == (422, "E_TOO_OLD")
