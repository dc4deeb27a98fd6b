# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Operators: the people and tools that look after the hub, by their rights and scopes. They are never taken for a system."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from certs.api_key import KeyRing


class Right(StrEnum):
    """What an operator may do."""

    READ = "read"
    ACT = "act"
    """Replay, discard, resolve, pause, activate: whoever may act may also read."""
    APPROVE = "approve"
    """Be the second person for what somebody else proposed."""
    AUDIT = "audit"
    """Search and export the audit trail."""
    UNMASK = "unmask"
    """See personal data that is masked for operators, each time with a reason; only what is within one's scope."""
    ADMIN = "admin"
    """Make accounts, give them roles, disable them and end their sessions; never one's own."""


class Role(StrEnum):
    """What an account is given."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    APPROVER = "approver"
    AUDITOR = "auditor"
    ADMIN = "admin"
    UNMASK = "unmask"
    """Beside another role: whoever needs the persons behind a case. No other role has it."""


RIGHTS: Mapping[Role, frozenset[Right]] = MappingProxyType(
    {
        Role.VIEWER: frozenset({Right.READ}),
        Role.OPERATOR: frozenset({Right.READ, Right.ACT}),
        Role.APPROVER: frozenset({Right.READ, Right.APPROVE}),
        Role.AUDITOR: frozenset({Right.READ, Right.AUDIT}),
        Role.ADMIN: frozenset({Right.READ, Right.ADMIN, Right.AUDIT}),
        Role.UNMASK: frozenset({Right.READ, Right.UNMASK}),
    }
)
"""What each role may. None may do everything: who administers accounts does not act, who acts does not approve."""


def rights_of(roles: Iterable[str]) -> frozenset[Right]:
    """What these roles may together. A role of a later version gives nothing here."""
    known = {role.value: rights for role, rights in RIGHTS.items()}
    return frozenset().union(*(known.get(role, frozenset()) for role in roles))


@dataclass(frozen=True, slots=True)
class Scope:
    """For which regions and organisations (systems) an operator is there; empty is all. A region includes all below it."""

    regions: tuple[str, ...] = ()
    organisations: frozenset[str] = frozenset()

    @property
    def whole(self) -> bool:
        """Whether there is no limit."""
        return not self.regions and not self.organisations

    def has_region(self, code: str | None) -> bool:
        """Whether something of this region is within it; what says no region is not, where regions are limited."""
        return not self.regions or (code is not None and code.startswith(self.regions))

    def has_organisation(self, system: str) -> bool:
        """Whether something of this system's is within it."""
        return not self.organisations or system in self.organisations

    def sees(self, regions: Collection[str], systems: Collection[str]) -> bool:
        """Whether a case that says these regions and has these parties may be looked at: it is about one of each."""
        return (not self.organisations or not self.organisations.isdisjoint(systems)) and (
            not self.regions or any(map(self.has_region, regions))
        )

    def holds(self, regions: Collection[str], systems: Collection[str]) -> bool:
        """Whether something may be done to such a case: it is about no other region either."""
        return self.sees(regions, systems) and all(map(self.has_region, regions))


EVERYWHERE = Scope()


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """Who acts: one account, by a ``key`` of the deployment, a ``password``, a ``token``, or its issuer (``oidc``)."""

    account: str
    kind: str
    rights: frozenset[Right]
    scope: Scope = EVERYWHERE

    def may(self, right: Right) -> bool:
        """Whether the operator has the right. Whoever may act may read."""
        return right in self.rights or (right is Right.READ and Right.ACT in self.rights)


@dataclass(frozen=True, slots=True)
class Operators:
    """Whose key is whose, and who may do what for whom."""

    keys: KeyRing = field(default_factory=lambda: KeyRing({}))
    rights: Mapping[str, frozenset[Right]] = field(default_factory=dict)
    scopes: Mapping[str, Scope] = field(default_factory=dict)

    def may(self, operator: str, right: Right) -> bool:
        """Whether that operator has the right."""
        return self.operator(operator).may(right)

    def operator(self, name: str) -> Operator:
        """The account of a key; one that is not known may nothing."""
        return Operator(
            account=name,
            kind="key",
            rights=self.rights.get(name, frozenset()),
            scope=self.scopes.get(name, EVERYWHERE),
        )
