# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The seal platform's kind keeps the rules its roles are shipped with."""

import hashlib
import hmac
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import orjson
import pytest

from connectors.e_seal.simulator import _milliseconds
from connectors.sdk import Reply, Request, Settings
from connectors.sdk.answer_conformance import AnswerSuite
from connectors.sdk.caller import Understood
from connectors.sdk.conformance import ConnectorSuite
from connectors.sdk.receiver_conformance import ReceiverSuite
from tests.connectors.far_seals import SECRETS, CallingSealFarSide, SealFarSide, settings_for

_ONE_CONTRACT = (
    "it carries requests to seal, in the platform's own words: neither other bytes nor attributes arrive there"
)


class TestSeals(ConnectorSuite):
    reference = "connectors.e_seal:CONNECTOR"
    secrets = MappingProxyType(SECRETS)
    exempt = MappingProxyType({"carries_bytes_untouched": _ONE_CONTRACT, "carries_attributes": _ONE_CONTRACT})

    @pytest.fixture
    async def far_side(self, tmp_path: Path) -> AsyncIterator[SealFarSide]:
        async with SealFarSide(tmp_path) as far:
            yield far


class TestSealAnswers(AnswerSuite):
    reference = "connectors.e_seal:CONNECTOR"
    secrets = MappingProxyType(SECRETS)

    @pytest.fixture
    async def far_side(self, tmp_path: Path) -> AsyncIterator[CallingSealFarSide]:
        async with CallingSealFarSide(tmp_path) as far:
            yield far


class SealCaller:
    """A platform that calls back."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._moment = _milliseconds()

    @property
    def settings(self) -> Settings:
        nowhere = "http://127.0.0.1:9"
        return {**settings_for(nowhere, nowhere, self._folder), "answers_for": "seals"}

    def call(self, number: int) -> Request:
        return self._signed(orjson.dumps({"task_id": f"T{number}"}))

    def forged(self, number: int) -> Sequence[Request]:
        good = self.call(number)
        other = orjson.dumps({"task_id": "T0"})
        return (replace(good, body=other), replace(good, headers=()), replace(good, headers=good.headers * 2))

    def understand(self, reply: Reply) -> Understood:
        return Understood.TAKEN if reply.status == 200 else Understood.LATER

    def _signed(self, body: bytes) -> Request:
        made = hmac.new(SECRETS["platform"].encode(), f"{self._moment}\n".encode() + body, hashlib.sha256).hexdigest()
        headers = (("X-Seal-Timestamp", self._moment), ("X-Seal-Signature", made))
        return Request(method="POST", headers=headers, body=body)


_NO_MESSAGES = (
    "a callback is a hint and brings no message: what became of the task is asked, and given to Context.answers"
)


class TestCallbacks(ReceiverSuite):
    reference = "connectors.e_seal:CONNECTOR"
    secrets = MappingProxyType(SECRETS)
    exempt = MappingProxyType(
        dict.fromkeys(
            (
                "admits_a_good_call",
                "a_repeat_brings_the_same",
                "tells_what_was_taken",
                "tells_what_was_refused",
                "tells_what_was_put_off",
                "keeps_calls_apart",
            ),
            _NO_MESSAGES,
        )
    )

    @pytest.fixture
    def caller(self, tmp_path: Path) -> SealCaller:
        return SealCaller(tmp_path)
