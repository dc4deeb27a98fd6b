# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub cases``: one case (办件) shown or exported, whether it is in the journal, in the archive or in both."""

import asyncio
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from contracts.text import Text
from hub.api.views import late_document
from hub.archive.export import Exported, export
from hub.cli.keeping import away, kept
from hub.cli.telling import DEFAULT_CONFIG, FAULTY, AsJson, Config, stop, tell_json
from hub.ports.journal import CaseView, DeliveryView, JournalDown, MessageView
from hub.ports.materials import StoreDown

app = typer.Typer(help="办件：查看、导出（含已归档）。 Cases: show, export; archived ones too.", no_args_is_help=True)

Case = Annotated[str, typer.Argument(help="统一办件编号。 The case number.")]

_MOST = 100_000


@app.command()
def show(case: Case, config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """显示办件时间线，不含报文内容。 The timeline of a case, without what its messages say."""
    asyncio.run(_show(case, config, as_json=as_json))


async def _show(case: str, config: Path, *, as_json: bool) -> None:
    async with kept(config, as_json=as_json) as around:
        view = await around.case_files.view(case, _MOST)
    match view:
        case JournalDown() | StoreDown():
            away(view, as_json=as_json)
        case None:
            _unknown(case, as_json=as_json)
        case CaseView():
            if as_json:
                parties = sorted(view.parties)
                tell_json({"case": case, "parties": parties, "messages": [_as_dict(m) for m in view.messages]})
            else:
                _tell(view)


def _tell(view: CaseView) -> None:
    table = Table(title=f"{view.case}  {', '.join(sorted(view.parties))}")
    for heading in ("受理 accepted", "系统 system", "契约 contract", "编号 id", "投递 deliveries"):
        table.add_column(heading)
    for message in view.messages:
        table.add_row(
            f"{message.accepted_at:%Y-%m-%d %H:%M:%S}",
            message.system,
            f"{message.contract}@{message.version}",
            message.sender_id,
            "\n".join(line for one in message.deliveries for line in _lines(one)),
        )
    Console().print(table)


def _lines(delivery: DeliveryView) -> Iterator[str]:
    yield f"{delivery.destination} {delivery.state.value} {delivery.code}".rstrip()
    if delivery.answer_due is not None:
        yield f"  答复应在 answer due  {delivery.answer_due:%Y-%m-%d %H:%M:%S}"
    for attempt in delivery.attempts:
        if late := attempt.told_late:
            yield f"  迟到 late  {late.at:%Y-%m-%d %H:%M:%S} #{attempt.attempt} {late.state.value} {late.code}"


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


def _unknown(case: str, *, as_json: bool) -> None:
    stop(
        Text(f"没有办件 {case}。", f"There is no case {case}."),
        Text("请核对编号；归档期满的办件已清除。", "See to its number; what the archive has kept long enough is gone."),
        as_json=as_json,
    )
