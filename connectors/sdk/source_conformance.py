# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The rules for sources under pytest, adopted as the :class:`connectors.sdk.conformance.ConnectorSuite` is:

    class TestFaxIn(SourceSuite):
        reference = "acme_fax:CONNECTOR"

        @pytest.fixture
        async def feed(self):
            async with FaxMachine() as machine:  # a connectors.sdk.feed.Feed
                yield machine

Every rule of :mod:`connectors.sdk.source_rules` runs in the test's process and in a child process. A rule
that cannot apply is named in ``exempt`` with its reason; it runs all the same, and turns red when it is kept after all.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

import pytest

from connectors.sdk.bench import Isolation
from connectors.sdk.conformance import refuse_bending
from connectors.sdk.discovery import Broken, load_source
from connectors.sdk.feed import Feed
from connectors.sdk.metrics import Meter
from connectors.sdk.overhearing import Vault
from connectors.sdk.source_bench import SourceBench
from connectors.sdk.source_rule import SourceRule
from connectors.sdk.source_rules import SOURCE_RULES

_CASES = [
    pytest.param(rule, isolation, id=f"{rule.name}-{isolation}")
    for rule in SOURCE_RULES
    for isolation in Isolation
    if isolation in rule.isolations
]
_NO_SECRETS: Mapping[str, str] = MappingProxyType({})


class SourceSuite:
    """One test per rule and isolation. A subclass gives ``reference`` and the fixture ``feed``, maybe ``secrets``."""

    reference: ClassVar[str]
    secrets: ClassVar[Mapping[str, str]] = MappingProxyType({})
    exempt: ClassVar[Mapping[str, str]] = MappingProxyType({})

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        refuse_bending(cls, SourceSuite, {rule.name for rule in SOURCE_RULES}, cls.exempt)

    @pytest.mark.parametrize(("rule", "isolation"), _CASES)
    async def test_source_rule(self, rule: SourceRule, isolation: Isolation, feed: Feed) -> None:
        """The source keeps the rule."""
        reason = self.exempt.get(rule.name)
        if reason is not None and isolation is not min(rule.isolations):
            pytest.xfail(reason)  # that it does not keep the rule is seen once, not in every isolation
        broken = await rule.broken(source_bench_for(self.reference, feed, isolation, self.secrets))
        if reason is not None:
            assert broken, f"the exemption from {rule.name} is stale: {reason}"
            pytest.xfail(reason)
        assert not broken, f"{rule.name}: {broken}"


def source_bench_for(
    reference: str, feed: Feed, isolation: Isolation, secrets: Mapping[str, str] = _NO_SECRETS
) -> SourceBench:
    """A bench for the source a reference names. Raises ``LookupError`` when it names none."""
    connector = load_source(reference)
    if isinstance(connector, Broken):
        raise LookupError(connector.reason)  # noqa: TRY004  # because it is not a type that is wrong
    return SourceBench(
        connector=connector,
        reference=reference,
        feed=feed,
        isolation=isolation,
        secret=Vault(secrets.__getitem__),
        meter=Meter(connector.manifest.metrics),
    )
