# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""One box for everything that somebody may have in hand: a case number, an id, a department's own number, a code. 搜索

Each kind is a look by key, so the size of the journal does not matter. It says which kind it matched, and there may be several.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from hub.clearance import Clearance
from hub.operators import Scope
from hub.ports.journal import CaseView, DeadGroup, Found, JournalDown, MessageView, WantedGroups
from hub.ports.materials import StoreDown
from hub.running import Hub

LONGEST = 200
_GROUPS = 50


class Kind(StrEnum):
    """What was written into the box."""

    CASE = "case"
    MESSAGE = "message"
    """The hub's own id of a message."""
    DELIVERY = "delivery"
    """The hub's own id of a delivery that is not finished; it is the idempotency key as well."""
    SENDER_ID = "sender_id"
    """The id under which a system sent a message."""
    OWN_NUMBER = "own_number"
    """What a system calls a case."""
    CODE = "code"
    """The outcome code of dead letters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One thing of that name. ``system`` is whose name it is, ``group`` the group of dead letters with that code."""

    kind: Kind
    case: str | None = None
    message: UUID | None = None
    system: str | None = None
    group: DeadGroup | None = None


@dataclass(frozen=True, slots=True)
class Search:
    """``clearance`` says what of it an operator may see."""

    hub: Hub
    clearance: Clearance

    async def find(self, text: str, scope: Scope) -> Sequence[Match] | JournalDown | StoreDown:
        """Everything of that name that is within the scope, what is most exact first."""
        found: list[Match] = []
        for look in (self._case, self._ids, self._names, self._codes):
            some = await look(text, scope)
            if isinstance(some, JournalDown | StoreDown):
                return some
            found += some
        cases = {one.case for one in found if one.case is not None}
        seen = await self.clearance.cases_seen(scope, cases)
        if isinstance(seen, JournalDown):
            return seen
        return [one for one in found if one.case is None or one.case in seen]

    async def _case(self, text: str, _scope: Scope) -> Sequence[Match] | JournalDown | StoreDown:
        view = await self.hub.case_files.view(text, 1)
        if isinstance(view, CaseView):
            return [Match(kind=Kind.CASE, case=text)]
        return view or ()

    async def _ids(self, text: str, _scope: Scope) -> Sequence[Match] | JournalDown:
        try:
            named = UUID(text)
        except ValueError:
            return ()
        message = await self.hub.journal.lookups.message(named)
        if isinstance(message, MessageView):
            return [Match(kind=Kind.MESSAGE, case=message.case, message=message.id, system=message.system)]
        if isinstance(message, JournalDown):
            return message
        delivery = await self.hub.journal.searches.delivery(named)
        if isinstance(delivery, Found):
            return [Match(kind=Kind.DELIVERY, case=delivery.case, message=delivery.message)]
        return delivery or ()

    async def _names(self, text: str, scope: Scope) -> Sequence[Match] | JournalDown:
        systems = sorted(self.hub.rules.speakers)
        sent = await self.hub.journal.searches.sent_as(text, systems)
        if isinstance(sent, JournalDown):
            return sent
        called = await self.hub.journal.searches.called(text, [one for one in systems if scope.has_organisation(one)])
        if isinstance(called, JournalDown):
            return called
        return [
            *(Match(kind=Kind.SENDER_ID, case=one.case, message=one.message, system=one.system) for one in sent),
            *(Match(kind=Kind.OWN_NUMBER, case=one.case, system=one.system) for one in called),
        ]

    async def _codes(self, text: str, scope: Scope) -> Sequence[Match] | JournalDown:
        groups = await self.hub.journal.dead_letters.groups(0, _GROUPS, WantedGroups(code=text))
        if isinstance(groups, JournalDown):
            return groups
        mine = await self.clearance.groups_inside(scope, groups)
        return mine if isinstance(mine, JournalDown) else [Match(kind=Kind.CODE, group=one) for one in mine]
