# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``/v1/dead``: dead letters by group, one by one, and what operators say about them."""

import base64
import binascii
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from aiohttp import web

from contracts.refusal import Refusal, Violation
from contracts.text import Text
from hub.act_refusals import refusal_of
from hub.acting import Acting, Answer, Order, Undone
from hub.api import json_body
from hub.api.act_answers import act_answer
from hub.api.dead_documents import ActDone, Choosing, DeadGroups, DeadLetters, Noting, Replay, Resolving
from hub.api.dead_views import entry_document, group_document, replay_document
from hub.api.problems import JOURNAL_DOWN, NOT_FOUND
from hub.api.query_parameters import LIMIT, invalid, limit_of, whole
from hub.api.route import JSON, Parameter, Route, scope_of
from hub.api.route import Answer as Success
from hub.api.views import json_response, nameable
from hub.config.deployment import Limits
from hub.operators import Right
from hub.ports.journal import (
    Acted,
    DeadGroup,
    JournalDown,
    Named,
    NoSuch,
    OfGroup,
    Pace,
    ReplayView,
    State,
    WantedGroups,
)
from hub.running import Hub

_LARGEST_ID = 2**63 - 1
_FILTERS = {
    "destination": Text("只看此目的地", "Only this destination's"),
    "code": Text("只看此结果代码", "Only this outcome code"),
    "contract": Text("只看此契约", "Only this contract"),
}
_STATE = Text("只看死信（dead）或存疑（in_doubt）", "Only dead letters (`dead`), or those in doubt (`in_doubt`)")
_REASON = 500
API = "api"
"""How an act came, where its actor's key was checked."""


def acting_of(hub: Hub) -> Acting:
    """What acting needs, from a running hub."""
    return Acting(
        hub=hub.name,
        clock=hub.clock,
        ids=hub.ids,
        journal=hub.journal,
        registry=hub.rules.registry,
        routes=hub.routes,
        places=hub.places,
        partitions=hub.partitions,
        second=hub.second,
    )


def wanted_of(choice: Choosing) -> Named | OfGroup | Refusal:
    """The group or the deliveries that a body names; one of the two."""
    if (choice.group is None) == (not choice.deliveries):
        return _unclear("$", Text("group 与 deliveries 二者之一", "either group or deliveries"))
    if choice.group is not None:
        try:
            return OfGroup(choice.group, choice.seen and choice.seen.astimezone(UTC))
        except OverflowError:
            return _unclear("$.seen", Text("试算给出的时间", "the moment that a dry run told"))
    return Named(tuple(choice.deliveries))


def _unclear(path: str, expected: Text) -> Refusal:
    violation = Violation("E_V_RULE", path, expected, Text("按要求填写", "Write it so"))
    return Refusal("E_BODY_INVALID", Text("未说明是哪些投递。", "It does not say which deliveries."), (violation,))


