# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A case for people: its timeline as a table, then where its messages are, and its legal clock."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.table import Table

from contracts.codes import SupplementNews, SupplementStanding
from contracts.families.fields import BEIJING
from contracts.legal_clock.deadlines import Limit
from contracts.lifecycle.standing import Phase, Ticking
from hub.ports.journal import CaseView
from hub.timeline import BEGINS, ENDED, STEP, UNDO, Entry, Hindrance, What, Whereabouts

_WHAT = {
    What.ACCEPTED: "受理 accepted",
    What.PARKED: "寄存 parked",
    What.RELEASED: "放行 released",
    What.HELD: "等待前序 held",
    What.ATTEMPT: "投递 attempt",
    What.TOLD_LATE: "迟到 told late",
    What.SETTLED: "终结 settled",
    What.ACT: "操作 act",
}
_TRANSACTION = "事务 transaction"
_HEADINGS = ("时间 time", "事由 what", "契约 contract", "何处 where", _TRANSACTION, "结果 result", "说明 detail")
_PARTS = {BEGINS: "发起 begins", STEP: "步骤 step", UNDO: "补偿 undo", ENDED: "结果 ended"}
_HINDRANCE = {
    Hindrance.RULE: "寄存，等待在先的记录 waits for an earlier record",
    Hindrance.ANOTHER: "等待前一条 behind another",
    Hindrance.PAUSED: "目的地已暂停 destination paused",
    Hindrance.BREAKER: "目的地不通 destination is down",
    Hindrance.RETRY: "等待重试 next retry",
    Hindrance.ANSWER: "等待最终答复 awaits its answer",
    Hindrance.DOUBT: "结果不明，待查询或人工处理 in doubt",
    Hindrance.DEAD: "死信，待人工处理 dead letter",
    Hindrance.NOTHING: "途中 on its way",
}


def tell_case(view: CaseView, life: Mapping[str, Any], entries: Sequence[Entry], where: Sequence[Whereabouts]) -> None:
    """``life`` is the document of its life and clock. Times are in Beijing's."""
    console = Console()
    table = Table(title=f"{view.case}  {', '.join(sorted(view.parties))}")
    in_transactions = any(one.part for one in entries)
    for heading in _HEADINGS:
        if in_transactions or heading != _TRANSACTION:
            table.add_column(heading, overflow="fold")
    for one in entries:
        row = dict(zip(_HEADINGS, _row(one), strict=True))
        table.add_row(*(text for heading, text in row.items() if in_transactions or heading != _TRANSACTION))
    console.print(table)
    for place in where:
        console.print(_line(place), highlight=False)
    if not where:
        console.print("全部消息已终结。 Every message has come to its end.")
    _tell_life(console, life)


def tell_transactions(found: Sequence[Mapping[str, Any]]) -> None:
    """The business transactions of a case, each with its steps and compensations in order."""
    console = Console()
    for one in found:
        told = "  ".join(text for text in (one["standing"], one["why"], one["awaits"] or "") if text)
        console.print(f"事务 transaction  {one['transaction']}  {told}", highlight=False)
        for part in one["parts"]:
            console.print(f"  {_PARTS[part['part']]}  {part['step']}  {part['message']}", highlight=False)


def _row(one: Entry) -> tuple[str, ...]:
    attempt = "" if one.attempt is None else f" #{one.attempt}"
    detail = one.detail
    if one.what in {What.HELD, What.PARKED}:
        detail = "至 until " + (_at(one.until) if one.until is not None else "…")
    if one.by:
        detail = f"{one.by}: {one.reason}"
    return (
        _at(one.at),
        f"{_WHAT[one.what]}{attempt}",
        one.contract,
        one.destination or one.system,
        " ".join(text for text in (_PARTS.get(one.part, ""), one.step, one.why) if text),
        f"{one.state} {one.code}".strip(),
        detail,
    )


def _line(place: Whereabouts) -> str:
    behind = "" if place.blocked_by is None else f" {place.blocked_by}"
    since = "" if place.since is None else f"，自 since {_at(place.since)}"
    until = "" if place.until is None else f"，至 until {_at(place.until)}"
    return (
        f"现在 now  {place.contract} → {place.destination} {place.state or ''} {place.code}：".replace(" ：", "：")
        + f"{_HINDRANCE[place.hindrance]}{behind}{since}{until}"
    )


def _tell_life(console: Console, life: Mapping[str, Any]) -> None:
    phase = next(one for one in Phase if one.value == life["phase"])
    clock = life["clock"]
    ticking = next(one for one in Ticking if one.value == clock["ticking"])
    console.print(f"进程 phase  {phase.text}    计时 clock  {ticking.text}", highlight=False)
    for one in clock["deadlines"]:
        limit = next(known for known in Limit if known.value == one["limit"])
        left = one["workingDaysLeft"]
        told = f"已超 late {-left}" if one["late"] else f"余 left {left}"
        console.print(f"{limit.text}  {one['due']}  {told} 工作日 working days", highlight=False)
    if clock["yearUnknown"] is not None:
        console.print(
            f"日历没有 {clock['yearUnknown']} 年，时限无法计算。 The calendar has no such year.", highlight=False
        )
    if (supplement := life["supplement"]) is not None:
        _tell_supplement(console, supplement)
    for one in life["misfits"]:
        console.print(
            f"规则 rule {one['rule']}  {one['message']}  {one['says']['zh']} {one['says']['en']}", highlight=False
        )


def _tell_supplement(console: Console, supplement: Mapping[str, Any]) -> None:
    news = next(one for one in SupplementNews if one.value == supplement["news"])
    console.print(f"容缺材料 materials to follow  {news.text}", highlight=False)
    for one in supplement["materials"]:
        standing = next(known for known in SupplementStanding if known.value == one["standing"])
        until = "" if one["dueOn"] is None else f"  至 until {one['dueOn']}"
        by = f"  {one['askedBy']}" if one["askedBy"] else ""
        console.print(f"  {one['name']}  {standing.text}{until}{by}", highlight=False)


def _at(moment: datetime) -> str:
    return f"{moment.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"
