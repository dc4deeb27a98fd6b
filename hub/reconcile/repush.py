# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What could be sent once more (补推): what the far side lacks or has otherwise, and of which we know that it is over here.

It is only ever proposed. Nothing is pushed of a case of which something is unfinished at the destination, nothing that the far
side has and we have not, and nothing that it has twice: to send more mends none of these.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from contracts.codes import RecordDifference
from hub.passage import Place
from hub.ports.bus import QueueName
from hub.ports.journal.reconciling import Found
from hub.ports.journal.replaying import MOST_IN_REPLAY, Repeat
from hub.reconcile.agreement import Agreement
from hub.stages.plan import partition_of

_MENDED_BY_SENDING = frozenset({RecordDifference.MISSING_THERE, RecordDifference.DIFFERS})


@dataclass(frozen=True, slots=True)
class Proposal:
    """``left`` counts what is left alone, by the code that says why."""

    repeats: tuple[Repeat, ...]
    left: Mapping[str, int]


def proposal(agreement: Agreement, found: Iterable[Found], places: Mapping[str, Place], partitions: int) -> Proposal:
    """What of these differences a replay could mend."""
    repeats: list[Repeat] = []
    left: Counter[str] = Counter()
    place = places.get(agreement.destination)
    for one in found:
        code = _left_alone(agreement, one, place)
        if code or place is None or one.message is None:
            left[code] += 1
            continue
        queue = QueueName(place.group, partition_of(one.case, partitions))
        repeats.append(Repeat(one.message, agreement.destination, queue, place.priority))
    if len(repeats) > MOST_IN_REPLAY:
        left["TOO_MANY"] += len(repeats) - MOST_IN_REPLAY
    return Proposal(_each_once(repeats)[:MOST_IN_REPLAY], dict(left))


def _left_alone(agreement: Agreement, one: Found, place: Place | None) -> str:
    """Why a difference is none that we may mend; empty where we may."""
    if not agreement.sends:
        return "THEIRS_TO_SEND"
    if one.kind not in _MENDED_BY_SENDING:
        return f"NOT_MENDED_BY_SENDING_{one.kind.value.upper()}"
    if one.standing:
        return "IN_DOUBT" if one.standing == "in_doubt" else "UNDER_WAY"
    return "DESTINATION_UNKNOWN" if place is None else "MESSAGE_UNKNOWN" if one.message is None else ""


def _each_once(repeats: Sequence[Repeat]) -> tuple[Repeat, ...]:
    return tuple({one.message: one for one in repeats}.values())
