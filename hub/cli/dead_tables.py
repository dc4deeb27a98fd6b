# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Dead letters, replays and acts as tables for people."""

from collections.abc import Sequence
from datetime import datetime

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text as Plain

from contracts.families.fields import BEIJING
from contracts.masking import mask_numbers
from hub.ports.journal import ActView, DeadEntry, DeadGroup, Lot, ReplayView

WHY = {
    "IN_DOUBT": "存疑，须先认定 in doubt: resolve it first",
    "IN_REPLAY": "已在另一重放中 in another replay's hand",
    "NOT_DEAD": "不是死信 not dead",
    "EXPIRED": "已过有效期 expired",
    "DESTINATION_UNKNOWN": "目的地不在部署文件中 no such destination",
    "HAS_IT": "该目的地已有此消息 that destination has it",
    "CHANGED": "确认之后已变化 changed since it was chosen",
    "UNROUTABLE": "现行路由不接收 no present route takes it",
    "CONTRACT_UNKNOWN": "契约版本不认识 contract version unknown here",
    "CONTRACT_INVALID": "不再符合契约 no longer fits its contract",
    "UNDER_WAY": "该办件在目的地尚有未完成的投递 something of its case is unfinished there",
    "NOT_DELIVERED": "不是已送达 not delivered",
    "BEHIND": "同一办件中前一件补推后再补 follows when the one before it has arrived",
    "TRANSACTION_UNDONE": "所属业务事务已撤销此步骤 its transaction has undone it",
}

_WORDS = {
    "dead": "死信 dead", "in_doubt": "存疑 in doubt", "resend": "再发 resend", "add": "新增 add", "withdraw": "撤回 withdraw",
    "repeat": "补推 repeat",
    "pending": "待发 pending", "held": "暂停 held", "released": "已发出 released", "done": "完成 done",
    "failed": "再次失败 failed", "gone": "已变化 gone", "refused": "不能发 refused", "running": "进行中 running",
    "stopped": "已停止 stopped", "finished": "已结束 finished",
}  # fmt: skip

_KINDS = {
    "note": "备注 note", "discard": "跳过 discard", "resolve": "认定 resolve", "replay": "重放 replay",
    "stop": "停止重放 stop", "resume": "继续重放 resume", "pause_destination": "暂停目的地 pause",
    "answer": "认定答复 answer",
    "resume_destination": "恢复目的地 resume", "repush": "对账补推 repush", "adopt": "中途接入 adopt",
    "alias": "裁定别名 alias",
}  # fmt: skip


def tell_groups(groups: Sequence[DeadGroup]) -> None:
    """One row for each group."""
    if not groups:
        typer.echo("没有死信。 No dead letters.")
        return
    table = _table("组 group", "目的地 destination", "状态 state", "代码 code", "契约 contract", "件数 count",
                   "最早 oldest", "最近 newest", "备注 note")  # fmt: skip
    for group in groups:
        table.add_row(
            str(group.id), Plain(group.destination), _WORDS[group.state.value], Plain(group.code), Plain(group.contract),
            f"{group.count}{'+' if group.more else ''}", _moment(group.oldest), _moment(group.newest), Plain(group.note),
        )  # fmt: skip
    _print(table)


def tell_entries(entries: Sequence[DeadEntry]) -> None:
    """One row for each delivery."""
    table = _table("投递 delivery", "办件 case", "发送方 sender", "失败 failed", "次数 attempts", "挡住 behind",
                   "说明 detail")  # fmt: skip
    for entry in entries:
        table.add_row(
            str(entry.delivery), Plain(entry.case), Plain(f"{entry.system} {entry.sender_id}"), _moment(entry.failed_at),
            str(entry.attempt), str(entry.behind), Plain(mask_numbers(entry.detail)),
        )  # fmt: skip
    _print(table)


def tell_lots(lots: Sequence[Lot]) -> None:
    """What a replay consists of."""
    table = _table("目的地 destination", "方式 kind", "件数 count", "状态 state", "说明 why")
    for lot in lots:
        why = WHY.get(lot.code, lot.code) + (" 补投 late" if lot.late else "")
        table.add_row(
            Plain(lot.destination), _WORDS[lot.kind.value], str(lot.count), _WORDS[lot.state], Plain(why.strip())
        )
    _print(table)


def tell_replays(replays: Sequence[ReplayView]) -> None:
    """One row for each replay."""
    if not replays:
        typer.echo("没有重放。 No replays.")
        return
    table = _table("重放 replay", "状态 state", "操作人 actor", "开始 made", "级 step", "件数 counts", "理由 reason")
    for view in replays:
        counts = "  ".join(f"{_WORDS[state]} {count}" for state, count in sorted(view.counts.items()))
        table.add_row(
            str(view.id), _WORDS[view.state.value], Plain(view.actor), _moment(view.made_at), str(view.step), counts,
            Plain(view.reason),
        )  # fmt: skip
    _print(table)


def tell_acts(acts: Sequence[ActView]) -> None:
    """One row for each act."""
    if not acts:
        typer.echo("没有操作记录。 No acts.")
        return
    table = _table("时间 time", "操作人 actor", "途径 via", "操作 kind", "对象 subject", "改变 applied", "理由 reason",
                   "编号 act")  # fmt: skip
    for act in acts:
        table.add_row(
            _moment(act.acted_at), Plain(act.actor), act.via, _KINDS.get(act.kind, act.kind), Plain(act.subject),
            str(act.applied), Plain(act.reason), str(act.id),
        )  # fmt: skip
    _print(table)


def _table(*headings: str) -> Table:
    table = Table()
    for heading in headings:
        table.add_column(heading.replace(" ", "\n", 1), overflow="fold")
    return table


def _moment(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"


def _print(table: Table) -> None:
    console = Console()
    if not console.is_terminal:  # for files and pipes nothing is cut or folded
        console.width = 400
    console.print(table)
