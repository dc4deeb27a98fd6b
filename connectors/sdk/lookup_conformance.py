# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The rules for lookups under pytest, adopted as the :class:`connectors.sdk.conformance.ConnectorSuite` is:

    class TestPopulationRegister(LookupSuite):
        reference = "acme_register:CONNECTOR"

        @pytest.fixture
        async def register(self):
            async with PopulationRegister() as register:  # a connectors.sdk.lookup_rules.Register
                yield register

Every rule of :mod:`connectors.sdk.lookup_rules` runs in the test's process and in a child process. No lookup is exempt from
any of them.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

import pytest

from connectors.sdk.bench import Isolation
from connectors.sdk.discovery import Broken, load_lookup
from connectors.sdk.lookup_rules import LOOKUP_RULES, LookupBench, LookupRule, Register

_CASES = [
    pytest.param(rule, isolation, id=f"{rule.name}-{isolation}") for rule in LOOKUP_RULES for isolation in Isolation
]


class LookupSuite:
    """One test per rule and isolation. A subclass gives ``reference`` and the fixture ``register``, maybe ``secrets``."""

    reference: ClassVar[str]
    secrets: ClassVar[Mapping[str, str]] = MappingProxyType({})

    @pytest.mark.parametrize(("rule", "isolation"), _CASES)
    async def test_lookup_rule(self, rule: LookupRule, isolation: Isolation, register: Register) -> None:
        """The lookup keeps the rule."""
        connector = load_lookup(self.reference)
        assert not isinstance(connector, Broken), connector
        bench = LookupBench(
            connector=connector,
            register=register,
            secret=self.secrets.__getitem__,
            reference=self.reference,
            isolation=isolation,
        )
        broken = await rule.broken(bench)
        assert not broken, f"{rule.name}: {broken}"
