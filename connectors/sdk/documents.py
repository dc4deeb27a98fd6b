# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A connector's page, in Chinese and in English, and the JSON Schema of its settings: made of its manifest and models.

A field's ``title`` is what it means in Chinese, its ``description`` the same in English; without a title the description
stands in both pages.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from pydantic import BaseModel

from connectors.sdk.manifest import Idempotency, Manifest, Rendering, Role
from connectors.sdk.metrics import MetricKind
from connectors.sdk.sink import Connector
from contracts.text import Text

Language = Literal["zh", "en"]
T = TypeVar("T")

MODELS = {
    Role.SINK: "config",
    Role.SOURCE: "source_config",
    Role.LOOKUP: "lookup_config",
    Role.RECEIVER: "receiver_config",
}
"""The attribute that holds the settings' model, by role."""

ROLES = {
    Role.SINK: Text("目的地", "destination"),
    Role.SOURCE: Text("来源（主动取数）", "source that fetches"),
    Role.LOOKUP: Text("查询", "lookup"),
    Role.RECEIVER: Text("来源（被调用）", "source that is called"),
}
_IDEMPOTENCY = {
    Idempotency.NATIVE: Text(
        "对方按键值识别重复，结果不明时直接重发", "repeats are known by their key: sent again after doubt"
    ),
    Idempotency.QUERYABLE: Text(
        "可向对方查询某键值的结果，先问再发", "it can be asked about a key: asked before a repeat"
    ),
    Idempotency.NONE: Text("两者皆无，结果不明时等人处理", "neither: an unknown outcome waits for a person"),
}
_RENDERING = {
    Rendering.DATA: Text("仅数据", "the data alone"),
    Rendering.STRUCTURED: Text("完整事件（CloudEvents JSON）", "the whole event (CloudEvents JSON)"),
}
_KINDS = {
    MetricKind.COUNTER: Text("计数", "counter"),
    MetricKind.GAUGE: Text("当前值", "gauge"),
    MetricKind.HISTOGRAM: Text("分布（秒）", "histogram, in seconds"),
}
_YES = {True: Text("是", "yes"), False: Text("否", "no")}
_GENERATED = Text(
    "本页由 `govhub connectors docs` 生成，请勿手工修改。",
    "This page is made by `govhub connectors docs`; do not edit it.",
)


def roles_of(connector: Connector) -> Sequence[Role]:
    """The roles it has, in the order in which they are documented."""
    return [role for role in MODELS if role in connector.manifest.roles]


def model_of(connector: Connector, role: Role) -> type[BaseModel]:
    """The settings' model of a role it has."""
    model: type[BaseModel] = getattr(connector, MODELS[role])
    return model


@dataclass(frozen=True, slots=True)
class Described:
    """All that a page is made of: a kind's manifest, and the JSON Schema of its settings by role."""

    manifest: Manifest
    schemas: Mapping[Role, Mapping[str, Any]]

    @property
    def roles(self) -> Sequence[Role]:
        """The roles it has, in the order in which they are documented."""
        return [role for role in MODELS if role in self.manifest.roles]


def described(connector: Connector) -> Described:
    """A loaded connector as its pages see it."""
    return Described(connector.manifest, {role: schema_of(connector, role) for role in roles_of(connector)})


def schema_of(connector: Connector, role: Role) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a role's settings, named for the kind."""
    kind = connector.manifest.kind
    schema = model_of(connector, role).model_json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:govhub:connector:{kind}:{role}",
        **schema,
        "title": f"{kind} {role}",
    }


def kind_page(described: Described, language: Language) -> str:
    """Its page in Markdown."""
    manifest = described.manifest
    twin = f"{manifest.kind}.md" if language == "zh" else f"{manifest.kind}.zh-CN.md"
    other = "English" if language == "zh" else "中文"
    lines = [f"# {manifest.kind} · {_in(manifest.title, language)}", "", f"[{other}]({twin})", ""]
    if _in(manifest.summary, language).strip():
        lines += [_in(manifest.summary, language), ""]
    lines += [_in(_GENERATED, language), "", f"## {_say(language, '保证', 'What it promises')}", ""]
    lines += _table(("", ""), guarantees(manifest, language))
    for role in described.roles:
        heading = _say(language, "配置：", "Settings: ") + _in(ROLES[role], language)
        lines += ["", f"## {heading}", "", *_settings(described.schemas[role], language)]
    if manifest.metrics:
        lines += ["", f"## {_say(language, '指标', 'Metrics')}", "", *_metrics(manifest, language)]
    return "\n".join(lines).rstrip() + "\n"


def index_page(kinds: Sequence[Described], language: Language) -> str:
    """The table of all kinds, for the page that lists them."""
    header = _say(language, ("种类", "名称", "可作", "说明"), ("Kind", "Name", "Can be", "What it connects"))
    rows = [
        (
            f"[`{one.manifest.kind}`](connectors/{one.manifest.kind}{'.zh-CN' if language == 'zh' else ''}.md)",
            _in(one.manifest.title, language),
            _say(language, "、", ", ").join(_in(ROLES[role], language) for role in one.roles),
            _in(one.manifest.summary, language) or "—",
        )
        for one in kinds
    ]
    return "\n".join(_table(header, rows))


