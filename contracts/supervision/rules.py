# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A file of rules, read so that all that is wrong is told at once with file, line and remedy. 监察规则

version: 1
base: 100
calendar: {2026: {off: [2026-01-01], on: [2026-01-04]}}
rules:
  - no: GZ-001
    title: 超过法定时限一个工作日
    severity: yellow
    points: -1
    when: {kind: overdue, of: statutory, from: 1, to: 1}
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from contracts.codes import WarningSeverity
from contracts.fault import Fault, dotted
from contracts.located import Located, build, read
from contracts.supervision.calendar import Year, YearOfDays
from contracts.text import Text

_SHAPE = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)
Days = Annotated[int, Field(ge=0, le=9999)]
Which = Literal["promised", "statutory"]


class Due(BaseModel):
    """The last day of a period comes near, and the case is open."""

    model_config = _SHAPE
    kind: Literal["due"]
    of: Which
    within: Days = Field(description="距时限不超过几个工作日。 So many working days before it, or fewer.")


class Overdue(BaseModel):
    """Working days beyond the last day, pauses not counted."""

    model_config = _SHAPE
    kind: Literal["overdue"]
    of: Which
    at_least: Annotated[int, Field(ge=1, le=9999)] = Field(
        alias="from", description="超期至少几个工作日。 From so many."
    )
    at_most: Days | None = Field(
        default=None, alias="to", description="至多几个；不写不限。 To so many; open without it."
    )


class ShortReason(BaseModel):
    """A refusal whose reason has fewer characters."""

    model_config = _SHAPE
    kind: Literal["short_reason"]
    fewer_than: Annotated[int, Field(ge=1, le=2000)] = Field(description="少于几个字。 Fewer characters than this.")


class NoOpinion(BaseModel):
    """A step that is done and says nothing of why. Once for each."""

    model_config = _SHAPE
    kind: Literal["no_opinion"]


class Unanswered(BaseModel):
    """A complaint that was not handled in time. Once for each."""

    model_config = _SHAPE
    kind: Literal["unanswered"]
    after: Days = Field(description="超过几个自然日未处理。 After so many days of the calendar.")


class Ordered(BaseModel):
    """A supervise order. Once for each."""

    model_config = _SHAPE
    kind: Literal["ordered"]


class Dissatisfied(BaseModel):
    """Somebody was dissatisfied. Once for each rating."""

    model_config = _SHAPE
    kind: Literal["dissatisfied"]


When: TypeAlias = Annotated[
    Due | Overdue | ShortReason | NoOpinion | Unanswered | Ordered | Dissatisfied, Field(discriminator="kind")
]
Points = Annotated[Decimal, BeforeValidator(str), Field(le=0, ge=-100, decimal_places=2)]


class Rule(BaseModel):
    """One rule."""

    model_config = _SHAPE

    no: Annotated[str, Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z._-]{0,19}$")] = Field(
        description="监察规则编号，即预警中的编号。 Its number, as warnings name it."
    )
    title: Annotated[str, Field(min_length=1, max_length=200)] = Field(description="说明。 What it says.")
    severity: WarningSeverity = Field(description="预警级别。 How grave it is.")
    points: Points = Field(default=Decimal(0), description="扣分，不大于零。 What it takes away; never above zero.")
    when: When = Field(description="何时触犯。 When it is broken.")


class _Document(BaseModel):
    model_config = _SHAPE

    version: Literal[1]
    base: Annotated[Decimal, BeforeValidator(str), Field(ge=0, le=1000)] = Field(
        default=Decimal(100), description="基础分。 The score of whoever breaks nothing."
    )
    calendar: dict[Year, YearOfDays] = Field(min_length=1, description="各年的放假与调休。 The calendar of each year.")
    rules: Annotated[tuple[Rule, ...], Field(min_length=1, max_length=200)]


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one body."""

    base: Decimal
    calendar: Mapping[int, YearOfDays]
    rules: tuple[Rule, ...]


def load_rules(file: Path) -> Rules | tuple[Fault, ...]:
    """The rules of a file, or everything that is wrong with it."""
    source = read(file)
    if isinstance(source, Fault):
        return (source,)
    document = build(source, _Document)
    if isinstance(document, tuple):
        return document
    faults = (*_twice(source, document), *_overlapping(source, document), *_astray(source, document))
    return faults or Rules(document.base, document.calendar, document.rules)


def _twice(source: Located, document: _Document) -> Iterator[Fault]:
    seen: set[str] = set()
    for index, rule in enumerate(document.rules):
        if rule.no in seen:
            problem = Text(f"规则编号 {rule.no} 出现两次。", f"Two rules have the number {rule.no}.")
            yield _fault("RULE_TWICE", source, ("rules", index, "no"), problem, _RENUMBER)
        seen.add(rule.no)


def _overlapping(source: Located, document: _Document) -> Iterator[Fault]:
    """A day of delay is counted by one rule for each period, else the same fault costs twice."""
    overdue = [(index, rule.when) for index, rule in enumerate(document.rules) if isinstance(rule.when, Overdue)]
    for index, when in overdue:
        if when.at_most is not None and when.at_most < when.at_least:
            problem = Text("to 小于 from。", "to is less than from.")
            yield _fault("RULE_EMPTY", source, ("rules", index, "when", "to"), problem, _RANGE)
    for (_, one), (index, other) in combinations(overdue, 2):
        if one.of == other.of and one.at_least <= _end(other) and other.at_least <= _end(one):
            problem = Text("与前面一条规则的天数重叠。", "Its days overlap those of a rule before it.")
            yield _fault("RULE_OVERLAP", source, ("rules", index, "when"), problem, _RANGE)


def _astray(source: Located, document: _Document) -> Iterator[Fault]:
    for year, days in document.calendar.items():
        for name, wrong in (
            ("off", [day for day in days.off if day.year != year or day.weekday() > _FRIDAY]),
            ("on", [day for day in days.on if day.year != year or day.weekday() <= _FRIDAY]),
        ):
            if wrong:
                told = ", ".join(sorted(map(str, wrong)))
                problem = Text(f"日期不对：{told}。", f"These days do not belong here: {told}.")
                yield _fault("CALENDAR_DAY", source, ("calendar", str(year), name), problem, _DAYS)


def _end(when: Overdue) -> int:
    return _FOREVER if when.at_most is None else when.at_most


def _fault(code: str, source: Located, path: tuple[str | int, ...], problem: Text, remedy: Text) -> Fault:
    return Fault(code, dotted(path), source.at(path), problem, remedy)


_FRIDAY = 4
_FOREVER = 10**9
_RENUMBER = Text("每条规则用自己的编号。", "Give each rule a number of its own.")
_RANGE = Text(
    "请改正 from 与 to，使每一天只落在一条规则内。", "Correct from and to, so that each day falls under one rule."
)
_DAYS = Text(
    "off 写本年周一至周五的放假日，on 写本年上班的周六、周日。",
    "off has days of that year from Monday to Friday, on has its Saturdays and Sundays.",
)
