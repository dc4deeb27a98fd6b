# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``/v1/destinations``: which are sent to and which are shut, and pausing one. 目的地"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from aiohttp import web

from contracts.refusal import Refusal
from contracts.text import Text
from hub.acting import Answer as ActAnswer
from hub.acting import Order
from hub.api import json_body
from hub.api.act_answers import act_answer
from hub.api.dead import API, acting_of
from hub.api.dead_documents import Act, ActDone
from hub.api.destination_documents import Destinations, destination_documents
from hub.api.problems import JOURNAL_DOWN
from hub.api.route import JSON, Answer, Parameter, Route, scope_of
from hub.api.views import json_response
from hub.config.deployment import Limits
from hub.operators import Right
from hub.ports.journal import JournalDown
from hub.running import Hub

_UNKNOWN = Refusal("E_NOT_FOUND", Text("没有这个目的地。", "There is no such destination."))


class Gatekeeping:
    """The resource."""

    def __init__(self, hub: Hub, limits: Limits) -> None:
        self._hub = hub
        self._limits = limits
        self._acting = acting_of(hub)

    async def list(self, request: web.Request, _operator: str) -> web.StreamResponse | Refusal:
        """Every destination: the gates as they are now, the deliveries as the hub last counted them."""
        gates = await self._hub.journal.gates.states()
        if isinstance(gates, JournalDown):
            return JOURNAL_DOWN
        health, clock = self._hub.health, self._hub.clock
        counts: dict[str, dict[str, int]] = {}
        for one in health.standings:
            counts.setdefault(one.destination, {})[one.state] = one.count
        at, scope = health.standings_at, scope_of(request)
        places = {name: place for name, place in self._hub.places.items() if scope.has_organisation(place.system)}
        return json_response(
            {
                "countedAt": None if at is None else clock.now() - timedelta(seconds=clock.monotonic() - at),
                "destinations": destination_documents(
                    places,
                    gates if scope.whole else {name: gate for name, gate in gates.items() if name in places},
                    counts if scope.whole else {name: one for name, one in counts.items() if name in places},
                ),
            }
        )

    async def pause(self, request: web.Request, operator: str) -> web.StreamResponse | Refusal:
        """Send it nothing until it is resumed."""
        return await self._act(request, operator, self._acting.pause_destination)

    async def resume(self, request: web.Request, operator: str) -> web.StreamResponse | Refusal:
        """Send to it again."""
        return await self._act(request, operator, self._acting.resume_destination)

    async def _act(
        self, request: web.Request, operator: str, act: Callable[[Order, str], Awaitable[ActAnswer]]
    ) -> web.StreamResponse | Refusal:
        body = await json_body.read(request, self._hub.clock, self._limits, Act)
        if isinstance(body, Refusal):
            return body
        answer = await act(
            Order(operator, API, body.request, body.reason, scope_of(request)), request.match_info["name"]
        )
        return act_answer(answer, _UNKNOWN)


_NAME = Parameter("name", "path", Text("目的地编号", "The destination's id"))
_REFUSALS = (*json_body.REFUSALS, "E_NOT_FOUND", "E_REQUEST_REUSE", "E_JOURNAL_DOWN")


def routes(hub: Hub, limits: Limits) -> Sequence[Route]:
    """The routes of this resource."""
    gatekeeping = Gatekeeping(hub, limits)
    recorded = {200: Answer(Text("已记录", "Recorded"), JSON, ActDone)}
    return (
        Route(
            method="GET",
            path="/v1/destinations",
            name="listDestinations",
            scoped=True,
            meaning=Text(
                "各目的地是否投递、自何时、为何，及未完成件数。",
                "Which destinations are sent to, since when and why not, and what is not finished there.",
            ),
            handler=gatekeeping.list,
            right=Right.READ,
            answers={200: Answer(Text("按编号", "By id"), JSON, Destinations)},
            refusals=("E_JOURNAL_DOWN",),
        ),
        Route(
            method="POST",
            path="/v1/destinations/{name}/pause",
            name="pauseDestination",
            scoped=True,
            meaning=Text(
                "暂停投递；受理照常，消息等待。", "Send it nothing until it is resumed; messages are accepted and wait."
            ),
            handler=gatekeeping.pause,
            right=Right.ACT,
            parameters=(_NAME,),
            takes={JSON: Act},
            answers=recorded,
            refusals=_REFUSALS,
        ),
        Route(
            method="POST",
            path="/v1/destinations/{name}/resume",
            name="resumeDestination",
            scoped=True,
            meaning=Text("恢复投递。", "Send to it again."),
            handler=gatekeeping.resume,
            right=Right.ACT,
            parameters=(_NAME,),
            takes={JSON: Act},
            answers=recorded,
            refusals=_REFUSALS,
        ),
    )
