# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``/v1/lookup-records``: who asked a register what for, when, and with what outcome. 查询记录"""

from collections.abc import Sequence

from aiohttp import web

from contracts.refusal import Refusal
from contracts.text import Text
from hub.api.lookup_documents import LookupEntries, lookups_document
from hub.api.problems import JOURNAL_DOWN
from hub.api.query_parameters import AFTER_ID, LIMIT, page_of
from hub.api.route import JSON, Answer, Parameter, Route
from hub.api.views import json_response
from hub.operators import Right
from hub.ports.journal import JournalDown
from hub.running import Hub


class LookupRecords:
    """The resource."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def list(self, request: web.Request, _operator: str) -> web.StreamResponse | Refusal:
        """A page of questions."""
        page = page_of(request)
        if isinstance(page, Refusal):
            return page
        limit, after = page
        found = await self._hub.journal.lookup_records.newest(
            after, limit, lookup=request.query.get("lookup"), system=request.query.get("system")
        )
        return JOURNAL_DOWN if isinstance(found, JournalDown) else json_response(lookups_document(found, limit))


def routes(hub: Hub) -> Sequence[Route]:
    """The route of this resource."""
    return (
        Route(
            method="GET",
            path="/v1/lookup-records",
            name="listLookupRecords",
            meaning=Text(
                "谁为何查询了哪个登记机构、何时、结果如何；不含所查的内容；新的在前。",
                "Who asked which register what for, when, and with what outcome; never what about; the newest first.",
            ),
            handler=LookupRecords(hub).list,
            right=Right.READ,
            parameters=(
                LIMIT,
                AFTER_ID,
                Parameter("lookup", "query", Text("只看这个查询", "Only of this lookup")),
                Parameter("system", "query", Text("只看这个系统提的", "Only what this system asked")),
            ),
            answers={200: Answer(Text("一页", "A page"), JSON, LookupEntries)},
            refusals=("E_QUERY_INVALID", "E_JOURNAL_DOWN"),
        ),
    )
