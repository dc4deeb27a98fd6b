# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What was asked of registers, as it is shown at the API and on the command line."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from hub.api.documents import Document, says
from hub.ports.journal import LookupManner, LookupOutcome, LookupRecord

# ruff: noqa: N815  # because camelCase names are the wire's


class LookupEntry(Document):
    """One question: who asked what for, when, and with what outcome; never what about."""

    record: UUID
    askedAt: datetime
    lookup: str
    system: Annotated[str, says("提问的系统", "Who asked")]
    purpose: str
    criteria: Annotated[list[str], says("所给条件的名称，不含其值", "The names of the criteria, without their values")]
    outcome: LookupOutcome
    code: Annotated[str, says("没有答复时的代码", "Why there was no answer")]
    records: Annotated[int, says("给出的记录数", "How many records were given")]
    manner: Annotated[
        LookupManner, says("当场查询、记忆的答复、过期的答复", "Asked, remembered, or given although old")
    ]
    tookMs: int
    rule: Annotated[str, says("依据的访问规则", "The rule by which it may ask")]


class LookupEntries(Document):
    """A page, newest first. ``next`` is the ``after`` of the next page."""

    lookups: list[LookupEntry]
    next: UUID | None


def lookups_document(page: Sequence[LookupRecord], limit: int) -> dict[str, Any]:
    """A page for which so many were asked."""
    return {"lookups": [_entry(one) for one in page], "next": page[-1].id if len(page) == limit else None}


def _entry(record: LookupRecord) -> dict[str, Any]:
    return {
        "record": record.id,
        "askedAt": record.asked_at,
        "lookup": record.lookup,
        "system": record.system,
        "purpose": record.purpose,
        "criteria": list(record.criteria),
        "outcome": record.outcome,
        "code": record.code,
        "records": record.records,
        "manner": record.manner,
        "tookMs": record.took_ms,
        "rule": record.rule,
    }
