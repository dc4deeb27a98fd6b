# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Form files for tests: one that is right, to be spoiled, and values made from a schema by chance."""

import textwrap
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from contracts.fault import Fault
from contracts.item_forms.load import LoadedForms, load_texts
from contracts.item_forms.shape import codes, target

GOOD = """\
name: shop
items: [TESTSHOP1]
version: 1
title: {zh: 开店, en: Opening a shop}
schema:
  type: object
  additionalProperties: false
  required: [kind]
  properties:
    kind: {title: 业态, enum: [retail, food]}
    area: {title: 面积, type: integer, minimum: 1, maximum: 1000}
    owner: {title: 店主姓名, type: string, minLength: 1, maxLength: 20, x-personal: name}
examples:
  - {name: right, data: {kind: retail, area: 10, owner: 测试店主甲}}
  - {name: wrong, data: {area: 0}, expect: [{code: E_V_MISSING, path: $.kind}, {code: E_V_RANGE, path: $.area}]}
"""


def of_schema(schema: str, **keys: str) -> str:
    """A form file around this schema, without examples."""
    rest = "".join(f"{key}: {value}\n" for key, value in keys.items())
    head = "name: shop\nitems: [TESTSHOP1]\nversion: 1\ntitle: {zh: 开店, en: Opening a shop}\n"
    return f"{head}{rest}schema:\n{textwrap.indent(textwrap.dedent(schema), '  ')}"


def closed(properties: str) -> str:
    """A closed object with these properties, as a schema."""
    return (
        f"type: object\nadditionalProperties: false\nproperties:\n{textwrap.indent(textwrap.dedent(properties), '  ')}"
    )


def loaded(*texts: str) -> LoadedForms:
    """Forms that must be right."""
    forms = load_texts({f"{n}.yaml": text for n, text in enumerate(texts)})
    assert isinstance(forms, LoadedForms), "\n".join(map(str, forms))
    return forms


def faults(*texts: str) -> list[tuple[str, str]]:
    """Code and place of every fault, warnings too."""
    forms = load_texts({f"{n}.yaml": text for n, text in enumerate(texts)})
    found: tuple[Fault, ...] = forms.warnings if isinstance(forms, LoadedForms) else forms
    assert all(all(fault.problem) and all(fault.remedy) for fault in found)
    return [(fault.code, str(fault.at)) for fault in found]


def values(schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """Values that mostly fit the schema; conditions between fields are left to chance."""
    return _values(schema, schema)


def _values(root: Mapping[str, Any], node: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    if (name := target(node.get("$ref"))) is not None:
        return _values(root, root["$defs"][name])
    if (listed := codes(node)) is not None:
        return st.sampled_from(list(listed))
    if "enum" in node or "const" in node:
        return st.sampled_from(node.get("enum", [node.get("const")]))
    match node["type"]:
        case "object":
            return _members(root, node)
        case "array":
            most = min(node.get("maxItems", 3), 3)
            unique = str if node.get("uniqueItems") else None
            return st.lists(
                _values(root, node["items"]), min_size=node.get("minItems", 0), max_size=most, unique_by=unique
            )
        case "integer":
            return st.integers(node["minimum"], node["maximum"])
        case "number":
            return st.floats(node.get("minimum", node.get("exclusiveMinimum", 0) + 0.5), node["maximum"])
        case "boolean":
            return st.booleans()
        case _:
            return _text(node)


def _members(root: Mapping[str, Any], node: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    required = set(node.get("required", ()))
    inner = {key: _values(root, one) for key, one in node["properties"].items()}
    there = {key: one for key, one in inner.items() if key in required}
    return st.fixed_dictionaries(there, optional={key: one for key, one in inner.items() if key not in required})


def _text(node: Mapping[str, Any]) -> st.SearchStrategy[str]:
    if "pattern" in node:
        return st.from_regex(node["pattern"], fullmatch=True)
    if node.get("format") == "date":
        return st.dates().map(str)
    alphabet = st.characters(min_codepoint=0x20, max_codepoint=0x9FFF, exclude_categories=["Cs", "Cc"])
    return st.text(alphabet, min_size=node.get("minLength", 0), max_size=min(node["maxLength"], 12))
