# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``/v1/cases/{case}``: the timeline of a case (办件), for its parties and for operators."""

from collections.abc import Sequence
from dataclasses import replace

from aiohttp import web

from contracts.refusal import Refusal
from contracts.text import Text
from hub.access.decision import Allowed
from hub.access.rulings import seeing
from hub.api.case_documents import Case, entry_documents, life_document, transactions_of_case, where_documents
from hub.api.problems import JOURNAL_DOWN, NOT_FOUND, STORE_DOWN
from hub.api.route import JSON, OPERATOR, RULE, Answer, Parameter, Route, scope_of
from hub.api.views import json_response, message_document, nameable, visible
from hub.case_life import Life, life_of
from hub.case_scope import narrowed, seen
from hub.case_transactions import parts_of
from hub.operators import Right
from hub.ports.journal import CaseView, JournalDown, MessageView, ParkedView, TransactionPart
from hub.ports.materials import StoreDown
from hub.running import Hub
from hub.timeline import entries, whereabouts

LONGEST = 500
"""Messages of one timeline; a real case has some dozens."""


class Cases:
    """The resource."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def get(self, request: web.Request, caller: str) -> web.StreamResponse | Refusal:
        """Everything about the case. To a system, a case of others is as unknown as one that does not exist."""
        case, system = request.match_info["case"], None if OPERATOR in request else caller
        if not nameable(case):
            return NOT_FOUND
        files = self._hub.case_files
        view = await files.view(case, LONGEST)
        if view is None or (isinstance(view, CaseView) and system is not None and system not in view.parties):
            return NOT_FOUND
        if isinstance(view, JournalDown | StoreDown):
            return self._away(view)
        scope = scope_of(request)
        if not seen(view, scope):
            return NOT_FOUND
        life = await life_of(files, case)
        if isinstance(life, JournalDown | StoreDown):
            return self._away(life)
        waiting = await self._hub.journal.dockets.parked_of(case)
        if isinstance(waiting, JournalDown):
            return self._away(waiting)
        view = self._permitted(request, view, system) if system is not None else narrowed(view, scope, self._hub.places)
        shown = {
            one.id for one in view.messages
        }  # what waits is told of these only: not of others', nor of what may not be seen
        mine = [one for one in waiting if one.message in shown and system in {None, one.system}]
        parts = await parts_of(self._hub.journal.transactions, view.messages)
        if isinstance(parts, JournalDown):
            return self._away(parts)
        return json_response(self._document(view, life, mine, parts, system))

    def _permitted(self, request: web.Request, view: CaseView, system: str) -> CaseView:
        """The messages that the system may ask about; the log names every rule that decided."""
        decisions = [seeing(self._hub.rules.access, system, one) for one in view.messages]
        request[RULE] = " ".join(sorted({one.rule for one in decisions}))
        shown = (one for one, how in zip(view.messages, decisions, strict=True) if isinstance(how, Allowed))
        return replace(view, messages=tuple(shown))

    def _away(self, trouble: JournalDown | StoreDown) -> Refusal:
        if isinstance(trouble, JournalDown):
            return JOURNAL_DOWN
        self._hub.log.error("archive down", reason=trouble.reason)
        return STORE_DOWN

    def _document(
        self,
        view: CaseView,
        life: Life,
        waiting: Sequence[ParkedView],
        parts: Sequence[TransactionPart],
        system: str | None,
    ) -> dict[str, object]:
        now, shown = self._hub.clock.now(), [self._shown(one, system) for one in view.messages]
        return {
            "case": view.case,
            "parties": sorted(view.parties),
            **life_document(life, self._hub.legal_clock, now),
            "now": where_documents(whereabouts(shown, self._hub.breakers.known, now, waiting)),
            "entries": entry_documents(entries(shown, waiting, parts), named=system is None),
            "transactions": transactions_of_case(parts),
            "truncated": len(view.messages) >= LONGEST,
            "messages": [message_document(one, one.deliveries) for one in shown],
        }

    def _shown(self, view: MessageView, system: str | None) -> MessageView:
        """What this system may see of a message; operators see all of it."""
        if system is None:
            return view
        deliveries = visible(view, system, self._hub.places)
        known = {one.id for one in deliveries} | ({None} if view.system == system else set())
        return replace(view, deliveries=deliveries, words=tuple(one for one in view.words if one.delivery in known))


def routes(hub: Hub) -> Sequence[Route]:
    """The routes of this resource."""
    return (
        Route(
            method="GET",
            path="/v1/cases/{case}",
            name="getCase",
            scoped=True,
            meaning=Text(
                "办件时间线：经过、现在何处、因何受阻、法定时限。对参与系统只显示本系统的收发；操作员可见全部。",
                "The timeline of a case: what happened, where things are and what is in the way, its legal clock. A party sees "
                "what it sent or is to receive; operators see all.",
            ),
            handler=Cases(hub).get,
            parameters=(Parameter("case", "path", Text("统一办件编号", "The case number")),),
            answers={200: Answer(Text("时间线，按先后", "The timeline, in order"), JSON, Case)},
            refusals=("E_NOT_FOUND", "E_JOURNAL_DOWN", "E_STORE_DOWN"),
            also=Right.READ,
        ),
    )