class Dead:
    """The resource."""

    def __init__(self, hub: Hub, limits: Limits) -> None:
        self._hub = hub
        self._limits = limits
        self._acting = acting_of(hub)

    async def groups(self, request: web.Request, _operator: str) -> web.StreamResponse | Refusal:
        """A page of groups."""
        after, limit = whole(request, "after", 0, _LARGEST_ID), limit_of(request)
        if isinstance(after, Refusal):
            return after
        if isinstance(limit, Refusal):
            return limit
        wanted = _wanted(request)
        if isinstance(wanted, Refusal):
            return wanted
        found = await self._hub.journal.dead_letters.groups(after, limit, wanted)
        if isinstance(found, JournalDown):
            return JOURNAL_DOWN
        following = found[-1].id if len(found) == limit else None
        mine = await self._acting.clearance.groups_inside(scope_of(request), found)
        if isinstance(mine, JournalDown):
            return JOURNAL_DOWN
        return json_response({"groups": [group_document(one) for one in mine], "next": following})

    async def entries(self, request: web.Request, _operator: str) -> web.StreamResponse | Refusal:
        """One group with a page of its deliveries."""
        limit, after = limit_of(request), _cursor(request.query.get("after"))
        if isinstance(limit, Refusal):
            return limit
        if isinstance(after, Refusal):
            return after
        group = await self._group(request)
        if isinstance(group, Refusal):
            return group
        found = await self._hub.journal.dead_letters.entries(group.id, after, limit)
        if isinstance(found, JournalDown):
            return JOURNAL_DOWN
        following = _written(found[-1].failed_at, found[-1].delivery) if len(found) == limit else None
        mine = await self._acting.clearance.inside(scope_of(request), found)
        if isinstance(mine, JournalDown):
            return JOURNAL_DOWN
        return json_response(
            {
                "group": group_document(group),
                "deliveries": [entry_document(entry) for entry in mine],
                "next": following,
            }
        )

    async def note(self, request: web.Request, operator: str) -> web.StreamResponse | Refusal:
        """Leave a note on a group."""
        body = await json_body.read(request, self._hub.clock, self._limits, Noting)
        if isinstance(body, Refusal):
            return body
        group = await self._group(request)
        if isinstance(group, Refusal):
            return group
        order = Order(operator, API, f"note {self._hub.ids.new()}", body.note[:_REASON], scope_of(request))
        return _done(await self._acting.note(order, group.id, body.note))

    async def discard(self, request: web.Request, operator: str) -> web.StreamResponse | Refusal:
        """Skip deliveries for good."""
        body = await json_body.read(request, self._hub.clock, self._limits, Choosing)
        if isinstance(body, Refusal):
            return body
        wanted = wanted_of(body)
        if isinstance(wanted, Refusal):
            return wanted
        return _done(
            await self._acting.discard(Order(operator, API, body.request, body.reason, scope_of(request)), wanted)
        )

    async def resolve(self, request: web.Request, operator: str) -> web.StreamResponse | Refusal:
        """Say what became of deliveries in doubt."""
        body = await json_body.read(request, self._hub.clock, self._limits, Resolving)
        if isinstance(body, Refusal):
            return body
        order = Order(operator, API, body.request, body.reason, scope_of(request))
        if body.verdict == "delivered":
            return _done(await self._acting.resolve_delivered(order, Named(tuple(body.deliveries)), body.reference))
        doubtful = Named(tuple(body.deliveries), doubtful=True)
        return await replay_answer(self._hub, await self._acting.resend(order, doubtful, Pace(), replan=False))

    async def _group(self, request: web.Request) -> DeadGroup | Refusal:
        name = request.match_info["group"]
        if not name.isascii() or not name.isdigit() or int(name) > _LARGEST_ID:
            return NOT_FOUND
        group = await self._hub.journal.dead_letters.group(int(name))
        match group:
            case DeadGroup():
                mine = await self._acting.clearance.groups_inside(scope_of(request), [group])
                return JOURNAL_DOWN if isinstance(mine, JournalDown) else next(iter(mine), NOT_FOUND)
            case NoSuch():
                return NOT_FOUND
            case JournalDown():
                return JOURNAL_DOWN


async def replay_answer(hub: Hub, answer: Answer) -> web.StreamResponse | Refusal:
    """The replay that an act started, as it stands now."""
    if not isinstance(answer, Acted):
        return refusal_of(answer)
    view = await hub.journal.replays.view(answer.id)
    if not isinstance(view, ReplayView):
        return refusal_of(view)
    return json_response(replay_document(view), status=202)


def _done(answer: Answer | Undone) -> web.StreamResponse | Refusal:
    if isinstance(answer, Undone):
        return refusal_of(answer)
    return act_answer(answer, refusal_of(NoSuch()))


def _wanted(request: web.Request) -> WantedGroups | Refusal:
    """Which groups the query asks for."""
    told = {name: request.query.get(name) for name in _FILTERS}
    for name, text in told.items():
        if text is not None and not nameable(text):
            return invalid(name, _FILTERS[name])
    try:
        state = State(request.query["state"]) if "state" in request.query else None
    except ValueError:
        return invalid("state", _STATE)
    return WantedGroups(**told, state=state)


