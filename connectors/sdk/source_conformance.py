# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The rules for sources under pytest, adopted as the :class:`connectors.sdk.conformance.ConnectorSuite` is:

    class TestFaxIn(SourceSuite):
        reference = "acme_fax:CONNECTOR"

        @pytest.fixture
        async def feed(self):
            async with FaxMachine() as machine:  # a connectors.sdk.feed.Feed
                yield machine

No source is exempt from any of them.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

import pytest

from connectors.sdk.discovery import Broken, load_source
from connectors.sdk.feed import Feed
from connectors.sdk.source_rules import SOURCE_RULES, SourceBench, SourceRule


class SourceSuite:
    """One test per rule. A subclass gives ``reference`` and the fixture ``feed``, maybe ``secrets``."""

    reference: ClassVar[str]
    secrets: ClassVar[Mapping[str, str]] = MappingProxyType({})

    @pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.name) for rule in SOURCE_RULES])
    async def test_source_rule(self, rule: SourceRule, feed: Feed) -> None:
        """The source keeps the rule."""
        connector = load_source(self.reference)
        assert not isinstance(connector, Broken), connector
        broken = await rule.broken(SourceBench(connector=connector, feed=feed, secret=self.secrets.__getitem__))
        assert not broken, f"{rule.name}: {broken}"
