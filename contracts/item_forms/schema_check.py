# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Whether a form's schema may be used: known keywords, closed objects, titles, bounds, and no person unmarked."""

import re
from collections.abc import Iterator
from typing import Any

from contracts.item_forms import references
from contracts.item_forms.faults import Desk
from contracts.item_forms.people import check_people
from contracts.item_forms.shape import ELEMENTS, Field, Node, Place, codes, fields, path_of
from contracts.item_forms.validator import FORMATS, Uncompilable, Validator, compiled
from contracts.json_path import located, member
from contracts.located import nearest
from contracts.text import Text

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_COMPOSITE = ("allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas")
_KEYWORDS = frozenset({
    "title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly", "$comment", "$ref", "type",
    "enum", "const", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength",
    "maxLength", "pattern", "format", "items", "prefixItems", "contains", "minContains", "maxContains", "minItems",
    "maxItems", "uniqueItems", "properties", "required", "additionalProperties", "dependentRequired", "minProperties",
    "maxProperties", "x-personal", "x-rule",
    *_COMPOSITE,
})  # fmt: skip
_AT_ROOT = frozenset({"$schema", "$defs"})
_CHINESE = re.compile("[\u4e00-\u9fff]")
_SHORT_FORMATS = FORMATS - {"email", "uri"}


def check(desk: Desk, schema: Node) -> Validator | None:
    """The compiled schema. None: something is wrong with it and told at the desk, as are warnings."""
    for place, node in references.everything(schema):
        _keywords(desk, place, node)
    if desk.broken() or not references.check(desk, schema):
        return None
    seen = set[Place]()
    for field in fields(schema):
        if field.place not in seen:
            seen.add(field.place)
            _field(desk, field)
    _root(desk, schema)
    check_people(desk, schema)
    ready = compiled(dict(schema))
    if isinstance(ready, Uncompilable):
        words = _PATTERN if ready.keyword == "pattern" or ready.path[-1:] == ("pattern",) else _MALFORMED
        desk.fault("FORM_PATTERN" if words is _PATTERN else "FORM_SCHEMA", ready.path, words)
    return None if desk.broken() or isinstance(ready, Uncompilable) else ready


def _keywords(desk: Desk, place: Place, node: Node) -> None:
    allowed = _KEYWORDS | _AT_ROOT if not place else _KEYWORDS
    for keyword in node:
        if keyword in allowed or desk.full():
            continue
        typo = nearest(keyword, allowed)
        if not keyword.startswith("x-") or typo in {"x-personal", "x-rule"}:
            hint = Text(f"是否应为 {typo}？", f"Did you mean {typo}?") if typo else _KNOWN
            problem = Text(f"此处不支持关键字 {keyword}。", f"The keyword {keyword} is not supported here.")
            desk.fault("FORM_KEYWORD", (*place, keyword), (problem, hint), at_key=True)
    if node.get("$schema", DIALECT) != DIALECT:
        desk.fault("FORM_DIALECT", (*place, "$schema"), _DIALECT)
    if (form := node.get("format")) is not None and form not in tuple(FORMATS):
        desk.fault("FORM_FORMAT", (*place, "format"), (_FORMAT, Text(*(2 * (", ".join(sorted(FORMATS)),)))))
    _named(desk, place, node)
    _said(desk, place, node)


def _named(desk: Desk, place: Place, node: Node) -> None:
    members = node.get("properties")
    for name in members if isinstance(members, dict) else ():
        if member("", name) == ".*":
            desk.fault("FORM_NAME", (*place, "properties", name), _NAME, at_key=True)


def _said(desk: Desk, place: Place, node: Node) -> None:
    """A rule that only the schema's author can put into words needs them."""
    rule = node.get("x-rule")
    if rule is not None and not _bilingual(rule):
        desk.fault("FORM_RULE_WORDS", (*place, "x-rule"), _RULE_SHAPE)
    unsaid = [keyword for keyword in ("anyOf", "oneOf", "not", "contains") if keyword in node]
    if unsaid and rule is None and codes(node) is None and "if" not in place[-1:]:
        desk.fault("FORM_RULE_WORDS", (*place, unsaid[0]), _RULE, severity="warning", at_key=True)


