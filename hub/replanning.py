# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Recorded messages through the present route table: what is sent again, what is added, what is not wanted any more.

A destination that has, or is about to get, the message is left alone: a message goes to a destination once. What is sent again or
added is carried as the present routes say: its delay, its end, its urgency and its purpose, counted from the acceptance.
"""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from contracts import strict_json
from contracts.cloudevent import CloudEvent
from contracts.contract import Checked
from contracts.refusal import Refusal
from contracts.registry import Registry
from hub.access.decision import Allowed
from hub.passage import Place, Valid
from hub.passage import Planned as Plan
from hub.ports.ids import Ids
from hub.ports.journal import DeadEntry, ItemKind, PlannedDelivery, Recorded, Replanned, State, Wish
from hub.stages.plan import plan
from routing.index import CompiledTable

_BEFORE = Allowed("accepted")
"""Its sender was allowed to send it when it came."""


def replanned(
    registry: Registry,
    table: CompiledTable,
    places: Mapping[str, Place],
    partitions: int,
    ids: Ids,
    entries: Sequence[DeadEntry],
    recorded: Iterable[Recorded],
) -> Replanned:
    """What to do about these dead letters. What cannot be planned is in it too, with the reason as its code."""
    dead: dict[UUID, list[DeadEntry]] = {}
    for entry in sorted(entries, key=lambda one: (one.message, one.destination)):
        dead.setdefault(entry.message, []).append(entry)
    messages = {one.message_id: one for one in recorded}
    wishes: list[Wish] = []
    for message, letters in dead.items():
        one = messages.get(message)
        made = present_plan(registry, table, places, partitions, ids, one) if one is not None else "GONE"
        wishes += [_refused(one, made) for one in letters] if isinstance(made, str) else _of(made, letters, places)
    return Replanned(tuple(wishes))


def present_plan(
    registry: Registry,
    table: CompiledTable,
    places: Mapping[str, Place],
    partitions: int,
    ids: Ids,
    recorded: Recorded,
) -> Plan | str:
    """The present plan of one message, or the code that says why there is none."""
    contract = next((one for one in registry.versions(recorded.contract) if one.version == recorded.version), None)
    if contract is None:
        return "CONTRACT_UNKNOWN"
    data = strict_json.parse(recorded.canonical)
    assert not isinstance(data, Refusal), "what was accepted can be read"
    checked = contract.check(data, recorded.case)
    if not isinstance(checked, Checked):
        return "CONTRACT_INVALID"
    event = CloudEvent(
        id=str(recorded.message_id),
        source=recorded.system,
        type=contract.type,
        subject=recorded.case,
        dataschema=contract.schema_uri,
        data=data,
    )
    valid = Valid(event, contract, checked, recorded.case, b"", any_case=True, expires_at=None, allowed=_BEFORE)
    planned = plan(table, places, partitions, ids, recorded.system, valid, recorded.accepted_at)
    return planned.code.removeprefix("E_") if isinstance(planned, Refusal) else planned


def _of(made: Plan, letters: Sequence[DeadEntry], places: Mapping[str, Place]) -> list[Wish]:
    wanted = {one.destination: one for one in made.deliveries}
    wishes = [_again(one, wanted.get(one.destination)) for one in letters]
    here = {one.destination for one in letters}
    wishes += [
        Wish(
            ItemKind.ADD,
            planned.id,
            letters[0].message,
            name,
            party=places[name].system,
            planned=planned,
        )
        for name, planned in wanted.items()
        if name not in here
    ]
    return wishes


def _again(entry: DeadEntry, planned: PlannedDelivery | None) -> Wish:
    if entry.state is State.IN_DOUBT:
        return _refused(entry, "IN_DOUBT")
    kind = ItemKind.WITHDRAW if planned is None else ItemKind.RESEND
    return Wish(kind, entry.delivery, entry.message, entry.destination, entry.attempt, planned=planned)


def _refused(entry: DeadEntry, code: str) -> Wish:
    return Wish(ItemKind.RESEND, entry.delivery, entry.message, entry.destination, entry.attempt, code=code)
