# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The deployment's legal clock (法定时限): its calendar, when the day's work ends, and what pauses a period."""

from collections.abc import Iterator
from datetime import date, time
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from contracts.legal_clock.calendar import calendar_of, misplaced
from contracts.located import Fault, Located
from contracts.supervision.calendar import Year, YearOfDays
from contracts.text import Text
from hub.config.catalogue import Clock

if TYPE_CHECKING:
    from hub.config.deployment import Deployment

_PUBLISHED_BY = (11, 1)
"""The State Council's notice for a year comes at the end of October or in November of the one before."""

_NEEDED_BY = (12, 1)
"""From then on periods of twenty working days end in the next year."""

Days = Annotated[int, Field(ge=1, le=3650)]


class LegalClockSection(BaseModel):
    """The legal clock."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    years: dict[Year, YearOfDays] = Field(
        default_factory=dict,
        description="对已公布年历的更正，或尚未随软件发布的年份：off 放假，on 调休上班。"
        "What differs from the published calendar, or a year that it does not have: days `off`, and weekend days `on`.",
    )
    closes: Clock = Field(
        default="17:00",
        description="每日下班时刻（北京时间）：时限在当日此时届满。When the day's work ends, Beijing time.",
    )
    approval: Literal["required", "presumed"] = Field(
        default="required",
        description="特别程序未写明批准人时是否仍暂停、延长：presumed 视为已批准。"
        "Whether a special procedure that names nobody who approved it counts: not, or `presumed`.",
    )
    statutory_working_days: Days | None = Field(
        default=None,
        description="受理未写法定办结时间时的法定时限（工作日）。The period by law where an acceptance tells no day.",
    )
    promised_working_days: Days | None = Field(
        default=None,
        description="受理未写承诺办结时间时的承诺时限（工作日）。The promised period where an acceptance tells no day.",
    )

    @property
    def close(self) -> time:
        return time.fromisoformat(self.closes)


def mistimed(deployment: "Deployment", source: Located, today: date, *, reckoning: bool = False) -> Iterator[Fault]:
    """All that is wrong with the section. A year that the calendar does not tell is an error, for a guess would be wrong.

    Without the section it is a warning, where processors are ``reckoning`` limits in working days.
    """
    section = deployment.legal_clock
    if section is None:
        yield from _warned(source, today) if reckoning else ()
        return
    for year, days in section.years.items():
        path = ("legal_clock", "years", year)
        if strange := misplaced(year, days):
            named = ", ".join(map(str, strange))
            yield Fault(
                "CALENDAR_DAY_MISPLACED",
                f"legal_clock.years.{year}",
                source.at(path),
                Text(f"不属于该年，或既放假又上班：{named}。", f"Not of that year, or both off and on: {named}."),
                Text("请核对国务院办公厅的放假通知。", "Compare with the State Council's notice."),
            )
    known = calendar_of(section.years)
    this, following = today.year, today.year + 1
    if this not in known:
        yield _unknown(source, this, "error")
    if following not in known and today >= date(this, *_PUBLISHED_BY):
        yield _unknown(source, following, "error" if today >= date(this, *_NEEDED_BY) else "warning")


def _warned(source: Located, today: date) -> Iterator[Fault]:
    known = calendar_of({})
    due = today.year + 1 if today >= date(today.year, *_PUBLISHED_BY) else today.year
    yield from (_unknown(source, year, "warning") for year in range(today.year, due + 1) if year not in known)


def _unknown(source: Located, year: int, severity: Literal["error", "warning"]) -> Fault:
    return Fault(
        "CALENDAR_YEAR_UNKNOWN",
        "legal_clock.years",
        source.at(("legal_clock",)),
        Text(
            f"工作日历没有 {year} 年，时限无法计算；不作推测。",
            f"The calendar has no year {year}, so deadlines cannot be reckoned; nothing is guessed.",
        ),
        Text(
            f"请升级 chinesecalendar，或按放假通知填写 legal_clock.years.{year}（off、on）。",
            f"Upgrade chinesecalendar, or write legal_clock.years.{year} (off, on) from the State Council's notice.",
        ),
        severity,
    )
