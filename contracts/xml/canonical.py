# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Every contract in XML of its own, without any map: the canonical JSON, element by element.

The root element is called as the contract's type, in the namespace that the ``dataschema`` is; elements are called as the
fields, in the order of the model. A repeated field is a repeated element. Numbers, booleans, days and moments are written
as XML Schema part 2 says, which is how canonical JSON writes them. What a contract leaves open (the data of an item's
form) stands as JSON text in its element. Where an array may be absent and may be empty, and these are different things, the
empty one is an element with ``xsi:nil``. :mod:`contracts.xml.schema` says the same as an XSD.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

from pydantic import BaseModel

from contracts import strict_json
from contracts.cloudevent import JsonValue
from contracts.contract import Contract
from contracts.dialects.encoding import Encoding
from contracts.json_path import member
from contracts.mapping.shape import Kind, Shape, shape_of
from contracts.personal import nested
from contracts.refusal import Refusal
from contracts.text import Text
from contracts.xml.parser import XSI, parse
from contracts.xml.text import declaration, encoded, escaped, quoted, special, tags

Append: TypeAlias = Callable[[str], None]
Write: TypeAlias = Callable[[Any, Append], None]
Convert: TypeAlias = Callable[[Any], Any]

_ARRAYS = frozenset({Kind.TEXTS, Kind.GROUPS})
_WHITE = " \t\n\r"
_INTEGER = re.compile(r"[+-]?[0-9]{1,19}")
_FLAGS = {"true": True, "1": True, "false": False, "0": False}
_ROOT = Text("根元素不是该契约的类型", "The root element is not the contract's type")


def canonical_xml(
    contract: Contract, data: Mapping[str, JsonValue], encoding: Encoding = Encoding.UTF_8
) -> bytes | Refusal:
    """The record in XML. ``data`` satisfies the contract and is in canonical form.

    Refused is only a character that XML or the encoding does not have, with the field it stands in.
    """
    form = _form(contract.model, contract.type, contract.schema_uri)
    parts = [declaration(encoding), form.opening]
    form.write(data, parts.append)
    parts.append(form.closing)
    return encoded("".join(parts), encoding, lambda: _texts("$.data", data))


def from_canonical_xml(contract: Contract, body: bytes, charset: str | None = None) -> JsonValue | Refusal:
    """The data that some XML is, for :meth:`contracts.contract.Contract.check` to judge; or why it was refused.

    Never raises, whatever the bytes. What has not the form of its type stays the text that it is, and elements that the
    contract does not know stay too, so that the check tells them with their paths.
    """
    form = _form(contract.model, contract.type, contract.schema_uri)
    arrays = form.optional_arrays
    parsed = parse(body, charset, namespace=contract.schema_uri, repeated_texts=True, empty_arrays=arrays)
    if isinstance(parsed, Refusal):
        return parsed
    if parsed.name != contract.type:
        return Refusal("E_XML_NAMESPACE", _ROOT)
    form.convert(parsed.content)
    return parsed.content


@dataclass(frozen=True, slots=True)
class _Form:
    """What was made once for a contract. ``convert`` works in place."""

    opening: str
    closing: str
    write: Write
    convert: Convert
    optional_arrays: frozenset[str]


@lru_cache(maxsize=1024)
def _form(model: type[BaseModel], name: str, uri: str) -> _Form:
    shape, arrays = shape_of(model), optional_arrays(model)
    opening, closing = tags(name)
    opening = f"{opening[:-1]} xmlns={quoted(uri)}>"
    return _Form(opening, closing, _members(shape, arrays), _group(shape), arrays)


def optional_arrays(model: type[BaseModel]) -> frozenset[str]:
    """The names of the arrays in a model, on any level, whose absence is something else than an empty array."""
    found = set[str]()
    members = shape_of(model).members
    for name, info in model.model_fields.items():
        inner, _ = nested(info.annotation)
        if members[name].kind in _ARRAYS and not info.is_required() and info.default is None:
            found.add(name)
        if inner is not None:
            found |= optional_arrays(inner)
    return frozenset(found)


