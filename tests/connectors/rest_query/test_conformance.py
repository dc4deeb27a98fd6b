# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The REST lookup keeps the rules its role is shipped with, with either method and in either form."""

from collections.abc import AsyncIterator

import pytest

from connectors.sdk.lookup_conformance import LookupSuite
from tests.connectors.rest_query.register import HttpRegister


class TestRestQuery(LookupSuite):
    reference = "connectors.rest_query:CONNECTOR"

    @pytest.fixture(params=["GET", "POST"])
    async def register(self, request: pytest.FixtureRequest) -> AsyncIterator[HttpRegister]:
        async with HttpRegister(request.param) as register:
            yield register
