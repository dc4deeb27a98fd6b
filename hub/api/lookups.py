# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``/v1/lookups/{name}``: a question to a register, for the systems that the deployment lets ask."""

from collections.abc import Sequence
from typing import Annotated, assert_never

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints

from connectors.sdk import Found, NotFound, Rejected, Unavailable
from contracts.refusal import Refusal, Violation
from contracts.text import Text
from contracts.trace_context import TRACEPARENT, read_traceparent
from hub.access.decision import Allowed
from hub.access.rulings import asking
from hub.api import json_body
from hub.api.problems import BUSY_SECONDS, JOURNAL_DOWN, NOT_FOUND
from hub.api.route import JSON, RULE, Answer, Parameter, Route
from hub.api.views import json_response
from hub.config.deployment import Limits
from hub.lookups.desk import Told, Window
from hub.ports.journal import JournalDown
from hub.running import Hub

_EXPECTED = Text("查询所要求的条件", "the criteria that this lookup asks for")
_REMEDY = Text("请改正条件。", "Mend the criteria.")


class LookupQuestion(BaseModel):
    """A question."""

    model_config = ConfigDict(extra="forbid")

    criteria: dict[
        Annotated[str, StringConstraints(max_length=60)], Annotated[str, StringConstraints(max_length=10_000)]
    ] = Field(max_length=50, description="条件：名称与文本。The criteria, as texts.")
    purpose: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(
        description="查询事由，记入日志，不得含个人信息。Why it is asked: recorded, so nothing personal belongs into it."
    )


class LookupAnswer(BaseModel):
    """An answer. ``found`` is false where the register has nothing of the kind."""

    found: bool
    records: list[dict[str, JsonValue]] = Field(description="记录，按其先后。The records, in the register's order.")
    complete: bool = Field(description="是否已是全部。Whether these are all there are.")
    age_seconds: float = Field(description="答复的时长，0 为刚查。How old the answer is; 0: asked just now.")
    stale: bool = Field(description="对方不在，给出的是过期答复。Given although old, since nobody could be asked.")


class Lookups:
    """The resource."""

    def __init__(self, hub: Hub, limits: Limits) -> None:
        self._hub = hub
        self._limits = limits

    async def ask(self, request: web.Request, system: str) -> web.StreamResponse | Refusal:
        """A lookup that a system may not ask is as unknown to it as one that does not exist."""
        name = request.match_info["name"]
        window, decision = self._hub.lookups.get(name), asking(self._hub.rules.access, system, name)
        request[RULE] = decision.rule
        if window is None or not isinstance(decision, Allowed):
            return NOT_FOUND
        question = await json_body.read(request, self._hub.clock, self._limits, LookupQuestion)
        if isinstance(question, Refusal):
            return question
        if refused := _unaskable(window, question):
            return refused
        traceparent = request.headers.get(TRACEPARENT, "")
        told = await window.ask(
            question.criteria,
            system=system,
            purpose=question.purpose,
            traceparent="" if read_traceparent(traceparent) is None else traceparent,
            rule=decision.rule,
        )
        return JOURNAL_DOWN if isinstance(told, JournalDown) else answer_of(told)


def answer_of(told: Told) -> web.StreamResponse | Refusal:
    """What a finding is over HTTP."""
    match told.finding:
        case Found(records=records, complete=complete):
            body = LookupAnswer(
                found=True,
                records=[dict(one) for one in records],
                complete=complete,
                age_seconds=round(told.age, 1),
                stale=told.stale,
            )
        case NotFound():
            body = LookupAnswer(
                found=False, records=[], complete=True, age_seconds=round(told.age, 1), stale=told.stale
            )
        case Rejected(code=code, violations=violations):
            told_so = tuple(Violation("E_BODY_INVALID", f"$.criteria: {one}", _EXPECTED, _REMEDY) for one in violations)
            detail = Text(f"查询被拒绝（{code}）。", f"The question was refused ({code}).")
            return Refusal("E_LOOKUP_REJECTED", detail, told_so)
        case Unavailable(reason=reason):
            code = reason.partition(":")[0]
            detail = Text(f"暂时查询不到对方（{code}）。", f"The register cannot be asked now ({code}).")
            return Refusal("E_LOOKUP_UNAVAILABLE", detail, retry_after=BUSY_SECONDS)
        case _:
            assert_never(told.finding)
    return json_response(body.model_dump())


def _unaskable(window: Window, question: LookupQuestion) -> Refusal | None:
    wrong = window.criteria.faults(question.criteria)
    if not wrong:
        return None
    detail = Text(f"条件缺少或多余，共 {len(wrong)} 个。", f"{len(wrong)} criteria are missing or unknown.")
    violations = tuple(Violation("E_BODY_INVALID", f"$.criteria.{name}", _EXPECTED, _REMEDY) for name in wrong)
    return Refusal("E_BODY_INVALID", detail, violations)


def routes(hub: Hub, limits: Limits) -> Sequence[Route]:
    """The routes of this resource."""
    return (
        Route(
            method="POST",
            path="/v1/lookups/{name}",
            name="askLookup",
            meaning=Text(
                "查询：向配置的登记机构提问，当场答复，不产生消息。仅限部署文件允许的系统。",
                "Ask a register that the deployment lets this system ask; answered at once, nothing is delivered.",
            ),
            handler=Lookups(hub, limits).ask,
            parameters=(Parameter("name", "path", Text("查询的名称", "The lookup's name")),),
            takes={JSON: LookupQuestion},
            answers={200: Answer(Text("查到或无此记录", "Found, or nothing of the kind"), JSON, LookupAnswer)},
            refusals=(
                "E_NOT_FOUND",
                "E_LOOKUP_REJECTED",
                "E_LOOKUP_UNAVAILABLE",
                "E_JOURNAL_DOWN",
                *json_body.REFUSALS,
            ),
        ),
    )
