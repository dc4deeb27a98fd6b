# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The kind keeps the SDK's rules, as far as there is somebody at the far side of a folder."""

from pathlib import Path
from types import MappingProxyType

import pytest

from connectors.sdk import Context
from connectors.sdk.answer_conformance import AnswerSuite
from connectors.sdk.conformance import ConnectorSuite
from connectors.sdk.source_conformance import SourceSuite
from tests.connectors.ferry.ends import Ends, FerryFarSide, FerryFeed

_NOBODY_THERE = "the far side is an outbox that is emptied without a word: it can be away, and nothing else"


class TestFerry(ConnectorSuite):
    reference = "connectors.ferry:CONNECTOR"
    exempt = MappingProxyType(
        dict.fromkeys(
            [
                "refusal_is_rejected",
                "hang_ends_at_the_deadline",
                "cut_is_in_doubt",
                "sends_concurrently",
                "closes_while_sending",
                "obeys_cancellation",
            ],
            _NOBODY_THERE,
        )
    )

    @pytest.fixture
    def far_side(self, tmp_path: Path) -> FerryFarSide:
        ends = Ends(tmp_path)
        type(self).secrets = ends.secrets
        return FerryFarSide(ends)


class TestFerryAnswers(AnswerSuite):
    reference = "connectors.ferry:CONNECTOR"

    @pytest.fixture
    def far_side(self, tmp_path: Path, context: Context, secrets: dict[str, str]) -> FerryFarSide:
        ends = Ends(tmp_path)
        type(self).secrets = ends.secrets
        secrets |= ends.secrets
        return FerryFarSide(ends, context)


class TestFerryIn(SourceSuite):
    reference = "connectors.ferry:CONNECTOR"

    @pytest.fixture
    def feed(self, tmp_path: Path, context: Context, secrets: dict[str, str]) -> FerryFeed:
        ends = Ends(tmp_path)
        type(self).secrets = ends.secrets
        secrets |= ends.secrets
        return FerryFeed(ends, context)
