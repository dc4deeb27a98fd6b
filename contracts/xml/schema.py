# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The XML Schema (1.0) of a contract's own XML: what :mod:`contracts.xml.canonical` writes, said for other people's tools.

It says what the JSON Schema says: names, occurrence, lengths, patterns, ranges and code lists, each with its Chinese title
and its meaning. Rules between fields, which XSD 1.0 cannot say, stand in the documentation in words. The elements have an
order here, as an ``xs:sequence`` must; the hub itself reads them in any.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias, get_args

from pydantic import BaseModel

from contracts import forms
from contracts.codes import Code
from contracts.contract import Contract
from contracts.text import Text
from contracts.xml.canonical import optional_arrays
from contracts.xml.declarations import DAY, MOMENT, Element, annotation, element, named, restriction, schema
from contracts.xml.patterns import xsd_pattern

Schema: TypeAlias = Mapping[str, Any]
"""A part of a JSON Schema as pydantic makes it."""

_FORM_NAMES = {value: name for name, value in vars(forms).items() if isinstance(value, str) and name.isupper()}
_FORMATS = {"date-time": MOMENT, "date": DAY}
_PLAIN = {"boolean": "xs:boolean", "string": "xs:string"}

_IDEOGRAPH = re.compile("[\u4e00-\u9fff]")

_JSON = Text("JSON 文本", "JSON text")
_AT_MOST = Text("最多 {most} 个字符", "at most {most} characters")
_RULE = Text("规则：{zh}", "Rule: {en}")


def xsd(contract: Contract) -> bytes:
    """The XML Schema of a contract version, in UTF-8; its target namespace is the contract's ``dataschema``."""
    return _Types(contract).schema()


