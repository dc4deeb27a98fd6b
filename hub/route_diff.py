# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Two route tables over messages that were really accepted: every delivery that would appear, vanish or change. 路由对比

Nothing is written and nothing is sent. What is told are names and counts, and which messages to look at.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

import orjson

from contracts import strict_json
from contracts.contract import Checked, Contract
from contracts.refusal import Refusal
from contracts.registry import Registry
from hub.ports.journal import Recorded
from routing.comparing import Change, changes
from routing.expressions import Said, language
from routing.index import CompiledTable

SAMPLES = 5


@dataclass(slots=True)
class Found:
    """One kind of change: how many messages of which contract from whom, and a few of them."""

    change: Change
    system: str
    contract: str
    count: int = 0
    samples: list[UUID] = field(default_factory=list)


@dataclass(slots=True)
class RouteDiff:
    """Takes recorded messages one by one. ``unknown`` counts those whose contract is not known here any more, or that it no
    longer takes: about these nothing can be said.
    """

    old: CompiledTable
    new: CompiledTable
    registry: Registry
    messages: int = 0
    differing: int = 0
    unknown: int = 0
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
        self.differing += bool(told)
        name = f"{contract.type}@{contract.version}"
        for change in told:
            found = self._found.setdefault((change, recorded.system, name), Found(change, recorded.system, name))
            found.count += 1
            if len(found.samples) < SAMPLES:
                found.samples.append(recorded.message_id)
        return told

    def found(self) -> Iterator[Found]:
        """Every change, the most frequent first."""
        yield from sorted(self._found.values(), key=lambda one: (-one.count, one.change.kind, one.change.destination))

    def _contract(self, recorded: Recorded) -> Contract | None:
        versions = self.registry.versions(recorded.contract)
        return next((one for one in versions if one.version == recorded.version), None)
