# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``/v1/reconciliations``: what two sides have of a day, for operators, and manifests for the counterparties. 对账"""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from uuid import UUID

from aiohttp import web

from contracts.codes import RecordDifference
from contracts.families.oversight.reconciliation_counted import CONTRACT, ReconciliationCounted
from contracts.refusal import Refusal
from contracts.text import Text
from hub.acting import Order
from hub.api import json_body
from hub.api.dead import API, replay_answer
from hub.api.dead_documents import Replay
from hub.api.problems import JOURNAL_DOWN, NOT_FOUND
from hub.api.query_parameters import LIMIT, invalid, limit_of, whole
from hub.api.reconciliation_documents import (
    Differences,
    Proposal,
    ReconciliationDocument,
    Reconciliations,
    ReconciliationWanted,
    RepushWanted,
    Scorecard,
    StatementDocument,
    card_document,
    difference_document,
    proposal_document,
    reconciliation_document,
    statement_document,
)
from hub.api.route import JSON, Answer, Parameter, Route, scope_of
from hub.api.views import json_response
from hub.config.deployment import Limits
from hub.operators import Right
from hub.ports.journal import JournalDown, Pace
from hub.ports.journal.reconciling import Reconciliation
from hub.reconcile.opening import reconciling_of
from hub.reconcile.scorecard import worst_first
from hub.running import Hub

_LARGEST = 2**31 - 1
_NODE = re.compile(r"~?[0-9a-f]{0,3}")
_MOST_NODES = 1000
_KINDS = {one.value: one for one in RecordDifference}
_NUMBER = re.compile(r"DZ-([a-z0-9][a-z0-9-]{0,29})-([0-9]{8})")


