# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Looking a place up in a record and putting something there, made once per place and called per message."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from contracts.conversion import Record
from contracts.mapping.plan import Source

Get: TypeAlias = Callable[[Mapping[str, Any]], Any]
Put: TypeAlias = Callable[[Record, Any], None]


def getter(source: Source) -> Get:
    """What stands at the place; None when nothing does. Of ``many`` a list, with None for an element that lacks it."""
    found = _stepper(source.steps)
    if (member := source.many) is None:
        return found

    def members(record: Mapping[str, Any]) -> Any:
        elements = found(record)
        told = [element.get(member) for element in elements or ()]
        return told if any(one is not None for one in told) else None

    return members


def _stepper(steps: tuple[str, ...]) -> Get:
    first, *rest = steps
    if not rest:
        return lambda record: record.get(first)
    if len(rest) == 1:
        second = rest[0]
        return lambda record: None if (inner := record.get(first)) is None else inner.get(second)

    def get(record: Mapping[str, Any]) -> Any:
        inner: Any = record.get(first)
        for step in rest:
            if inner is None:
                return None
            inner = inner.get(step)
        return inner

    return get


def putter(source: Source) -> Put:
    """Puts a value there, in groups that are made when they are missing."""
    *groups, last = source.steps
    if source.many is not None:
        return _put_members(groups, last, source.many)
    if not groups:
        return lambda record, value: record.__setitem__(last, value)
    if len(groups) == 1:
        group = groups[0]
        return lambda record, value: record.setdefault(group, {}).__setitem__(last, value)

    def put(record: Record, value: Any) -> None:
        inner: Any = record
        for step in groups:
            inner = inner.setdefault(step, {})
        inner[last] = value

    return put


def _put_members(groups: list[str], last: str, member: str) -> Put:
    def put(record: Record, value: Any) -> None:
        inner: Any = record
        for step in groups:
            inner = inner.setdefault(step, {})
        inner[last] = [{member: one} for one in value]

    return put


def remover(source: Source) -> Callable[[Record], None]:
    """Takes away a value that is there."""
    *groups, last = source.steps

    def remove(record: Record) -> None:
        inner: Any = record
        for step in groups:
            inner = inner[step]
        del inner[last]

    return remove


def filled(record: Mapping[str, Any], path: str) -> Iterator[str]:
    """Where below ``$.data`` something stands at ``path`` (such as ``materials[*].name``)."""
    found: list[tuple[str, Any]] = [("$.data", record)]
    for step in path.split("."):
        name, many, _ = step.partition("[*]")
        inside = [(f"{at}.{name}", value.get(name)) for at, value in found]
        if many:
            found = [(f"{at}[{index}]", one) for at, value in inside for index, one in enumerate(value or ())]
        else:
            found = [(at, value) for at, value in inside if value is not None]
    return (at for at, value in found if value != [])
