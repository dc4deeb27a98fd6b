# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The fields of a contract as rows of a table: from its model what no schema says, from its schema what must hold."""

from collections.abc import Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel

from contracts.codes import Code as CodeList
from contracts.contract import Contract
from contracts.documents.page import Break, Code, Inline, Table, lines, same, words
from contracts.forms import FORMS, LINE
from contracts.identifiers.marks import Identifier, marks
from contracts.personal import PersonalClass, nested
from contracts.text import Text

_HEAD = (
    Text("字段", "Field"),
    Text("名称", "Title"),
    Text("必填", "Required"),
    Text("类型与代码", "Type and codes"),
    Text("说明", "Description"),
    Text("个人信息", "Personal"),
    Text("标识", "Identifier"),
)
_FORMATS = {
    "date-time": Text("时间（RFC 3339，含时区）", "time (RFC 3339 with offset)"),
    "date": Text("日期 YYYY-MM-DD", "date YYYY-MM-DD"),
}
_TYPES = {
    "object": Text("对象", "object"),
    "boolean": Text("布尔", "boolean"),
    "integer": Text("整数", "integer"),
    "number": Text("数", "number"),
    "string": Text("字符串", "string"),
    "array": Text("数组", "array"),
}
_BOUNDS = (
    ("minLength", "maxLength"),
    ("minimum", "maximum"),
    ("minItems", "maxItems"),
    ("minProperties", "maxProperties"),
)
PERSONAL = {
    PersonalClass.NAME: Text("姓名", "name"),
    PersonalClass.ID_NUMBER: Text("证件号码", "document number"),
    PersonalClass.PHONE: Text("电话", "telephone"),
    PersonalClass.ADDRESS: Text("地址", "address"),
    PersonalClass.FREE_TEXT: Text("自由文字", "free text"),
}
IDENTIFIERS = {
    Identifier.DEPARTMENT: Text("机构代码", "organisation"),
    Identifier.ITEM: Text("实施编码", "item"),
    Identifier.REGION: Text("行政区划", "division"),
    Identifier.PROJECT: Text("投资项目代码", "project"),
    Identifier.LICENCE: Text("电子证照标识", "licence"),
    Identifier.DOCUMENT: Text("证件号码", "document"),
}


def fields(contract: Contract) -> Table:
    """Every field with its path in ``data``; ``[*]`` stands for each element of an array."""
    schema = contract.json_schema()
    return Table(_HEAD, tuple(_Fields(contract, schema.get("$defs", {})).rows(contract.model, schema, "")))


class _Fields:
    def __init__(self, contract: Contract, definitions: Mapping[str, Any]) -> None:
        self._personal = contract.personal
        self._definitions = definitions

    def rows(self, model: type[BaseModel], schema: Mapping[str, Any], parent: str) -> Iterator[tuple[Inline, ...]]:
        """One row for each field of the model, those of its objects after it."""
        required = schema.get("required", ())
        for name, written in schema.get("properties", {}).items():
            field = model.model_fields.get(name)  # a package of somebody else may have given it an alias
            annotation = None if field is None else field.annotation
            said = self._plain(written)
            path = f"{parent}{name}"
            mark = self._personal.get(f"$.data.{path}")
            yield (
                (Code(path),),
                (same(written.get("title", "")),),
                (same("✓" if name in required else ""),),
                self._type(said, annotation),
                (same(written.get("description", "")),),
                () if mark is None else (words(*PERSONAL[mark]),),
                () if field is None else lines((words(*IDENTIFIERS[one]),) for one in sorted(marks(field), key=str)),
            )
            inner, _ = nested(annotation)
            if inner is not None:
                many = said.get("type") == "array"
                inside = self._plain(said.get("items", {})) if many else said
                yield from self.rows(inner, inside, f"{path}[*]." if many else f"{path}.")

    def _plain(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """The schema itself behind "or null" and references."""
        while True:
            if "anyOf" in schema:
                schema = next((one for one in schema["anyOf"] if one.get("type") != "null"), {})
            elif "$ref" in schema:
                schema = self._definitions[schema["$ref"].rsplit("/", 1)[1]]
            else:
                return schema

    def _type(self, said: Mapping[str, Any], annotation: Any) -> Inline:
        kind = said.get("type", "")
        if kind == "array":
            element = self._type(self._plain(said.get("items", {})), annotation)
            return (*_kind(kind, said), Break(), *element)
        if (listed := _code_list(annotation)) is not None and "enum" in said:
            return lines((Code(code.value), same(" "), words(*code.text)) for code in listed)
        if "enum" in said or "const" in said:
            return lines((Code(str(value)),) for value in said.get("enum", (said.get("const"),)))
        if "format" in said:
            form = said["format"]
            return (words(*_FORMATS[form]),) if form in _FORMATS else (Code(form),)
        return (*_kind(kind, said), *_pattern(said))


def _kind(kind: str, said: Mapping[str, Any]) -> Inline:
    name = words(*_TYPES[kind]) if kind in _TYPES else Code(kind or "*")
    ranges = [(said.get(least, 0), said[most]) for least, most in _BOUNDS if most in said]
    return (name, *(same(f" {least}..{most}") for least, most in ranges))


def _pattern(said: Mapping[str, Any]) -> Inline:
    pattern = said.get("pattern", LINE)
    if pattern == LINE:
        return ()
    return (Break(), words(*FORMS[pattern]) if pattern in FORMS else Code(pattern))


def _code_list(annotation: Any) -> type[CodeList] | None:
    if isinstance(annotation, type) and issubclass(annotation, CodeList):
        return annotation
    return next((found for inside in get_args(annotation) if (found := _code_list(inside)) is not None), None)
