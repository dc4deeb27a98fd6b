# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The types of a contract's records, by which expressions are checked: a message type for each object of its JSON Schema.

What is absent has the empty value of its type, as in protocol buffers (https://protobuf.dev/programming-guides/field_presence/);
``has(…)`` tells the two apart. Objects of any content, as an item's form, are maps whose members no contract knows.
"""

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf import descriptor_pool, message_factory, struct_pb2
from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto, FileDescriptorProto
from google.protobuf.message import Message

from contracts.contract import Contract

_PACKAGE = "govhub.record"
_ROOT = "Record"
_SCALARS = {
    "string": FieldDescriptorProto.TYPE_STRING,
    "integer": FieldDescriptorProto.TYPE_INT64,
    "boolean": FieldDescriptorProto.TYPE_BOOL,
    "number": FieldDescriptorProto.TYPE_DOUBLE,
}
_ANYTHING = "google.protobuf.Value"
_ANY_OBJECT = "google.protobuf.Struct"


class RecordTypes:
    """The types of one contract version. ``name`` is that of the record itself, in ``pool``; ``message`` makes one of a record
    that satisfies the contract. Without ``personal`` there are no personal fields.
    """

    def __init__(self, contract: Contract, *, personal: bool = True) -> None:
        self._schema = contract.json_schema()
        self._personal = personal
        self._file = FileDescriptorProto(name="govhub/record.proto", package=_PACKAGE, syntax="proto3")
        self._file.dependency.append(struct_pb2.DESCRIPTOR.name)
        self._add(_ROOT, self._schema)
        for name, schema in self._schema.get("$defs", {}).items():
            if "properties" in schema:
                self._add(name, schema)
        self.pool = descriptor_pool.DescriptorPool()
        self.pool.AddSerializedFile(struct_pb2.DESCRIPTOR.serialized_pb)
        self.pool.AddSerializedFile(self._file.SerializeToString())
        self.name = f"{_PACKAGE}.{_ROOT}"
        self._make: Callable[..., Message] = message_factory.GetMessageClass(self.pool.FindMessageTypeByName(self.name))

    def message(self, record: Mapping[str, Any]) -> Message:
        """The record as a message."""
        return self._make(**record)

    def _add(self, name: str, schema: Mapping[str, Any]) -> None:
        made = self._file.message_type.add(name=name)
        for field, said in schema.get("properties", {}).items():
            if self._personal or "x-personal" not in said:
                self._field(made, field, said)

    def _field(self, made: DescriptorProto, name: str, said: Mapping[str, Any]) -> None:
        said, many = _without_null(said), False
        if said.get("type") == "array":
            said, many = said.get("items", {}), True
        kind, type_name = self._type(said)
        field = made.field.add(
            name=name,
            number=len(made.field) + 1,
            type=kind,
            label=FieldDescriptorProto.LABEL_REPEATED if many else FieldDescriptorProto.LABEL_OPTIONAL,
        )
        if type_name:
            field.type_name = type_name
        elif not many:
            field.proto3_optional = True
            field.oneof_index = len(made.oneof_decl)
            made.oneof_decl.add(name=f"_{name}")

    def _type(self, said: Mapping[str, Any]) -> tuple[FieldDescriptorProto.Type.ValueType, str]:
        if (reference := said.get("$ref")) is not None:
            name = reference.rpartition("/")[2]
            target = self._schema["$defs"][name]
            if "properties" in target:
                return FieldDescriptorProto.TYPE_MESSAGE, f".{_PACKAGE}.{name}"
            return self._type(target)
        kind = said.get("type")
        if isinstance(kind, str) and kind in _SCALARS:
            return _SCALARS[kind], ""
        return FieldDescriptorProto.TYPE_MESSAGE, f".{_ANY_OBJECT if kind == 'object' else _ANYTHING}"


def _without_null(said: Mapping[str, Any]) -> Mapping[str, Any]:
    """What an optional field holds when it is there."""
    members = [one for one in said.get("anyOf", ()) if one.get("type") != "null"]
    return members[0] if len(members) == 1 else said
