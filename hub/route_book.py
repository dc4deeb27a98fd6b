# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The route table that a hub plans by, and the one in its shadow. A table is replaced whole, between two messages."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

import orjson

from contracts.contract import Contract
from hub.passage import Valid
from hub.ports.journal import Difference
from routing.comparing import changes
from routing.expressions import Said, language
from routing.index import CompiledTable
from routing.purposes import Limit, limit

_MOST_SEEN = 10_000


@dataclass(slots=True)
class RouteBook:
    """``active`` is read once for a message. ``seq`` counts the journal's activations; 0: this table is of no activation.

    ``trouble``: why the table that the journal has in force is not the one here, ``refused``: a shadow that cannot be used.
    ``planned`` and ``seen`` are what the shadow was tried on and did otherwise since that was last told the journal.
    """

    active: CompiledTable
    seq: int = 0
    shadow: CompiledTable | None = None
    trouble: str = ""
    refused: str = ""
    planned: int = 0
    seen: list[tuple[Difference, UUID]] = field(default_factory=list)

    def limit(self, purpose: str, contract: Contract) -> Limit | None:
        """What the active table says that a purpose needs of a contract version. None: nothing, or no such purpose any more."""
        known = self.active.table.purposes.get(purpose)
        return None if known is None else limit(known, contract)

    def otherwise(self, system: str, valid: Valid) -> tuple[Difference, ...] | None:
        """What the shadow does otherwise with a message that the active table takes; None: there is no shadow."""
        shadow = self.shadow
        if shadow is None:
            return None
        contract, checked = valid.contract, valid.checked

        def record() -> Said:
            return language(contract).said(orjson.loads(checked.canonical), system)

        try:
            told = changes(self.active, shadow, checked.attributes(system), checked.warnings, record)
        except Exception as bug:  # noqa: BLE001  # because nothing that only watches may touch a message
            self.shadow, self.refused = None, shadow.table.version_id
            self.trouble = f"shadow {self.refused}: {type(bug).__name__}"
            return None
        name = f"{contract.type}@{contract.version}"
        return tuple(
            Difference(
                kind=one.kind, destination=one.destination, old=one.old, new=one.new, system=system, contract=name
            )
            for one in told
        )

    def note(self, message: UUID, differences: Sequence[Difference]) -> None:
        """A message was accepted that the shadow was tried on. What is too much to be kept is counted and not named."""
        self.planned += 1
        if len(self.seen) < _MOST_SEEN:
            self.seen += [(one, message) for one in differences]

    def told(self) -> tuple[int, list[tuple[Difference, UUID]]]:
        """What was seen since the last time; from now on it is counted anew."""
        planned, seen = self.planned, self.seen
        self.planned, self.seen = 0, []
        return planned, seen
