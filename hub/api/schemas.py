# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The schemas of the API's documents and of every contract's data, each once, for the descriptions that refer to them."""

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from contracts.contract import Contract
from contracts.registry import Registry
from hub.api.documents import Event

_SCHEMAS = "#/components/schemas/"


class Schemas:
    """JSON Schemas (2020-12) under ``#/components/schemas/``. ``registry`` says what an event may carry."""

    def __init__(self, documents: Iterable[type[BaseModel]], registry: Registry) -> None:
        contracts = registry.all()
        wanted: set[type[BaseModel]] = {Event, *documents}
        ordered = sorted(wanted, key=lambda model: model.__name__)
        models: list[type[BaseModel]] = [*ordered, *(contract.model for contract in contracts)]
        refs, definitions = models_json_schema(
            [(model, "validation") for model in models], ref_template=f"{_SCHEMAS}{{model}}"
        )
        self._refs = {model: ref["$ref"] for (model, _), ref in refs.items()}
        self.all: dict[str, Any] = definitions["$defs"]
        for contract in contracts:
            self.named(contract.model).update(_said_of(contract))
        self.named(Event)["allOf"] = [self._event_of(contract) for contract in contracts]

    def of(self, model: type[BaseModel]) -> dict[str, Any]:
        """A reference to the schema of this model."""
        return {"$ref": self._refs[model]}

    def named(self, model: type[BaseModel]) -> dict[str, Any]:
        """The schema of this model itself."""
        schema: dict[str, Any] = self.all[self._refs[model].removeprefix(_SCHEMAS)]
        return schema

    def _event_of(self, contract: Contract) -> dict[str, Any]:
        """An event that names this contract version carries what it says."""
        names_it = {"properties": {"dataschema": {"const": contract.schema_uri}}, "required": ["dataschema"]}
        data = {"type": {"const": contract.type}, "data": self.of(contract.model)}
        return {"if": names_it, "then": {"properties": data, "required": ["data"]}}


def _said_of(contract: Contract) -> dict[str, Any]:
    """What a contract says of its data beyond the fields of its model."""
    rules = [said for rule in contract.rules if (said := rule.schema()) is not None]
    return {"description": f"{contract.title}\n\n{contract.meaning}", **({"allOf": rules} if rules else {})}
