# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""From the inbox into the catalogue, and every change on to the path. 收事项，发变更

An item's messages stand in one lane of the inbox, so one at a time is taken in, whichever hub does it. A change is told before
its delivery is settled, under an id made of its number: told twice, it is the same message, and nothing is left out.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import orjson

from connectors.sdk import Delivered, Rejected
from contracts.bindings.http import write_structured
from contracts.cloudevent import CloudEvent
from contracts.refusal import Refusal
from hub.catalogue.editions import edition_of, judge
from hub.catalogue.timetable import run_of
from hub.config.catalogue import CatalogueSection
from hub.outlet import Outlet
from hub.passage import Received
from hub.path import accept_all, settle
from hub.ports.journal import Claim, JournalDown
from hub.ports.journal.cataloguing import Arrival, TakenIn
from hub.running import Hub
from hub.stages.judge import expired
from hub.stages.judge import judge as settled_by

_LEASE = timedelta(seconds=60)
_AT_A_TIME = 100


async def take_in(hub: Hub, section: CatalogueSection, outlet: Outlet) -> int | JournalDown:
    """Take in what lies in the inbox now, a few at a time. How many there were; what could not be told is left for later."""
    now = hub.clock.now()
    claims = await hub.journal.shelf.lease(outlet.name, _AT_A_TIME, now + _LEASE, hub.ids.new())
    if isinstance(claims, JournalDown):
        return claims
    arrivals: list[tuple[Claim, Arrival]] = []
    for claim in claims:
        if claim.expires_at is not None and claim.expires_at <= now:
            await settle(hub, expired(hub.court, claim, now))
        elif (edition := edition_of(claim)) is None:
            await _settle(hub, outlet, claim, Rejected("NO_ITEM", claim.contract))
        else:
            arrivals.append((claim, Arrival(edition, claim.accepted_at, run_of(section, claim.accepted_at))))
    if not arrivals:
        return len(claims)
    taken = await hub.journal.item_catalogue.take_in([one for _, one in arrivals], judge, now)
    if isinstance(taken, JournalDown):
        return taken
    await asyncio.gather(
        *(_finish(hub, section, outlet, claim, one, what) for (claim, one), what in zip(arrivals, taken, strict=True))
    )
    return len(claims)


async def _finish(
    hub: Hub, section: CatalogueSection, outlet: Outlet, claim: Claim, arrival: Arrival, taken: TakenIn
) -> None:
    if taken.tell and section.tell:
        refused = await _tell(hub, outlet.system, claim, taken)
        if refused is not None and refused.retry_after is not None:
            return  # it is lent again
        if refused is not None:  # the routes or rights are wrong: a person mends them and has it sent again
            await _settle(hub, outlet, claim, Rejected(f"UNTOLD_{refused.code.removeprefix('E_')}", refused.detail.en))
            return
        if await hub.journal.item_catalogue.told(arrival.edition.message) is not None:
            return
    await _settle(hub, outlet, claim, Delivered(f"{taken.judged.verdict.value} {taken.change}"))


async def _tell(hub: Hub, system: str, claim: Claim, taken: TakenIn) -> Refusal | None:
    event = CloudEvent(
        id=f"item-{taken.change}",
        source=system,
        type=claim.contract,
        subject=claim.case,
        dataschema=_schema(hub, claim),
        time=None,
        data=orjson.loads(claim.canonical),
    )
    (answer,) = await accept_all(hub, system, [(event, Received(*write_structured(event)))])
    if isinstance(answer, Refusal):
        hub.log.warning("item not told", contract=claim.contract, change=taken.change, code=answer.code)
        return answer
    return None


def _schema(hub: Hub, claim: Claim) -> str:
    versions: Sequence[tuple[int, str]] = [
        (one.version, one.schema_uri) for one in hub.rules.registry.versions(claim.contract)
    ]
    return next(uri for version, uri in versions if version == claim.version)


async def _settle(hub: Hub, outlet: Outlet, claim: Claim, outcome: Delivered | Rejected) -> None:
    await settle(hub, settled_by(hub.court, outlet.policy, claim, outcome, hub.clock.now()))
