# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``/ops/v1/messages/{message}``: one message with every stage of it, as operators see it. 消息全程

Of its content nothing is told here.
"""

from collections.abc import Sequence
from uuid import UUID

from aiohttp import web

from contracts.refusal import Refusal
from contracts.text import Text
from hub.api.case_documents import TimelineEntry, Where, entry_documents, where_documents
from hub.api.documents import Message
from hub.api.ops_mounted import ROOT
from hub.api.problems import JOURNAL_DOWN, NOT_FOUND, STORE_DOWN
from hub.api.route import JSON, Answer, Parameter, Route, scope_of
from hub.api.views import json_response, message_document
from hub.case_scope import narrowed, seen
from hub.operators import Right
from hub.ports.journal import CaseView, JournalDown, MessageView
from hub.ports.materials import StoreDown
from hub.running import Hub
from hub.timeline import entries, whereabouts

_LONGEST = 500


class OpsMessage(Message):
    """A message, everything that happened to it in order, and what is in its way now."""

    now: list[Where]
    entries: list[TimelineEntry]


class OpsMessages:
    """The resource."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def get(self, request: web.Request, _operator: str) -> web.StreamResponse | Refusal:
        """One of them, out of its case, so that what an operator may see of it is decided as for the case."""
        try:
            named = UUID(request.match_info["message"])
        except ValueError:
            return NOT_FOUND
        found = await self._hub.journal.lookups.message(named)
        if isinstance(found, JournalDown):
            return JOURNAL_DOWN
        if found is None:
            return NOT_FOUND
        view = await self._hub.case_files.view(found.case, _LONGEST)
        if isinstance(view, JournalDown):
            return JOURNAL_DOWN
        if isinstance(view, StoreDown):
            return STORE_DOWN
        scope = scope_of(request)
        if view is None or not seen(view, scope):
            return NOT_FOUND
        mine = [one for one in narrowed(view, scope, self._hub.places).messages if one.id == named]
        return json_response(await self._document(view, mine[0])) if mine else NOT_FOUND

    async def _document(self, case: CaseView, one: MessageView) -> dict[str, object]:
        now, gates = self._hub.clock.now(), self._hub.breakers.known
        others = [each for each in case.messages if each.id != one.id]
        mine = [each for each in entries([*others, one]) if each.message == one.id]
        return {
            **message_document(one, one.deliveries),
            "now": where_documents(whereabouts([one], gates, now)),
            "entries": entry_documents(mine, named=True),
        }


def routes(hub: Hub) -> Sequence[Route]:
    """The route of this resource."""
    return (
        Route(
            method="GET",
            path=f"{ROOT}/messages/{{message}}",
            name="opsGetMessage",
            scoped=True,
            meaning=Text("一条消息的全程，不含内容。", "One message with every stage; nothing of its content."),
            handler=OpsMessages(hub).get,
            right=Right.READ,
            parameters=(Parameter("message", "path", Text("消息编号", "The message's id")),),
            answers={200: Answer(Text("消息", "The message"), JSON, OpsMessage)},
            refusals=("E_NOT_FOUND", "E_JOURNAL_DOWN", "E_STORE_DOWN"),
        ),
    )
