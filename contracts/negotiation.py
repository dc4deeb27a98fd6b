# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Which version, in which dialect, a system is given of what another one sent. 版本与方言协商

Decided from what both sides declared, before any message flows; only whether a certain record can be said in an older
version at all is found out with that record.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from contracts.contract import Contract
from contracts.dialects.dialect import CANONICAL, Dialect
from contracts.registry import Registry

EVERY = "*"
"""Every contract type that is not named by itself."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a system declares: per contract type the versions it understands, and its dialects, the best liked first.

    :data:`EVERY` stands for the types that are not named; without it they are taken in
    the version in which they were sent, and in a dialect with a map in any version that the map has.
    """

    versions: Mapping[str, frozenset[int]]
    dialects: tuple[Dialect, ...]


@dataclass(frozen=True, slots=True)
class Way:
    """One way of giving a record: in this version, as this dialect writes it."""

    contract: Contract
    dialect: Dialect


@dataclass(frozen=True, slots=True)
class Terms:
    """What was agreed with one system: the ways for each contract version that another may send, the best first."""

    ways: Mapping[str, tuple[Way, ...]]

    def of(self, schema_uri: str) -> tuple[Way, ...]:
        """The ways for this ``dataschema``; empty: it cannot be served."""
        return self.ways.get(schema_uri, ())


def negotiate(registry: Registry, spoken: Spoken) -> Terms:
    """The terms for everything the registry has.

    The system's order of dialects comes first; within a dialect the version that was sent, then its nearest neighbours,
    the newer of two, since every step may lose something and a step up loses less.
    """
    written = [
        (dialect, frozenset(contract.schema_uri for contract in dialect.writes())) for dialect in spoken.dialects
    ]
    return Terms(
        {
            sent.schema_uri: tuple(
                Way(contract, dialect)
                for dialect, schemas in written
                for contract in _nearest(registry.versions(sent.type), sent)
                if contract.schema_uri in schemas and _understood(spoken, dialect, sent, contract)
            )
            for sent in registry.all()
        }
    )


def _understood(spoken: Spoken, dialect: Dialect, sent: Contract, contract: Contract) -> bool:
    """Where nothing is declared, a map's own versions stand for what its site understands."""
    declared = spoken.versions.get(sent.type) or spoken.versions.get(EVERY)
    if declared is not None:
        return contract.version in declared
    return contract is sent or dialect.name != CANONICAL


def _nearest(versions: Sequence[Contract], sent: Contract) -> list[Contract]:
    return sorted(_reachable(versions, sent), key=lambda one: (abs(one.version - sent.version), -one.version))


def _reachable(versions: Sequence[Contract], sent: Contract) -> Iterable[Contract]:
    """The versions to which an unbroken row of conversions leads."""
    here = versions.index(sent)
    yield sent
    for newer in versions[here + 1 :]:
        if newer.conversion is None:
            break
        yield newer
    for older in range(here - 1, -1, -1):
        if versions[older + 1].conversion is None:
            break
        yield versions[older]