class Reconciled:
    """The resource."""

    def __init__(self, hub: Hub, limits: Limits) -> None:
        self._hub = hub
        self._limits = limits
        self._desk = reconciling_of(hub)

    async def ask(self, request: web.Request, operator: str) -> web.StreamResponse | Refusal:
        """Have a day counted."""
        body = await json_body.read(request, self._hub.clock, self._limits, ReconciliationWanted)
        if isinstance(body, Refusal):
            return body
        asked = await self._desk.ask(body.agreement, body.day, operator)
        return asked if isinstance(asked, Refusal) else json_response(reconciliation_document(asked), status=202)

    async def list(self, request: web.Request, _operator: str) -> web.StreamResponse | Refusal:
        """A page, newest first."""
        limit, before = limit_of(request), _uuid(request.query.get("before"))
        if isinstance(limit, Refusal):
            return limit
        if before is None and "before" in request.query:
            return invalid("before", Text("上一页的 next", "the `next` of the page before"))
        found = await self._desk.journal.list(before, request.query.get("agreement"), limit)
        if isinstance(found, JournalDown):
            return JOURNAL_DOWN
        following = found[-1].id if len(found) == limit else None
        return json_response({"reconciliations": [reconciliation_document(one) for one in found], "next": following})

    async def get(self, request: web.Request, _operator: str) -> web.StreamResponse | Refusal:
        """One."""
        found = await self._found(request)
        return found if isinstance(found, Refusal) else json_response(reconciliation_document(found))

    async def differences(self, request: web.Request, _operator: str) -> web.StreamResponse | Refusal:
        """A page of what differs."""
        found, limit, after = await self._found(request), limit_of(request), whole(request, "after", 0, _LARGEST)
        kind = request.query.get("kind")
        for refused in (found, limit, after):
            if isinstance(refused, Refusal):
                return refused
        if kind is not None and kind not in _KINDS:
            return invalid("kind", Text("差异类型", "a kind of difference"))
        assert isinstance(found, Reconciliation), "refusals were told"
        assert isinstance(limit, int), "refusals were told"
        assert isinstance(after, int), "refusals were told"
        wanted = None if kind is None else _KINDS[kind]
        page = await self._desk.journal.differences(found.id, wanted, after, limit)
        if isinstance(page, JournalDown):
            return JOURNAL_DOWN
        following = page[-1].n if len(page) == limit else None
        return json_response({"differences": [difference_document(one) for one in page], "next": following})

    async def proposal(self, request: web.Request, _operator: str) -> web.StreamResponse | Refusal:
        """What could be sent once more; nothing is done."""
        found = await self._found(request)
        if isinstance(found, Refusal):
            return found
        proposed = await self._desk.propose(found.id)
        if isinstance(proposed, Refusal):
            return proposed
        proposal, previewed = proposed
        return json_response(proposal_document(proposal, previewed.lots))

    async def repush(self, request: web.Request, operator: str) -> web.StreamResponse | Refusal:
        """Carry the proposal out, as a replay."""
        body = await json_body.read(request, self._hub.clock, self._limits, RepushWanted)
        if isinstance(body, Refusal):
            return body
        found = await self._found(request)
        if isinstance(found, Refusal):
            return found
        order = Order(operator, API, body.request, body.reason, scope_of(request))
        answer = await self._desk.apply(order, found.id, Pace(rate=body.rate, tolerance=body.tolerance))
        return answer if isinstance(answer, Refusal) else await replay_answer(self._hub, answer)

    async def state(self, request: web.Request, operator: str) -> web.StreamResponse | Refusal:
        """The signed statement, made when it is first asked for."""
        found = await self._found(request)
        if isinstance(found, Refusal):
            return found
        stated = await self._desk.state(found.id, operator)
        return stated if isinstance(stated, Refusal) else json_response(statement_document(stated))

    async def scorecard(self, request: web.Request, _operator: str) -> web.StreamResponse | Refusal:
        """How counterparties did over a period."""
        since, until = _day(request, "since"), _day(request, "until")
        if isinstance(since, Refusal):
            return since
        if isinstance(until, Refusal):
            return until
        cards = await self._desk.scorecard(since, until)
        if isinstance(cards, Refusal):
            return cards
        return json_response(
            {"since": since, "until": until, "cards": [card_document(card) for card in worst_first(cards)]}
        )

    async def fetch(self, request: web.Request, system: str) -> web.StreamResponse | Refusal:
        """Our manifest of a day for its counterparty, with the nodes that it asks for."""
        counted = await self._of_number(request.match_info["number"], system)
        if isinstance(counted, Refusal):
            return counted
        nodes = request.query.getall("node", [""])
        if len(nodes) > _MOST_NODES or not all(_NODE.fullmatch(node) for node in nodes):
            return invalid("node", Text("至多 1000 个节点名", "at most 1000 names of nodes"))
        data = await self._desk.manifest(counted, nodes, wanted=True)
        return data if isinstance(data, Refusal) else json_response(data)

    async def tell(self, request: web.Request, system: str) -> web.StreamResponse | Refusal:
        """The counterparty's manifest; the answer says what it came to and what is to be opened."""
        body = await json_body.read(request, self._hub.clock, self._limits, ReconciliationCounted)
        if isinstance(body, Refusal):
            return body
        document = body.model_dump(mode="json", exclude_none=True)
        if isinstance(checked := CONTRACT.check(document, body.manifest_no), tuple):
            return CONTRACT.invalid(checked)
        heard = await self._desk.hear(body, system, "api")
        return heard if isinstance(heard, Refusal) else json_response(reconciliation_document(heard))

    async def _of_number(self, number: str, system: str) -> Reconciliation | Refusal:
        matched = _NUMBER.fullmatch(number)
        agreement = None if matched is None else self._desk.agreements.get(matched[1])
        day = None if matched is None else _of_digits(matched[2])
        if agreement is None or day is None or agreement.system != system:
            return NOT_FOUND
        return await self._desk.of_day(agreement.name, day)

    async def _found(self, request: web.Request) -> Reconciliation | Refusal:
        reconciliation = _uuid(request.match_info["id"])
        return NOT_FOUND if reconciliation is None else await self._desk.show(reconciliation)


