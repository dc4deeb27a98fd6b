# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The mail kind keeps the rules its role is shipped with."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from connectors.sdk.answer_conformance import AnswerSuite
from connectors.sdk.conformance import ConnectorSuite
from tests.connectors.far_mail import MailFarSide, NotifyingFarSide


class TestMail(ConnectorSuite):
    reference = "connectors.mail:CONNECTOR"

    @pytest.fixture
    async def far_side(self) -> AsyncIterator[MailFarSide]:
        async with MailFarSide() as far:
            yield far


class TestMailAnswers(AnswerSuite):
    reference = "connectors.mail:CONNECTOR"

    @pytest.fixture
    async def far_side(self, tmp_path: Path) -> AsyncIterator[NotifyingFarSide]:
        async with NotifyingFarSide(tmp_path) as far:
            yield far
