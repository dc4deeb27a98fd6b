# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a change of a schema breaks, and for whom; held against what a validator really takes."""

import copy
from collections.abc import Callable
from typing import Annotated, Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from contracts.catalogue import builtin
from contracts.codes import Code
from contracts.contract import Contract
from contracts.personal import PersonalClass
from contracts.publishing.compatibility import Party, changes
from contracts.rules import NotBefore, RequiredWhen
from contracts.text import Text


class Colour(Code):
    RED = "red", "红", "red"
    BLUE = "blue", "蓝", "blue"


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: Annotated[str, Field(max_length=10)]


class Thing(BaseModel):
    model_config = ConfigDict(extra="forbid")
    case_no: Annotated[str, Field(min_length=1, max_length=50, pattern="^[a-z]*$")]
    colour: Colour
    note: Annotated[str | None, Field(max_length=20), PersonalClass.FREE_TEXT] = None
    parts: Annotated[tuple[Part, ...], Field(max_length=3)] = ()
    number: Annotated[int, Field(ge=0, le=9)] = 0


CONTRACT = Contract(
    type="cn.gov.thing",
    version=1,
    title=Text("物", "thing"),
    meaning=Text("物", "thing"),
    model=Thing,
    rules=(RequiredWhen("note", "colour", ("red",)), NotBefore("a", "b")),
)
SCHEMA = CONTRACT.json_schema()
GOOD = [
    {"case_no": "a", "colour": "blue"},
    {"case_no": "ab", "colour": "red", "note": "x" * 20, "parts": [{"name": "y" * 10}] * 3, "number": 9},
]
Edit = Callable[[dict[str, Any]], object]


def edited(*edits: Edit) -> dict[str, Any]:
    schema = copy.deepcopy(SCHEMA)
    for edit in edits:
        edit(schema)
    return schema


def field(name: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda schema: schema["properties"][name]


EDITS: dict[str, tuple[Edit, str, str, Party]] = {
    "a new optional field": (
        lambda s: s["properties"].update(x={"type": "string"}), "FIELD_ADDED", "$.data.x", Party.NOBODY),
    "a new required field": (
        lambda s: (s["properties"].update(x={"type": "string"}), s["required"].append("x")),
        "FIELD_ADDED_REQUIRED", "$.data.x", Party.PRODUCERS),
    "a field gone": (lambda s: s["properties"].pop("number"), "FIELD_REMOVED", "$.data.number", Party.BOTH),
    "optional made required": (
        lambda s: s["required"].append("number"), "FIELD_REQUIRED", "$.data.number", Party.PRODUCERS),
    "required made optional": (
        lambda s: s["required"].remove("colour"), "FIELD_OPTIONAL", "$.data.colour", Party.CONSUMERS),
    "another type": (lambda s: field("number")(s).update(type="string"), "TYPE", "$.data.number", Party.BOTH),
    "a code more": (
        lambda s: s["$defs"]["Colour"]["enum"].append("green"), "CODE_ADDED", "$.data.colour", Party.CONSUMERS),
    "a code less": (
        lambda s: s["$defs"]["Colour"]["enum"].remove("red"), "CODE_REMOVED", "$.data.colour", Party.PRODUCERS),
    "no codes any more": (lambda s: s["$defs"]["Colour"].pop("enum"), "CODES", "$.data.colour", Party.CONSUMERS),
    "longer": (lambda s: field("case_no")(s).update(maxLength=51), "WIDENED", "$.data.case_no", Party.CONSUMERS),
    "shorter": (lambda s: field("case_no")(s).update(maxLength=49), "NARROWED", "$.data.case_no", Party.PRODUCERS),
    "boundless": (lambda s: field("case_no")(s).pop("maxLength"), "WIDENED", "$.data.case_no", Party.CONSUMERS),
    "at least more": (lambda s: field("case_no")(s).update(minLength=2), "NARROWED", "$.data.case_no", Party.PRODUCERS),
    "at least less": (lambda s: field("case_no")(s).update(minLength=0), "WIDENED", "$.data.case_no", Party.CONSUMERS),
    "a larger number": (lambda s: field("number")(s).update(maximum=10), "WIDENED", "$.data.number", Party.CONSUMERS),
    "fewer elements": (lambda s: field("parts")(s).update(maxItems=2), "NARROWED", "$.data.parts", Party.PRODUCERS),
    "another form": (lambda s: field("case_no")(s).update(pattern="^b"), "FORM", "$.data.case_no", Party.BOTH),
    "a form where none was": (
        lambda s: field("number")(s).update(format="int32"), "FORM", "$.data.number", Party.PRODUCERS),
    "a form no more": (lambda s: field("case_no")(s).pop("pattern"), "FORM", "$.data.case_no", Party.CONSUMERS),
    "inside an element": (
        lambda s: s["$defs"]["Part"]["properties"]["name"].update(maxLength=9),
        "NARROWED", "$.data.parts[*].name", Party.PRODUCERS),
    "personal no more": (lambda s: field("note")(s).pop("x-personal"), "PERSONAL", "$.data.note", Party.BOTH),
    "another subject": (lambda s: s.update({"x-subject": "number"}), "SUBJECT", "$.data", Party.BOTH),
    "a rule more": (
        lambda s: s["allOf"].append({"required": ["number"]}), "RULE_ADDED", "$.data", Party.PRODUCERS),
    "a rule less": (lambda s: s["allOf"].clear(), "RULE_REMOVED", "$.data", Party.CONSUMERS),
    "a rule in words less": (lambda s: s.pop("x-rules"), "RULE_REMOVED", "$.data", Party.CONSUMERS),
    "strangers welcome": (
        lambda s: s.update(additionalProperties=True), "MEMBERS_OPEN", "$.data", Party.BOTH),
}  # fmt: skip


@pytest.mark.parametrize("name", EDITS)
def test_each_change_breaks_whom_it_breaks(name: str) -> None:
    edit, rule, path, party = EDITS[name]

    found = changes(SCHEMA, edited(edit))

    assert [(change.rule, change.path, change.breaks) for change in found] == [(rule, path, party)]
    assert all(all(change.text) for change in found)


@pytest.mark.parametrize("contract", builtin().all(), ids=lambda contract: contract.schema_uri)
def test_nothing_changed_is_nothing(contract: Contract) -> None:
    assert changes(contract.json_schema(), contract.json_schema()) == ()


def test_words_may_change() -> None:
    def reworded(schema: dict[str, Any]) -> None:
        schema["title"] = "东西"
        field("colour")(schema)["description"] = "another"

    assert changes(SCHEMA, edited(reworded)) == ()


@given(st.lists(st.sampled_from(sorted(EDITS)), min_size=1, max_size=4, unique=True))
@settings(deadline=None, max_examples=80)
def test_what_was_good_and_is_refused_now_is_always_told_to_break_producers(names: list[str]) -> None:
    """The verdict is held against an independent validator: no silent break."""
    try:
        schema = edited(*(EDITS[name][0] for name in names))
    except (KeyError, ValueError):
        return  # two edits of the same place
    before, after = jsonschema.Draft202012Validator(SCHEMA), jsonschema.Draft202012Validator(schema)
    assert all(before.is_valid(one) for one in GOOD)

    if any(not after.is_valid(one) for one in GOOD):
        assert any(change.breaks in {Party.PRODUCERS, Party.BOTH} for change in changes(SCHEMA, schema))
