# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The rules for lookups under pytest, adopted as the :class:`connectors.sdk.conformance.ConnectorSuite` is:

    class TestPopulationRegister(LookupSuite):
        reference = "acme_register:CONNECTOR"

        @pytest.fixture
        async def register(self):
            async with PopulationRegister() as register:  # a connectors.sdk.lookup_rules.Register
                yield register

No lookup is exempt from any of them.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

import pytest

from connectors.sdk.discovery import Broken, load_lookup
from connectors.sdk.lookup_rules import LOOKUP_RULES, LookupBench, LookupRule, Register


class LookupSuite:
    """One test per rule. A subclass gives ``reference`` and the fixture ``register``, maybe ``secrets``."""

    reference: ClassVar[str]
    secrets: ClassVar[Mapping[str, str]] = MappingProxyType({})

    @pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.name) for rule in LOOKUP_RULES])
    async def test_lookup_rule(self, rule: LookupRule, register: Register) -> None:
        """The lookup keeps the rule."""
        connector = load_lookup(self.reference)
        assert not isinstance(connector, Broken), connector
        bench = LookupBench(connector=connector, register=register, secret=self.secrets.__getitem__)
        broken = await rule.broken(bench)
        assert not broken, f"{rule.name}: {broken}"
