# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""How a version of a form differs from the one before: the file's steps made into a conversion, and checked."""

from collections.abc import Mapping, Sequence, Set

from contracts.conversion import Conversion, Step
from contracts.item_forms.at import Listed, Within, segments
from contracts.item_forms.definition import (
    AddedSection,
    FormFile,
    ListedSection,
    RecodedSection,
    RemovedSection,
    RenamedSection,
    StepSection,
)
from contracts.item_forms.faults import Desk
from contracts.item_forms.shape import Node, fields, path_of
from contracts.located import nearest
from contracts.steps import Added, Recoded, Removed, Renamed
from contracts.text import Text

Shape = Mapping[tuple[str, ...], Set[str]]
"""The objects of a form by their way from the top, and the names of their members."""


def conversion(sections: Sequence[StepSection]) -> Conversion:
    """The steps as the file gives them."""
    return Conversion(tuple(_step(section) for section in sections))


def _step(section: StepSection) -> Step:
    step: Step
    match section:
        case StepSection(renamed=RenamedSection(at=at, old=old, new=new)):
            step = Renamed(old, new)
        case StepSection(added=AddedSection(at=at, field=field, default=default)):
            step = Added(field, default)
        case StepSection(removed=RemovedSection(at=at, field=field, default=default)):
            step = Removed(field, default)
        case StepSection(recoded=RecodedSection(at=at, field=field, codes=codes, back=back)):
            step = Recoded(field, codes, back)
        case StepSection(listed=ListedSection(at=at, field=field)):
            step = Listed(field)
        case _:
            raise AssertionError(_WHOLE)
    return Within(at, step) if at else step


def shape(schema: Node) -> Shape:
    """The objects and members of a schema."""
    return {field.way: set(field.properties) for field in fields(schema) if field.properties}


def check(desk: Desk, file: FormFile, previous: FormFile) -> None:
    """Whether the steps name fields that are there, and account for every field that came or went."""
    before, after = shape(previous.json_schema), shape(file.json_schema)
    expected = {way: set(names) for way, names in before.items()}
    sections = tuple(file.from_previous or ())
    for index, section in enumerate(sections):
        later = {(goes, at) for goes, _, at in map(_names, sections[index + 1 :])}
        _follow(desk.below("from_previous", index), section, after, expected, later)
    for way, names in after.items():
        if way not in expected:
            continue
        for name in sorted(expected[way] ^ names):
            zh, en = ("新增", "is new") if name in names else ("不见了", "is gone")
            where = path_of((*way, name))
            problem = Text(f"字段 {where} {zh}，但没有一步说明。", f"The field {where} {en}, and no step says so.")
            desk.fault("FORM_STEP_MISSING", ("from_previous",), (problem, _SAY_SO), at_key=True)


def _follow(
    desk: Desk,
    section: StepSection,
    after: Shape,
    expected: dict[tuple[str, ...], set[str]],
    later: Set[tuple[str | None, str]],
) -> None:
    """One step. ``expected`` holds the names that the steps so far leave; ``later`` what steps to come take up."""
    [kind] = section.model_fields_set
    goes, comes, at = _names(section)
    way = segments(at)
    if way not in expected and way not in after:
        desk.fault("FORM_STEP_FIELD", (kind, "at"), (Text("没有这个对象。", "There is no such object."), _CORRECT))
        return
    names = expected.setdefault(way, set())
    if goes is not None:
        _exists(desk, (kind, "from" if kind == "renamed" else "field"), goes, names)
        names.discard(goes)
    if comes is not None:
        if (comes, at) not in later:
            _exists(desk, (kind, "to" if kind == "renamed" else "field"), comes, after.get(way, set()))
        names.add(comes)


def _names(section: StepSection) -> tuple[str | None, str | None, str]:
    """The field's name before the step and after it, and the object in which it stands."""
    match section:
        case StepSection(renamed=RenamedSection(at=at, old=old, new=new)):
            return old, new, at
        case StepSection(added=AddedSection(at=at, field=field)):
            return None, field, at
        case StepSection(removed=RemovedSection(at=at, field=field)):
            return field, None, at
        case StepSection(recoded=RecodedSection(at=at, field=field)):
            return field, field, at
        case StepSection(listed=ListedSection(at=at, field=field)):
            return field, field, at
        case _:
            raise AssertionError(_WHOLE)


def _exists(desk: Desk, path: tuple[str, str], name: str, names: Set[str]) -> None:
    if name in names:
        return
    guess = nearest(name, names)
    hint = Text(f"是否应为 {guess}？", f"Did you mean {guess}?") if guess else _CORRECT
    desk.fault("FORM_STEP_FIELD", path, (Text(f"没有字段 {name}。", f"There is no field {name}."), hint))


_WHOLE = "the file's model lets only whole steps through"
_CORRECT = Text("请对照两个版本的 schema 改正。", "Correct it by the schemas of the two versions.")
_SAY_SO = Text(
    "请在 from_previous 中写 added、removed 或 renamed。", "Say it in from_previous: added, removed or renamed."
)