def _members(shape: Shape, arrays: frozenset[str]) -> Write:
    """Writes the members of a group, without its own tags."""
    fields = [(name, *tags(name), _writer(name, member, arrays)) for name, member in shape.members.items()]

    def write(record: Mapping[str, Any], append: Append) -> None:
        get = record.get
        for name, opening, closing, writer in fields:
            value = get(name)
            if value is None:
                continue
            if writer is not None:
                writer(value, append)
            elif special(value) is None:
                append(f"{opening}{value}{closing}")
            else:
                append(f"{opening}{escaped(value)}{closing}")

    return write


def _writer(name: str, shape: Shape, arrays: frozenset[str]) -> Write | None:
    """Writes a member with its tags; None for one text."""
    opening, closing = tags(name)
    match shape.kind:
        case Kind.TEXT | Kind.CODE | Kind.MOMENT | Kind.DAY:
            return None
        case Kind.INTEGER:
            return lambda value, append: append(f"{opening}{value}{closing}")
        case Kind.FLAG:
            return lambda value, append: append(f"{opening}{'true' if value else 'false'}{closing}")
        case Kind.JSON:
            return lambda value, append: append(f"{opening}{escaped(strict_json.canonical(value).decode())}{closing}")
        case Kind.TEXTS:
            return _many(lambda value, append: append(f"{opening}{escaped(value)}{closing}"), _empty(name, arrays))
        case Kind.GROUP:
            return _one(_members(shape, arrays), opening, closing)
        case Kind.GROUPS:
            return _many(_one(_members(shape, arrays), opening, closing), _empty(name, arrays))


def _empty(name: str, arrays: frozenset[str]) -> str:
    """What is written for an empty array of this name."""
    return f'<{name} xmlns:xsi="{XSI}" xsi:nil="true"/>' if name in arrays else ""


def _one(members: Write, opening: str, closing: str) -> Write:
    def write(record: Any, append: Append) -> None:
        append(opening)
        members(record, append)
        append(closing)

    return write


def _many(one: Write, empty: str) -> Write:
    def write(values: Sequence[Any], append: Append) -> None:
        if not values:
            append(empty)
        for value in values:
            one(value, append)

    return write


def _group(shape: Shape) -> Convert:
    """Converts the members of a group in place; a text is what it is and needs none."""
    found = ((name, _converter(member)) for name, member in shape.members.items())
    converters = [(name, convert) for name, convert in found if convert is not None]
    # No element at all is how XML says an empty array; where the array may be absent, its absence is the same to the contract.
    arrays = [name for name, member in shape.members.items() if member.required and member.kind in _ARRAYS]

    def group(held: Any) -> Any:
        if held.__class__ is not dict:
            return {} if isinstance(held, str) and not held.strip(_WHITE) else held
        for name, convert in converters:
            if name in held:
                held[name] = convert(held[name])
        for name in arrays:
            held.setdefault(name, [])
        return held

    return group


def _converter(shape: Shape) -> Convert | None:
    match shape.kind:
        case Kind.TEXT | Kind.CODE:
            return None
        case Kind.INTEGER:
            return _integer
        case Kind.FLAG:
            return lambda value: _FLAGS.get(value.strip(_WHITE), value) if isinstance(value, str) else value
        case Kind.MOMENT | Kind.DAY:
            return lambda value: value.strip(_WHITE) if isinstance(value, str) else value
        case Kind.JSON:
            return _json
        case Kind.TEXTS:
            return lambda value: value if isinstance(value, list) else [value]
        case Kind.GROUP:
            return _group(shape)
        case Kind.GROUPS:
            return _groups(_group(shape))


def _groups(group: Convert) -> Convert:
    return lambda value: [group(one) for one in (value if isinstance(value, list) else (value,))]


def _integer(value: Any) -> Any:
    """XML Schema's integer: leading zeros and a plus sign are allowed, white space around it is not part of it."""
    text = value.strip(_WHITE) if isinstance(value, str) else ""
    return int(text) if _INTEGER.fullmatch(text) else value


def _json(value: Any) -> Any:
    parsed = strict_json.parse(value.encode()) if isinstance(value, str) else value
    return value if isinstance(parsed, Refusal) else parsed


def _texts(path: str, value: JsonValue) -> Iterator[tuple[str, str]]:
    match value:
        case str():
            yield path, value
        case Mapping():
            for name, inner in value.items():
                yield from _texts(member(path, name), inner)
        case list():
            for index, inner in enumerate(value):
                yield from _texts(f"{path}[{index}]", inner)
        case _:
            pass
