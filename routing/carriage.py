# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""How a message is carried to one destination of a route: for which purpose, when, for how long, how urgently, with what added.

    to:
      - destination: municipal
        purpose: statistics
        delay: 30m
        until: data.valid_from
        expires: 2h
        priority: 7
        add: {stage: '"acceptance"', office: 'data.department_code'}
        fill: {department_name: '"示例局"'}
        ask:
          - {attribute: officename, lookup: offices, by: {code: department_code}, take: name, otherwise: wait}
          - {field: item_name, lookup: items, by: {code: item_code}, take: name}
        unfilled: leave

``delay`` and ``until`` (an expression that gives a day or a moment) say when it is sent at the earliest, ``expires`` how long
after its acceptance it is worth anything. ``add`` gives the copy attributes of the envelope, ``fill`` fields of the record that
its sender left out, ``ask`` either of them by a lookup. ``unfilled`` says what becomes of a copy that lacks such a field even so.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from contracts.fault import UnsuitableError
from contracts.text import Text
from routing.expressions import Expression

_DURATION = re.compile(r"([1-9][0-9]{0,5})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_LONGEST = timedelta(days=366)

TAP_LASTS = timedelta(days=1)
"""How long a tapped copy is worth anything unless the route says so: a tap that is away never fills the journal."""

TAP_PRIORITY = 9
"""A tapped copy is the least urgent unless the route says so."""


def duration(text: Any) -> Any:
    """``90s``, ``30m``, ``2h`` or ``7d``."""
    if isinstance(text, timedelta):
        return text
    matched = _DURATION.fullmatch(text) if isinstance(text, str) else None
    length = timedelta(**{_UNITS[matched[2]]: int(matched[1])}) if matched else None
    if length is None or length > _LONGEST:
        raise UnsuitableError(
            Text("不是时长。", "This is not a length of time."),
            Text("写作 90s、30m、2h 或 7d，至多 366 天。", "Write it as 90s, 30m, 2h or 7d, at most 366 days."),
        )
    return length


def _attribute(name: str) -> str:
    if name in _TAKEN or name.startswith("govhub"):
        raise UnsuitableError(
            Text(f"信封属性“{name}”已有其义。", f"The attribute '{name}' has a meaning already."),
            Text("请换一个名称。", "Choose another name."),
        )
    return name


_TAKEN = frozenset({
    "id", "source", "type", "specversion", "subject", "time", "dataschema", "datacontenttype", "data", "dataref",
    "partitionkey", "sequence", "traceparent", "tracestate", "expirytime",
})  # fmt: skip
Duration = Annotated[timedelta, BeforeValidator(duration)]
Attribute = Annotated[str, Field(pattern=r"^[a-z0-9]{1,20}$"), AfterValidator(_attribute)]
ExpressionText = Annotated[str, Field(min_length=1, max_length=2000)]
FieldPath = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$", max_length=200)]
FieldName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=100)]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]

FILLS = "$."
"""Before a field, where its expression stands among those of attributes, whose names cannot begin so."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Ask(_Strict):
    """One attribute of the envelope, or one field of the record, that a lookup knows. ``by`` gives the fields of the record that
    the question asks by; what the far side does not know is left out, and while it is away the delivery waits or goes without it.
    """

    attribute: Attribute | None = None
    field: FieldName | None = None
    lookup: Name
    by: Annotated[dict[str, FieldPath], Field(min_length=1, max_length=10)]
    take: Annotated[str, Field(min_length=1, max_length=100)]
    otherwise: Literal["wait", "leave"] = "wait"

    @model_validator(mode="after")
    def _one(self) -> "Ask":
        if (self.attribute is None) == (self.field is None):
            raise UnsuitableError(
                Text("须恰好写 attribute 与 field 之一。", "Exactly one of 'attribute' and 'field' is wanted."),
                Text(
                    "信封属性写 attribute，记录字段写 field。",
                    "An attribute of the envelope, or a field of the record.",
                ),
            )
        return self


class Target(_Strict):
    """One destination of a route, and how it is carried there."""

    destination: Name
    purpose: Name | None = None
    delay: Duration | None = None
    until: ExpressionText | None = None
    expires: Duration | None = None
    priority: Annotated[int, Field(ge=0, le=9, strict=True)] | None = None
    add: Annotated[dict[Attribute, ExpressionText], Field(max_length=10)] = {}
    fill: Annotated[dict[FieldName, ExpressionText], Field(max_length=10)] = {}
    ask: Annotated[tuple[Ask, ...], Field(max_length=5)] = ()
    unfilled: Literal["leave", "dead"] = "leave"

    @model_validator(mode="after")
    def _sensible(self) -> "Target":
        if self.delay is not None and self.expires is not None and self.expires <= self.delay:
            raise UnsuitableError(
                Text("未到发送时间就已过期。", "It expires before it may be sent."),
                Text("expires 应大于 delay。", "Make 'expires' longer than 'delay'."),
            )
        added = [*self.add, *(one.attribute for one in self.ask if one.attribute is not None)]
        filled = [*self.fill, *(one.field for one in self.ask if one.field is not None)]
        if len(added) != len(set(added)) or len(filled) != len(set(filled)):
            raise UnsuitableError(
                Text("同一信封属性或字段写了两次。", "An attribute or field is added twice."),
                Text("add、fill 与 ask 中的名称不可重复。", "Names in 'add', 'fill' and 'ask' must differ."),
            )
        return self


@dataclass(frozen=True, slots=True)
class Carriage:
    """A target as planning uses it. ``tap``: a copy that waits for nobody and for which nobody waits. ``expressions`` are
    those of ``add`` by attribute, those of ``fill`` by :data:`FILLS` and the field, and ``until`` under the empty name, each by
    the fact of the contract for which it is checked.
    """

    target: Target
    purpose: str = ""
    tap: bool = False
    expressions: Mapping[str, Mapping[str, Expression]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def lasts(self) -> timedelta | None:
        """How long it is worth anything; None: as long as the message."""
        return self.target.expires or (TAP_LASTS if self.tap else None)

    @property
    def priority(self) -> int | None:
        """How urgent it is; None: as its destination says."""
        return TAP_PRIORITY if self.tap and self.target.priority is None else self.target.priority

    def as_dict(self) -> dict[str, object]:
        """What differs from a plain delivery, JSON-serialisable."""
        said: dict[str, object] = self.target.model_dump(mode="json", exclude_defaults=True, exclude={"destination"})
        for name in ("delay", "expires"):
            length = getattr(self.target, name)
            if length is not None:
                said[name] = f"{int(length.total_seconds())}s"
        if self.purpose:
            said["purpose"] = self.purpose
        if self.tap:
            said["tap"] = True
        return said
