# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""May this system do that? The one place where it is decided, by grants alone: what no grant allows is denied. 访问决定

Pure: no I/O, no clock. Every decision names its rule, so that it can be recorded: the grant that allows, or why none does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from routing.match import Values


class Verb(StrEnum):
    """What a system may want to do with a message or a register."""

    SEND = "send"
    RECEIVE = "receive"
    QUERY = "query"
    LOOK_UP = "look_up"
    """Asking a register through the hub."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question. ``contract`` is the message's type, or the lookup's name where a register is asked; all are compared as they
    are, never folded or normalised. ``region`` and ``item`` are the message's own; None: it does not say, which no limit allows.
    """

    system: str
    verb: Verb
    contract: str
    region: str | None = None
    item: str | None = None


@dataclass(frozen=True, slots=True)
class Allowed:
    """It may, by the grant of this name."""

    rule: str


class Lacking(StrEnum):
    """Why something is denied: the rule's name, as it is recorded."""

    CONTRACT = "deny:contract"
    REGION = "deny:region"
    ITEM = "deny:item"


@dataclass(frozen=True, slots=True)
class Denied:
    """It may not. ``rule`` says what no grant has: the contract at all, this region of it, or this item."""

    rule: Lacking


Decision: TypeAlias = Allowed | Denied


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One thing that a system may do. ``rule`` is its name: where it stands in the deployment. None is no limit.

    ``regions`` and ``items`` are as routes have them: a code with everything below it, an item or the beginning of some.
    ``said`` are the limits as they were written, for people.
    """

    rule: str
    contracts: frozenset[str] | None
    regions: Values | None = None
    items: Values | None = None
    said: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def limited(self) -> bool:
        """Whether what a message says decides, beyond its contract."""
        return self.regions is not None or self.items is not None


@dataclass(frozen=True, slots=True)
class Access:
    """Every grant there is, by system and verb, in the order of the deployment. Without grants everything is denied."""

    grants: Mapping[tuple[str, Verb], Sequence[Grant]] = field(default_factory=dict)

    def decide(self, asked: Asked) -> Decision:
        """The first grant that allows it, or what the nearest of them lacks."""
        lacking = Lacking.CONTRACT
        for grant in self.grants.get((asked.system, asked.verb), ()):
            if grant.contracts is not None and asked.contract not in grant.contracts:
                continue
            if grant.regions is not None and not grant.regions.hold(asked.region):
                lacking = Lacking.REGION if lacking is Lacking.CONTRACT else lacking
            elif grant.items is not None and not grant.items.hold(asked.item):
                lacking = Lacking.ITEM
            else:
                return Allowed(grant.rule)
        return Denied(lacking)

    def conceivable(self, system: str, verb: Verb, contract: str) -> bool:
        """Whether some grant is about the contract: then what the message says decides. Before anything of it is read."""
        grants = self.grants.get((system, verb), ())
        return any(grant.contracts is None or contract in grant.contracts for grant in grants)

    def by_content(self, system: str, verb: Verb) -> bool:
        """Whether regions or items matter to any of its grants."""
        return any(grant.limited for grant in self.grants.get((system, verb), ()))
