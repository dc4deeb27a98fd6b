# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The whole catalogue for a newcomer, in lines of JSON: a head, every version in force or coming, and a digest of it all. 快照"""

import hashlib
from collections.abc import AsyncGenerator, Mapping
from datetime import date, datetime

import orjson

from contracts.families.fields import BEIJING
from hub.ports.journal import JournalDown
from hub.ports.journal.cataloguing import Entry, ItemCatalogue

_PAGE = 500


def entry_document(entry: Entry) -> Mapping[str, object]:
    """One version as it is handed out."""
    edition = entry.edition
    return {
        "change": entry.change,
        "contract": edition.contract,
        "code": edition.code,
        "version": edition.version,
        "effectiveOn": edition.effective_on,
        "expiresOn": edition.expires_on,
        "status": edition.status,
        "newest": entry.newest,
        "takenAt": entry.taken_at,
        "data": orjson.Fragment(edition.data),
    }


async def snapshot(journal: ItemCatalogue, now: datetime) -> AsyncGenerator[bytes | JournalDown, None]:
    """Pieces of whole lines. Its last line has the count and the SHA-256 of all lines before; without it, it is not whole.

    The head names the change from which on to pull: whatever changes while this is read comes again then.
    """
    ledger = await journal.ledger(now)
    if isinstance(ledger, JournalDown):
        yield ledger
        return
    day = now.astimezone(BEIJING).date()
    head = orjson.dumps({"version": ledger.change, "on": day}) + b"\n"
    digest, count = hashlib.sha256(head), 0
    yield head
    after: tuple[str, str, int, date] | None = None
    while True:
        entries = await journal.in_force(day, after, _PAGE)
        if isinstance(entries, JournalDown):
            yield entries
            return
        if not entries:
            break
        lines = b"".join(orjson.dumps(entry_document(one), option=orjson.OPT_UTC_Z) + b"\n" for one in entries)
        digest.update(lines)
        count += len(entries)
        yield lines
        last = entries[-1].edition
        after = (last.contract, last.code, *last.order)
    yield orjson.dumps({"count": count, "digest": f"sha256:{digest.hexdigest()}"}) + b"\n"
