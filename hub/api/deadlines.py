# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``/v1/deadlines``: which cases breach their periods if a destination stays down. 时限预警"""

from collections.abc import Sequence

from aiohttp import web

from contracts.refusal import Refusal
from contracts.text import Text
from contracts.timestamps import parse_timestamp
from hub.api.deadline_documents import Deadlines, deadline_documents
from hub.api.problems import JOURNAL_DOWN, NOT_FOUND
from hub.api.query_parameters import invalid
from hub.api.route import JSON, Answer, Parameter, Route
from hub.api.views import json_response
from hub.deadlines import Outlook, outlook
from hub.operators import Right
from hub.ports.journal import JournalDown
from hub.running import Hub

_BY = Text("RFC 3339 时间，省略为下一次下班", "An RFC 3339 time; the next end of a day's work if left out")


class Looking:
    """The resource."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def get(self, request: web.Request, _operator: str) -> web.StreamResponse | Refusal:
        """Reckoned now, from the records of the cases that wait."""
        hub, now = self._hub, self._hub.clock.now()
        asked, by = request.query.get("destination"), request.query.get("by")
        moment = hub.legal_clock.next_close(now) if by is None else parse_timestamp(by)
        if moment is None:
            return invalid("by", _BY)
        if asked is not None and asked not in hub.places:
            return NOT_FOUND
        found: list[Outlook] = []
        for destination in sorted(hub.places) if asked is None else [asked]:
            told = await outlook(hub.journal.dockets, hub.legal_clock, destination, moment, now)
            if isinstance(told, JournalDown):
                return JOURNAL_DOWN
            if told.looked or asked is not None:
                found.append(told)
        return json_response(deadline_documents(found))


def routes(hub: Hub) -> Sequence[Route]:
    """The route of this resource."""
    return (
        Route(
            method="GET",
            path="/v1/deadlines",
            name="listDeadlines",
            meaning=Text(
                "若目的地持续不通，哪些办件届时超过承诺或法定时限。",
                "Which cases breach their promised or legal period by then if a destination stays down.",
            ),
            handler=Looking(hub).get,
            right=Right.READ,
            parameters=(
                Parameter("destination", "query", Text("只看此目的地", "Only this destination")),
                Parameter("by", "query", _BY, {"type": "string", "format": "date-time"}),
            ),
            answers={200: Answer(Text("按目的地", "By destination"), JSON, Deadlines)},
            refusals=("E_QUERY_INVALID", "E_NOT_FOUND", "E_JOURNAL_DOWN"),
        ),
    )