def _cursor(text: str | None) -> tuple[datetime, UUID] | Refusal | None:
    """Where the page before ended, as :func:`_written` wrote it."""
    if text is None:
        return None
    try:
        moment, _, delivery = base64.urlsafe_b64decode(text.encode("ascii")).decode("ascii").partition(" ")
        found = datetime.fromisoformat(moment).astimezone(UTC), UUID(delivery)
    except (ValueError, OverflowError, binascii.Error):
        return invalid("after", Text("上一页的 next", "the `next` of the page before"))
    return found


def _written(moment: datetime, delivery: UUID) -> str:
    return base64.urlsafe_b64encode(f"{moment.isoformat()} {delivery}".encode("ascii")).decode()


_GROUP = Parameter("group", "path", Text("死信组编号", "The group's number"), {"type": "integer", "minimum": 1})
_ACT_REFUSALS = (*json_body.REFUSALS, "E_NOT_FOUND", "E_REQUEST_REUSE", "E_JOURNAL_DOWN")


def routes(hub: Hub, limits: Limits) -> Sequence[Route]:
    """The routes of this resource."""
    dead = Dead(hub, limits)
    recorded = {200: Success(Text("已记录", "Recorded"), JSON, ActDone)}
    return (
        Route(
            method="GET",
            path="/v1/dead",
            name="listDeadGroups",
            scoped=True,
            meaning=Text(
                "死信与存疑投递，按目的地、结果代码与契约归组。",
                "Dead letters and deliveries in doubt, by destination, outcome code and contract.",
            ),
            handler=dead.groups,
            right=Right.READ,
            parameters=(
                LIMIT,
                Parameter(
                    "after", "query", Text("上一页的 next", "The `next` of the page before"), {"type": "integer"}
                ),
                *(Parameter(name, "query", meaning) for name, meaning in _FILTERS.items()),
                Parameter("state", "query", _STATE, {"type": "string", "enum": ["dead", "in_doubt"]}),
            ),
            answers={200: Success(Text("一页", "A page"), JSON, DeadGroups)},
            refusals=("E_QUERY_INVALID", "E_JOURNAL_DOWN"),
        ),
        Route(
            method="GET",
            path="/v1/dead/{group}",
            name="listDeadLetters",
            scoped=True,
            meaning=Text(
                "一个死信组的投递，先失败的在前。", "The deliveries of a group, those that failed first ahead."
            ),
            handler=dead.entries,
            right=Right.READ,
            parameters=(
                _GROUP,
                LIMIT,
                Parameter("after", "query", Text("上一页的 next", "The `next` of the page before")),
            ),
            answers={200: Success(Text("一页", "A page"), JSON, DeadLetters)},
            refusals=("E_NOT_FOUND", "E_QUERY_INVALID", "E_JOURNAL_DOWN"),
        ),
        Route(
            method="POST",
            path="/v1/dead/{group}/note",
            name="noteDeadGroup",
            scoped=True,
            meaning=Text("给死信组写备注。", "Leave a note on a group."),
            handler=dead.note,
            right=Right.ACT,
            parameters=(_GROUP,),
            takes={JSON: Noting},
            answers=recorded,
            refusals=_ACT_REFUSALS,
        ),
        Route(
            method="POST",
            path="/v1/dead/discard",
            name="discardDeadLetters",
            scoped=True,
            meaning=Text(
                "跳过：不再投递，通道放行。一次至多 1000 件。",
                "Discard: never delivered, and the lane goes on. At most 1000 at a time.",
            ),
            handler=dead.discard,
            right=Right.ACT,
            takes={JSON: Choosing},
            answers=recorded,
            refusals=(*_ACT_REFUSALS, "E_TRANSACTION_UNDONE"),
        ),
        Route(
            method="POST",
            path="/v1/dead/resolve",
            name="resolveDoubt",
            scoped=True,
            meaning=Text(
                "认定存疑投递：已送达，或未送达（随即重放）。",
                "Say of deliveries in doubt that they arrived, or that they did not: then they are sent again.",
            ),
            handler=dead.resolve,
            right=Right.ACT,
            takes={JSON: Resolving},
            answers={**recorded, 202: Success(Text("重放已开始", "The replay has begun"), JSON, Replay)},
            refusals=(*_ACT_REFUSALS, "E_TRANSACTION_UNDONE"),
        ),
    )
