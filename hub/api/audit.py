# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``/v1/audit``: the audit trail, searched by account, act, time and case, page by page. 审计"""

from collections.abc import Sequence
from datetime import UTC, datetime

from aiohttp import web

from contracts.refusal import Refusal
from contracts.text import Text
from contracts.timestamps import parse_timestamp
from hub.api.audit_documents import AuditPage, audit_document
from hub.api.problems import JOURNAL_DOWN
from hub.api.query_parameters import AFTER_ID, LIMIT, invalid, page_of
from hub.api.route import JSON, Answer, Parameter, Route
from hub.api.views import json_response, nameable
from hub.operators import Right
from hub.ports.journal import AuditFilter, JournalDown
from hub.running import Hub

_NAMES = {
    "account": Text("账号", "The account"),
    "act": Text("操作种类", "The kind of act"),
    "case": Text("统一办件编号", "The case number"),
}
_TIMES = {
    "since": Text("自何时起（RFC 3339）", "From when on (RFC 3339)"),
    "until": Text("至何时止，不含（RFC 3339）", "Before when (RFC 3339)"),
}


class Trail:
    """The resource."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def list(self, request: web.Request, _operator: str) -> web.StreamResponse | Refusal:
        """A page of the trail."""
        page, wanted = page_of(request), _filter(request)
        if isinstance(page, Refusal):
            return page
        if isinstance(wanted, Refusal):
            return wanted
        limit, after = page
        found = await self._hub.journal.audit.find(wanted, after, limit)
        return JOURNAL_DOWN if isinstance(found, JournalDown) else json_response(audit_document(found, limit))


def _filter(request: web.Request) -> AuditFilter | Refusal:
    names: dict[str, str] = {}
    times: dict[str, datetime] = {}
    for name, meaning in _NAMES.items():
        if (text := request.query.get(name)) is not None:
            if not nameable(text):
                return invalid(name, meaning)
            names[name] = text
    for name, meaning in _TIMES.items():
        if (text := request.query.get(name)) is not None:
            moment = parse_timestamp(text)
            if moment is None:
                return invalid(name, meaning)
            times[name] = moment.astimezone(UTC)
    return AuditFilter(**names, **times)  # type: ignore[arg-type]  # because the names are its own


def routes(hub: Hub) -> Sequence[Route]:
    """The route of this resource."""
    more = tuple(Parameter(name, "query", meaning) for name, meaning in {**_NAMES, **_TIMES}.items())
    return (
        Route(
            method="GET",
            path="/v1/audit",
            name="listAudit",
            meaning=Text(
                "审计记录：操作、登录、账号变更、提议与批准；新的在前。",
                "The audit trail: acts, sign-ins, accounts changed, proposals and approvals; the newest first.",
            ),
            handler=Trail(hub).list,
            right=Right.AUDIT,
            parameters=(LIMIT, AFTER_ID, *more),
            answers={200: Answer(Text("一页", "A page"), JSON, AuditPage)},
            refusals=("E_QUERY_INVALID", "E_JOURNAL_DOWN"),
        ),
    )
