# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What is said in a case: the contracts' own examples, made to be about one case of the sample application."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from contracts.cloudevent import CloudEvent, JsonValue
from contracts.contract import Contract
from contracts.dialects.dialect import Dialect
from contracts.refusal import Refusal
from contracts.registry import Registry

APPLICATION = "cn.gov.application.submitted"
CORRECTION_REQUESTED = "cn.gov.correction.requested"
CORRECTION_SUPPLIED = "cn.gov.correction.supplied"
ACCEPTANCE = "cn.gov.acceptance.decided"
STEP = "cn.gov.process.step"
SPECIAL_STARTED = "cn.gov.special.started"
SPECIAL_ENDED = "cn.gov.special.ended"
COMPLETION = "cn.gov.completion.decided"

_SHARED = ("region_code", "item_code", "item_name", "department_code", "level_code")
"""What every record of a case says as its application did, so that the routes take it."""


@dataclass(frozen=True, slots=True)
class Speech:
    """Records for one folder. ``understood``: the versions that the two systems declared, by contract type; ``says``:
    what records of this folder say otherwise than the examples do.
    """

    registry: Registry
    sample: CloudEvent
    understood: Mapping[str, Collection[int]]
    says: Mapping[str, Mapping[str, JsonValue]]

    def contract(self, kind: str, among: Collection[Contract]) -> Contract | None:
        """The newest version of a contract that is among these, declared ones first; None: none of them is of this type."""
        found = sorted((one for one in among if one.type == kind), key=lambda one: one.version)
        declared = [one for one in found if one.version in self.understood.get(kind, self.understood.get("*", ()))]
        best = declared or found
        return best[-1] if best else None

    def application(self, case: str, changes: Mapping[str, JsonValue]) -> tuple[Contract, dict[str, JsonValue]]:
        """The sample application, about this case. ``changes`` are laid over it, whole members at the top."""
        contract = self.registry.resolve(self.sample.type, self.sample.dataschema)
        assert not isinstance(contract, Refusal), "the folder was read"
        return contract, {**self._sampled(), contract.subject: case, **changes}

    def record(self, contract: Contract, case: str, changes: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        """A record of another contract, about this case; changes that its model has no field for are left out."""
        example = next(one for one in contract.examples if one.valid)
        data = {**example.data, contract.subject: case}
        fields = contract.model.model_fields
        sampled = self._sampled()
        data |= {name: sampled[name] for name in _SHARED if name in fields and name in sampled}
        usual = self.says.get(contract.type, {})
        return data | {name: value for name, value in {**usual, **changes}.items() if name in fields}

    def _sampled(self) -> dict[str, Any]:
        data = self.sample.data
        assert isinstance(data, dict), "an application is an object"
        return dict(data)


def writable(dialect: Dialect) -> tuple[Contract, ...]:
    """What can be said in this dialect and is understood when it is."""
    reads = {one.schema_uri for one in dialect.reads()}
    return tuple(one for one in dialect.writes() if one.schema_uri in reads)
