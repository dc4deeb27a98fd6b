# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The kind keeps the SDK's rules as far as a text message can."""

from collections.abc import AsyncIterator
from pathlib import Path
from types import MappingProxyType

import pytest

from connectors.sdk.answer_conformance import AnswerSuite
from connectors.sdk.conformance import ConnectorSuite
from connectors.sdk.source_conformance import SourceSuite
from connectors.sms_smpp.simulator import Centre
from connectors.sms_smpp.simulator_words import CentreOptions
from tests.connectors.sms_smpp.far_side import SECRETS, SmppFarSide, SmppFeed, SmppReporting

_A_TEXT = "a text message is its text: it carries neither octets nor attributes beside it"


class TestSmpp(ConnectorSuite):
    reference = "connectors.sms_smpp:CONNECTOR"
    secrets = MappingProxyType(SECRETS)
    exempt = MappingProxyType({"carries_bytes_untouched": _A_TEXT, "carries_attributes": _A_TEXT})

    @pytest.fixture
    async def far_side(self) -> AsyncIterator[SmppFarSide]:
        async with Centre() as gateway:
            yield SmppFarSide(gateway)


class TestSmppReports(AnswerSuite):
    reference = "connectors.sms_smpp:CONNECTOR"
    secrets = MappingProxyType(SECRETS)

    @pytest.fixture
    async def far_side(self) -> AsyncIterator[SmppReporting]:
        async with Centre(options=CentreOptions(again_seconds=0.2)) as gateway:
            far = SmppReporting(gateway)
            far.hold_reports()
            yield far


class TestSmppIn(SourceSuite):
    reference = "connectors.sms_smpp:CONNECTOR"
    secrets = MappingProxyType(SECRETS)
    exempt = MappingProxyType({"brings_bytes_untouched": _A_TEXT})

    @pytest.fixture
    async def feed(self, tmp_path: Path) -> AsyncIterator[SmppFeed]:
        async with Centre() as gateway:
            yield SmppFeed(gateway, tmp_path / "refused")
