# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``/v1/transactions``: business transactions (业务事务), how they stand, and persons' decisions where one needs them."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from uuid import UUID

from aiohttp import web

from contracts.refusal import Refusal
from contracts.text import Text
from hub.acting import Order
from hub.api import json_body
from hub.api.act_answers import act_answer
from hub.api.dead import API, acting_of
from hub.api.dead_documents import Act, ActDone
from hub.api.problems import JOURNAL_DOWN, NOT_FOUND
from hub.api.query_parameters import AFTER_ID, LIMIT, page_of
from hub.api.route import JSON, Answer, Parameter, Route, scope_of
from hub.api.transaction_documents import (
    StepDecision,
    Transactions,
    TransactionWithSteps,
    transaction_document,
    transactions_document,
)
from hub.api.views import json_response
from hub.config.deployment import Limits
from hub.operators import Right
from hub.ports.journal import Irrevocable, JournalDown, NoSuch, NotAwaited, TransactionView
from hub.running import Hub

NOT_AWAITED = Refusal(
    "E_STEP_NOT_AWAITED",
    Text("该步骤不在等人裁定：已有人裁定，或已自行继续。", "Nothing waits for a decision about it (any more)."),
)

IRREVOCABLE = Refusal(
    "E_TRANSACTION_IRREVOCABLE",
    Text(
        "不可撤销的步骤已经发出，或事务已全部办成。", "A step that nothing undoes has gone out, or all of it is done."
    ),
)


class Coordinated:
    """The resource."""

    def __init__(self, hub: Hub, limits: Limits) -> None:
        self._hub = hub
        self._limits = limits

    async def list(self, request: web.Request, _operator: str) -> web.StreamResponse | Refusal:
        """A page of transactions."""
        page = page_of(request)
        if isinstance(page, Refusal):
            return page
        limit, after = page
        found = await self._hub.journal.transactions.list(after, limit, request.query.get("standing"))
        if isinstance(found, JournalDown):
            return JOURNAL_DOWN
        seen = await self._seen(request, found)
        if isinstance(seen, JournalDown):
            return JOURNAL_DOWN
        return json_response(transactions_document(found, limit, [one for one in found if one.case in seen]))

    async def show(self, request: web.Request, _operator: str) -> web.StreamResponse | Refusal:
        """One with its steps."""
        transaction = _named(request)
        if transaction is None:
            return NOT_FOUND
        match await self._hub.journal.transactions.view(transaction):
            case JournalDown():
                return JOURNAL_DOWN
            case NoSuch():
                return NOT_FOUND
            case found:
                seen = await self._seen(request, [found])
                if isinstance(seen, JournalDown):
                    return JOURNAL_DOWN
                return json_response(transaction_document(found, steps=True)) if seen else NOT_FOUND

    async def _seen(self, request: web.Request, found: Sequence[TransactionView]) -> AbstractSet[str] | JournalDown:
        clearance = acting_of(self._hub).clearance
        return await clearance.cases_seen(scope_of(request), [one.case for one in found])

    async def retry(self, request: web.Request, operator: str) -> web.StreamResponse | Refusal:
        """Send it once more."""
        return await self._decide(request, operator, "retry")

    async def settle(self, request: web.Request, operator: str) -> web.StreamResponse | Refusal:
        """It was seen to by hand."""
        return await self._decide(request, operator, "settle")

    async def undo(self, request: web.Request, operator: str) -> web.StreamResponse | Refusal:
        """Undo it now."""
        transaction = _named(request)
        if transaction is None:
            return NOT_FOUND
        body = await json_body.read(request, self._hub.clock, self._limits, Act)
        if isinstance(body, Refusal):
            return body
        order = Order(operator, API, body.request, body.reason, scope_of(request))
        answer = await acting_of(self._hub).undo_transaction(order, transaction)
        return IRREVOCABLE if isinstance(answer, Irrevocable) else act_answer(answer)

    async def _decide(self, request: web.Request, operator: str, word: str) -> web.StreamResponse | Refusal:
        transaction = _named(request)
        if transaction is None:
            return NOT_FOUND
        body = await json_body.read(request, self._hub.clock, self._limits, StepDecision)
        if isinstance(body, Refusal):
            return body
        order = Order(operator, API, body.request, body.reason, scope_of(request))
        answer = await acting_of(self._hub).decide_step(order, transaction, body.step, word)
        return NOT_AWAITED if isinstance(answer, NotAwaited) else act_answer(answer)


