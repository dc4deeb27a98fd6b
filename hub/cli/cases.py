# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub cases``: one case (办件) shown or exported, whether it is in the journal, in the archive or in both."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console

from contracts.text import Text
from hub.api.case_documents import entry_documents, life_document, transactions_of_case, where_documents
from hub.api.views import late_document
from hub.archive.export import Exported, export
from hub.case_life import life_of
from hub.case_transactions import parts_of
from hub.cli.case_tables import tell_case, tell_transactions
from hub.cli.cases_under_way import adopt, import_cases, parked
from hub.cli.finding import find
from hub.cli.keeping import away, kept
from hub.cli.telling import DEFAULT_CONFIG, FAULTY, AsJson, Config, stop, tell_json
from hub.ports.clock import SystemClock
from hub.ports.journal import CaseView, JournalDown, MessageView
from hub.ports.materials import StoreDown
from hub.timeline import entries, whereabouts

app = typer.Typer(
    help="办件：查看、导出（含已归档）、寄存、接入。 Cases: show, export, what waits, what was under way before.",
    no_args_is_help=True,
)
app.command()(find)
app.command()(parked)
app.command()(adopt)
app.command(name="import")(import_cases)

Case = Annotated[str, typer.Argument(help="统一办件编号。 The case number.")]

_MOST = 100_000


@app.command()
def show(case: Case, config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """显示办件时间线：经过、现在何处、因何受阻、法定时限；不含报文内容。

    The timeline of a case: what happened, where it is now, what is in the way, its legal clock; not what its messages say.
    """
    asyncio.run(_show(case, config, as_json=as_json))


async def _show(case: str, config: Path, *, as_json: bool) -> None:
    async with kept(config, as_json=as_json) as around:
        view = await around.case_files.view(case, _MOST)
        life = await life_of(around.case_files, case)
        gates = await around.journal.gates.states()
        waiting = await around.journal.dockets.parked_of(case)
        messages = view.messages if isinstance(view, CaseView) else ()
        parts = await parts_of(around.journal.transactions, messages)
    if isinstance(view, JournalDown | StoreDown):
        away(view, as_json=as_json)
    if view is None:
        _unknown(case, as_json=as_json)
    if isinstance(life, JournalDown | StoreDown):
        away(life, as_json=as_json)
    if isinstance(gates, JournalDown):
        away(gates, as_json=as_json)
    if isinstance(waiting, JournalDown):
        away(waiting, as_json=as_json)
    if isinstance(parts, JournalDown):
        away(parts, as_json=as_json)
    clock, now = around.loaded.legal_clock(), SystemClock().now()
    known = life_document(life, clock, now)
    where = whereabouts(view.messages, gates, now, waiting)
    if not as_json:
        tell_case(view, known, entries(view.messages, waiting, parts), where)
        tell_transactions(transactions_of_case(parts))
        return
    tell_json(
        {
            "case": case,
            "parties": sorted(view.parties),
            **known,
            "now": where_documents(where),
            "entries": entry_documents(entries(view.messages, waiting, parts), named=True),
            "transactions": transactions_of_case(parts),
            "messages": [_as_dict(m) for m in view.messages],
        }
    )


def _as_dict(message: MessageView) -> Mapping[str, Any]:
    return {
        "message": str(message.id),
        "system": message.system,
        "id": message.sender_id,
        "contract": message.contract,
        "contractVersion": message.version,
        "acceptedAt": message.accepted_at,
        "digest": f"sha256:{message.digest.hex()}",
        "deliveries": [
            {
                "delivery": str(one.id),
                "destination": one.destination,
                "state": one.state.value,
                "code": one.code,
                "answerDueAt": one.answer_due,
                "attempts": len(one.attempts),
                "toldLate": [
                    {"attempt": attempt.attempt, **(late_document(attempt.told_late) or {})}
                    for attempt in one.attempts
                    if attempt.told_late is not None
                ],
                "settledAt": one.settled_at,
            }
            for one in message.deliveries
        ],
    }


@app.command(name="export")
def export_case(
    case: Case,
    output: Annotated[Path, typer.Option("--output", "-o", help="写入的 ZIP 文件。 The ZIP file to write.")],
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """导出办件：原始报文、回执、证据、投递经过与材料。内含个人信息，请妥善保管。

    Export a case: messages as received, receipts, evidence, what became of them, and materials. It holds personal data.
    """
    asyncio.run(_export(case, output, config, as_json=as_json))


async def _export(case: str, output: Path, config: Path, *, as_json: bool) -> None:
    async with kept(config, as_json=as_json) as around:
        records = await around.case_files.records(case, _MOST)
        if isinstance(records, JournalDown | StoreDown):
            away(records, as_json=as_json)
        if not records:
            _unknown(case, as_json=as_json)
        try:
            with Console(stderr=True).status("导出中… exporting"):
                exported = await export(case, records, around.materials, output)
        except OSError as error:
            stop(
                Text(f"文件写不了：{output}（{error.strerror}）。", f"Cannot write {output}: {error.strerror}."),
                Text("请检查路径和磁盘空间。", "See to the path and to the space left."),
                as_json=as_json,
                code=FAULTY,
            )
    match exported:
        case StoreDown():
            away(exported, as_json=as_json)
        case Exported(messages, materials, missing):
            if as_json:
                tell_json({"file": str(output), "messages": messages, "materials": materials, "missing": missing})
            else:
                typer.echo(f"已导出 {messages} 条消息、{materials} 份材料：{output}")
                typer.echo(f"{messages} messages and {materials} materials exported.")
                for digest, why in missing.items():
                    typer.echo(f"缺少材料 missing  {digest}  {why}", err=True)


def _unknown(case: str, *, as_json: bool) -> NoReturn:
    stop(
        Text(f"没有办件 {case}。", f"There is no case {case}."),
        Text("请核对编号；归档期满的办件已清除。", "See to its number; what the archive has kept long enough is gone."),
        as_json=as_json,
    )
