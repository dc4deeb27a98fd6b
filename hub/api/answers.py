# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``/v1/answers``: deliveries whose final answer has not come, and what operators say became of them. 待答复"""

from collections.abc import Sequence
from uuid import UUID

from aiohttp import web

from connectors.sdk import Idempotency
from contracts.refusal import Refusal
from contracts.text import Text
from hub.acting import Order
from hub.api import json_body
from hub.api.answer_documents import Answering, UnansweredDeliveries, unanswered_documents
from hub.api.dead import API
from hub.api.dead_documents import ActDone
from hub.api.dead_views import act_document
from hub.api.problems import JOURNAL_DOWN
from hub.api.query_parameters import AFTER, LIMIT, invalid, limit_of
from hub.api.route import JSON, Answer, Parameter, Route, scope_of
from hub.api.views import json_response
from hub.clearance import Clearance
from hub.config.deployment import Limits
from hub.deciding import Deciding, refused
from hub.operators import Right
from hub.ports.journal import Acted, JournalDown
from hub.running import Hub

_BEGINNING = ("", UUID(int=0))
_YES = "true"


def deciding_of(hub: Hub) -> Deciding:
    """What deciding needs, from a running hub."""
    policies = {name: outlet.policy for name, outlet in hub.outlets.items()}
    return Deciding(
        hub=hub.name,
        clock=hub.clock,
        ids=hub.ids,
        unanswered=hub.journal.unanswered,
        askable=frozenset(name for name, one in policies.items() if one.idempotency is Idempotency.QUERYABLE),
        yielding=frozenset(name for name, one in policies.items() if one.dead_continues),
        clearance=Clearance(jurisdictions=hub.journal.jurisdictions, places=hub.places, second=hub.second),
    )


class Answers:
    """The resource."""

    def __init__(self, hub: Hub, limits: Limits) -> None:
        self._hub = hub
        self._limits = limits
        self._deciding = deciding_of(hub)

    async def list(self, request: web.Request, _operator: str) -> web.StreamResponse | Refusal:
        """A page of what is not answered."""
        limit, after, now = limit_of(request), _cursor(request.query.get("after")), self._hub.clock.now()
        if isinstance(limit, Refusal):
            return limit
        if isinstance(after, Refusal):
            return after
        found = await self._hub.journal.unanswered.listed(
            after,
            limit,
            destination=request.query.get("destination"),
            due_before=now if request.query.get("overdue") == _YES else None,
        )
        if isinstance(found, JournalDown):
            return JOURNAL_DOWN
        mine = await self._deciding.clearance.inside(scope_of(request), found)
        if isinstance(mine, JournalDown):
            return JOURNAL_DOWN
        return json_response(unanswered_documents(found, limit, now, mine))

    async def decide(self, request: web.Request, operator: str) -> web.StreamResponse | Refusal:
        """Say what became of some, or have it asked."""
        body = await json_body.read(request, self._hub.clock, self._limits, Answering)
        if isinstance(body, Refusal):
            return body
        order = Order(operator, API, body.request, body.reason, scope_of(request))
        answer = await self._deciding.decide(order, body.deliveries, body.verdict, body.reference)
        return json_response(act_document(answer)) if isinstance(answer, Acted) else refused(answer)


def _cursor(text: str | None) -> tuple[str, UUID] | Refusal:
    if text is None:
        return _BEGINNING
    destination, _, delivery = text.rpartition(":")
    try:
        return destination.replace("\x00", ""), UUID(delivery)
    except ValueError:
        return invalid("after", AFTER)


def routes(hub: Hub, limits: Limits) -> Sequence[Route]:
    """The routes of this resource."""
    answers = Answers(hub, limits)
    return (
        Route(
            method="GET",
            path="/v1/answers",
            name="listUnanswered",
            scoped=True,
            meaning=Text(
                "对方已受理而最终答复未到的投递，及已等多久。",
                "What far sides have accepted and not answered, and for how long.",
            ),
            handler=answers.list,
            right=Right.READ,
            parameters=(
                LIMIT,
                Parameter("after", "query", AFTER),
                Parameter("destination", "query", Text("只看此目的地", "Only this destination's")),
                Parameter("overdue", "query", Text("true：只看逾期的", "true: only those that are overdue")),
            ),
            answers={200: Answer(Text("一页", "A page"), JSON, UnansweredDeliveries)},
            refusals=("E_QUERY_INVALID", "E_JOURNAL_DOWN"),
        ),
        Route(
            method="POST",
            path="/v1/answers/decide",
            name="decideAnswers",
            scoped=True,
            meaning=Text(
                "认定未答复的投递：已送达、被拒收，或立即询问对方。一次至多 1000 件。",
                "Decide what became of deliveries that are not answered, or have it asked. At most 1000 at a time.",
            ),
            handler=answers.decide,
            right=Right.ACT,
            takes={JSON: Answering},
            answers={200: Answer(Text("已记录", "Recorded"), JSON, ActDone)},
            refusals=(
                *json_body.REFUSALS,
                "E_NOT_ASKABLE",
                "E_REQUEST_REUSE",
                "E_JOURNAL_DOWN",
            ),
        ),
    )
