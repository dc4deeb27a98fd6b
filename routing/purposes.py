# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a destination needs to know for its purpose (用途), and what is therefore left out of its copy.

    purposes:
      statistics:
        title: 统计分析
        fields:
          cn.gov.application.submitted: [case_no, item_code, applicant.type]
          "*": impersonal

``all`` gives everything, ``required`` only what the contract requires, ``impersonal`` all but the personal fields that it does
not require. A contract that a purpose does not name is not for it. What is left always satisfies the contract.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from contracts.contract import Checked, Contract
from contracts.personal import PersonalClass, nested

Width: TypeAlias = Literal["all", "impersonal", "required"]
Path: TypeAlias = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$", max_length=200)]
Fields: TypeAlias = Width | Annotated[tuple[Path, ...], Field(min_length=1, max_length=500)]

EVERY = "*"


class Purpose(BaseModel):
    """One purpose of the table: for each contract, or for all, what it may see."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = ""
    fields: Width | dict[str, Fields]

    def of(self, contract: str) -> Fields | None:
        """What it may see of a contract; None: nothing, it is not for this purpose."""
        if isinstance(self.fields, str):
            return self.fields
        return self.fields.get(contract, self.fields.get(EVERY))


Tree: TypeAlias = Mapping[str, "Tree | None"]
"""Members that are kept; None: with all that is in them."""


@dataclass(frozen=True, slots=True)
class Limit:
    """What is kept of the records of a contract version; None: everything."""

    tree: Tree | None

    def apply(self, record: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
        """The record with what is kept, and the JSON paths of what was left out. The record is not changed."""
        if self.tree is None:
            return dict(record), ()
        left_out: dict[str, None] = {}
        return _kept(record, self.tree, "$.data", left_out), tuple(left_out)


def limit(purpose: Purpose, contract: Contract) -> Limit | None:
    """What a purpose keeps of a contract version; None: the contract is not for it. Paths that it does not have are not there."""
    fields = purpose.of(contract.type)
    match fields:
        case None:
            return None
        case "all":
            return Limit(None)
        case "required" | "impersonal":
            return Limit(_of_width(contract.model, fields))
        case paths:
            return Limit(_of_paths(contract.model, paths))


def unknown_paths(paths: tuple[str, ...], versions: tuple[Contract, ...]) -> Iterator[tuple[int, str]]:
    """The paths that no version of the contract has, with their places in the list."""
    for index, path in enumerate(paths):
        if not any(_steps(contract.model, tuple(path.split("."))) for contract in versions):
            yield index, path


def lacking(limited: Limit, contract: Contract) -> tuple[str, ...]:
    """What the contract requires and the limit does not keep, as dotted paths."""
    return () if limited.tree is None else tuple(_lacking(contract.model, limited.tree, ""))


def broken_examples(limited: Limit, contract: Contract) -> tuple[str, ...]:
    """The codes and paths by which the contract's own examples break it once limited: rules between fields."""
    found: dict[str, None] = {}
    for example in contract.examples:
        if example.valid and isinstance(example.data, dict):
            data, left_out = limited.apply(example.data)
            subject = data.get(contract.subject)
            checked = contract.check(data, subject if isinstance(subject, str) else None) if left_out else None
            if checked is not None and not isinstance(checked, Checked):
                found |= {f"{one.code} {one.path}": None for one in checked}
    return tuple(found)


def has_personal(contract: Contract) -> bool:
    """Whether records of the contract hold personal data."""
    return bool(contract.personal)


def _kept(record: Mapping[str, Any], tree: Tree, path: str, left_out: dict[str, None]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for name, value in record.items():
        if name not in tree:
            left_out[f"{path}.{name}"] = None
            continue
        inner = tree[name]
        if inner is None:
            kept[name] = value
        elif isinstance(value, Mapping):
            kept[name] = _kept(value, inner, f"{path}.{name}", left_out)
        else:
            kept[name] = [_kept(one, inner, f"{path}.{name}[*]", left_out) for one in value]
    return kept


def _inner(model: type[BaseModel], name: str) -> type[BaseModel] | None:
    return nested(model.model_fields[name].annotation)[0]


def _steps(model: type[BaseModel], steps: tuple[str, ...]) -> bool:
    name, *rest = steps
    if name not in model.model_fields:
        return False
    inner = _inner(model, name)
    return not rest or (inner is not None and _steps(inner, tuple(rest)))


def _of_paths(model: type[BaseModel], paths: tuple[str, ...]) -> Tree:
    below: dict[str, list[str] | None] = {}
    for path in paths:
        name, _, rest = path.partition(".")
        if name not in model.model_fields:
            continue
        if not rest:
            below[name] = None
        elif (deeper := below.setdefault(name, [])) is not None:
            deeper.append(rest)
    tree: dict[str, Tree | None] = {}
    for name, deeper in below.items():
        inner = _inner(model, name)
        tree[name] = None if deeper is None or inner is None else _of_paths(inner, tuple(deeper))
    return MappingProxyType(tree)


@cache
def _of_width(model: type[BaseModel], width: Width) -> Tree:
    tree: dict[str, Tree | None] = {}
    for name, field in model.model_fields.items():
        if field.is_required() or (width == "impersonal" and not _needs_personal(model, name)):
            inner = _inner(model, name)
            tree[name] = None if inner is None else _of_width(inner, width)
    return MappingProxyType(tree)


def _needs_personal(model: type[BaseModel], name: str) -> bool:
    """Whether the field is personal, or cannot be there without one that is: a contact without a name is none."""
    if any(isinstance(mark, PersonalClass) for mark in model.model_fields[name].metadata):
        return True
    inner = _inner(model, name)
    return inner is not None and any(
        field.is_required() and _needs_personal(inner, below) for below, field in inner.model_fields.items()
    )


def _lacking(model: type[BaseModel], tree: Tree, within: str) -> Iterator[str]:
    for name, field in model.model_fields.items():
        if name not in tree:
            if field.is_required():
                yield f"{within}{name}"
        elif (below := tree[name]) is not None and (inner := _inner(model, name)) is not None:
            yield from _lacking(inner, below, f"{within}{name}.")
