# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a dialect wants that no contract says: the bookkeeping of a row, and records that came before in the same case."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from contracts.cloudevent import JsonValue
from contracts.mapping.shape import Kind, Shape
from contracts.timestamps import parse_timestamp

OPERATIONS = {"insert": "新增", "update": "修改", "delete": "删除"}

CONTEXT = Shape(
    Kind.GROUP,
    members={
        "row_guid": Shape(Kind.TEXT, "记录标识", longest=50),
        "operation": Shape(Kind.CODE, "操作", codes=OPERATIONS),
        "time": Shape(Kind.MOMENT, "写入时间"),
        "batch": Shape(Kind.TEXT, "批次", longest=32),
        "source": Shape(Kind.TEXT, "数据来源"),
    },
)
"""What the hub or its connector knows of a message: an id of the row, what happens to it (``insert``, ``update``,
``delete``), when it is written, in which batch, and the code of the place it comes from."""


@dataclass(frozen=True, slots=True)
class Context:
    """``values`` by the names of :data:`CONTEXT`, in canonical form; ``earlier`` records of the case by their contract's
    type, each in the version that the map asks for.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    earlier: Mapping[str, Mapping[str, JsonValue]] = field(default_factory=dict)


def unfit(values: Mapping[str, str]) -> tuple[str, ...]:
    """The names that :data:`CONTEXT` has not, and those whose value is not in canonical form."""
    return tuple(name for name, value in values.items() if not _fits(name, value))


def _fits(name: str, value: str) -> bool:
    shape = CONTEXT.members.get(name)
    match shape:
        case None:
            return False
        case Shape(kind=Kind.CODE, codes=codes):
            return value in codes
        case Shape(kind=Kind.MOMENT):
            return parse_timestamp(value) is not None
        case _:
            return value != ""


NOTHING = Context()
