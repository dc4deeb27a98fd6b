# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A set of contracts, found by type and version."""

from collections.abc import Iterable, Mapping, Sequence

from contracts.cloudevent import JsonValue
from contracts.contract import Contract
from contracts.conversion import Conversion, Converted, Inexpressible
from contracts.refusal import Refusal, Violation
from contracts.text import Text

_UNKNOWN = Text("契约目录中没有该 type", "The catalogue of contracts has no such type")
_TYPE_EXPECTED = Text("契约目录中的 type", "a type of the catalogue of contracts")
_TYPE_REMEDY = Text("按契约目录改正 type", "Correct the type according to the catalogue")
_VERSION = Text("{type} 可用的 dataschema：{spoken}", "{type} is spoken with dataschema {spoken}")
_MISSING = Text("缺少 dataschema；{type} 可用的有：{spoken}", "dataschema is missing; {type} is spoken with {spoken}")
_SCHEMA_EXPECTED = Text("以下之一：{spoken}", "one of {spoken}")
_SCHEMA_REMEDY = Text("按契约目录填写 dataschema", "Set dataschema as the catalogue says")


class Registry:
    """An immutable set of contracts."""

    def __init__(self, contracts: Iterable[Contract]) -> None:
        self._by_schema: dict[str, Contract] = {}
        self._by_type: dict[str, tuple[Contract, ...]] = {}
        for contract in sorted(contracts, key=lambda contract: contract.version):
            if contract.schema_uri in self._by_schema:
                raise ValueError(f"two contracts are called {contract.schema_uri}")
            self._by_schema[contract.schema_uri] = contract
            self._by_type[contract.type] = (*self._by_type.get(contract.type, ()), contract)

    def by_schema(self, uri: str) -> Contract | None:
        """The contract of this ``dataschema``."""
        return self._by_schema.get(uri)

    def versions(self, type_: str) -> Sequence[Contract]:
        """The versions of one type, oldest first; empty for an unknown type."""
        return self._by_type.get(type_, ())

    def all(self) -> Sequence[Contract]:
        """Every contract, in the order of a case's life, versions oldest first."""
        return tuple(contract for versions in self._by_type.values() for contract in versions)

    def resolve(self, type_: str, dataschema: str | None) -> Contract | Refusal:
        """The contract an envelope names, or why there is none."""
        versions = self.versions(type_)
        if not versions:
            violation = Violation("E_CONTRACT_UNKNOWN", "$.type", _TYPE_EXPECTED, _TYPE_REMEDY)
            return Refusal("E_CONTRACT_UNKNOWN", _UNKNOWN, (violation,))
        contract = self._by_schema.get(dataschema or "")
        if contract is not None and contract.type == type_:
            return contract
        spoken = ", ".join(contract.schema_uri for contract in versions)
        code, detail = ("E_CONTRACT_VERSION", _VERSION) if dataschema else ("E_ATTRIBUTE_MISSING", _MISSING)
        violation = Violation(code, "$.dataschema", _SCHEMA_EXPECTED.filled(spoken=spoken), _SCHEMA_REMEDY)
        return Refusal(code, detail.filled(type=type_, spoken=spoken), (violation,))

    def convert(self, data: Mapping[str, JsonValue], contract: Contract, version: int) -> Converted | Inexpressible:
        """A record of this contract in another version of its type, through every version between them.

        ``data`` is what the contract's canonical form says, and is not changed. Both versions are of this registry. Every
        loss on the way is told; its path is of the version that could still say it.
        """
        at, told = contract.version, Converted(dict(data)) if contract.version == version else None
        while at != version:
            up = at < version
            between = self._between(contract.type, at + 1 if up else at)
            next_one = between.up(data) if up else between.down(data)
            if isinstance(next_one, Inexpressible):
                return next_one
            told = next_one if told is None else Converted(next_one.data, told.losses + next_one.losses)
            data, at = told.data, at + 1 if up else at - 1
        assert told is not None
        return told

    def _between(self, type_: str, newer: int) -> Conversion:
        """What lies between this version and the one before it."""
        conversion = next(one.conversion for one in self._by_type[type_] if one.version == newer)
        assert conversion is not None, f"{type_}:{newer} has no way to the version before it"
        return conversion
