# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The kind keeps the SDK's rules in both versions, as far as a text message can."""

from collections.abc import AsyncIterator
from pathlib import Path
from types import MappingProxyType

import pytest

from connectors.sdk.answer_conformance import AnswerSuite
from connectors.sdk.conformance import ConnectorSuite
from connectors.sdk.source_conformance import SourceSuite
from connectors.sms_cmpp.simulator import Gateway
from connectors.sms_cmpp.simulator_words import GatewayOptions
from tests.connectors.sms_cmpp.far_side import SECRETS, CmppFarSide, CmppFeed, CmppReporting

_A_TEXT = "a text message is its text: it carries neither octets nor attributes beside it"


class TestCmpp(ConnectorSuite):
    reference = "connectors.sms_cmpp:CONNECTOR"
    secrets = MappingProxyType(SECRETS)
    exempt = MappingProxyType({"carries_bytes_untouched": _A_TEXT, "carries_attributes": _A_TEXT})

    @pytest.fixture(params=["2.0", "3.0"])
    async def far_side(self, request: pytest.FixtureRequest) -> AsyncIterator[CmppFarSide]:
        async with Gateway(options=GatewayOptions(version=request.param)) as gateway:
            yield CmppFarSide(gateway)


class TestCmppReports(AnswerSuite):
    reference = "connectors.sms_cmpp:CONNECTOR"
    secrets = MappingProxyType(SECRETS)

    @pytest.fixture(params=["2.0", "3.0"])
    async def far_side(self, request: pytest.FixtureRequest) -> AsyncIterator[CmppReporting]:
        async with Gateway(options=GatewayOptions(version=request.param, again_seconds=0.2)) as gateway:
            far = CmppReporting(gateway)
            far.hold_reports()
            yield far


class TestCmppIn(SourceSuite):
    reference = "connectors.sms_cmpp:CONNECTOR"
    secrets = MappingProxyType(SECRETS)
    exempt = MappingProxyType({"brings_bytes_untouched": _A_TEXT})

    @pytest.fixture(params=["2.0", "3.0"])
    async def feed(self, request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[CmppFeed]:
        async with Gateway(options=GatewayOptions(version=request.param)) as gateway:
            yield CmppFeed(gateway, tmp_path / "refused")
