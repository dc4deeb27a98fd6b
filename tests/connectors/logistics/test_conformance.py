# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The logistics kind keeps the rules its roles are shipped with, at both carriers."""

from collections.abc import AsyncIterator
from types import MappingProxyType

import pytest

from connectors.logistics.simulator import Carrier, Options
from connectors.sdk.answer_conformance import AnswerSuite
from connectors.sdk.conformance import ConnectorSuite
from connectors.sdk.lookup_conformance import LookupSuite
from connectors.sdk.receiver_conformance import ReceiverSuite
from tests.connectors.logistics.far_side import (
    SECRETS,
    CarrierFarSide,
    EmsCaller,
    ParcelRegister,
    PushingCarrier,
    SfCaller,
)

_AN_ORDER = "it carries orders in the carrier's own words: neither other bytes nor attributes arrive there"


class TestCarriers(ConnectorSuite):
    reference = "connectors.logistics:CONNECTOR"
    secrets = MappingProxyType(SECRETS)
    exempt = MappingProxyType({"carries_bytes_untouched": _AN_ORDER, "carries_attributes": _AN_ORDER})

    @pytest.fixture(params=["sf", "ems"])
    async def far_side(self, request: pytest.FixtureRequest) -> AsyncIterator[CarrierFarSide]:
        async with Carrier(options=Options(carrier=request.param)) as carrier:
            yield CarrierFarSide(carrier)


class TestParcelAnswers(AnswerSuite):
    reference = "connectors.logistics:CONNECTOR"
    secrets = MappingProxyType(SECRETS)

    @pytest.fixture(params=["sf", "ems"])
    async def far_side(self, request: pytest.FixtureRequest) -> AsyncIterator[PushingCarrier]:
        async with Carrier(options=Options(carrier=request.param)) as carrier:
            yield PushingCarrier(carrier)


class TestSfRoutes(ReceiverSuite):
    reference = "connectors.logistics:CONNECTOR"
    secrets = MappingProxyType(SECRETS)

    @pytest.fixture
    def caller(self) -> SfCaller:
        return SfCaller()


class TestEmsTraces(ReceiverSuite):
    reference = "connectors.logistics:CONNECTOR"
    secrets = MappingProxyType(SECRETS)

    @pytest.fixture
    def caller(self) -> EmsCaller:
        return EmsCaller()


class TestWhereParcelsAre(LookupSuite):
    reference = "connectors.logistics:CONNECTOR"
    secrets = MappingProxyType(SECRETS)

    @pytest.fixture(params=["sf", "ems"])
    async def register(self, request: pytest.FixtureRequest) -> AsyncIterator[ParcelRegister]:
        async with Carrier(options=Options(carrier=request.param)) as carrier:
            yield ParcelRegister(carrier)