def _named(request: web.Request) -> UUID | None:
    try:
        return UUID(request.match_info["transaction"])
    except ValueError:
        return None


def routes(hub: Hub, limits: Limits) -> Sequence[Route]:
    """The routes of this resource."""
    coordinated = Coordinated(hub, limits)
    named = Parameter("transaction", "path", Text("事务编号", "The transaction"), {"type": "string", "format": "uuid"})
    refusals = (*json_body.REFUSALS, "E_NOT_FOUND", "E_REQUEST_REUSE", "E_STEP_NOT_AWAITED", "E_JOURNAL_DOWN")
    return (
        Route(
            method="GET",
            path="/v1/transactions",
            name="listTransactions",
            scoped=True,
            meaning=Text("业务事务及其状态，新的在前。", "Business transactions and how they stand, the newest first."),
            handler=coordinated.list,
            right=Right.READ,
            parameters=(
                LIMIT,
                AFTER_ID,
                Parameter(
                    "standing", "query", Text("只看此状态，如 needs_person", "Only those that stand so: needs_person…")
                ),
            ),
            answers={200: Answer(Text("一页", "A page"), JSON, Transactions)},
            refusals=("E_QUERY_INVALID", "E_JOURNAL_DOWN"),
        ),
        Route(
            method="GET",
            path="/v1/transactions/{transaction}",
            name="showTransaction",
            scoped=True,
            meaning=Text("一个业务事务及其各步骤、补偿。", "One transaction with its steps and compensations."),
            handler=coordinated.show,
            right=Right.READ,
            parameters=(named,),
            answers={200: Answer(Text("事务", "The transaction"), JSON, TransactionWithSteps)},
            refusals=("E_NOT_FOUND", "E_JOURNAL_DOWN"),
        ),
        Route(
            method="POST",
            path="/v1/transactions/{transaction}/retry",
            name="retryStep",
            scoped=True,
            meaning=Text(
                "再发一次等人裁定的补偿或步骤。", "Send the compensation, or the step, that needs a person once more."
            ),
            handler=coordinated.retry,
            right=Right.ACT,
            parameters=(named,),
            takes={JSON: StepDecision},
            answers={200: Answer(Text("已记录", "Recorded"), JSON, ActDone)},
            refusals=refusals,
        ),
        Route(
            method="POST",
            path="/v1/transactions/{transaction}/settle",
            name="settleStep",
            scoped=True,
            meaning=Text("已由人工处理，事务继续。", "It was seen to by hand; the transaction goes on."),
            handler=coordinated.settle,
            right=Right.ACT,
            parameters=(named,),
            takes={JSON: StepDecision},
            answers={200: Answer(Text("已记录", "Recorded"), JSON, ActDone)},
            refusals=refusals,
        ),
        Route(
            method="POST",
            path="/v1/transactions/{transaction}/undo",
            name="undoTransaction",
            scoped=True,
            meaning=Text(
                "立即撤销整个事务；不可撤销的步骤已发出则拒绝。",
                "Undo the whole transaction now; refused behind a step that nothing undoes.",
            ),
            handler=coordinated.undo,
            right=Right.ACT,
            parameters=(named,),
            takes={JSON: Act},
            answers={200: Answer(Text("已记录", "Recorded"), JSON, ActDone)},
            refusals=(
                *json_body.REFUSALS,
                "E_NOT_FOUND",
                "E_REQUEST_REUSE",
                "E_TRANSACTION_IRREVOCABLE",
                "E_JOURNAL_DOWN",
            ),
        ),
    )
