# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The suite for sources finds each hostile one by exactly the rule it breaks."""

import pytest

from connectors.sdk.bench import Isolation
from connectors.sdk.source_conformance import source_bench_for
from connectors.sdk.source_rules import SOURCE_RULES
from tests.connectors.hostile.shelf import Shelf
from tests.connectors.hostile.source_breakers import BREAKERS

MODULE = "tests.connectors.hostile.source_breakers"
CASES = [("HONEST", set()), ("LAX", {"manifest_and_config_are_sound"})] + [
    (name, {rule}) for name, (_, rule) in BREAKERS.items()
]


@pytest.mark.parametrize(("name", "broken"), CASES)
async def test_each_breaks_its_rule_and_no_other(name: str, broken: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.sdk.source_rule._PATIENCE_SECONDS", 5.0)
    found = {}
    for rule in SOURCE_RULES:
        async with Shelf() as shelf:
            bench = source_bench_for(f"{MODULE}:{name}", shelf, Isolation.NONE, {"token": "made-up-token"})
            if said := await rule.broken(bench):
                found[rule.name] = said

    assert found.keys() == broken, found


def test_every_rule_has_its_breaker() -> None:
    assert {rule.name for rule in SOURCE_RULES} == set().union(*(broken for _, broken in CASES))
