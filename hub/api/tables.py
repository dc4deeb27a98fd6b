# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``/v1/routes``: the table in force, its history, and the one in its shadow; activating and going back. 路由表"""

from collections.abc import Sequence

from aiohttp import web

from contracts.fault import Fault
from contracts.refusal import Refusal, Violation
from contracts.text import Text
from contracts.violations import MOST
from hub.act_refusals import refusal_of
from hub.acting import Order
from hub.api import json_body
from hub.api.dead import API
from hub.api.dead_documents import Act, ActDone
from hub.api.dead_views import act_document
from hub.api.problems import JOURNAL_DOWN
from hub.api.route import JSON, Answer, Parameter, Route, scope_of
from hub.api.table_documents import RouteTable, RouteTables, TableAct, tables_document
from hub.api.views import json_response
from hub.config.deployment import Limits
from hub.operators import Right
from hub.ports.journal import Acted, JournalDown, NoSuch, Observed, Overtaken
from hub.rerouting import Answer as TableAnswer
from hub.rerouting import Rerouting, Unusable, said_of
from hub.running import Hub

_HISTORY = 50
_UNKNOWN = Refusal("E_NOT_FOUND", Text("没有这个版本的路由表。", "There is no route table of this version."))


class Tables:
    """The resource."""

    def __init__(self, hub: Hub, limits: Limits) -> None:
        self._hub = hub
        self._limits = limits

    async def list(self, _request: web.Request, _operator: str) -> web.StreamResponse | Refusal:
        """What is in force, and what the shadow does otherwise."""
        journal, book = self._hub.journal.route_tables, self._hub.routes
        now, history = await journal.in_force(), await journal.history(_HISTORY)
        if isinstance(now, JournalDown) or isinstance(history, JournalDown):
            return JOURNAL_DOWN
        observed: Observed | JournalDown | None = None
        if now is not None and now.shadow:
            observed = await journal.observed(now.shadow, now.version)
        if isinstance(observed, JournalDown):
            return JOURNAL_DOWN
        here = book.active.table.version_id
        return json_response(tables_document(now, here, book.trouble, observed, history))

    async def show(self, request: web.Request, _operator: str) -> web.StreamResponse | Refusal:
        """One table, whole."""
        version = request.match_info["version"]
        text = await self._hub.journal.route_tables.content(version)
        match text:
            case None:
                return _UNKNOWN
            case JournalDown():
                return JOURNAL_DOWN
            case _:
                return json_response({"version": version, "table": text})

    async def activate(self, request: web.Request, operator: str) -> web.StreamResponse | Refusal:
        """Make a table the active one."""
        body = await json_body.read(request, self._hub.clock, self._limits, TableAct)
        if isinstance(body, Refusal):
            return body
        order, rerouting = Order(operator, API, body.request, body.reason, scope_of(request)), self._rerouting()
        match body:
            case TableAct(table=str(text), version=None):
                return _told(await rerouting.activate(order, text, "table", cases=body.cases, expected=body.expected))
            case TableAct(table=None, version=str(version)):
                return _told(await rerouting.reactivate(order, version, expected=body.expected))
            case _:
                return _UNCLEAR

    async def cast(self, request: web.Request, operator: str) -> web.StreamResponse | Refusal:
        """Let a table run in the shadow."""
        body = await json_body.read(request, self._hub.clock, self._limits, TableAct)
        if isinstance(body, Refusal):
            return body
        order = Order(operator, API, body.request, body.reason, scope_of(request))
        match body:
            case TableAct(table=str(text), version=None):
                return _told(await self._rerouting().cast(order, text, "table"))
            case TableAct(table=None, version=str(version)):
                return _told(await self._rerouting().recast(order, version))
            case _:
                return _UNCLEAR

    async def uncast(self, request: web.Request, operator: str) -> web.StreamResponse | Refusal:
        """End the shadow."""
        body = await json_body.read(request, self._hub.clock, self._limits, Act)
        if isinstance(body, Refusal):
            return body
        return _told(await self._rerouting().uncast(Order(operator, API, body.request, body.reason, scope_of(request))))

    def _rerouting(self) -> Rerouting:
        hub = self._hub
        assert hub.tables is not None, "a hub out of a deployment has them"
        return Rerouting(
            clock=hub.clock, ids=hub.ids, journal=hub.journal.route_tables, tables=hub.tables, second=hub.second
        )


