# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Reconciliations, differences and scorecards as tables for people."""

from collections.abc import Sequence

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text as Plain

from contracts.reconciling.tree import Sum
from hub.ports.journal.reconciling import Found, Reconciliation, Verdict
from hub.reconcile.scorecard import Card

_VERDICTS = {
    Verdict.NONE: "尚无对方清单 not heard yet",
    Verdict.AGREED: "一致 agreed",
    Verdict.DIFFERS: "不一致 differs",
    Verdict.LIST_WANTED: "需要对方展开 to be opened",
}
_KINDS = {
    "missing_there": "对方缺少 missing there",
    "missing_here": "本方缺少 missing here",
    "differs": "内容不同 differs",
    "twice": "对方重复 twice there",
}
_STANDING = {"": "", "in_doubt": "存疑 in doubt", "dead": "死信 dead"}


def tell_reconciliations(found: Sequence[Reconciliation]) -> None:
    """One row for each, and what is wanted of the far side."""
    if not found:
        typer.echo("还没有对账。 Nothing was reconciled yet.")
        return
    table = _table("对账 reconciliation", "约定 agreement", "日期 day", "记录 records", "迟到 late", "未完成 unfinished",
                   "结论 verdict", "差异 differences")  # fmt: skip
    for one in found:
        table.add_row(
            str(one.id), Plain(one.agreement), str(one.day), _count(one.root), _count(one.late),
            ", ".join(f"{state} {n}" for state, n in sorted(one.unfinished.items())) or "0", _VERDICTS[one.verdict],
            ", ".join(f"{_KINDS[kind.value]} {n}" for kind, n in sorted(one.differences.items())) or "0",
        )  # fmt: skip
    _print(table)
    for one in found:
        if one.wanted:
            typer.echo(f"请对方展开 open these: {' '.join(name or 'root' for name in one.wanted)}")


def tell_differences(found: Sequence[Found]) -> None:
    """One row for each case."""
    table = _table(
        "#", "差异 difference", "办件 case", "记录 record", "在目的地未完成 unfinished there", "消息 message"
    )
    for one in found:
        table.add_row(
            str(one.n), _KINDS[one.kind.value], Plain(one.case), Plain(one.record),
            _STANDING.get(one.standing, f"在途 {one.standing}"), str(one.message or ""),
        )  # fmt: skip
    _print(table)


def tell_cards(cards: Sequence[Card]) -> None:
    """One row for each counterparty."""
    table = _table("对账方 counterparty", "消息 messages", "及时率 timeliness", "完整率 completeness",
                   "对账日 一致/不一致/应对 days", "旧版占比 contract lag", "旧版契约 lagging")  # fmt: skip
    for card in cards:
        table.add_row(
            Plain(card.system), str(card.messages), _share(card.timeliness), _share(card.completeness),
            f"{card.days_agreed}/{card.days_differing}/{card.days_due}", _share(card.lag),
            Plain(", ".join(f"{contract}@{version}" for contract, version in sorted(card.lagging.items()))),
        )  # fmt: skip
    _print(table)


def _count(one: Sum | None) -> str:
    return "统计中 counting" if one is None else str(one.records)


def _share(share: float | None) -> str:
    return "-" if share is None else f"{share:.2%}"


def _table(*columns: str) -> Table:
    table = Table()
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _print(table: Table) -> None:
    console = Console()
    if not console.is_terminal:  # for files and pipes nothing is cut or folded
        console.width = 400
    console.print(table)
