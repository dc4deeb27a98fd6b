# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``/v1/approvals``: what waits for a second person, approved or refused by one who did not propose it. 四眼"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from contracts.refusal import Refusal
from contracts.text import Text
from hub.api import json_body
from hub.api.documents import Document, says
from hub.api.problems import JOURNAL_DOWN, NOT_FOUND
from hub.api.query_parameters import AFTER_ID, LIMIT, page_of
from hub.api.route import JSON, Answer, Parameter, Route
from hub.api.views import json_response
from hub.config.deployment import Limits
from hub.operators import Right
from hub.ports.journal import AuditEntry, JournalDown, Proposal
from hub.running import Hub

# ruff: noqa: N815  # because camelCase names are the wire's


_OF_ACCOUNTS = "_operator"
_OWN = Refusal("E_OWN_ACCOUNT", Text("不能批准对自己账号的修改。", "Nobody approves a change of their own account."))


class Deciding(BaseModel):
    """What the second person says. ``content`` is that of the proposal as it was seen: of nothing else is it said."""

    model_config = ConfigDict(extra="forbid")

    content: str = Field(pattern=r"^sha256:[0-9a-f]{64}$", description="所见提议的内容摘要。The content that was seen.")
    reason: str = Field(min_length=1, max_length=500, description="理由，不含个人信息。Why; nothing personal.")


class ProposalRecord(Document):
    """One act that wants a second person."""

    proposal: UUID
    request: str
    kind: str
    subject: str
    content: Annotated[str, says("将做之事的摘要", "A digest of exactly what would be done")]
    size: Annotated[int, says("涉及件数", "How many it touches")]
    proposer: str
    reason: str
    proposedAt: datetime
    expiresAt: datetime
    state: Annotated[str, says("状态", "`waiting`, `approved`, `refused`, `expired` or `done`")]
    approver: str | None
    approvedAt: datetime | None
    word: Annotated[str, says("第二人的理由", "Why the second person said so")]


class ProposalWhole(ProposalRecord):
    """One act with all that is approved by approving it."""

    details: Annotated[
        str,
        says(
            "将做之事逐行：投递及其状态与次数、账号原来与将来、路由表全文；过长则截断",
            "What would be done, line by line: deliveries with state and attempt, an account as it is and would be, or the whole "
            "route table; cut where it is very long",
        ),
    ]


class ProposalPage(Document):
    """A page, newest first. ``next`` is the ``after`` of the next page."""

    proposals: list[ProposalRecord]
    next: UUID | None


class Approvals(Document):
    """The answer to a decision."""

    proposal: UUID
    state: str


class SecondPersons:
    """The resource."""

    def __init__(self, hub: Hub, limits: Limits) -> None:
        self._hub = hub
        self._limits = limits

    async def list(self, request: web.Request, _operator: str) -> web.StreamResponse | Refusal:
        """A page of proposals; ``waiting=true``: those that can still be decided."""
        page = page_of(request)
        if isinstance(page, Refusal):
            return page
        limit, after = page
        now = self._hub.clock.now()
        waiting = now if request.query.get("waiting") == "true" else None
        found = await self._hub.journal.proposals.newest(after, limit, waiting_at=waiting)
        if isinstance(found, JournalDown):
            return JOURNAL_DOWN
        following = found[-1].id if len(found) == limit else None
        return json_response({"proposals": [_record(one, now) for one in found], "next": following})

    async def get(self, request: web.Request, _operator: str) -> web.StreamResponse | Refusal:
        """One of them, whole."""
        try:
            name = UUID(request.match_info["proposal"])
        except ValueError:
            return NOT_FOUND
        known = await self._hub.journal.proposals.proposal(name)
        if known is None:
            return NOT_FOUND
        if isinstance(known, JournalDown):
            return JOURNAL_DOWN
        return json_response({**_record(known, self._hub.clock.now()), "details": known.details})

    async def approve(self, request: web.Request, operator: str) -> web.StreamResponse | Refusal:
        """Let it be carried out by whoever proposed it."""
        return await self._decide(request, operator, refuse=False)

    async def refuse(self, request: web.Request, operator: str) -> web.StreamResponse | Refusal:
        """It is not to be carried out."""
        return await self._decide(request, operator, refuse=True)

    async def _decide(self, request: web.Request, operator: str, *, refuse: bool) -> web.StreamResponse | Refusal:
        try:
            name = UUID(request.match_info["proposal"])
        except ValueError:
            return NOT_FOUND
        body = await json_body.read(request, self._hub.clock, self._limits, Deciding)
        if isinstance(body, Refusal):
            return body
        proposals, now = self._hub.journal.proposals, self._hub.clock.now()
        known = await proposals.proposal(name)
        if known is None:
            return NOT_FOUND
        if isinstance(known, JournalDown):
            return JOURNAL_DOWN
        if known.kind.endswith(_OF_ACCOUNTS) and known.subject.partition(":")[0] == operator and not refuse:
            return _OWN
        entry = AuditEntry(
            id=self._hub.ids.new(),
            at=now,
            account=operator,
            act=f"{'refuse' if refuse else 'approve'}_{known.kind}",
            subject=known.subject,
            reason=body.reason,
            via="api",
            request=known.request,
        )
        content = bytes.fromhex(body.content.removeprefix("sha256:"))
        decided = await proposals.decide(name, content, operator, now, entry, refuse=refuse)
        if isinstance(decided, JournalDown):
            return JOURNAL_DOWN
        if not decided:
            return _undecided(known, operator, content, now)
        return json_response({"proposal": name, "state": "refused" if refuse else "approved"})


