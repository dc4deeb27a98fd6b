# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``/v1/cases/{case}``: the timeline of a case (办件), for its parties."""

from collections.abc import Sequence

from aiohttp import web

from contracts.refusal import Refusal
from contracts.text import Text
from hub.api.documents import Case
from hub.api.problems import JOURNAL_DOWN, NOT_FOUND, STORE_DOWN
from hub.api.route import JSON, Answer, Parameter, Route
from hub.api.views import json_response, message_document, nameable, visible
from hub.ports.journal import CaseView, JournalDown
from hub.ports.materials import StoreDown
from hub.running import Hub

LONGEST = 500
"""Messages of one timeline; a real case has some dozens."""


class Cases:
    """The resource."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def get(self, request: web.Request, system: str) -> web.StreamResponse | Refusal:
        """Every message of the case. A case of others is as unknown as one that does not exist."""
        case = request.match_info["case"]
        view = await self._hub.case_files.view(case, LONGEST) if nameable(case) else None
        match view:
            case JournalDown():
                return JOURNAL_DOWN
            case StoreDown(reason):
                self._hub.log.error("archive down", reason=reason)
                return STORE_DOWN
            case CaseView() if system in view.parties:
                return json_response(self._document(view, system))
            case _:
                return NOT_FOUND

    def _document(self, view: CaseView, system: str) -> dict[str, object]:
        places = self._hub.places
        return {
            "case": view.case,
            "parties": sorted(view.parties),
            "truncated": len(view.messages) >= LONGEST,
            "messages": [message_document(m, visible(m, system, places)) for m in view.messages],
        }


def routes(hub: Hub) -> Sequence[Route]:
    """The routes of this resource."""
    return (
        Route(
            method="GET",
            path="/v1/cases/{case}",
            name="getCase",
            meaning=Text(
                "办件时间线：只对该办件的参与系统可见；投递详情只显示本系统的收发。",
                "The timeline of a case, for its parties; deliveries are shown to sender and receiver only.",
            ),
            handler=Cases(hub).get,
            parameters=(Parameter("case", "path", Text("统一办件编号", "The case number")),),
            answers={200: Answer(Text("时间线，按受理先后", "The timeline, in order of acceptance"), JSON, Case)},
            refusals=("E_NOT_FOUND", "E_JOURNAL_DOWN", "E_STORE_DOWN"),
        ),
    )
