# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a case said before: some dialects repeat the application in the row of its acceptance. 同一办件的在先记录"""

from collections.abc import Mapping, Sequence

import orjson

from contracts.contract import Contract
from contracts.conversion import Converted
from contracts.registry import Registry
from hub.ports.journal import Claim, JournalDown, Recorded
from hub.running import Hub


async def earlier_records(
    hub: Hub, claim: Claim, wanted: Sequence[Contract]
) -> Mapping[str, Mapping[str, object]] | None:
    """By contract type, the newest record that came before the claim's message in its case, in the version wanted.

    The same in every attempt. A record that this version cannot say is left out; None: the journal is away.
    """
    types = [contract.type for contract in wanted]
    found = await hub.journal.lookups.before(claim.case, claim.message_id, types)
    if isinstance(found, JournalDown):
        return None
    versions = {contract.type: contract.version for contract in wanted}
    records = {one.contract: _in_version(hub.rules.registry, one, versions[one.contract]) for one in found}
    return {contract: record for contract, record in records.items() if record is not None}


def _in_version(registry: Registry, recorded: Recorded, version: int) -> Mapping[str, object] | None:
    sent = next((one for one in registry.versions(recorded.contract) if one.version == recorded.version), None)
    if sent is None:
        return None
    converted = registry.convert(orjson.loads(recorded.canonical), sent, version)
    return converted.data if isinstance(converted, Converted) else None