def _bilingual(value: Any) -> bool:
    return (
        isinstance(value, dict) and set(value) == {"zh", "en"} and all(isinstance(v, str) and v for v in value.values())
    )


def _root(desk: Desk, schema: Node) -> None:
    if schema.get("type") != "object":
        desk.fault("FORM_ROOT", ("type",) if "type" in schema else (), _ROOT)


def _field(desk: Desk, field: Field) -> None:
    """One field of the form, as every field must be."""
    title = field.get("title")
    if field.way and field.way[-1] != ELEMENTS and not (isinstance(title, str) and _CHINESE.search(title)):
        desk.fault("FORM_TITLE", field.place, _TITLE, at_key=True)
    closed = any(field.get(keyword) is not None for keyword in ("enum", "const")) or any(
        codes(node) is not None for _, node in field.said
    )
    if not field.types and not closed:
        desk.fault("FORM_TYPE", field.place, _TYPE, at_key=True)
    if "object" in field.types or field.properties:
        _object(desk, field)
    if "array" in field.types:
        _array(desk, field)
    if not closed:
        _bounds(desk, field)
    for at, node in field.said:
        for place, inner in _refining(at, node):
            _refined(desk, place, inner, field)


def _object(desk: Desk, field: Field) -> None:
    extra = field.get("additionalProperties")
    if extra is None:
        desk.fault("FORM_OPEN", field.place, _OPEN, at_key=True)
    elif extra is not False and field.get("x-personal") is None:
        desk.fault("FORM_OPEN_UNMARKED", (*field.place, "additionalProperties"), _OPEN_UNMARKED)
    required = field.get("required")
    for index, name in enumerate(required if isinstance(required, list) else ()):
        if name not in field.properties and extra is False:
            at = next(place for place, node in field.said if "required" in node)
            desk.fault("FORM_NAME_UNKNOWN", (*at, "required", index), _unknown(name, field))


def _array(desk: Desk, field: Field) -> None:
    if field.get("items") is None:
        desk.fault("FORM_OPEN", field.place, _ITEMS, at_key=True)
    if field.get("maxItems") is None and field.get("items") is not False:
        desk.fault("FORM_UNBOUNDED", field.place, _MAX_ITEMS, severity="warning", at_key=True)


def _bounds(desk: Desk, field: Field) -> None:
    if "string" in field.types and field.get("maxLength") is None and field.get("format") not in _SHORT_FORMATS:
        desk.fault("FORM_UNBOUNDED", field.place, _MAX_LENGTH, severity="warning", at_key=True)
    if field.types & {"integer", "number"}:
        least = field.get("minimum") if field.get("exclusiveMinimum") is None else field.get("exclusiveMinimum")
        most = field.get("maximum") if field.get("exclusiveMaximum") is None else field.get("exclusiveMaximum")
        if least is None or most is None:
            desk.fault("FORM_UNBOUNDED", field.place, _RANGE, severity="warning", at_key=True)


def _refining(place: Place, node: Node) -> Iterator[tuple[Place, Node]]:
    """The subschemas that say more about the same value: conditions and alternatives."""
    for at, inner in references.inside(node, place):
        if at[len(place)] in _COMPOSITE and isinstance(inner, dict):
            yield at, inner


def _refined(desk: Desk, place: Place, node: Node, field: Field) -> None:
    """A condition may name only members that the field has: anything else it names can never be there."""
    if field.get("additionalProperties") is not False:
        return
    members = node.get("properties")
    for name in members if isinstance(members, dict) else ():
        if name not in field.properties:
            desk.fault("FORM_NAME_UNKNOWN", (*place, "properties", name), _unknown(name, field), at_key=True)
    required = node.get("required")
    for index, name in enumerate(required if isinstance(required, list) else ()):
        if name not in field.properties:
            desk.fault("FORM_NAME_UNKNOWN", (*place, "required", index), _unknown(name, field))
    for at, inner in _refining(place, node):
        _refined(desk, at, inner, field)


