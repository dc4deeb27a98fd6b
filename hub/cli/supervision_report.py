# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub supervision report``: how departments handled their cases in a period, by department and item, out of the journal."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

from rich.console import Console
from rich.table import Table

from contracts.families.fields import BEIJING
from contracts.legal_clock.deadlines import YearUnknown
from contracts.text import Text
from contracts.timestamps import parse_timestamp
from hub.cli.keeping import away, kept
from hub.cli.telling import FAULTY, stop, tell_json
from hub.config.performance import PerformanceSection
from hub.performance.drawing import draw
from hub.performance.figures import Figures
from hub.performance.period import Period
from hub.ports.clock import SystemClock
from hub.ports.journal import JournalDown
from hub.ports.materials import StoreDown

_COLUMNS = (
    "事项 item", "受理 accepted", "办结 completed", "按时 on time", "提前 early", "超期 overdue", "法定内 by law",
    "预警 warned", "督办 ordered", "平均工作日 days", "平均承诺 promised",
)  # fmt: skip
_FIELDS = (
    "accepted", "completed", "on_time", "early", "overdue", "statutory_on_time", "warned", "ordered",
    "average_working_days", "average_promised_days",
)  # fmt: skip


async def tell_report(first: date, last: date, as_of: str | None, config: Path, *, as_json: bool) -> None:
    """Draw it and tell it; the command ends if it cannot be drawn."""
    async with kept(config, as_json=as_json) as around:
        section, clock = around.loaded.deployment.performance, around.loaded.legal_clock()
        period = Period(first, last)
        moment = _moment(as_of, period, section)
        if moment is None or last < first:
            stop(
                Text("时间写法不对，或末日早于首日。", "The time cannot be read, or the last day is before the first."),
                Text("日期如 2026-03-31，时刻如 2026-04-02T00:00:00+08:00。", "Days as 2026-03-31, RFC 3339 moments."),
                as_json=as_json,
                code=FAULTY,
            )
        drawn = await draw(around.case_files, clock, period, moment)
        match drawn:
            case Figures():
                reports = list(drawn.reports(clock.green))
            case YearUnknown(year):
                _undrawable(year, as_json=as_json)
            case JournalDown() | StoreDown():
                away(drawn, as_json=as_json)
    if as_json:
        told = {"from": first, "to": last, "drawnAt": moment, "cases": drawn.cases, "nameless": drawn.nameless}
        tell_json({**told, "departments": reports})
    else:
        _tell(drawn, reports)


def _moment(as_of: str | None, period: Period, section: PerformanceSection | None) -> datetime | None:
    if as_of is not None:
        return parse_timestamp(as_of)
    now = SystemClock().now()
    return min(now, period.ends + (timedelta(hours=24) if section is None else section.schedule.after))


def _undrawable(year: int, *, as_json: bool) -> NoReturn:
    problem = Text(f"工作日历没有 {year} 年，无法计算。", f"The calendar has no year {year}.")
    remedy = Text(f"请填写 legal_clock.years.{year}。", f"Write legal_clock.years.{year}.")
    stop(problem, remedy, as_json=as_json, code=FAULTY)


def _tell(figures: Figures, reports: Sequence[Mapping[str, Any]]) -> None:
    console = Console()
    period, drawn = figures.period, figures.drawn_at.astimezone(BEIJING)
    console.print(
        f"{period.first} 至 to {period.last}，汇总于 drawn {drawn:%Y-%m-%d %H:%M}，{figures.cases} 件 cases",
        highlight=False,
    )
    for report in reports:
        table = Table(title=f"{report['department_name']}  {report['department_code']}")
        for column in _COLUMNS:
            table.add_column(column, overflow="fold")
        for item in report["items"]:
            green = " 绿 green" if item["green_channel"] else ""
            table.add_row(f"{item.get('item_name') or item['item_code']}{green}", *_row(item))
        for title, name in (("绿色通道 green", "green"), ("其余 others", "ordinary")):
            if name in report:
                table.add_row(title, *_row(report[name]))
        table.add_row("合计 all", *_row(report))
        console.print(table)
    if figures.nameless:
        console.print(f"{figures.nameless} 件未写明部门。 Of {figures.nameless} nobody names the department.")


def _row(said: Mapping[str, Any]) -> list[str]:
    return [str(said.get(name, "")) for name in _FIELDS]