def _undecided(known: Proposal, operator: str, content: bytes, now: datetime) -> Refusal:
    if known.proposer == operator:
        return Refusal("E_OWN_PROPOSAL", Text("提议人不能批准自己的提议。", "Nobody approves what they proposed."))
    if known.content != content:
        return Refusal(
            "E_PROPOSAL_STATE",
            Text("提议的内容不是所见的。", "The content is not what was seen."),
            extra={"state": "changed"},
        )
    state = known.state(now).value
    return Refusal(
        "E_PROPOSAL_STATE", Text(f"提议的状态是 {state}。", f"The proposal is {state}."), extra={"state": state}
    )


def _record(one: Proposal, now: datetime) -> dict[str, Any]:
    return {
        "proposal": one.id,
        "request": one.request,
        "kind": one.kind,
        "subject": one.subject,
        "content": f"sha256:{one.content.hex()}",
        "size": one.size,
        "proposer": one.proposer,
        "reason": one.reason,
        "proposedAt": one.proposed_at,
        "expiresAt": one.expires_at,
        "state": one.state(now).value,
        "approver": one.approver,
        "approvedAt": one.approved_at,
        "word": one.word,
    }


_ID = Parameter("proposal", "path", Text("提议编号", "The proposal's id"))
_WAITING = Parameter(
    "waiting",
    "query",
    Text("true 只列出待决定的", "`true`: only those that wait"),
    {"type": "string", "enum": ["true"]},
)
_REFUSALS = (
    *json_body.REFUSALS,
    "E_NOT_FOUND",
    "E_OWN_PROPOSAL",
    "E_OWN_ACCOUNT",
    "E_PROPOSAL_STATE",
    "E_JOURNAL_DOWN",
)


def routes(hub: Hub, limits: Limits) -> Sequence[Route]:
    """The routes of this resource."""
    resource = SecondPersons(hub, limits)
    decided = {200: Answer(Text("已决定", "Decided"), JSON, Approvals)}
    return (
        Route(
            method="GET",
            path="/v1/approvals",
            name="listApprovals",
            meaning=Text("须第二人批准的操作，新的在前。", "Acts that want a second person, the newest first."),
            handler=resource.list,
            right=Right.READ,
            parameters=(LIMIT, AFTER_ID, _WAITING),
            answers={200: Answer(Text("一页", "A page"), JSON, ProposalPage)},
            refusals=("E_QUERY_INVALID", "E_JOURNAL_DOWN"),
        ),
        Route(
            method="GET",
            path="/v1/approvals/{proposal}",
            name="getApproval",
            meaning=Text("一项提议，附将做之事的全部内容。", "One proposal with all that would be done."),
            handler=resource.get,
            right=Right.READ,
            parameters=(_ID,),
            answers={200: Answer(Text("提议", "The proposal"), JSON, ProposalWhole)},
            refusals=("E_NOT_FOUND", "E_JOURNAL_DOWN"),
        ),
        Route(
            method="POST",
            path="/v1/approvals/{proposal}/approve",
            name="approveProposal",
            meaning=Text(
                "第二人批准；提议人随后以同一 request 执行。",
                "The second person approves; whoever proposed it carries it out under the same request.",
            ),
            handler=resource.approve,
            right=Right.APPROVE,
            parameters=(_ID,),
            takes={JSON: Deciding},
            answers=decided,
            refusals=_REFUSALS,
        ),
        Route(
            method="POST",
            path="/v1/approvals/{proposal}/refuse",
            name="refuseProposal",
            meaning=Text("第二人不批准。", "The second person refuses."),
            handler=resource.refuse,
            right=Right.APPROVE,
            parameters=(_ID,),
            takes={JSON: Deciding},
            answers=decided,
            refusals=_REFUSALS,
        ),
    )
