# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A corrected record takes the place of the refused one (更正重报): the far side gets it before what was to follow.

A refused delivery keeps its lane closed, and the correction that mends it waits behind it, after the steps that build on it.
Where a destination says ``on_dead: correct``, the correction is sent in its place, and the refused one ends as skipped. A
correction is the same record of the case by the rules of its life, with a higher record version. What was not refused but
ran out of attempts or broke its connector is left to a person.
"""

from datetime import datetime
from uuid import UUID

from certs.receipt import outcome_statement
from contracts import strict_json
from contracts.lifecycle.message import Message, message_of
from contracts.refusal import Refusal
from hub.ports.journal import Ending, JournalDown, Leaf, Recorded, Refused, State, Turn
from hub.ports.journal.correcting import Place
from hub.running import Hub

CORRECTED = "CORRECTED"
NOT_REFUSED = frozenset({"ATTEMPTS_EXHAUSTED", "AGE_EXHAUSTED", "POISON"})
"""Codes of what is dead and was refused by nobody."""

_EVERY = 2.0
_PAGE = 500


async def correct(hub: Hub) -> None:
    """Look every few seconds, one hub at a time. Runs until cancelled; does nothing where no destination asks for it."""
    while True:
        await correct_once(hub)
        await hub.clock.sleep(_EVERY)


async def correct_once(hub: Hub, every: float = _EVERY) -> int:
    """Look at the next dead letters, a page of them; how many were mended."""
    wanted = [name for name, outlet in hub.outlets.items() if outlet.policy.dead_corrected]
    if not wanted:
        return 0
    mended = 0
    async with hub.journal.chores.turn("corrections", every) as turn:
        if isinstance(turn, Turn):
            walked = await hub.journal.corrections.refused(wanted, NOT_REFUSED, _read(turn.reached), _PAGE)
            if isinstance(walked, JournalDown):
                return 0
            for one in walked.refused:
                mended += await _mended(hub, one)
            turn.reached, turn.done = _written(walked.reached), True
    return mended


async def _mended(hub: Hub, refused: Refused) -> bool:
    successor = successor_of(refused)
    if successor is None or refused.entry.replay is not None:
        return False
    delivery, message = successor
    now = hub.clock.now()
    done = await hub.journal.corrections.take_place(_ending(hub, refused, message, now), delivery, now)
    if done is not True:
        return False
    hub.log.info(
        "corrected",
        destination=refused.entry.destination,
        refused=str(refused.entry.message),
        by=str(message),
        code=refused.entry.code,
    )
    return True


def successor_of(refused: Refused) -> tuple[UUID, UUID] | None:
    """The first that waits behind and corrects the refused record: its delivery and its message."""
    wrong = _read_record(refused.record)
    if wrong is None:
        return None
    for delivery, record in refused.behind:
        mended = _read_record(record)
        if (
            mended is not None
            and record.system == refused.record.system
            and (mended.kind, mended.key) == (wrong.kind, wrong.key)
            and mended.version > wrong.version
        ):
            return delivery, record.message_id
    return None


def _read_record(record: Recorded) -> Message | None:
    data = strict_json.parse(record.canonical)
    return None if isinstance(data, Refusal) or not isinstance(data, dict) else message_of(record.contract, data)


def _ending(hub: Hub, refused: Refused, by: UUID, now: datetime) -> Ending:
    entry = refused.entry
    reason = f"message {by}"
    statement = outcome_statement(
        hub=hub.name,
        message_id=entry.message,
        delivery_id=entry.delivery,
        destination=entry.destination,
        attempt=entry.attempt,
        state=State.SKIPPED.value,
        code=CORRECTED,
        reference="",
        settled_at=now,
        positive=False,
        by=hub.name,
        reason=reason,
    )
    leaf = Leaf(hub.ids.new(), statement.kind, statement.body, statement.hash)
    return Ending(entry, State.SKIPPED, CORRECTED, f"{entry.code}; {reason}", "", leaf)


def _read(reached: str) -> Place | None:
    failed_at, _, delivery = reached.partition(" ")
    return (datetime.fromisoformat(failed_at), UUID(delivery)) if delivery else None


def _written(place: Place | None) -> str:
    return "" if place is None else f"{place[0].isoformat()} {place[1]}"
