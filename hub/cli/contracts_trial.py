# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub contracts check --against-journal``: the contracts of the code, tried on recorded messages."""

import sys
from datetime import timedelta
from pathlib import Path

import orjson
import typer
from rich.console import Console

from contracts.conversion import Inexpressible, Loss
from contracts.refusal import Violation
from contracts.text import Text
from hub.cli.consulting import away, consulted
from hub.cli.telling import tell_json
from hub.ports.clock import SystemClock
from hub.ports.journal import JournalDown
from hub.trial import Finding, SenderReport, Trial, Trouble, recorded_since


async def try_on_journal(config: Path, period: timedelta, *, as_json: bool) -> None:
    """Try everything recorded within the period, and tell per sender. Ends with 1 when a message would be refused."""
    async with consulted(config, as_json=as_json) as (loaded, journal):
        trial, messages = Trial(loaded.registry), 0
        with Console(stderr=True).status("读取登记库… reading the journal") as status:
            async for batch in recorded_since(journal.lookups, SystemClock().now() - period):
                if isinstance(batch, JournalDown):
                    away(batch, as_json=as_json)
                for one in batch:
                    trial.take(one)
                messages += len(batch)
                if sys.stderr.isatty():
                    status.update(f"已试用 {messages} 件… {messages} messages tried")
    reports = sorted(trial.reports.values(), key=lambda report: (report.system, report.contract.schema_uri))
    refused = any(report.refused for report in reports)
    if as_json:
        tell_json({"ok": not refused, "messages": messages, "senders": [_as_dict(report) for report in reports]})
    else:
        _tell(messages, reports)
    if refused:
        raise typer.Exit(1)


def _tell(messages: int, reports: list[SenderReport]) -> None:
    typer.echo(f"试用 {messages} 件消息。 {messages} messages tried.")
    for report in reports:
        typer.echo(
            f"{report.system}  {report.contract.type}@{report.contract.version}: "
            f"{report.messages} 件，拒绝 refused {report.refused}"
        )
        for trouble in report.troubles.values():
            typer.echo(
                f"    {trouble.count:>6} × {_kind(trouble.finding)} {trouble.finding.path}  {_words(trouble.finding)}"
            )
            if trouble.samples:
                sample = trouble.samples[0]
                typer.echo(f"             {sample.message}  {orjson.dumps(sample.record).decode()}")


def _as_dict(report: SenderReport) -> dict[str, object]:
    return {
        "system": report.system,
        "type": report.contract.type,
        "version": report.contract.version,
        "messages": report.messages,
        "refused": report.refused,
        "troubles": [_trouble(trouble) for trouble in report.troubles.values()],
    }


def _trouble(trouble: Trouble) -> dict[str, object]:
    return {
        "code": _kind(trouble.finding),
        "path": trouble.finding.path,
        "text": _words(trouble.finding)._asdict(),
        "count": trouble.count,
        "samples": [
            {"message": sample.message, "accepted_at": sample.sent_at, "record": sample.record}
            for sample in trouble.samples
        ],
    }


def _kind(finding: Finding) -> str:
    match finding:
        case Violation(code):
            return code
        case Inexpressible():
            return "INEXPRESSIBLE"
        case Loss():
            return "LOSS"


def _words(finding: Finding) -> Text:
    return finding.expected if isinstance(finding, Violation) else finding.text
