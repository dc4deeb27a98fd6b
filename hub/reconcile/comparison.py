# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Both trees held against each other, down to the cases: what it comes to is written to the journal."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from contracts.reconciling.agreed import escaped
from contracts.reconciling.comparing import Descent, Difference, descend, differences
from contracts.reconciling.declared import Declared
from contracts.reconciling.tree import BUCKETS, LATE, Sum, Tree, bucket_name, grown, is_bucket, sum_of_lines
from hub.ports.clock import Clock
from hub.ports.journal import JournalDown, NoSuch
from hub.ports.journal.reconciling import Found, Line, Reconciliation, Reconciliations, Verdict
from hub.reconcile.agreement import Agreement
from hub.reconcile.manifest import places_of

_AT_A_TIME = 64
_UNFINISHED_AT_A_TIME = 1000


async def compare(
    journal: Reconciliations, agreement: Agreement, counted: Reconciliation, clock: Clock
) -> Descent | JournalDown | NoSuch:
    """Compare as far as the far side has told, and write down what was found. Idempotent."""
    hearing = await journal.far(counted.id)
    if not isinstance(hearing, JournalDown | NoSuch) and hearing.declared is None:
        return Descent(agreed=False, wanted=("",))
    if isinstance(hearing, JournalDown | NoSuch):
        return hearing
    assert hearing.declared is not None
    tree = await tree_for(journal, agreement, counted.id, hearing.declared)
    if isinstance(tree, JournalDown):
        return tree
    descent = descend(tree, hearing.declared)
    # Row by row only when all that is wanted is there: a far side that opens buckets by and by is not compared anew each time.
    found = [] if descent.wanted else await _found(journal, agreement, counted.id, hearing.declared, descent.opened)
    if isinstance(found, JournalDown):
        return found
    verdict = Verdict.LIST_WANTED if descent.wanted else Verdict.DIFFERS if found else Verdict.AGREED
    down = await journal.compared(counted.id, verdict, descent.wanted, found, clock.now())
    return down or descent


async def tree_for(
    journal: Reconciliations, agreement: Agreement, reconciliation: UUID, declared: Declared
) -> Tree | JournalDown:
    """Our tree as the far side sees its own: where it does not tell apart what was late, all in one."""
    tree = await journal.tree(reconciliation)
    if isinstance(tree, JournalDown) or declared.tells_late or not tree.at(LATE).records:
        return tree
    buckets = {name: one for name, one in tree.sums.items() if is_bucket(name) and not name.startswith(LATE)}
    late = sorted(place - BUCKETS for place in places_of(tree.sums) if place >= BUCKETS)
    for start in range(0, len(late), _AT_A_TIME):
        some = late[start : start + _AT_A_TIME]
        lines = await journal.lines(reconciliation, [*some, *(one + BUCKETS for one in some)], latest=agreement.latest)
        if isinstance(lines, JournalDown):
            return lines
        buckets |= _merged(lines)
    return grown(buckets)


def _merged(lines: Iterable[Line]) -> Mapping[str, Sum]:
    together: dict[str, list[bytes]] = {}
    for one in lines:
        together.setdefault(bucket_name(one.place % BUCKETS), []).append(one.line)
    return {name: sum_of_lines(found) for name, found in together.items()}


async def _found(
    journal: Reconciliations, agreement: Agreement, reconciliation: UUID, declared: Declared, opened: Sequence[str]
) -> list[Found] | JournalDown:
    """The differences of the buckets that were opened. Both trees are looked at together, some cases at a time."""
    found: list[tuple[Difference, UUID | None]] = []
    numbers = sorted({place % BUCKETS for place in places_of(opened)})
    for start in range(0, len(numbers), _AT_A_TIME):
        some = numbers[start : start + _AT_A_TIME]
        far = [line for number in some for line in _told(declared, number, opened)]
        places = _ours(declared, some, opened)
        lines = await journal.lines(reconciliation, places, latest=agreement.latest)
        if isinstance(lines, JournalDown):
            return lines
        messages = _messages(lines)
        differing = differences([line.line for line in lines], far)
        found.extend((one, _message(messages, agreement, one)) for one in differing)
    standing = await _standing(journal, agreement, [one.case for one, _ in found])
    if isinstance(standing, JournalDown):
        return standing
    return [
        Found(
            n=n,
            kind=one.kind,
            case=one.case,
            record=one.record,
            here=one.here,
            there=one.there,
            message=message,
            standing=standing.get(one.case, ""),
        )
        for n, (one, message) in enumerate(found, 1)
    ]


def _told(declared: Declared, number: int, opened: Sequence[str]) -> Sequence[bytes]:
    names = (bucket_name(number), bucket_name(number + BUCKETS))
    return [line for name in names if name in opened for line in declared.lines(name) or ()]


def _ours(declared: Declared, numbers: Sequence[int], opened: Sequence[str]) -> list[int]:
    """The places of ours that stand against what was opened; both where the far side does not tell them apart."""
    places = [place for number in numbers for place in (number, number + BUCKETS)]
    return [place for place in places if not declared.tells_late or bucket_name(place) in opened]


def _messages(lines: Iterable[Line]) -> Mapping[bytes, list[UUID]]:
    """By line, each message once; the latest first."""
    found: dict[bytes, list[UUID]] = {}
    for one in sorted(lines, key=lambda line: line.message, reverse=True):
        found.setdefault(one.line, []).append(one.message)
    return found


def _message(messages: Mapping[bytes, list[UUID]], agreement: Agreement, one: Difference) -> UUID | None:
    if one.here is None:
        return None
    key = f"{escaped(one.case)}\t{escaped(one.record)}\t".encode()
    alike = messages[key + agreement.agreed.rest(*one.here)]
    return alike.pop() if len(alike) > 1 else alike[0]


async def _standing(
    journal: Reconciliations, agreement: Agreement, cases: Sequence[str]
) -> Mapping[str, str] | JournalDown:
    standing: dict[str, str] = {}
    if not agreement.sends:
        return standing
    wanted = sorted(set(cases))
    for start in range(0, len(wanted), _UNFINISHED_AT_A_TIME):
        some = await journal.standing(agreement.destination, wanted[start : start + _UNFINISHED_AT_A_TIME])
        if isinstance(some, JournalDown):
            return some
        standing |= some
    return standing
