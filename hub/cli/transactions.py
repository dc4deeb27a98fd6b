# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub transactions``: business transactions, how they stand, and what a person decides where one is needed."""

import asyncio
from pathlib import Path
from typing import Annotated, NoReturn
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table

from contracts.families.fields import BEIJING
from contracts.text import Text
from hub.api.transaction_documents import transaction_document, transactions_document
from hub.clearance import OutOfScope
from hub.cli.consulting import away, consulted, hindered
from hub.cli.dead_acting import Actor, Reason, Request, acting, order_of
from hub.cli.telling import DEFAULT_CONFIG, AsJson, Config, stop, tell_json
from hub.ports.journal import (
    Acted,
    Emission,
    Irrevocable,
    JournalDown,
    NoSuch,
    NotAwaited,
    RequestTaken,
    TransactionView,
)
from hub.second_person import Unapproved

app = typer.Typer(help="业务事务：步骤、撤销与人工裁定。 Business transactions.", no_args_is_help=True)
Named = Annotated[UUID, typer.Argument(help="事务编号。 The transaction.")]
Step = Annotated[
    str,
    typer.Option("--step", help="list 或 show 所示的 awaits。 The step or compensation that waits, as it is listed."),
]


@app.command(name="list")
def list_transactions(
    standing: Annotated[
        str | None, typer.Option(help="只看此状态，如 needs_person。 Only those that stand so: needs_person…")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="至多条数。 The most.")] = 50,
    after: Annotated[
        UUID | None, typer.Option(help="上一页最后一条的编号。 The id of the last one of the page before.")
    ] = None,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """列出业务事务及其状态，新的在前。 Transactions and how they stand, the newest first."""
    asyncio.run(_list(standing, limit, after, config, as_json=as_json))


async def _list(standing: str | None, limit: int, after: UUID | None, config: Path, *, as_json: bool) -> None:
    async with consulted(config, as_json=as_json) as (_, journal):
        found = await journal.transactions.list(after, limit, standing)
    if isinstance(found, JournalDown):
        away(found, as_json=as_json)
    if as_json:
        tell_json(transactions_document(found, limit))
        return
    table = _table("事务 transaction", "办件 case", "目的地 destination", "状态 standing", "自 since", "待裁定 awaits")
    for one in found:
        since = f"{one.standing_at.astimezone(BEIJING):%m-%d %H:%M:%S}"
        table.add_row(str(one.id), one.case, one.destination, one.standing, since, one.awaits)
    Console().print(table)


@app.command()
def show(transaction: Named, config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """一个事务的各步骤与补偿。 One transaction with its steps and compensations."""
    asyncio.run(_show(transaction, config, as_json=as_json))


async def _show(transaction: UUID, config: Path, *, as_json: bool) -> None:
    async with consulted(config, as_json=as_json) as (_, journal):
        found = await journal.transactions.view(transaction)
    match found:
        case JournalDown():
            away(found, as_json=as_json)
        case NoSuch():
            _unknown(transaction, as_json=as_json)
        case TransactionView() if as_json:
            tell_json(transaction_document(found, steps=True))
        case TransactionView():
            typer.echo("  ".join(one for one in (found.case, found.standing, found.why, found.awaits) if one))
            table = _table("时间 time", "步骤 step", "状态 state", "停发 closed", "消息 message")
            for step in found.steps:
                at = f"{step.named_at.astimezone(BEIJING):%m-%d %H:%M:%S}"
                closed = "" if step.closed_at is None else "已生效 took effect" if step.taken else "未生效 no effect"
                table.add_row(at, step.name, _state(step), closed, str(step.message or ""))
            Console().print(table)


def _state(step: Emission) -> str:
    if step.refused:
        return f"拒收 refused {step.refused}"
    return ", ".join(
        f"{destination} {fate.state.value} {fate.code}".rstrip() for destination, fate in sorted(step.fates.items())
    )


@app.command()
def retry(
    transaction: Named,
    step: Step,
    *,
    reason: Reason,
    actor: Actor = "",
    request: Request = "",
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """再发一次等人裁定的补偿或步骤。 Send what needs a person once more."""
    asyncio.run(_decide(transaction, step, "retry", config, actor, request, reason, as_json=as_json))


@app.command()
def settle(
    transaction: Named,
    step: Step,
    *,
    reason: Reason,
    actor: Actor = "",
    request: Request = "",
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """已由人工处理，事务继续。 It was seen to by hand; the transaction goes on."""
    asyncio.run(_decide(transaction, step, "settle", config, actor, request, reason, as_json=as_json))


@app.command()
def undo(
    transaction: Named,
    *,
    reason: Reason,
    actor: Actor = "",
    request: Request = "",
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """立即撤销整个事务。 Undo the whole transaction now."""
    asyncio.run(_undo(transaction, config, actor, request, reason, as_json=as_json))


async def _undo(transaction: UUID, config: Path, actor: str, request: str, reason: str, *, as_json: bool) -> None:
    async with acting(config, as_json=as_json) as on:
        answer = await on.undo_transaction(order_of(on, actor, request, reason, "transaction_undo"), transaction)
    match answer:
        case Acted(act, applied, again) if as_json:
            tell_json({"act": act, "applied": applied, "again": again})
        case Acted(applied=0, again=False):
            typer.echo("该事务已撤销或正在撤销。 It is undone, or being undone, already.")
        case Acted():
            typer.echo("已记录，随即撤销。 Recorded; it is undone now.")
        case NoSuch():
            _unknown(transaction, as_json=as_json)
        case Irrevocable():
            stop(
                Text("该事务已不能撤销。", "It cannot be undone any more."),
                Text(
                    "不可撤销的步骤已经发出，或全部已办成：govhub transactions show。",
                    "A step that nothing undoes has gone out, or all of it is done: govhub transactions show.",
                ),
                as_json=as_json,
            )
        case RequestTaken() | OutOfScope() | Unapproved():
            hindered(answer, as_json=as_json)
        case JournalDown():
            away(answer, as_json=as_json)


async def _decide(
    transaction: UUID, step: str, word: str, config: Path, actor: str, request: str, reason: str, *, as_json: bool
) -> None:
    async with acting(config, as_json=as_json) as on:
        order = order_of(on, actor, request, reason, f"transaction_{word}")
        answer = await on.decide_step(order, transaction, step, word)
    match answer:
        case Acted(act, applied, again) if as_json:
            tell_json({"act": act, "applied": applied, "again": again})
        case Acted():
            typer.echo("已记录，事务随即继续。 Recorded; the transaction goes on.")
        case NoSuch():
            _unknown(transaction, as_json=as_json)
        case NotAwaited():
            stop(
                Text(f"{step} 不在等人裁定。", f"Nothing waits for a decision about {step}."),
                Text(
                    "已有人裁定，或已自行继续；请先看 govhub transactions show。",
                    "Somebody decided, or it went on by itself; look at govhub transactions show first.",
                ),
                as_json=as_json,
            )
        case RequestTaken() | OutOfScope() | Unapproved():
            hindered(answer, as_json=as_json)
        case JournalDown():
            away(answer, as_json=as_json)


def _unknown(transaction: UUID, *, as_json: bool) -> NoReturn:
    stop(
        Text(f"没有进行中的事务 {transaction}。", f"No transaction {transaction} is under way."),
        Text("请核对编号：govhub transactions list。", "See to its number: govhub transactions list."),
        as_json=as_json,
    )


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