def _unknown(name: Any, field: Field) -> tuple[Text, Text]:
    guess = nearest(str(name), field.properties)
    where = path_of(field.way)
    hint = Text(f"是否应为 {guess}？", f"Did you mean {guess}?") if guess else _DECLARE
    shown = located("", (str(name),)).removeprefix(".")
    return Text(f"{where} 没有字段 {shown}。", f"{where} has no field {shown}."), hint


_KNOWN = Text(
    "请用 JSON Schema 2020-12 中本中枢支持的关键字；说明性的关键字以 x- 开头。",
    "Use the keywords of JSON Schema 2020-12 that the hub takes; a note of your own begins with x-.",
)
_DIALECT = (
    Text("只支持 JSON Schema 2020-12。", "Only JSON Schema 2020-12 is taken."),
    Text(f"删除 $schema，或写 {DIALECT}。", f"Leave $schema out, or write {DIALECT}."),
)
_FORMAT = Text("不支持该 format。", "This format is not known.")
_NAME = (
    Text("字段名只用字母、数字、下划线和横线，以字母开头，且不含六位连续数字。",
         "A field's name is of letters, digits, underscores and hyphens, begins with a letter, without six digits on end."),
    Text("请改名；中文名称写在 title。", "Rename it; its Chinese name is its title."),
)  # fmt: skip
_RULE_SHAPE = (
    Text("x-rule 应有 zh 和 en 两句话。", "x-rule is two sentences, zh and en."),
    Text("写 x-rule: {zh: …, en: …}。", "Write x-rule: {zh: …, en: …}."),
)
_RULE = (
    Text("违反此处时，填写人看不出应怎样改。", "Whoever breaks this is not told how to mend it."),
    Text("请在旁边写 x-rule: {zh: …, en: …} 说明规则。", "Say the rule beside it: x-rule: {zh: …, en: …}."),
)
_ROOT = (
    Text("表单数据必须是对象。", "The data of a form is an object."),
    Text("在最外层写 type: object。", "Write type: object at the top."),
)
_TITLE = (
    Text("字段没有中文名称。", "The field has no Chinese title."),
    Text("请写 title，例如 title: 经营面积。", "Write a title, such as title: 经营面积."),
)
_TYPE = (
    Text("没有说明类型，任何值都会通过。", "No type is said: any value would pass."),
    Text("请写 type、enum 或 const。", "Write type, enum or const."),
)
_OPEN = (
    Text("没有说明能否有别的字段。", "It does not say whether there may be other fields."),
    Text("请写 additionalProperties: false。", "Write additionalProperties: false."),
)
_OPEN_UNMARKED = (
    Text("允许未列出的字段，其中可能有个人信息。", "Fields that are not listed may be there, and may be personal."),
    Text(
        "改为 false；确需开放时在该对象上写 x-personal（free_text 或 none）。",
        "Write false; if it must be open, mark the object with x-personal (free_text or none).",
    ),
)
_ITEMS = (
    Text("没有说明列表中的内容，任何值都会通过。", "The list does not say what it holds: any value would pass."),
    Text("请写 items。", "Write items."),
)
_MAX_ITEMS = (
    Text("列表没有项数上限。", "The list may have any length."),
    Text("请写 maxItems。", "Write maxItems."),
)
_MAX_LENGTH = (
    Text("文字没有长度上限。", "The text may have any length."),
    Text("请写 maxLength。", "Write maxLength."),
)
_RANGE = (
    Text("数字没有上下限。", "The number has no bounds."),
    Text("请写 minimum 和 maximum。", "Write minimum and maximum."),
)
_DECLARE = Text("请在 properties 中加上，或改正名称。", "Add it to the properties, or correct the name.")
_PATTERN = (
    Text("该正则表达式不可用：过大，或用了前后查找、反向引用。",
         "The regular expression cannot be used: too large, or it looks around or back."),
    Text("请改用线性时间可匹配的写法（不用 (?=…)、(?<…)、\\1）。",
         "Write one that matches in linear time, without (?=…), (?<…) and \\1."),
)  # fmt: skip
_MALFORMED = (
    Text("此处不是正确的 JSON Schema。", "This is not JSON Schema."),
    Text("请按 JSON Schema 2020-12 改正该关键字的值。", "Correct the keyword's value as JSON Schema 2020-12 says."),
)
