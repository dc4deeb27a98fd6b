# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a case said before: some dialects repeat the application in the row of its acceptance. 同一办件的在先记录"""

from collections.abc import Mapping, Sequence

import orjson

from contracts.contract import Contract
from contracts.conversion import Converted
from contracts.registry import Registry
from hub.ports.journal import Claim, JournalDown, Recorded
from hub.ports.materials import StoreDown
from hub.running import Hub

_PAIRED_BY = "special_no"


async def earlier_records(
    hub: Hub, claim: Claim, wanted: Sequence[Contract]
) -> Mapping[str, Mapping[str, object]] | None:
    """By contract type, the newest record that came before the claim's message in its case, in the version wanted; where
    both carry the number of a special procedure, the newest with the same.

    The same in every attempt. A record that this version cannot say is left out; None: the journal or the archive is away.
    """
    versions = {contract.type: contract.version for contract in wanted}
    found = await hub.case_files.before(claim.case, claim.message_id, sorted(versions))
    if isinstance(found, JournalDown | StoreDown):
        return None
    number = orjson.loads(claim.canonical).get(_PAIRED_BY)
    records: dict[str, Mapping[str, object]] = {}
    for one in found:  # the newest first
        if one.contract in records:
            continue
        record = _in_version(hub.rules.registry, one, versions[one.contract])
        if record is not None and (number is None or record.get(_PAIRED_BY, number) == number):
            records[one.contract] = record
    return records


def _in_version(registry: Registry, recorded: Recorded, version: int) -> Mapping[str, object] | None:
    sent = next((one for one in registry.versions(recorded.contract) if one.version == recorded.version), None)
    if sent is None:
        return None
    converted = registry.convert(orjson.loads(recorded.canonical), sent, version)
    return converted.data if isinstance(converted, Converted) else None
