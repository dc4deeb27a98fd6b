# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub supervision``: a file of rules, what is wrong with it, which of them a case breaks on a day; and the performance
report of a period. 监察规则、绩效报告
"""

import asyncio
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from contracts.fault import Fault
from contracts.located import build, read
from contracts.supervision.calendar import UnknownYearError
from contracts.supervision.judging import Breach, CaseFacts, breaches, score
from contracts.supervision.rules import Rules, load_rules
from contracts.text import Text
from hub.cli.supervision_report import tell_report
from hub.cli.telling import DEFAULT_CONFIG, FAULTY, AsJson, Config, stop, tell_faults, tell_json

app = typer.Typer(help="监察规则。 Rules of supervision.", no_args_is_help=True)

RulesFile = Annotated[Path, typer.Argument(metavar="RULES", help="规则文件。 The file of rules.")]
CaseFile = Annotated[Path, typer.Argument(metavar="CASE", help="办件情况（YAML 或 JSON）。 What is known of the case.")]
Day = Annotated[datetime, typer.Option("--on", formats=["%Y-%m-%d"], help="截至哪一天。 As of which day.")]


@app.command()
def check(rules: RulesFile, as_json: AsJson = False) -> None:
    """检查规则文件。 Check a file of rules."""
    found = _rules(rules, as_json=as_json)
    if as_json:
        tell_json({"ok": True, "rules": len(found.rules), "years": sorted(found.calendar)})
        return
    years = "、".join(map(str, sorted(found.calendar)))
    typer.echo(f"{len(found.rules)} 条规则 rules；日历 calendar：{years}")


@app.command()
def judge(rules: RulesFile, case: CaseFile, on: Day, as_json: AsJson = False) -> None:
    """一件办件在某日触犯哪几条规则。 Which rules a case breaks on a day."""
    known = _rules(rules, as_json=as_json)
    located = read(case)
    facts = located if isinstance(located, Fault) else build(located, CaseFacts)
    if not isinstance(facts, CaseFacts):
        _faulty((facts,) if isinstance(facts, Fault) else facts, as_json=as_json)
    try:
        found = breaches(known, facts, on.date())
    except UnknownYearError as error:
        stop(
            Text(
                f"日历没有 {error.year} 年，不作判断。", f"The calendar has no year {error.year}; nothing is guessed."
            ),
            Text("请在规则文件的 calendar 中写入该年的放假与调休。", "Write that year into the calendar of the rules."),
            as_json=as_json,
            code=FAULTY,
        )
    if as_json:
        tell_json({"score": str(score(known, found)), "breaches": [_as_dict(one) for one in found]})
        return
    for one in found:
        days = "" if one.days is None else f"  {one.days} 个工作日 working days"
        typer.echo(f"{one.rule.no}  {one.rule.severity}  {one.points}  {one.rule.title}{days}")
    typer.echo(f"得分 score: {score(known, found)}")


@app.command()
def report(
    first: Annotated[
        datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="考核期首日。 The period's first day.")
    ],
    last: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="考核期末日。 Its last day.")],
    as_of: Annotated[
        str | None,
        typer.Option(
            help="按何时以前收到的记录汇总（RFC 3339）；省略为报告的汇总时刻，未到则为现在。"
            " By what was accepted before then; else when the period is reported, or now if that is to come."
        ),
    ] = None,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """一个时期的绩效报告，从登记库现算，与上报的相同。 The performance report of a period, drawn from the journal now."""
    asyncio.run(tell_report(first.date(), last.date(), as_of, config, as_json=as_json))


def _rules(file: Path, *, as_json: bool) -> Rules:
    found = load_rules(file)
    if not isinstance(found, Rules):
        _faulty(found, as_json=as_json)
    return found


def _faulty(faults: Iterable[Fault], *, as_json: bool) -> NoReturn:
    tell_faults(faults, as_json=as_json)
    raise typer.Exit(FAULTY)


def _as_dict(one: Breach) -> dict[str, object]:
    return {
        "rule": one.rule.no,
        "title": one.rule.title,
        "severity": one.rule.severity,
        "times": one.times,
        "days": one.days,
        "points": str(one.points),
    }
