# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The systems a hub meets, and what serves them."""

import pytest

from contracts.catalogue import builtin
from contracts.systems import SYSTEMS, Copied, Later, Outside, Served, System

TYPES = {contract.type for contract in builtin().all()}
SERVED = [system for system in SYSTEMS if isinstance(system.coverage, Served)]


def served_by(system: System) -> tuple[str, ...]:
    assert isinstance(system.coverage, Served)
    return system.coverage.types


def test_there_are_forty_nine_systems_in_order() -> None:
    assert [system.number for system in SYSTEMS] == list(range(1, 50))
    assert len({system.name for system in SYSTEMS}) == 49


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: str(system.number))
def test_every_system_has_a_name_in_both_languages_and_contracts_or_a_reason(system: System) -> None:
    assert not system.name.zh.isascii()
    assert system.name.en.isascii()
    match system.coverage:
        case Served(types, rest):
            assert types
            assert len(set(types)) == len(types)
            assert rest is None or (not rest.zh.isascii() and rest.en.isascii())
        case Later(reason) | Outside(reason):
            assert not reason.zh.isascii()
            assert reason.en.isascii()
        case Copied():
            assert system.number == 49


@pytest.mark.parametrize("system", SERVED, ids=lambda system: str(system.number))
def test_every_named_contract_exists(system: System) -> None:
    assert set(served_by(system)) <= TYPES


def test_every_contract_serves_a_system() -> None:
    """The copy for analysis does not count: it would serve anything."""
    serving = {type_ for system in SERVED for type_ in served_by(system)}

    assert TYPES - serving == set()