def guarantees(manifest: Manifest, language: Language) -> list[tuple[str, str]]:
    """What a manifest promises, as rows."""
    roles = [_in(ROLES[role], language) for role in MODELS if role in manifest.roles]
    rows = [(_say(language, "可作", "Can be"), _say(language, "、", ", ").join(roles))]
    if Role.SINK in manifest.roles:
        rows += [
            (_say(language, "重复发送", "Repeats"), _in(_IDEMPOTENCY[manifest.idempotency], language)),
            (_say(language, "同一办件按序", "In order per case"), _in(_YES[manifest.ordered], language)),
            (
                _say(language, "等最终结果才放行后续", "The next waits for the final answer"),
                _in(_YES[manifest.ordered_completion], language),
            ),
            (_say(language, "正文", "Body"), _in(_RENDERING[manifest.rendering], language)),
            (_say(language, "回执", "Receipts"), _in(_YES[manifest.receipts], language)),
            (_say(language, "正文上限（字节）", "Largest body, in bytes"), f"{manifest.max_body_bytes:,}"),
            (_say(language, "并发（默认）", "Sends at a time, unless configured"), str(manifest.concurrency)),
        ]
    if Role.SOURCE in manifest.roles:
        rows.append((_say(language, "按序取数", "Fetched in order"), _in(_YES[manifest.source_ordered], language)))
    return rows


def _settings(schema: Mapping[str, Any], language: Language) -> list[str]:
    header = _say(
        language, ("项", "类型", "默认", "说明", "示例"), ("Setting", "Type", "Default", "Meaning", "Example")
    )
    rows = list(_rows("", schema, schema, language, frozenset()))
    if not rows:
        return [_say(language, "没有配置项。", "It has no settings.")]
    return _table(header, rows)


def _rows(
    prefix: str, schema: Mapping[str, Any], whole: Mapping[str, Any], language: Language, above: frozenset[str]
) -> Iterator[tuple[str, ...]]:
    needed = set(schema.get("required", ()))
    for name, field in schema.get("properties", {}).items():
        described = field.get("description", "")
        title = field.get("title", "")
        own_title = any("\u4e00" <= char <= "\u9fff" for char in title)
        meaning = title if language == "zh" and own_title else described
        default = _say(language, "必填", "required") if name in needed else _json(field.get("default"))
        examples = field.get("examples") or [None]
        yield f"`{prefix}{name}`", _type(field, whole, language), default, meaning, _json(examples[0])
        for inner, many in _models(field, whole):
            if inner not in above:
                below = f"{prefix}{name}{'[]' if many else ''}."
                yield from _rows(below, whole["$defs"][inner], whole, language, above | {inner})


def _models(field: Mapping[str, Any], whole: Mapping[str, Any], *, many: bool = False) -> Iterator[tuple[str, bool]]:
    if "$ref" in field:
        name = str(field["$ref"]).rpartition("/")[2]
        if "properties" in whole.get("$defs", {}).get(name, {}):
            yield name, many
    for holder in ("anyOf", "oneOf", "allOf"):
        for inner in field.get(holder, ()):
            yield from _models(inner, whole, many=many)
    for holder in ("items", "additionalProperties"):
        if isinstance(field.get(holder), Mapping):
            yield from _models(field[holder], whole, many=True)


_NAMES = {
    "string": Text("文字", "text"),
    "integer": Text("整数", "whole number"),
    "number": Text("数字", "number"),
    "boolean": Text("true 或 false", "true or false"),
    "object": Text("键值对", "mapping"),
    "array": Text("列表", "list"),
    "null": Text("可不写", "or left out"),
}


def _type(field: Mapping[str, Any], whole: Mapping[str, Any], language: Language) -> str:
    if "$ref" in field:
        return _type(whole["$defs"][str(field["$ref"]).rpartition("/")[2]], whole, language)
    if field.get("format") == "secret-name":
        return _say(language, "秘密的名称", "name of a secret")
    if "enum" in field or "const" in field:
        return _say(language, " 或 ", " or ").join(f"`{one}`" for one in field.get("enum", [field.get("const")]))
    for holder in ("anyOf", "oneOf", "allOf"):
        if holder in field:
            kinds = [_type(one, whole, language) for one in field[holder] if one.get("type") != "null"]
            return _say(language, " 或 ", " or ").join(dict.fromkeys(kinds))
    name = _in(_NAMES.get(str(field.get("type")), Text("任意", "anything")), language)
    bounds = _bounds(field)
    inner = field.get("items", field.get("additionalProperties"))
    if isinstance(inner, Mapping) and inner:
        name += f"（{_type(inner, whole, language)}）" if language == "zh" else f" of {_type(inner, whole, language)}"
    return f"{name} {bounds}".rstrip()


def _bounds(field: Mapping[str, Any]) -> str:
    low, high = field.get("minimum", field.get("exclusiveMinimum")), field.get("maximum", field.get("exclusiveMaximum"))
    if low is None and high is None:
        return ""
    return f"{'' if low is None else f'{low:g}'}…{'' if high is None else f'{high:g}'}"


def _metrics(manifest: Manifest, language: Language) -> list[str]:
    header = _say(language, ("指标", "类别", "标签", "含义"), ("Metric", "Kind", "Label", "Meaning"))
    rows = [
        (
            f"`govhub_connector_{manifest.kind}_{one.name}{'_total' if one.kind is MetricKind.COUNTER else ''}`",
            _in(_KINDS[one.kind], language),
            f"`{one.label}`: {', '.join(one.values)}" if one.label else "",
            _in(one.title, language),
        )
        for one in manifest.metrics
    ]
    return _table(header, rows)


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [header, ["---"] * len(header), *rows]
    return [
        f"| {' | '.join(cell.replace('|', chr(92) + '|').replace(chr(10), ' ') for cell in line)} |" for line in lines
    ]


def _json(value: object) -> str:
    return "" if value is None else f"`{json.dumps(value, ensure_ascii=False)}`"


def _in(text: Text, language: Language) -> str:
    return text.zh if language == "zh" else text.en


def _say(language: Language, zh: T, en: T) -> T:
    return zh if language == "zh" else en