def _told(answer: TableAnswer) -> web.StreamResponse | Refusal:
    match answer:
        case Acted():
            return json_response(act_document(answer))
        case Unusable():
            return Refusal("E_ROUTES_UNUSABLE", said_of(answer), tuple(map(_violation, answer.faults))[:MOST])
        case Overtaken(version):
            detail = Text(f"现用的是 {version or '—'}。", f"{version or 'Nothing'} is in force.")
            return Refusal("E_ROUTES_OVERTAKEN", detail, extra={"active": version})
        case NoSuch():
            return _UNKNOWN
        case _:
            return refusal_of(answer)


def _violation(fault: Fault) -> Violation:
    """A fault of the table, at its line."""
    place = f"$.table:{fault.at.line}:{fault.at.column}"
    said = Text(f"{fault.code} {fault.problem.zh}", f"{fault.code} {fault.problem.en}")
    return Violation("E_V_RULE", place, said, fault.remedy)


_UNCLEAR = Refusal(
    "E_BODY_INVALID",
    Text("未说明是哪张表。", "It does not say which table."),
    (
        Violation(
            "E_V_RULE",
            "$",
            Text("table 与 version 二者之一", "either table or version"),
            Text("按要求填写", "Write it so"),
        ),
    ),
)
_VERSION = Parameter("version", "path", Text("路由表版本", "The version of the table"))
_REFUSALS = (
    *json_body.REFUSALS, "E_NOT_FOUND", "E_REQUEST_REUSE", "E_ROUTES_OVERTAKEN", "E_ROUTES_UNUSABLE", "E_JOURNAL_DOWN"
)  # fmt: skip


def routes(hub: Hub, limits: Limits) -> Sequence[Route]:
    """The routes of this resource."""
    tables = Tables(hub, limits)
    recorded = {200: Answer(Text("已记录", "Recorded"), JSON, ActDone)}
    return (
        Route(
            method="GET",
            path="/v1/routes",
            name="listRouteTables",
            meaning=Text(
                "现用的路由表、历次启用，以及影子表的不同之处。",
                "The route table in force, every activation, and what the one in the shadow does otherwise.",
            ),
            handler=tables.list,
            right=Right.READ,
            answers={200: Answer(Text("现状", "As it is"), JSON, RouteTables)},
            refusals=("E_JOURNAL_DOWN",),
        ),
        Route(
            method="GET",
            path="/v1/routes/{version}",
            name="showRouteTable",
            meaning=Text("一张曾用或现用的表的全文。", "The text of a table that is or was in force."),
            handler=tables.show,
            right=Right.READ,
            parameters=(_VERSION,),
            answers={200: Answer(Text("全文", "Whole"), JSON, RouteTable)},
            refusals=("E_NOT_FOUND", "E_JOURNAL_DOWN"),
        ),
        Route(
            method="POST",
            path="/v1/routes/activate",
            name="activateRouteTable",
            meaning=Text(
                "启用一张表，或回到曾用的一张；先检查并试用例，各实例随即整表更换。",
                "Activate a table, or go back to one; it is checked first, and every hub replaces its own whole.",
            ),
            handler=tables.activate,
            right=Right.ACT,
            takes={JSON: TableAct},
            answers=recorded,
            refusals=_REFUSALS,
        ),
        Route(
            method="POST",
            path="/v1/routes/shadow",
            name="castRouteTable",
            meaning=Text(
                "让一张表作影子运行：不投递，只记录与现用表的不同。",
                "Let a table run in the shadow: it delivers nowhere, and what it would do otherwise is recorded.",
            ),
            handler=tables.cast,
            right=Right.ACT,
            takes={JSON: TableAct},
            answers=recorded,
            refusals=_REFUSALS,
        ),
        Route(
            method="POST",
            path="/v1/routes/unshadow",
            name="uncastRouteTable",
            meaning=Text("结束影子运行。", "End the shadow."),
            handler=tables.uncast,
            right=Right.ACT,
            takes={JSON: Act},
            answers=recorded,
            refusals=(*json_body.REFUSALS, "E_REQUEST_REUSE", "E_JOURNAL_DOWN"),
        ),
    )
