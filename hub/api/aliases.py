# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``/v1/aliases``: what systems call cases (别名), what waits for that, and deciding where two cases were said."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from aiohttp import web

from contracts.refusal import Refusal
from contracts.text import Text
from hub.acting import Order
from hub.api import json_body
from hub.api.act_answers import act_answer
from hub.api.alias_documents import Aliases, Deciding, aliases_document
from hub.api.dead import API, acting_of
from hub.api.dead_documents import ActDone
from hub.api.problems import JOURNAL_DOWN
from hub.api.query_parameters import LIMIT, limit_of
from hub.api.route import JSON, Answer, Parameter, Route, scope_of
from hub.api.views import json_response
from hub.config.deployment import Limits
from hub.operators import Right
from hub.ports.journal import JournalDown
from hub.ports.journal.aliases import AliasView
from hub.running import Hub

_YES = "true"


class Numbers:
    """The resource."""

    def __init__(self, hub: Hub, limits: Limits) -> None:
        self._hub = hub
        self._limits = limits

    async def list(self, request: web.Request, _operator: str) -> web.StreamResponse | Refusal:
        """Numbers in order, and what messages wait for."""
        limit, asked, scope = limit_of(request), request.query, scope_of(request)
        if isinstance(limit, Refusal):
            return limit
        after = (asked["after_system"], asked.get("after_number", "")) if "after_system" in asked else None
        known = await self._seen(request, after, limit)
        if isinstance(known, JournalDown):
            return JOURNAL_DOWN
        awaited = await self._hub.journal.aliases.awaited(limit)
        if isinstance(awaited, JournalDown):
            return JOURNAL_DOWN
        # Of which region a number is that belongs to no case yet, nobody knows.
        mine = [one for one in awaited if not scope.regions and scope.has_organisation(one.system)]
        return json_response(aliases_document(known, mine))

    async def _seen(
        self, request: web.Request, after: tuple[str, str] | None, limit: int
    ) -> Sequence[AliasView] | JournalDown:
        """A page of what the operator may look at; it may take several of what there is, since the next begins behind it."""
        asked, scope, clearance = request.query, scope_of(request), acting_of(self._hub).clearance
        found: list[AliasView] = []
        while True:
            page = await self._hub.journal.aliases.listed(
                after, limit, disputed=asked.get("disputed") == _YES, system=asked.get("system")
            )
            if isinstance(page, JournalDown) or scope.whole:
                return page
            mine = [one for one in page if scope.has_organisation(one.system)]
            seen = await clearance.cases_seen(scope, {case for one in mine for case in (one.case, *one.claims)})
            if isinstance(seen, JournalDown):
                return seen
            found += [_of_cases(one, seen) for one in mine if one.case in seen]
            if len(found) >= limit or len(page) < limit:
                return found[:limit]
            after = (page[-1].system, page[-1].number)

    async def decide(self, request: web.Request, operator: str) -> web.StreamResponse | Refusal:
        """What an operator says stands, whoever says otherwise later."""
        body = await json_body.read(request, self._hub.clock, self._limits, Deciding)
        if isinstance(body, Refusal):
            return body
        order = Order(operator, API, body.request, body.reason, scope_of(request))
        answer = await acting_of(self._hub).decide_alias(order, body.system, body.number, body.case)
        return act_answer(answer)


def _of_cases(one: AliasView, seen: AbstractSet[str]) -> AliasView:
    return replace(one, said=tuple(said for said in one.said if said.case in seen))


def routes(hub: Hub, limits: Limits) -> Sequence[Route]:
    """The routes of this resource."""
    numbers = Numbers(hub, limits)
    return (
        Route(
            method="GET",
            path="/v1/aliases",
            name="listAliases",
            scoped=True,
            meaning=Text(
                "系统自有编号与办件的对应，以及消息在等的编号。", "What systems call cases, and what messages wait for."
            ),
            handler=numbers.list,
            right=Right.READ,
            parameters=(
                LIMIT,
                Parameter("system", "query", Text("只看此系统", "Only this system's")),
                Parameter("disputed", "query", Text("true：只看有争议的", "true: only disputed ones")),
                Parameter("after_system", "query", Text("上一页最后一条的系统", "The last system of the page before")),
                Parameter("after_number", "query", Text("上一页最后一条的编号", "The last number of the page before")),
            ),
            answers={200: Answer(Text("一页", "A page"), JSON, Aliases)},
            refusals=("E_QUERY_INVALID", "E_JOURNAL_DOWN"),
        ),
        Route(
            method="POST",
            path="/v1/aliases/decide",
            name="decideAlias",
            scoped=True,
            meaning=Text(
                "裁定编号属于哪个办件；在等的消息随即放行。", "Decide whose number it is; what waits for it goes out."
            ),
            handler=numbers.decide,
            right=Right.ACT,
            takes={JSON: Deciding},
            answers={200: Answer(Text("已记录", "Recorded"), JSON, ActDone)},
            refusals=(*json_body.REFUSALS, "E_NOT_FOUND", "E_REQUEST_REUSE", "E_JOURNAL_DOWN"),
        ),
    )
