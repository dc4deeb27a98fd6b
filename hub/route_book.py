# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The route table that a hub plans by, and the one in its shadow. A table is replaced whole, between two messages."""

from dataclasses import dataclass, field
from uuid import UUID

import orjson

from contracts.contract import Contract
from hub.passage import Otherwise, Valid
from hub.ports.journal import Difference
from routing.comparing import changes
from routing.expressions import Said, language
from routing.index import CompiledTable
from routing.purposes import Limit, limit

_MOST_SEEN = 10_000


@dataclass(slots=True)
class Seen:
    """What a shadow was tried on beside one active table, and did otherwise with which messages or refusals."""

    planned: int = 0
    differences: list[tuple[Difference, UUID]] = field(default_factory=list)


@dataclass(slots=True)
class RouteBook:
    """``active`` is read once for a message. ``seq`` counts the journal's activations; 0: this table is of no activation.

    ``trouble``: why the table that the journal has in force is not the one here, ``refused``: a shadow that cannot be used.
    ``seen`` is what shadows did otherwise since that was last told the journal, by the versions of shadow and active table.
    """

    active: CompiledTable
    seq: int = 0
    shadow: CompiledTable | None = None
    trouble: str = ""
    refused: str = ""
    seen: dict[tuple[str, str], Seen] = field(default_factory=dict)

    def limit(self, purpose: str, contract: Contract) -> Limit | None:
        """What the active table says that a purpose needs of a contract version. None: nothing, or no such purpose any more."""
        known = self.active.table.purposes.get(purpose)
        return None if known is None else limit(known, contract)

    def otherwise(self, table: CompiledTable, system: str, valid: Valid) -> Otherwise | None:
        """What the shadow does otherwise with a message than this table, which takes or refuses it; None: there is no shadow."""
        shadow = self.shadow
        if shadow is None:
            return None
        contract, checked = valid.contract, valid.checked

        def record() -> Said:
            return language(contract).said(orjson.loads(checked.canonical), system)

        try:
            told = changes(table, shadow, checked.attributes(system), checked.warnings, record)
        except Exception as bug:  # noqa: BLE001  # because nothing that only watches may touch a message
            self.shadow, self.refused = None, shadow.table.version_id
            self.trouble = f"shadow {self.refused}: {type(bug).__name__}"
            return None
        name = f"{contract.type}@{contract.version}"
        return Otherwise(
            shadow.table.version_id,
            table.table.version_id,
            tuple(
                Difference(
                    kind=one.kind, destination=one.destination, old=one.old, new=one.new, system=system, contract=name
                )
                for one in told
            ),
        )

    def note(self, message: UUID, otherwise: Otherwise) -> None:
        """A message was accepted, or refused by the routes, that the shadow was tried on; ``message``: its id, or the refusal's.
        What is too much to be kept is counted and not named.
        """
        seen = self.seen.setdefault((otherwise.shadow, otherwise.active), Seen())
        seen.planned += 1
        if len(seen.differences) < _MOST_SEEN:
            seen.differences += [(one, message) for one in otherwise.differences]

    def told(self) -> dict[tuple[str, str], Seen]:
        """What was seen since the last time; from now on it is counted anew."""
        seen, self.seen = self.seen, {}
        return seen

    def untold(self, pair: tuple[str, str], seen: Seen) -> None:
        """The journal did not take this; it is told the next time."""
        again = self.seen.setdefault(pair, Seen())
        again.planned += seen.planned
        again.differences[:0] = seen.differences
