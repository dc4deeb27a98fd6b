# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``/v1/parked``: messages that wait for others (寄存), and taking a case as under way before."""

from collections.abc import Sequence

from aiohttp import web

from contracts.refusal import Refusal
from contracts.text import Text
from hub.acting import Order
from hub.api import json_body
from hub.api.act_answers import act_answer
from hub.api.dead import API, acting_of
from hub.api.dead_documents import Act, ActDone
from hub.api.parked_documents import ParkedMessages, parked_documents
from hub.api.problems import JOURNAL_DOWN, NOT_FOUND
from hub.api.query_parameters import AFTER_ID, LIMIT, page_of
from hub.api.route import JSON, Answer, Parameter, Route, scope_of
from hub.api.views import json_response, nameable
from hub.config.deployment import Limits
from hub.operators import Right
from hub.ports.journal import JournalDown
from hub.running import Hub


class Parking:
    """The resource."""

    def __init__(self, hub: Hub, limits: Limits) -> None:
        self._hub = hub
        self._limits = limits

    async def list(self, request: web.Request, _operator: str) -> web.StreamResponse | Refusal:
        """A page of what waits."""
        page = page_of(request)
        if isinstance(page, Refusal):
            return page
        limit, after = page
        found = await self._hub.journal.dockets.parked(after, limit, request.query.get("rule"))
        if isinstance(found, JournalDown):
            return JOURNAL_DOWN
        clearance = acting_of(self._hub).clearance
        seen = await clearance.cases_seen(scope_of(request), [one.case for one in found])
        if isinstance(seen, JournalDown):
            return JOURNAL_DOWN
        return json_response(parked_documents(found, limit, [one for one in found if one.case in seen]))

    async def adopt(self, request: web.Request, operator: str) -> web.StreamResponse | Refusal:
        """Wait for nothing of the case any more."""
        case = request.match_info["case"]
        if not nameable(case):
            return NOT_FOUND
        body = await json_body.read(request, self._hub.clock, self._limits, Act)
        if isinstance(body, Refusal):
            return body
        answer = await acting_of(self._hub).adopt(
            Order(operator, API, body.request, body.reason, scope_of(request)), case
        )
        return act_answer(answer)


def routes(hub: Hub, limits: Limits) -> Sequence[Route]:
    """The routes of this resource."""
    parking = Parking(hub, limits)
    return (
        Route(
            method="GET",
            path="/v1/parked",
            name="listParked",
            scoped=True,
            meaning=Text(
                "寄存的消息：按哪条规则等待，至多等到何时。",
                "Messages that wait: by which rule, and until when at most.",
            ),
            handler=parking.list,
            right=Right.READ,
            parameters=(
                LIMIT,
                AFTER_ID,
                Parameter("rule", "query", Text("只看此规则", "Only what waits by this rule")),
            ),
            answers={200: Answer(Text("一页，按受理先后", "A page, in order of acceptance"), JSON, ParkedMessages)},
            refusals=("E_QUERY_INVALID", "E_JOURNAL_DOWN"),
        ),
        Route(
            method="POST",
            path="/v1/cases/{case}/adopt",
            name="adoptCase",
            scoped=True,
            meaning=Text(
                "按中途接入处理：不再等待先前的记录，寄存的消息随即放行。",
                "Take a case as under way before: nothing is waited for, and what is parked goes out.",
            ),
            handler=parking.adopt,
            right=Right.ACT,
            parameters=(Parameter("case", "path", Text("统一办件编号", "The case number")),),
            takes={JSON: Act},
            answers={200: Answer(Text("已记录", "Recorded"), JSON, ActDone)},
            refusals=(*json_body.REFUSALS, "E_NOT_FOUND", "E_REQUEST_REUSE", "E_JOURNAL_DOWN"),
        ),
    )
