# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""All that a table says of one message: its plan, what the routes add to each copy, or why the message is not taken.

The hub plans by it, and whatever foretells the hub (explanation, cases, comparison, shadow) says the same for that reason.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from contracts.attributes import Attributes
from contracts.refusal import Refusal, Violation
from routing.adding import Added, added
from routing.index import CompiledTable
from routing.match import contract_fact
from routing.plan import Record, plan
from routing.planned import Plan
from routing.strictness import too_odd
from routing.undecided import undecided, unsayable

UNROUTABLE = "E_UNROUTABLE"
_NOTHING = Added()


@dataclass(frozen=True, slots=True)
class Verdict:
    """``refusal``: why it is not taken, unless it is because no route takes it: then the plan has no destination. ``added``
    says by destination what its expressions add and when it is due; who is not in it gets nothing added. ``left_out`` are
    taps of which an expression has no value.
    """

    plan: Plan
    refusal: Refusal | None = None
    added: Mapping[str, Added] = field(default_factory=dict)
    left_out: frozenset[str] = frozenset()

    @property
    def code(self) -> str:
        """Of the refusal; empty: the message is taken."""
        if self.refusal is not None:
            return self.refusal.code
        return "" if self.destinations else UNROUTABLE

    @property
    def destinations(self) -> tuple[str, ...]:
        """Who gets it."""
        if self.refusal is not None:
            return ()
        named = self.plan.destinations
        return tuple(one for one in named if one not in self.left_out) if self.left_out else named


def verdict(
    table: CompiledTable, attributes: Attributes, warnings: tuple[Violation, ...], record: Record | None = None
) -> Verdict:
    """What the table says. ``warnings`` are the oddities of its identifiers; ``record`` as :func:`routing.plan.plan` wants it."""
    planned = plan(table, attributes, record)
    refusal = undecided(planned)
    if refusal is None and planned.destinations:
        refusal = too_odd(planned, warnings)
    if refusal is not None or not planned.carriages:
        return Verdict(planned, refusal)
    return _with_added(planned, attributes, record)


def _with_added(planned: Plan, attributes: Attributes, record: Record | None) -> Verdict:
    more: dict[str, Added] = {}
    left_out: set[str] = set()
    for name, carriage in planned.carriages.items():
        if not carriage.expressions:
            continue
        assert record is not None, "a table with expressions is asked with the record"
        found = added(carriage, contract_fact(attributes.contract, attributes.version), record())
        if isinstance(found, Added):
            more[name] = found
        elif carriage.tap:
            left_out.add(name)
        else:
            return Verdict(planned, unsayable(list(planned.routes), planned.table_version))
    return Verdict(planned, None, more, frozenset(left_out))
