# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Rules about what a connector says of itself: its manifest, and the settings it takes."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from connectors.sdk.bench import Bench, Isolation
from connectors.sdk.manifest import Idempotency, Manifest
from connectors.sdk.rule import Rule, entering, unless
from connectors.sdk.sink import Settings
from connectors.sdk.wire import MAX_METRICS

_STRENGTH = (Idempotency.NONE, Idempotency.QUERYABLE, Idempotency.NATIVE)
_KIND = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
_METRIC = re.compile(r"[a-z][a-z0-9_]{0,60}", re.ASCII)
_CREDENTIAL = re.compile(
    r"(^|_)(password|passwd|passphrase|secret|secrets|token|api_?key|private_?key)($|_)", re.IGNORECASE
)
_NOT_THE_VALUE = re.compile(r"_(file|header|headers|field|pointer|place|url|name|seconds|in|at|id|form)$")

DESCRIBING_RULES: list[Rule] = []
_rule = entering(DESCRIBING_RULES)


@_rule(Isolation.NONE)
async def manifest_is_sound(bench: Bench) -> str:
    """The manifest is whole, and a configuration never promises more than the kind."""
    manifest = bench.connector.manifest
    promised = bench.promised
    if fault := manifest_fault(manifest):
        return fault
    if promised.kind != manifest.kind or promised.max_body_bytes > manifest.max_body_bytes:
        return "it promises another kind, or larger bodies, than its manifest"
    stronger = _STRENGTH.index(promised.idempotency) > _STRENGTH.index(manifest.idempotency)
    return unless(not stronger, f"it promises {promised.idempotency}, its manifest only {manifest.idempotency}")


@_rule(Isolation.NONE)
async def config_is_strict(bench: Bench) -> str:
    """The settings are frozen, described with an example each, and refuse unknown keys without quoting what was written."""
    return config_fault(bench.connector.config, bench.settings)


@_rule(Isolation.NONE)
async def credentials_are_references(bench: Bench) -> str:
    """A password or token stands in the settings by the name of a secret (the type Secret), never by its value."""
    return credential_fault(bench.connector.config)


def manifest_fault(manifest: Manifest) -> str:
    """What is wrong with a manifest; empty when nothing is."""
    texts = (manifest.title, manifest.summary)
    if not (_KIND.fullmatch(manifest.kind) and all(text.zh.strip() and text.en.strip() for text in texts)):
        return "the kind is no name, or the title or the summary is missing in a language"
    if len(manifest.metrics) > MAX_METRICS or len({one.name for one in manifest.metrics}) != len(manifest.metrics):
        return "too many metrics, or two of one name"
    for one in manifest.metrics:
        named = _METRIC.fullmatch(one.name) and (not one.label or _METRIC.fullmatch(one.label))
        if not named or bool(one.label) != bool(one.values) or len(one.values) > MAX_METRICS:
            return f"the metric {one.name!r} has no sound name, or a label without values"
    return ""


def config_fault(model: type[BaseModel], settings: Settings) -> str:
    """What is wrong with a config model; empty when nothing is."""
    if not model.model_config.get("frozen"):
        return "the config model is not frozen"
    bare = [name for name, field in model.model_fields.items() if not (field.description and field.examples)]
    if bare:
        return f"no description or no example: {', '.join(bare)}"
    try:
        model.model_validate({**settings, "no_such_setting": "quoted-by-mistake"})
    except ValidationError as error:
        return unless("quoted-by-mistake" not in str(error), "an error quotes what was written: hide_input_in_errors")
    return "an unknown setting is taken in silence"


def credential_fault(model: type[BaseModel]) -> str:
    """Which settings hold a credential by value, as far as their names tell."""
    schema = model.model_json_schema()
    wrong = sorted(set(_by_value(schema, schema)))
    return unless(not wrong, f"credentials by value: {', '.join(wrong)}")


def _by_value(schema: Mapping[str, Any], whole: Mapping[str, Any]) -> Iterator[str]:
    for name, inner in schema.get("properties", {}).items():
        if _CREDENTIAL.search(name) and not _NOT_THE_VALUE.search(name) and "string" in set(_types(inner, whole)):
            yield name
    for definition in schema.get("$defs", {}).values():
        yield from _by_value(definition, whole)


def _types(schema: Mapping[str, Any], whole: Mapping[str, Any]) -> Iterator[str]:
    """The types a value may have; a reference to a secret counts as none."""
    if "$ref" in schema:
        name = str(schema["$ref"]).rpartition("/")[2]
        if whole.get("$defs", {}).get(name, {}).get("type") == "string":
            yield from _types(whole["$defs"][name], whole)
        return
    if schema.get("format") == "secret-name" or "enum" in schema or "const" in schema:
        return
    for inner in schema.get("anyOf", ()):
        yield from _types(inner, whole)
    for holder in ("items", "additionalProperties"):
        if isinstance(schema.get(holder), Mapping):
            yield from _types(schema[holder], whole)
    if isinstance(schema.get("type"), str):
        yield schema["type"]
