# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""From what was sent to canonical form in one walk: a validator that is derived from a model and makes no instance of it.

A model says what is taken, why something is not, and how it is written. To hold data against it, to make the model and to
write it down again are three walks over a record. Where a model is made of parts whose writing is known, one validator does
it all, and its result is the record: absent fields stay absent, codes are their texts, moments stand in Beijing time. What
it does not take goes through the model, which alone refuses; so does everything of a model it cannot be derived from.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias, cast

from pydantic import BaseModel, GetCoreSchemaHandler, ValidationError
from pydantic_core import CoreSchema, PydanticOmit, SchemaValidator, core_schema

from contracts.cloudevent import JsonValue

Members: TypeAlias = dict[str, Any]
"""A record that satisfies its model, in canonical form: what ``model_dump(mode="json", exclude_none=True)`` gives."""

Node: TypeAlias = Mapping[str, Any]
Definitions: TypeAlias = Mapping[str, Node]

_WRITTEN = "govhub_written"


@dataclass(frozen=True, slots=True)
class Written:
    """Metadata of a type with a ``BeforeValidator`` that does it all: the canonical text of a value as it was sent.

    ``text`` raises what that validator raises.
    """

    text: Callable[[Any], str]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        schema = handler(source)
        return cast("CoreSchema", {**schema, "metadata": {**schema.get("metadata", {}), _WRITTEN: self.text}})


class CanonicalForm:
    """What a model makes of data."""

    __slots__ = ("_derived", "_model")

    def __init__(self, model: type[BaseModel]) -> None:
        self._model = model
        schema = _derived(model.__pydantic_core_schema__, {})
        self._derived = SchemaValidator(schema).validate_python if schema is not None else None

    @property
    def direct(self) -> bool:
        """Whether a validator could be derived."""
        return self._derived is not None

    def of(self, data: JsonValue) -> Members | ValidationError:
        """The record in canonical form, or why the model does not take it. ``data`` is JSON and is not changed."""
        try:
            if self._derived is not None:
                return cast("Members", self._derived(data))
        except ValidationError:
            pass  # the model says why, in its own words
        try:
            return self._model.model_validate(data).model_dump(mode="json", exclude_none=True)
        except ValidationError as error:
            return error


@cache
def canonical_form(model: type[BaseModel]) -> CanonicalForm:
    """The canonical form of a model's records, compiled when it is first asked for."""
    return CanonicalForm(model)


_UNDERSTOOD: Mapping[str, frozenset[str]] = {
    kind: frozenset({"type", "metadata", "ref", *said.split()})
    for kind, said in {
        "any": "",
        "bool": "strict",
        "int": "strict ge gt le lt multiple_of",
        "str": "strict min_length max_length pattern",
        "enum": "cls members sub_type",
        "nullable": "schema",
        "tuple": "items_schema variadic_item_index min_length max_length",
        "list": "items_schema min_length max_length",
        "dict": "keys_schema values_schema strict min_length max_length",
        "function-before": "function schema",
        "function-after": "function schema",
        "definitions": "schema definitions",
        "definition-ref": "schema_ref",
        "model": "cls schema custom_init root_model config",
        "model-fields": "fields model_name computed_fields",
        "model-field": "schema",
        "default": "schema default",
    }.items()
}
"""The kinds of nodes of a pydantic core schema that are understood, with everything that may be said about each. Anything
else may change what is taken or how it is written, so nothing is derived from it."""

_CONFIG = {"title", "extra_fields_behavior", "frozen"}
_AS_THEY_ARE = {"bool", "int", "str"}


def _understood(node: Node) -> bool:
    return node["type"] in _UNDERSTOOD and node.keys() <= _UNDERSTOOD[node["type"]]


def _derived(node: Node, known: Definitions) -> CoreSchema | None:  # noqa: C901  # because it is one table
    """The schema that takes the same values and gives their canonical form; None where that is not known, or may be null."""
    if not _understood(node):
        return None
    match node["type"]:
        case "bool" | "int" | "str":
            return _bare(node)
        case "enum":
            return _codes(node)
        case "tuple" | "list":
            return _array(node, known)
        case "dict":
            return _bare(node) if _carried(node) else None
        case "function-before":
            return _before(node, known)
        case "function-after":
            return _after(node)
        case "model":
            return _object(node, known)
        case "definitions":
            return _derived(node["schema"], {**known, **{one["ref"]: one for one in node["definitions"]}})
        case "definition-ref":
            # Known without itself from here on: nothing is derived from a model that contains itself.
            rest = {name: one for name, one in known.items() if name != node["schema_ref"]}
            return _derived(known[node["schema_ref"]], rest) if node["schema_ref"] in known else None
        case _:
            return None


