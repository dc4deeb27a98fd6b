# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The audit trail as it is shown and exported: JSON, JSON Lines, and CSV that no spreadsheet takes for formulas."""

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from hub.api.documents import Document, says
from hub.ports.journal import AuditEntry

# because camelCase names are the wire's

COLUMNS = ("entry", "at", "account", "act", "subject", "reason", "via", "outcome", "request", "applied", "times")
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet begins a formula by, full-width too (OWASP, CSV injection)."""


class AuditRecord(Document):
    """One event of the trail."""

    entry: UUID
    at: datetime
    account: Annotated[str, says("账号", "Who")]
    act: Annotated[str, says("做了什么", "What was done")]
    subject: Annotated[str, says("对什么", "To what")]
    reason: str
    via: Annotated[str, says("api 为已证明身份，cli 为本机命令", "`api`: proved; `cli`: a command on the machine")]
    outcome: Annotated[str, says("done、refused 或 waiting", "`done`, `refused` or `waiting`")]
    request: str
    applied: Annotated[int, says("改变的件数", "How many it changed")]
    times: Annotated[
        int, says("一刻钟内相同的登录失败次数", "Failed sign-ins of a quarter of an hour that are alike are one entry")
    ]


class AuditPage(Document):
    """A page, newest first. ``next`` is the ``after`` of the next page."""

    audit: list[AuditRecord]
    next: UUID | None


def audit_document(page: Sequence[AuditEntry], limit: int) -> dict[str, Any]:
    """A page for which so many were asked."""
    return {"audit": [entry_document(one) for one in page], "next": page[-1].id if len(page) == limit else None}


def entry_document(one: AuditEntry) -> dict[str, Any]:
    """One event."""
    return {
        "entry": one.id,
        "at": one.at,
        "account": one.account,
        "act": one.act,
        "subject": one.subject,
        "reason": one.reason,
        "via": one.via,
        "outcome": one.outcome,
        "request": one.request,
        "applied": one.applied,
        "times": one.times,
    }


def csv_rows(entries: Sequence[AuditEntry], *, header: bool) -> str:
    """Lines of CSV (RFC 4180). A text that a spreadsheet would take for a formula begins with an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    if header:
        writer.writerow(COLUMNS)
    for one in entries:
        told = entry_document(one) | {"at": one.at.isoformat()}
        writer.writerow([_harmless(str(told[name])) for name in COLUMNS])
    return out.getvalue()


def _harmless(text: str) -> str:
    plain = text.replace("\0", "\N{REPLACEMENT CHARACTER}")
    return f"'{plain}" if plain.lstrip(" ").startswith(_DANGEROUS) else plain
