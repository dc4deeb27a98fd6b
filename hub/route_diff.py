# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Two route tables over what really came: every delivery that would appear, vanish or change. 路由对比

Nothing is written and nothing is sent. What is told are names and counts, and which messages to look at.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import orjson

from contracts import strict_json
from contracts.contract import Checked, Contract
from contracts.refusal import Refusal
from contracts.registry import Registry
from hub.ports.journal import JournalDown, Lookups, Recorded, RefusedPlan
from hub.unplanned import unread
from routing.comparing import Change, changes
from routing.expressions import Said, language
from routing.index import CompiledTable
from routing.unread import changes_unread

SAMPLES = 5
BATCH = 200


async def refused_since(lookups: Lookups, since: datetime) -> AsyncIterator[Sequence[RefusedPlan] | JournalDown]:
    """What the routes refused since then, oldest first, batch by batch; a journal that goes away ends it."""
    after: UUID | None = None
    while True:
        batch = await lookups.unplanned(since, after, BATCH)
        yield batch
        if isinstance(batch, JournalDown) or len(batch) < BATCH:
            return
        after = batch[-1].id


@dataclass(slots=True)
class Found:
    """One kind of change: how many messages of which contract from whom, and a few of them, or of the refusals of them."""

    change: Change
    system: str
    contract: str
    count: int = 0
    samples: list[UUID] = field(default_factory=list)


@dataclass(slots=True)
class RouteDiff:
    """Takes recorded messages one by one, and what the routes refused. ``unknown`` counts those whose contract is not known here
    any more, or that it no longer takes: about these nothing can be said. ``refused`` counts what the routes had refused,
    ``untold`` those of them of which only the record would tell, which was not kept.
    """

    old: CompiledTable
    new: CompiledTable
    registry: Registry
    messages: int = 0
    differing: int = 0
    unknown: int = 0
    refused: int = 0
    untold: int = 0
    _found: dict[tuple[Change, str, str], Found] = field(default_factory=dict)

    def take(self, recorded: Recorded) -> tuple[Change, ...]:
        """Plan one message by both tables; what differs."""
        self.messages += 1
        contract = self._contract(recorded)
        data = strict_json.parse(recorded.canonical)
        assert not isinstance(data, Refusal), "what was accepted can be read"
        checked = contract.check(data, recorded.case) if contract is not None else ()
        if contract is None or not isinstance(checked, Checked):
            self.unknown += 1
            return ()
        canonical = checked.canonical

        def record() -> Said:
            return language(contract).said(orjson.loads(canonical), recorded.system)

        told = changes(self.old, self.new, checked.attributes(recorded.system), checked.warnings, record)
        self._note(told, recorded.message_id, recorded.system, f"{contract.type}@{contract.version}")
        return told

    def take_refused(self, refused: RefusedPlan) -> tuple[Change, ...]:
        """Plan by both tables what the routes refused, as far as what was kept of it tells; what differs."""
        self.refused += 1
        kept = unread(refused)
        told = changes_unread(self.old, self.new, kept)
        if told is None:
            self.untold += 1
            return ()
        self._note(told, refused.id, refused.system, f"{refused.contract}@{kept.attributes.version}")
        return told

    def _note(self, told: tuple[Change, ...], sample: UUID, system: str, contract: str) -> None:
        self.differing += bool(told)
        for change in told:
            found = self._found.setdefault((change, system, contract), Found(change, system, contract))
            found.count += 1
            if len(found.samples) < SAMPLES:
                found.samples.append(sample)

    def found(self) -> Iterator[Found]:
        """Every change, the most frequent first."""
        yield from sorted(self._found.values(), key=lambda one: (-one.count, one.change.kind, one.change.destination))

    def _contract(self, recorded: Recorded) -> Contract | None:
        versions = self.registry.versions(recorded.contract)
        return next((one for one in versions if one.version == recorded.version), None)