def _bare(node: Node) -> CoreSchema:
    return cast("CoreSchema", {key: value for key, value in node.items() if key not in {"metadata", "ref"}})


def _carried(node: Node) -> bool:
    """Whether this is JSON that is written as it came."""
    match node["type"]:
        case "dict":
            return _understood(node) and _carried(node["keys_schema"]) and _carried(node["values_schema"])
        case kind:
            return _understood(node) and (kind == "any" or kind in _AS_THEY_ARE)


def _codes(node: Node) -> CoreSchema | None:
    values = [member.value for member in node["members"]]
    return core_schema.literal_schema(values) if all(type(value) is str for value in values) else None


def _array(node: Node, known: Definitions) -> CoreSchema | None:
    items = node.get("items_schema")
    if node["type"] == "tuple":
        items = items[0] if node.get("variadic_item_index") == 0 and items and len(items) == 1 else None
    inner = _derived(items, known) if items is not None else None
    if inner is None:
        return None
    return core_schema.list_schema(inner, min_length=node.get("min_length"), max_length=node.get("max_length"))


def _before(node: Node, known: Definitions) -> CoreSchema | None:
    written = node.get("metadata", {}).get(_WRITTEN)
    if written is not None:
        unconstrained = node["schema"].keys() <= {"type", "microseconds_precision"}
        return core_schema.no_info_plain_validator_function(written) if unconstrained else None
    inner = _derived(node["schema"], known)
    return None if inner is None else cast("CoreSchema", {**_bare(node), "schema": inner})


def _after(node: Node) -> CoreSchema | None:
    if node["function"]["type"] != "no-info" or not _carried(node["schema"]) or node["schema"]["type"] == "any":
        return None
    function = node["function"]["function"]

    def of_the_same_type(value: Any) -> Any:
        after = function(value)
        if type(after) is not type(value):
            raise ValueError("nothing is known of its canonical form")
        return after

    return core_schema.no_info_after_validator_function(of_the_same_type, _bare(node["schema"]))


def _object(model: Node, known: Definitions) -> CoreSchema | None:
    fields, config = model["schema"], model.get("config", {})
    extra = config.get("extra_fields_behavior", "ignore")
    unusual = model.get("custom_init") or model.get("root_model") or not config.keys() <= _CONFIG or extra == "allow"
    if unusual or fields["type"] != "model-fields" or not _understood(fields) or fields.get("computed_fields"):
        return None
    derived = {name: _field(field, known) for name, field in fields["fields"].items()}
    whole = {name: field for name, field in derived.items() if field is not None}
    return core_schema.typed_dict_schema(whole, extra_behavior=extra) if len(whole) == len(derived) else None


def _field(field: Node, known: Definitions) -> core_schema.TypedDictField | None:
    node = field["schema"]
    if not _understood(field) or (node["type"] == "default" and not _understood(node)):
        return None
    if node["type"] != "default":
        inner = _value(node, known)
        return None if inner is None else core_schema.typed_dict_field(inner)
    inner = _value(node["schema"], known)
    if inner is None:
        return None
    match node["default"]:
        case None:
            return core_schema.typed_dict_field(inner, required=False)
        case () | []:
            return core_schema.typed_dict_field(core_schema.with_default_schema(inner, default_factory=list))
        case str() | int() as default if type(default) in {str, int, bool}:
            return core_schema.typed_dict_field(core_schema.with_default_schema(inner, default=default))
        case _:
            return None


def _value(node: Node, known: Definitions) -> CoreSchema | None:
    """What a field holds. A null that a field may hold leaves it out."""
    if node["type"] != "nullable":
        return _derived(node, known)
    inner = _derived(node["schema"], known) if _understood(node) else None
    return None if inner is None else core_schema.union_schema([inner, _LEFT_OUT], mode="left_to_right")


def _omit(_null: None) -> None:
    raise PydanticOmit


_LEFT_OUT = core_schema.no_info_after_validator_function(_omit, core_schema.none_schema())