def _uuid(text: str | None) -> UUID | None:
    try:
        return None if text is None else UUID(text)
    except ValueError:
        return None


def _of_digits(text: str) -> date | None:
    try:
        return datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC).date()
    except ValueError:
        return None


def _day(request: web.Request, name: str) -> date | Refusal:
    try:
        return date.fromisoformat(request.query.get(name, ""))
    except ValueError:
        return invalid(name, Text("日期，如 2026-03-02", "a day, as 2026-03-02"))


_ID = Parameter("id", "path", Text("对账编号", "The reconciliation's id"), {"type": "string", "format": "uuid"})
_DAY = {"type": "string", "format": "date"}
_NUMBER_PARAMETER = Parameter("number", "path", Text("对账清单编号", "The manifest's number, DZ-AGREEMENT-YYYYMMDD"))
_COMPARED = ("E_NOT_FOUND", "E_RECONCILIATION_UNFINISHED", "E_JOURNAL_DOWN")
_AFTER = Parameter("after", "query", Text("上一页的 next", "The `next` of the page before"), {"type": "integer"})


def routes(hub: Hub, limits: Limits) -> Sequence[Route]:
    """The routes of this resource."""
    reconciled = Reconciled(hub, limits)
    one = {200: Answer(Text("一次对账", "A reconciliation"), JSON, ReconciliationDocument)}
    return (
        Route(
            method="POST",
            path="/v1/reconciliations",
            name="askReconciliation",
            meaning=Text(
                "请中枢统计某一约定的某一天；结账之后方可。", "Have a day of an agreement counted, once it is closed."
            ),
            handler=reconciled.ask,
            right=Right.ACT,
            takes={JSON: ReconciliationWanted},
            answers={202: Answer(Text("已登记，随即统计", "It will be counted"), JSON, ReconciliationDocument)},
            refusals=(*json_body.REFUSALS, "E_NOT_FOUND", "E_RECONCILIATION_DAY_OPEN", "E_JOURNAL_DOWN"),
        ),
        Route(
            method="GET",
            path="/v1/reconciliations",
            name="listReconciliations",
            meaning=Text("各次对账，新的在前。", "Reconciliations, the newest first."),
            handler=reconciled.list,
            right=Right.READ,
            parameters=(
                LIMIT,
                Parameter("agreement", "query", Text("对账约定", "The agreement")),
                Parameter("before", "query", Text("上一页的 next", "The `next` of the page before")),
            ),
            answers={200: Answer(Text("一页", "A page"), JSON, Reconciliations)},
            refusals=("E_QUERY_INVALID", "E_JOURNAL_DOWN"),
        ),
        Route(
            method="GET",
            path="/v1/reconciliations/{id}",
            name="getReconciliation",
            meaning=Text("一次对账的现状。", "How a reconciliation stands."),
            handler=reconciled.get,
            right=Right.READ,
            parameters=(_ID,),
            answers=one,
            refusals=("E_NOT_FOUND", "E_JOURNAL_DOWN"),
        ),
        Route(
            method="GET",
            path="/v1/reconciliations/{id}/differences",
            name="listDifferences",
            meaning=Text("逐条差异，直至办件编号。", "What differs, down to the case numbers."),
            handler=reconciled.differences,
            right=Right.READ,
            parameters=(
                _ID,
                LIMIT,
                _AFTER,
                Parameter(
                    "kind",
                    "query",
                    Text("差异类型", "One kind of difference"),
                    {"enum": [kind.value for kind in RecordDifference]},
                ),
            ),
            answers={200: Answer(Text("一页", "A page"), JSON, Differences)},
            refusals=("E_NOT_FOUND", "E_QUERY_INVALID", "E_JOURNAL_DOWN"),
        ),
        Route(
            method="GET",
            path="/v1/reconciliations/{id}/proposal",
            name="proposeRepush",
            meaning=Text("补推方案（试算，不执行）。", "What could be sent once more. Nothing is done."),
            handler=reconciled.proposal,
            right=Right.READ,
            parameters=(_ID,),
            answers={200: Answer(Text("方案", "The proposal"), JSON, Proposal)},
            refusals=_COMPARED,
        ),
        Route(
            method="POST",
            path="/v1/reconciliations/{id}/repush",
            name="repush",
            meaning=Text(
                "执行补推：作为一次重放逐级发送；存疑与未完成的办件不补推。",
                "Carry the proposal out as a replay, step by step; nothing of a case that is in doubt or under way.",
            ),
            handler=reconciled.repush,
            right=Right.ACT,
            parameters=(_ID,),
            takes={JSON: RepushWanted},
            answers={202: Answer(Text("重放已开始", "The replay has begun"), JSON, Replay)},
            refusals=(*json_body.REFUSALS, *_COMPARED, "E_REQUEST_REUSE"),
        ),
        Route(
            method="POST",
            path="/v1/reconciliations/{id}/statement",
            name="stateReconciliation",
            meaning=Text(
                "签署的对账结论；首次请求时生成，此后逐字节不变。",
                "The signed statement; made when it is first asked for, the same bytes ever after.",
            ),
            handler=reconciled.state,
            right=Right.ACT,
            parameters=(_ID,),
            answers={200: Answer(Text("结论与签名", "Statement and signature"), JSON, StatementDocument)},
            refusals=(*_COMPARED, "E_RECONCILIATION_UNSIGNED"),
        ),
        Route(
            method="GET",
            path="/v1/scorecards",
            name="getScorecards",
            meaning=Text(
                "各对账方在一段时间内的及时率、完整率与旧版契约占比。",
                "Timeliness, completeness and contract lag of every counterparty over a period.",
            ),
            handler=reconciled.scorecard,
            right=Right.READ,
            parameters=(
                Parameter("since", "query", Text("起始日（含）", "First day"), _DAY),
                Parameter("until", "query", Text("截止日（不含）", "Day after the last"), _DAY),
            ),
            answers={200: Answer(Text("计分卡", "The cards"), JSON, Scorecard)},
            refusals=("E_QUERY_INVALID", "E_JOURNAL_DOWN"),
        ),
        Route(
            method="GET",
            path="/v1/manifests/{number}",
            name="fetchManifest",
            meaning=Text(
                "供对账方拉取我方清单；node 指明要展开的节点，省略为根的下一层。",
                "Our manifest for its counterparty; `node` names what to open, the root unless said.",
            ),
            handler=reconciled.fetch,
            parameters=(
                _NUMBER_PARAMETER,
                Parameter(
                    "node",
                    "query",
                    Text("节点名，可多次", "A node's name; may be repeated"),
                    {"type": "string", "pattern": "^~?[0-9a-f]{0,3}$"},
                ),
            ),
            answers={200: Answer(Text("对账清单", "The manifest"), JSON, ReconciliationCounted)},
            refusals=("E_NOT_FOUND", "E_QUERY_INVALID", "E_RECONCILIATION_UNCOUNTED", "E_JOURNAL_DOWN"),
        ),
        Route(
            method="POST",
            path="/v1/manifests",
            name="tellManifest",
            meaning=Text(
                "对账方直接提交其清单；答复给出结论与需展开的节点。",
                "A counterparty's manifest; the answer says what it came to and which nodes to open.",
            ),
            handler=reconciled.tell,
            takes={JSON: ReconciliationCounted},
            answers=one,
            refusals=(
                *json_body.REFUSALS,
                "E_NOT_FOUND",
                "E_CONTRACT_INVALID",
                "E_RECONCILIATION_UNCOUNTED",
                "E_RECONCILIATION_OTHER",
                "E_RECONCILIATION_STALE",
                "E_RECONCILIATION_CONTRADICTS",
                "E_JOURNAL_DOWN",
            ),
        ),
    )
