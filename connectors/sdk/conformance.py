# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The conformance suite under pytest. A connector adopts it by subclassing:

    class TestFax(ConnectorSuite):
        reference = "acme_fax:CONNECTOR"

        @pytest.fixture
        async def far_side(self):
            async with FaxMachine() as machine:  # a connectors.sdk.far_side.FarSide
                yield machine

Every rule of :mod:`connectors.sdk.rules` then runs in the test's process and in a child process. A rule that cannot
apply is named in ``exempt`` with its reason; it runs all the same, and turns red when it is kept after all, so that no
exemption outlives its reason. Needs pytest and pytest-asyncio (``asyncio_mode = "auto"``).
"""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import ClassVar

import pytest

from connectors.sdk.bench import Bench, Isolation
from connectors.sdk.discovery import Broken, load
from connectors.sdk.far_side import FarSide
from connectors.sdk.metrics import Meter
from connectors.sdk.overhearing import Vault
from connectors.sdk.rule import Rule
from connectors.sdk.rules import RULES

_CASES = [
    pytest.param(rule, isolation, id=f"{rule.name}-{isolation}")
    for rule in RULES
    for isolation in Isolation
    if isolation in rule.isolations
]
_SHORTEST_REASON = 15


class ConnectorSuite:
    """One test per rule and isolation. A subclass gives ``reference`` and the fixture ``far_side``, maybe ``secrets``.

    Nothing else of it can be changed: a subclass that replaces or removes a test, or exempts itself without a reason,
    is refused when it is defined.
    """

    reference: ClassVar[str]
    exempt: ClassVar[Mapping[str, str]] = MappingProxyType({})
    secrets: ClassVar[Mapping[str, str]] = MappingProxyType({})

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        refuse_bending(cls, ConnectorSuite, {rule.name for rule in RULES}, cls.exempt)

    @pytest.mark.parametrize(("rule", "isolation"), _CASES)
    async def test_rule(self, rule: Rule, isolation: Isolation, far_side: FarSide) -> None:
        """The connector keeps the rule, or is exempt and indeed does not."""
        reason = self.exempt.get(rule.name)
        if reason is not None and isolation is not min(rule.isolations):
            pytest.xfail(reason)  # that it does not keep the rule is seen once, not in every isolation
        broken = await rule.broken(bench_for(self.reference, far_side, isolation, self.secrets))
        if reason is not None:
            assert broken, f"the exemption from {rule.name} is stale: {reason}"
            pytest.xfail(reason)
        assert not broken, f"{rule.name}: {broken}"


def refuse_bending(suite: type, base: type, rules: Collection[str], exempt: Mapping[str, str]) -> None:
    """Raise ``TypeError`` where a subclass replaces a test, or exempts itself from no rule or without a reason."""
    replaced = sorted(name for name in vars(suite) if name.startswith("test_") and name in vars(base))
    if replaced:
        raise TypeError(f"{suite.__name__} replaces {', '.join(replaced)}: exempt the rule and give the reason")
    unknown = sorted(set(exempt) - set(rules))
    if unknown:
        raise TypeError(f"{suite.__name__} is exempt from rules that do not exist: {', '.join(unknown)}")
    unargued = sorted(name for name, reason in exempt.items() if len(reason.strip()) < _SHORTEST_REASON)
    if unargued:
        raise TypeError(f"{suite.__name__} gives no reason for its exemption from {', '.join(unargued)}")


_NO_SECRETS: Mapping[str, str] = MappingProxyType({})


def bench_for(
    reference: str, far_side: FarSide, isolation: Isolation, secrets: Mapping[str, str] = _NO_SECRETS
) -> Bench:
    """A bench for the connector a reference names. Raises ``LookupError`` when it names none."""
    connector = load(reference)
    if isinstance(connector, Broken):
        raise LookupError(connector.reason)  # noqa: TRY004  # because it is not a type that is wrong
    return Bench(
        connector=connector,
        reference=reference,
        far_side=far_side,
        isolation=isolation,
        secret=Vault(secrets.__getitem__),
        meter=Meter(connector.manifest.metrics),
    )
