# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub audit``: the audit trail, searched and exported."""

import asyncio
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import orjson
import typer

from contracts.text import Text
from contracts.timestamps import parse_timestamp
from hub.api.audit_documents import audit_document, csv_rows, entry_document
from hub.cli.consulting import away, consulted
from hub.cli.telling import DEFAULT_CONFIG, FAULTY, AsJson, Config, stop, tell_json
from hub.ports.journal import AuditEntry, AuditFilter, Journal, JournalDown

app = typer.Typer(help="审计记录。 The audit trail.", no_args_is_help=True)

Account = Annotated[str | None, typer.Option(help="账号。 By this account.")]
ActKind = Annotated[str | None, typer.Option("--act", help="操作种类。 Of this kind.")]
Case = Annotated[str | None, typer.Option(help="统一办件编号。 About this case.")]
Since = Annotated[str | None, typer.Option(help="自何时起（RFC 3339）。 From when on.")]
Until = Annotated[str | None, typer.Option(help="至何时止，不含。 Before when.")]

_PAGE = 1000


class Format(StrEnum):
    """How the trail is written."""

    JSON_LINES = "jsonl"
    CSV = "csv"


@app.command(name="list")
def list_audit(
    account: Account = None,
    act: ActKind = None,
    case: Case = None,
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, typer.Option(min=1, max=_PAGE, help="至多条数。 The most entries.")] = 50,
    after: Annotated[UUID | None, typer.Option(help="上一页的 next。 The `next` of the page before.")] = None,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """一页审计记录，新的在前。 A page of the trail, newest first."""
    wanted = _filter(account, act, case, since, until, as_json=as_json)

    async def work() -> None:
        async with consulted(config, as_json=as_json) as (_, journal):
            found = await journal.audit.find(wanted, after, limit)
        if isinstance(found, JournalDown):
            away(found, as_json=as_json)
        if as_json:
            tell_json(audit_document(found, limit))
            return
        for one in found:
            typer.echo(f"{one.at:%Y-%m-%d %H:%M:%S} {one.account} {one.act} {one.subject} {one.outcome} {one.reason}")

    asyncio.run(work())


@app.command()
def export(
    account: Account = None,
    act: ActKind = None,
    case: Case = None,
    since: Since = None,
    until: Until = None,
    how: Annotated[Format, typer.Option("--format", help="jsonl 或 csv。 JSON Lines or CSV.")] = Format.JSON_LINES,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """把审计记录写到标准输出，新的在前。 Write the trail to standard output, newest first."""
    wanted = _filter(account, act, case, since, until, as_json=as_json)
    style = Format.JSON_LINES if as_json else how

    async def work() -> None:
        async with consulted(config, as_json=as_json) as (_, journal):
            first = True
            async for page in _pages(journal, wanted, as_json=as_json):
                if style is Format.CSV:
                    sys.stdout.write(csv_rows(page, header=first))
                else:
                    for one in page:
                        line = orjson.dumps(entry_document(one), default=str, option=orjson.OPT_UTC_Z).decode()
                        sys.stdout.write(f"{line}\n")
                first = False

    asyncio.run(work())


async def _pages(journal: Journal, wanted: AuditFilter, *, as_json: bool) -> AsyncIterator[list[AuditEntry]]:
    """Page by page, the first one even if it is empty."""
    after: UUID | None = None
    while True:
        found = await journal.audit.find(wanted, after, _PAGE)
        if isinstance(found, JournalDown):
            away(found, as_json=as_json)
        if found or after is None:
            yield list(found)
        if len(found) < _PAGE:
            return
        after = found[-1].id


def _filter(
    account: str | None, act: str | None, case: str | None, since: str | None, until: str | None, *, as_json: bool
) -> AuditFilter:
    return AuditFilter(
        account=account,
        act=act,
        case=case,
        since=_moment(since, as_json=as_json),
        until=_moment(until, as_json=as_json),
    )


def _moment(text: str | None, *, as_json: bool) -> datetime | None:
    if text is None:
        return None
    moment = parse_timestamp(text)
    if moment is None:
        stop(
            Text(f"不是 RFC 3339 时间：{text}", f"This is no RFC 3339 time: {text}"),
            Text("例如 2026-01-31T09:00:00+08:00。", "As in 2026-01-31T09:00:00+08:00."),
            as_json=as_json,
            code=FAULTY,
        )
    return moment.astimezone(UTC)
