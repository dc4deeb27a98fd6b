# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""JSON Schemas of 2020-12 in the words of draft-07, which the AsyncAPI 3.0 Schema Object extends.

Only what our schemas use is translated: ``dependentRequired``, and a ``$ref`` with other keywords beside it, which draft-07
would not read.
"""

from collections.abc import Mapping
from typing import Any

_BY_NAME = frozenset({"properties", "patternProperties"})
_ONE = frozenset({"items", "additionalProperties", "contains", "propertyNames", "not", "if", "then", "else"})
_SEVERAL = frozenset({"allOf", "anyOf", "oneOf"})


def draft07(schema: Any) -> Any:
    """The same schema for a reader of draft-07. ``true`` and ``false`` are schemas too."""
    if not isinstance(schema, Mapping):
        return schema
    said = {_word(name): _translated(name, value) for name, value in schema.items()}
    if "$ref" in said and len(said) > 1:
        reference = {"$ref": said.pop("$ref")}
        said["allOf"] = [reference, *said.get("allOf", ())]
    return said


def _word(name: str) -> str:
    return "dependencies" if name == "dependentRequired" else name


def _translated(name: str, value: Any) -> Any:
    if name in _BY_NAME:
        return {key: draft07(one) for key, one in value.items()}
    if name in _SEVERAL:
        return [draft07(one) for one in value]
    return draft07(value) if name in _ONE else value
