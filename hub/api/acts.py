# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``/v1/acts``: what operators did, when and why. 操作记录"""

from collections.abc import Sequence

from aiohttp import web

from contracts.refusal import Refusal
from contracts.text import Text
from hub.api.act_documents import Acts, acts_document
from hub.api.problems import JOURNAL_DOWN
from hub.api.query_parameters import AFTER_ID, LIMIT, page_of
from hub.api.route import JSON, Answer, Route
from hub.api.views import json_response
from hub.operators import Right
from hub.ports.journal import JournalDown
from hub.running import Hub


class Recorded:
    """The resource."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def list(self, request: web.Request, _operator: str) -> web.StreamResponse | Refusal:
        """A page of acts."""
        page = page_of(request)
        if isinstance(page, Refusal):
            return page
        limit, after = page
        found = await self._hub.journal.acts.newest(after, limit)
        return JOURNAL_DOWN if isinstance(found, JournalDown) else json_response(acts_document(found, limit))


def routes(hub: Hub) -> Sequence[Route]:
    """The route of this resource."""
    return (
        Route(
            method="GET",
            path="/v1/acts",
            name="listActs",
            meaning=Text(
                "操作员做过什么、何时、为何；新的在前。", "What operators did, when and why; the newest first."
            ),
            handler=Recorded(hub).list,
            right=Right.READ,
            parameters=(LIMIT, AFTER_ID),
            answers={200: Answer(Text("一页", "A page"), JSON, Acts)},
            refusals=("E_QUERY_INVALID", "E_JOURNAL_DOWN"),
        ),
    )
