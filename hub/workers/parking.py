# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Looking after what is parked (寄存): what has waited for long enough is passed on, marked, and how much waits is known. 寄存"""

from typing import Never

import orjson

from contracts.strict_json import canonical
from hub.naming import ATTRIBUTE
from hub.ports.journal import JournalDown, Resolution, Resolvable, Rigour
from hub.running import Hub
from hub.stages.plan import partition_of

_EVERY = 1.0
_IDLE = 60.0
_CASES = 100


async def look_after_parking(hub: Hub) -> Never:
    """Every second where lives are followed, else now and then, for what was parked before. Runs until cancelled."""
    while True:
        gone = await resolve(hub) + await let_go(hub)
        await look(hub)
        if not gone:
            followed = hub.parking.policies is not None or hub.names is not None
            await hub.clock.sleep(_EVERY if followed else _IDLE)


async def resolve(hub: Hub) -> int:
    """Let out what came under numbers whose cases are known by now; how many messages."""
    found = await hub.journal.aliases.resolvable(_CASES)
    if isinstance(found, JournalDown) or not found:
        return 0
    done = await hub.journal.aliases.resolve(hub.name, [_resolution(hub, one) for one in found])
    return 0 if isinstance(done, JournalDown) else done


def _resolution(hub: Hub, one: Resolvable) -> Resolution:
    """The message as it would have been accepted, had its case been known."""
    data, attributes = orjson.loads(one.canonical), orjson.loads(one.attributes)
    own = attributes["subject"]
    if data.get("case_no") == own:
        data["case_no"] = one.case
    policies = hub.parking.policies
    policy = None if policies is None else policies.for_message(one.system, str(data.get("item_code", "")))
    receivers = (hub.places[name].system for name in one.destinations if name in hub.places)
    return Resolution(
        message=one.message,
        contract=one.contract,
        case=one.case,
        canonical=canonical(data),
        attributes=orjson.dumps({**attributes, "subject": one.case, ATTRIBUTE: own}),
        partition=partition_of(one.case, hub.partitions),
        parties=tuple(dict.fromkeys([one.system, *receivers])),
        enforced=policy is not None and policy.rigour is Rigour.ENFORCE,
    )


async def let_go(hub: Hub) -> int:
    """Pass on what has waited for long enough; how many messages. No result is withheld for ever."""
    cases = await hub.journal.dockets.overdue(_CASES)
    if isinstance(cases, JournalDown) or not cases:
        return 0
    passed = await hub.journal.dockets.pass_on(hub.name, cases)
    if isinstance(passed, JournalDown):
        return 0
    for message, rule in passed:
        hub.log.warning("passed on", message=str(message), rule=rule)
    hub.parking.count([rule for _, rule in passed])
    return len(passed)


async def look(hub: Hub) -> None:
    """Count what waits."""
    standing = await hub.journal.dockets.standing()
    if not isinstance(standing, JournalDown):
        hub.parking.standing = standing
