# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The evidence of one refusal, in the form in which the evidence of a case is exported."""

from collections.abc import Sequence
from uuid import UUID

from certs.receipt import Statement, receipt
from hub.ports.journal import EvidenceLog, JournalDown, Record, Row


async def refused(log: EvidenceLog, refusal: str) -> Sequence[Record] | JournalDown:
    """The refusal of that id; empty: there is none, it is archived, or it is older than such statements."""
    try:
        key = UUID(refusal)
    except ValueError:
        return []
    found = await log.statements([(key, key)])
    opening = await log.opening(key)
    if isinstance(found, JournalDown):
        return found
    if isinstance(opening, JournalDown):
        return opening
    if not found:
        return []
    (one,) = found
    message: Row = {"id": key, "case_no": refusal}
    if opening is not None:
        message = {**message, "receipt": receipt(Statement(one.kind, one.statement, one.hash), *opening)}
    leaf = {"message_id": key, "id": key, "kind": one.kind, "statement": one.statement, "hash": one.hash}
    return [Record(message, leaves=(leaf,))]
