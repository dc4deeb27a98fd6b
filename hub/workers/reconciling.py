# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Reconciling at work: days are counted when they close, and manifests are answered as they come by whatever binding.

Whatever hub looks next does it; all that is known stands in the journal.
"""

from datetime import timedelta
from uuid import UUID

import orjson

from contracts import strict_json
from contracts.bindings.http import write_structured
from contracts.cloudevent import CloudEvent
from contracts.families.fields import BEIJING
from contracts.families.oversight.reconciliation_counted import CONTRACT, ReconciliationCounted
from contracts.refusal import Refusal
from hub.passage import Received
from hub.path import accept_all
from hub.ports.ids import first_of
from hub.ports.journal import JournalDown, Turn
from hub.ports.journal.reconciling import Reconciliation, Said, Verdict
from hub.reconcile.agreement import Agreement
from hub.reconcile.desk import Reconciling
from hub.reconcile.manifest import MANIFEST
from hub.reconcile.opening import reconciling_of
from hub.running import Hub

_TICK = 5.0
_DAYS = 3
"""So many days back are looked after, if hubs have stood still."""

_WAITED_FOR = timedelta(days=8)
_AT_A_TIME = 50
BY_ITSELF = "hub"


async def reconcile(hub: Hub) -> None:
    """Until cancelled; does nothing without agreements."""
    while True:
        if hub.agreements.all:
            await reconcile_once(hub)
        await hub.clock.sleep(_TICK)


async def reconcile_once(hub: Hub, every: float = _TICK) -> None:
    """One round: ask for what is due, count one day, hear what has come and answer it."""
    desk = reconciling_of(hub)
    async with hub.journal.chores.turn("reconciliation", every) as turn:
        if isinstance(turn, Turn):
            if hub.agreements.daily:
                await _ask_for_due(hub, desk)
            await _hear(hub, desk)
            turn.done = True
    counted = await desk.carry_out(None)
    if isinstance(counted, Reconciliation):
        hub.log.info("counted", agreement=counted.agreement, day=str(counted.day), reconciliation=str(counted.id))
        await _tell(hub, desk, counted, ("",), "first")
    elif counted.code not in {"E_NOT_FOUND", "E_JOURNAL_DOWN"}:
        hub.log.warning("not counted", code=counted.code)


async def _ask_for_due(hub: Hub, desk: Reconciling) -> None:
    today = hub.clock.now().astimezone(BEIJING).date()
    for agreement in desk.agreements.values():
        for back in range(1, _DAYS + 1):
            day = today - timedelta(days=back)
            if hub.clock.now() < agreement.closing(day):
                continue
            latest = await desk.journal.latest(agreement.name, day)
            if isinstance(latest, JournalDown):
                return
            if not isinstance(latest, Reconciliation):
                await desk.ask(agreement.name, day, BY_ITSELF)


async def _hear(hub: Hub, desk: Reconciling) -> None:
    waiting = await desk.journal.open(hub.clock.now() - _WAITED_FOR)
    if isinstance(waiting, JournalDown):
        return
    for counted in waiting:
        if (agreement := desk.agreements.get(counted.agreement)) is None:
            continue
        after = counted.heard or first_of(agreement.closing(counted.day) - _WAITED_FOR)
        said = await desk.journal.said(agreement.manifest(counted.day), agreement.system, MANIFEST, after, _AT_A_TIME)
        for one in () if isinstance(said, JournalDown) else said:
            if not await _heard(hub, desk, agreement, counted, one):
                return


async def _heard(hub: Hub, desk: Reconciling, agreement: Agreement, counted: Reconciliation, said: Said) -> bool:
    """False: it has to be read again later. What is unfit is told in the log; its sender was told that it was taken over."""
    manifest = ReconciliationCounted.model_validate(strict_json.parse(said.canonical))
    heard = await desk.hear(manifest, agreement.system, f"message {said.message}")
    if isinstance(heard, Refusal):
        if heard.retry_after is not None:
            return False
        hub.log.warning(
            "manifest not taken in", reconciliation=str(counted.id), message=str(said.message), code=heard.code
        )
    elif await _answered(hub, desk, heard, manifest, said.message) is False:
        return False
    return await desk.journal.read(counted.id, said.message) is None


async def _answered(
    hub: Hub, desk: Reconciling, heard: Reconciliation, manifest: ReconciliationCounted, message: UUID
) -> bool:
    """Open what they want to see, and ask for what we want to see."""
    hub.log.info("manifest heard", reconciliation=str(heard.id), verdict=heard.verdict.value, wanted=len(heard.wanted))
    if not manifest.wanted and heard.verdict is not Verdict.LIST_WANTED:
        return True
    return await _tell(hub, desk, heard, manifest.wanted, str(message))


async def _tell(hub: Hub, desk: Reconciling, counted: Reconciliation, nodes: tuple[str, ...], cause: str) -> bool:
    """Send our manifest over the path, like anybody's message; told twice for one cause, it is the same message."""
    if not hub.agreements.speaks_as or counted.counted_at is None:
        return True
    data = await desk.manifest(counted, nodes, wanted=True)
    if isinstance(data, Refusal):
        return False
    event = CloudEvent(
        id=f"{data['manifest_no']}-{counted.id.hex[:12]}-{cause}",
        source=hub.agreements.speaks_as,
        type=MANIFEST,
        subject=data["manifest_no"],
        dataschema=CONTRACT.schema_uri,
        time=counted.counted_at,
        data=orjson.loads(orjson.dumps(data)),
    )
    (answer,) = await accept_all(hub, hub.agreements.speaks_as, [(event, Received(*write_structured(event)))])
    if isinstance(answer, Refusal):
        hub.log.warning("manifest not sent", reconciliation=str(counted.id), code=answer.code)
        return answer.retry_after is None
    return True
