# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``/ops/v1/destinations``: every destination as it stands: whether it is sent to, what waits, how fast it goes. 目的地"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any

from aiohttp import web

from contracts.refusal import Refusal
from contracts.text import Text
from hub.api.destination_documents import Destination, destination_documents
from hub.api.documents import Document, says
from hub.api.ops_mounted import ROOT
from hub.api.problems import JOURNAL_DOWN, NOT_FOUND
from hub.api.query_parameters import invalid
from hub.api.route import JSON, Answer, Parameter, Route, scope_of
from hub.api.views import json_response
from hub.operators import Right, Scope
from hub.ports.journal import Gate, JournalDown, Standing
from hub.running import Hub

# ruff: noqa: N815  # because camelCase names are the wire's

_STATES = ("open", "paused", "away", "probing")
_WAITING = frozenset({"waiting", "offered", "sending"})


class Pace(Document):
    """How fast it goes, as the hub that answers has counted."""

    plannedPerMinute: float
    deliveredPerMinute: float
    course: Annotated[
        list[int], says("每十秒送达件数，最近十分钟，旧的在前", "Delivered in each ten seconds, up to ten minutes")
    ]


class OpsDestination(Destination):
    """A destination with all that an overview shows of it."""

    system: str | None
    waiting: int
    inDoubt: int
    dead: int
    unanswered: int
    overdue: Annotated[int, says("最终答复逾期件数", "Final answers that are overdue")]
    blocking: Annotated[int, says("阻塞其通道的件数", "How many hold up what is behind them")]
    oldest: Annotated[
        datetime | None, says("最早未完成的受理时间", "When the oldest that is not finished was accepted")
    ]
    lagSeconds: Annotated[
        float | None,
        says("轮到而未送达的最久等待", "How long the oldest whose turn has come has waited since its acceptance"),
    ]
    breaching: Annotated[
        int | None, says("若不恢复，将超期的办件数", "Cases that will breach if it stays down; null: it is not down")
    ]
    pace: Pace


class OpsDestinations(Document):
    """All of them, by name."""

    countedAt: datetime | None
    routeTable: Annotated[str, says("本实例所用的路由表版本", "The route table that this hub goes by")]
    destinations: list[OpsDestination]


def ops_destinations(hub: Hub, gates: Mapping[str, Gate], scope: Scope) -> list[dict[str, Any]]:
    """Those of the operator's systems. Nothing is asked of the journal: the backlog is as it was last counted."""
    standings: dict[str, list[Standing]] = {}
    for one in hub.health.standings:
        standings.setdefault(one.destination, []).append(one)
    counts = {name: {one.state: one.count for one in some} for name, some in standings.items()}
    told = destination_documents(hub.places, gates, counts)
    return [
        {**one, **_more(hub, one["destination"], standings.get(one["destination"], ()))}
        for one in told
        if scope.whole or ((place := hub.places.get(one["destination"])) and scope.has_organisation(place.system))
    ]


def _more(hub: Hub, name: str, standings: Sequence[Standing]) -> dict[str, Any]:
    place, rate, outlook = hub.places.get(name), hub.rates.of(name), hub.health.outlooks.get(name)
    by_state = {one.state: one for one in standings}
    heads = [one.oldest_head for one in standings if one.state in _WAITING and one.oldest_head is not None]

    def count(state: str) -> int:
        return by_state[state].count if state in by_state else 0

    return {
        "system": None if place is None else place.system,
        "waiting": sum(count(state) for state in _WAITING),
        "inDoubt": count("in_doubt"),
        "dead": count("dead"),
        "unanswered": count("accepted"),
        "overdue": sum(one.overdue for one in standings),
        "blocking": sum(one.blocking for one in standings),
        "oldest": min((one.oldest for one in standings), default=None),
        "lagSeconds": max((hub.clock.now() - min(heads)).total_seconds(), 0.0) if heads else None,
        "breaching": None if outlook is None else outlook.coming,
        "pace": {
            "plannedPerMinute": round(rate.planned, 1),
            "deliveredPerMinute": round(rate.delivered, 1),
            "course": list(rate.course),
        },
    }


class OpsDestinationsResource:
    """The resource."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def list(self, request: web.Request, _operator: str) -> web.StreamResponse | Refusal:
        """All, or those in one state."""
        wanted = request.query.get("state")
        if wanted is not None and wanted not in _STATES:
            return invalid("state", Text("四种状态之一", "one of the four states"))
        found = await self._found(request)
        if isinstance(found, Refusal):
            return found
        hub, at = self._hub, self._hub.health.standings_at
        return json_response(
            {
                "countedAt": None if at is None else hub.clock.now() - timedelta(seconds=hub.clock.monotonic() - at),
                "routeTable": hub.routes.active.table.version_id,
                "destinations": [one for one in found if wanted in {None, one["state"]}],
            }
        )

    async def get(self, request: web.Request, _operator: str) -> web.StreamResponse | Refusal:
        """One of them."""
        found = await self._found(request)
        if isinstance(found, Refusal):
            return found
        named = [one for one in found if one["destination"] == request.match_info["name"]]
        return json_response(named[0]) if named else NOT_FOUND

    async def _found(self, request: web.Request) -> Sequence[dict[str, Any]] | Refusal:
        gates = await self._hub.journal.gates.states()
        return JOURNAL_DOWN if isinstance(gates, JournalDown) else ops_destinations(self._hub, gates, scope_of(request))


def routes(hub: Hub) -> Sequence[Route]:
    """The routes of this resource."""
    resource = OpsDestinationsResource(hub)
    return (
        Route(
            method="GET",
            path=f"{ROOT}/destinations",
            name="opsListDestinations",
            scoped=True,
            meaning=Text(
                "全部目的地：状态、待送、存疑、死信、最早、速率、熔断、将超期办件。",
                "Every destination: state, what waits, in doubt, dead, oldest, rates, breaker, cases that will breach.",
            ),
            handler=resource.list,
            right=Right.READ,
            parameters=(
                Parameter(
                    "state",
                    "query",
                    Text("只看此状态", "Only those in this state"),
                    {"type": "string", "enum": list(_STATES)},
                ),
            ),
            answers={200: Answer(Text("现状", "As it is"), JSON, OpsDestinations)},
            refusals=("E_QUERY_INVALID", "E_JOURNAL_DOWN"),
        ),
        Route(
            method="GET",
            path=f"{ROOT}/destinations/{{name}}",
            name="opsGetDestination",
            scoped=True,
            meaning=Text("一个目的地的现状。", "One destination as it stands."),
            handler=resource.get,
            right=Right.READ,
            parameters=(Parameter("name", "path", Text("目的地", "The destination")),),
            answers={200: Answer(Text("现状", "As it is"), JSON, OpsDestination)},
            refusals=("E_NOT_FOUND", "E_JOURNAL_DOWN"),
        ),
    )
