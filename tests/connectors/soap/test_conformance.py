# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The SOAP kind keeps the rules its roles are shipped with, in both versions."""

from collections.abc import AsyncIterator
from pathlib import Path
from types import MappingProxyType

import pytest

from connectors.sdk.conformance import ConnectorSuite
from connectors.sdk.receiver_conformance import ReceiverSuite
from tests.connectors.far_soap import QueryableSoapFarSide, SoapFarSide
from tests.connectors.soap_caller import PASSWORD, SoapCaller


class TestSoap(ConnectorSuite):
    reference = "connectors.soap:CONNECTOR"

    @pytest.fixture
    async def far_side(self, tmp_path: Path) -> AsyncIterator[SoapFarSide]:
        async with SoapFarSide(tmp_path) as far:
            yield far


class TestSoap12Queryable(ConnectorSuite):
    reference = "connectors.soap:CONNECTOR"

    @pytest.fixture
    async def far_side(self, tmp_path: Path) -> AsyncIterator[QueryableSoapFarSide]:
        async with QueryableSoapFarSide(tmp_path, "1.2") as far:
            yield far


class TestSoapEndpoint(ReceiverSuite):
    reference = "connectors.soap:CONNECTOR"
    secrets = MappingProxyType({"soap-calls": PASSWORD})

    @pytest.fixture(params=["1.1", "1.2"])
    def caller(self, request: pytest.FixtureRequest) -> SoapCaller:
        return SoapCaller(request.param)