class _Types:
    """The types of one schema; the simple ones are collected while the complex ones are written."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._model: Schema = contract.model.model_json_schema()
        self._definitions: Mapping[str, Schema] = self._model.get("$defs", {})
        self._codes = dict(_codes(contract.model))
        self._nillable = optional_arrays(contract.model)
        self._simple: dict[str, list[str]] = {}
        self._names: dict[tuple[object, ...], str] = {}

    def schema(self) -> bytes:
        """Every type once, and the one element that may be a root."""
        contract = self._contract
        root = contract.model.__name__
        about = Text(f"{contract.title.zh}。{contract.meaning.zh}", f"{contract.title.en}. {contract.meaning.en}")
        rules = [_RULE.filled(zh=rule.text().zh, en=rule.text().en) for rule in contract.rules]
        complex_types = self._group(root, self._model)
        for name, definition in self._definitions.items():
            if "properties" in definition:
                complex_types += self._group(name, definition)
        roots = element(Element(contract.type, root, (about, *rules)))
        simple_types = [line for name in sorted(self._simple) for line in self._simple[name]]
        return schema(contract.schema_uri, str(contract.version), [*roots, *complex_types, *simple_types])

    def _group(self, name: str, model: Schema) -> list[str]:
        required = set(model.get("required", ()))
        elements = [
            line
            for field, said in model["properties"].items()
            for line in element(self._field(field, said, required=field in required))
        ]
        about = _described(model)
        body = ["<xs:sequence>", *(f"  {line}" for line in elements), "</xs:sequence>"]
        return named("complexType", name, [*annotation(*about), *body])

    def _field(self, name: str, said: Schema, *, required: bool) -> Element:
        title = Text(said.get("title", ""), said.get("description", ""))
        options = [option for option in said.get("anyOf", ()) if option != {"type": "null"}]
        inner = options[0] if len(options) == 1 else said
        if _is_json(inner):
            return Element(name, "xs:string", (title, _JSON), least=int(required))
        if inner.get("type") != "array":
            return Element(name, self._type(inner), (title,), least=int(required))
        least = inner.get("minItems", 0)
        return Element(
            name,
            self._type(inner["items"]),
            (title,),
            least=least if required else 0,
            most=inner.get("maxItems"),
            nillable=name in self._nillable and least == 0,
        )

    def _type(self, said: Schema) -> str:
        """The name of the type of one value, which is written when it is met for the first time."""
        if "$ref" in said:
            name = said["$ref"].rpartition("/")[2]
            if "enum" in self._definitions[name]:
                self._simple.setdefault(name, self._code_list(name, self._definitions[name]))
            return str(name)
        if said.get("format") in _FORMATS:
            name, lines = _FORMATS[said["format"]]
            self._simple.setdefault(name, lines)
            return name
        if said["type"] == "integer":
            return self._bounded("Integer", "xs:integer", _bounds(said, "minimum", "maximum"), None)
        if said["type"] == "string" and len(said.keys() & {"pattern", "minLength", "maxLength", "enum"}):
            return self._text(said)
        return _PLAIN[said["type"]]

    def _text(self, said: Schema) -> str:
        pattern, most = said.get("pattern", ""), said.get("maxLength")
        facets = _bounds(said, "minLength", "maxLength")
        facets += [("enumeration", value) for value in said.get("enum", ())]
        about = None
        if pattern:
            facets.append(("pattern", xsd_pattern(pattern)))
            about = forms.FORMS.get(pattern)
        name = _camel(_FORM_NAMES.get(pattern, "TEXT")) + (
            str(most) if pattern in {forms.LINE, forms.PROSE, None} else ""
        )
        limit = _AT_MOST.filled(most=most) if most is not None else None
        if about is not None and limit is not None:
            about = Text(f"{about.zh}，{limit.zh}", f"{about.en}, {limit.en}")
        return self._bounded(name, "xs:string", facets, about or limit)

    def _bounded(self, wish: str, base: str, facets: list[tuple[str, object]], about: Text | None) -> str:
        """A type of these facets by the name that is wished for, or another where that means something else."""
        key = (base, *facets)
        if key not in self._names:
            taken = {*self._names.values(), *self._definitions}
            name = next(name for name in _numbered(wish) if name not in taken)
            self._names[key] = name
            self._simple[name] = named(
                "simpleType", name, [*annotation(*filter(None, (about,))), *restriction(base, facets)]
            )
        return self._names[key]

    def _code_list(self, name: str, definition: Schema) -> list[str]:
        code = self._codes.get(name)
        texts = {str(one.value): one.text for one in code} if code is not None else {}
        facets = [("enumeration", value, texts.get(value)) for value in definition["enum"]]
        about = _described(definition)
        return named("simpleType", name, [*annotation(*about), *restriction("xs:string", facets)])


def _is_json(said: Schema) -> bool:
    """Whether the canonical XML carries this value as JSON text: see :mod:`contracts.mapping.shape`."""
    if "$ref" in said:
        return False
    if said.get("type") == "array":
        items = said["items"]
        return "$ref" not in items and (items.get("type") != "string" or "format" in items)
    return said.get("type") not in {"string", "integer", "boolean"}


def _described(said: Schema) -> tuple[Text, ...]:
    """A docstring, in the language it is in."""
    text = said.get("description", "")
    return (Text(text, "") if _IDEOGRAPH.search(text) else Text("", text),)


def _bounds(said: Schema, *names: str) -> list[tuple[str, object]]:
    facets = {"minimum": "minInclusive", "maximum": "maxInclusive"}
    return [(facets.get(name, name), said[name]) for name in names if name in said]


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def _numbered(wish: str) -> Iterator[str]:
    yield wish
    number = 2
    while True:
        yield f"{wish}-{number}"
        number += 1


def _codes(annotated: Any) -> Iterator[tuple[str, type[Code]]]:
    """Every code list that an annotation or a model knows, by its name in the JSON Schema."""
    if isinstance(annotated, type):
        if issubclass(annotated, Code):
            yield annotated.__name__, annotated
        elif issubclass(annotated, BaseModel):
            for field in annotated.model_fields.values():
                yield from _codes(field.annotation)
        return
    for argument in get_args(annotated):
        yield from _codes(argument)
