# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``/v1/items``: the item catalogue: what changed since, or all of it, for systems; reports for operators. 事项目录"""

import asyncio
from collections.abc import Sequence

from aiohttp import web

from contracts.refusal import Refusal
from contracts.text import Text
from hub.api.item_documents import ItemChanges, ItemReport, ItemRuns, finding_document, run_document
from hub.api.problems import JOURNAL_DOWN, NOT_FOUND
from hub.api.query_parameters import LIMIT, limit_of, whole
from hub.api.route import JSON, REQUEST_ID, SERVER, Answer, Parameter, Route
from hub.api.views import json_response, nameable
from hub.catalogue.snapshot import entry_document, snapshot
from hub.operators import Right
from hub.ports.journal import JournalDown
from hub.running import Hub

_LARGEST = 2**63 - 1
_LINES = "application/x-ndjson"
_PATIENCE = 60.0  # for one piece of a snapshot: who takes longer begins again


class Items:
    """The resource."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._journal = hub.journal.item_catalogue

    async def changes(self, request: web.Request, _system: str) -> web.StreamResponse | Refusal:
        """A page of what changed since. The same page is not sent twice to who names its ETag."""
        limit, since = limit_of(request), whole(request, "since", 0, _LARGEST)
        if isinstance(limit, Refusal):
            return limit
        if isinstance(since, Refusal):
            return since
        if self._hub.catalogue.section is None:
            return NOT_FOUND
        ledger = await self._journal.ledger(self._hub.clock.now())
        if isinstance(ledger, JournalDown):
            return JOURNAL_DOWN
        tag = f'"{ledger.change}-{since}-{limit}"'
        if request.headers.get("If-None-Match") == tag:
            return web.Response(status=304, headers={"ETag": tag})
        found = await self._journal.changes(since, limit)
        if isinstance(found, JournalDown):
            return JOURNAL_DOWN
        following = found[-1].change if len(found) == limit else None
        version = max([ledger.change, *(one.change for one in found)])
        page = {"version": version, "items": [entry_document(one) for one in found], "next": following}
        response = json_response(page)
        if version == ledger.change:  # else the page is of a later state than its tag would say
            response.headers["ETag"] = tag
        return response

    async def snapshot(self, request: web.Request, _system: str) -> web.StreamResponse | Refusal:
        """All of it, line by line. A snapshot that breaks off has no last line."""
        if self._hub.catalogue.section is None:
            return NOT_FOUND
        pieces = snapshot(self._journal, self._hub.clock.now())
        first = await anext(pieces)
        if isinstance(first, JournalDown):
            return JOURNAL_DOWN
        response = web.StreamResponse(
            headers={"Server": SERVER, "Govhub-Request": request[REQUEST_ID], "Content-Type": _LINES}
        )
        await response.prepare(request)
        await response.write(first)
        async for piece in pieces:
            if isinstance(piece, JournalDown):
                _cut(request)
                break
            try:
                async with asyncio.timeout(_PATIENCE):
                    await response.write(piece)
            except TimeoutError:
                _cut(request)
                break
        return response

    async def runs(self, request: web.Request, _operator: str) -> web.StreamResponse | Refusal:
        """The newest runs."""
        limit = limit_of(request)
        if isinstance(limit, Refusal):
            return limit
        runs = await self._journal.runs(limit)
        if isinstance(runs, JournalDown):
            return JOURNAL_DOWN
        return json_response({"runs": [run_document(one) for one in runs]})

    async def report(self, request: web.Request, _operator: str) -> web.StreamResponse | Refusal:
        """A page of what a run changed."""
        limit, after, run = limit_of(request), whole(request, "after", 0, _LARGEST), request.match_info["run"]
        if isinstance(limit, Refusal):
            return limit
        if isinstance(after, Refusal):
            return after
        found = await self._journal.findings(run, after, limit) if nameable(run) else ()
        if isinstance(found, JournalDown):
            return JOURNAL_DOWN
        following = found[-1].n if len(found) == limit else None
        return json_response({"findings": [finding_document(one) for one in found], "next": following})


def _cut(request: web.Request) -> None:
    """What was promised cannot be given: break off, so that nobody takes a part for the whole."""
    if request.transport is not None:
        request.transport.abort()


def routes(hub: Hub) -> Sequence[Route]:
    """The routes of this resource."""
    items = Items(hub)
    return (
        Route(
            method="GET",
            path="/v1/items",
            name="pullItems",
            meaning=Text(
                "拉取事项变更：since 之后的，按变更号先后。", "Changes of items after `since`, in their order."
            ),
            handler=items.changes,
            parameters=(
                Parameter(
                    "since", "query", Text("已有的变更号", "The last change known"), {"type": "integer", "minimum": 0}
                ),
                LIMIT,
                Parameter("If-None-Match", "header", Text("上次的 ETag", "The ETag of last time")),
            ),
            answers={
                200: Answer(Text("变更", "Changes"), JSON, ItemChanges, {"ETag": Text("本页标记", "Tag of the page")}),
                304: Answer(Text("没有变化", "Nothing has changed")),
            },
            refusals=("E_NOT_FOUND", "E_QUERY_INVALID", "E_JOURNAL_DOWN"),
        ),
        Route(
            method="GET",
            path="/v1/items/snapshot",
            name="snapshotItems",
            meaning=Text(
                "现行及将生效的全部事项，逐行 JSON；首行为变更号，末行为条数与前面各行的 SHA-256。",
                "All items in force or coming, in lines of JSON: first the number to pull from, last count and SHA-256.",
            ),
            handler=items.snapshot,
            answers={200: Answer(Text("逐行 JSON", "Lines of JSON"), _LINES)},
            refusals=("E_NOT_FOUND", "E_JOURNAL_DOWN"),
        ),
        Route(
            method="GET",
            path="/v1/item-runs",
            name="listItemRuns",
            meaning=Text("事项同步各次的概况。", "The runs of the items, the newest first."),
            handler=items.runs,
            parameters=(LIMIT,),
            answers={200: Answer(Text("概况", "Runs"), JSON, ItemRuns)},
            refusals=("E_QUERY_INVALID", "E_JOURNAL_DOWN"),
            right=Right.READ,
        ),
        Route(
            method="GET",
            path="/v1/item-runs/{run}",
            name="getItemReport",
            meaning=Text("一次事项同步的变更报告。", "What a run of the items changed."),
            handler=items.report,
            parameters=(
                Parameter("run", "path", Text("同步批次", "The run")),
                LIMIT,
                Parameter(
                    "after",
                    "query",
                    Text("上一页的 next", "The `next` of the page before"),
                    {"type": "integer", "minimum": 0},
                ),
            ),
            answers={200: Answer(Text("变更", "Findings"), JSON, ItemReport)},
            refusals=("E_QUERY_INVALID", "E_JOURNAL_DOWN"),
            right=Right.READ,
        ),
    )
