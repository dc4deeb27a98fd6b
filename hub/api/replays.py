# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``/v1/replays``: dead letters sent again, step by step, in the background."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from uuid import UUID

from aiohttp import web

from contracts.refusal import Refusal
from contracts.text import Text
from hub.act_refusals import refusal_of
from hub.acting import Answer as ActAnswer
from hub.acting import Order
from hub.api import json_body
from hub.api.act_answers import act_answer
from hub.api.dead import API, acting_of, replay_answer, wanted_of
from hub.api.dead_documents import ActDone, DryRun, Halting, Replay, Replays, ReplayWanted
from hub.api.dead_views import dry_run_document, replay_document
from hub.api.problems import JOURNAL_DOWN, NOT_FOUND
from hub.api.route import JSON, Answer, Parameter, Route, scope_of
from hub.api.views import json_response
from hub.clearance import OutOfScope
from hub.config.deployment import Limits
from hub.operators import Right
from hub.ports.journal import DeadGroup, JournalDown, Named, NoSuch, OfGroup, Pace, Previewed, ReplayView
from hub.running import Hub

_LISTED = 20


class Replaying:
    """The resource."""

    def __init__(self, hub: Hub, limits: Limits) -> None:
        self._hub = hub
        self._limits = limits
        self._acting = acting_of(hub)

    async def start(self, request: web.Request, operator: str) -> web.StreamResponse | Refusal:
        """Have deliveries sent again, or tell what that would be."""
        body = await json_body.read(request, self._hub.clock, self._limits, ReplayWanted)
        if isinstance(body, Refusal):
            return body
        wanted = wanted_of(body)
        if isinstance(wanted, Refusal):
            return wanted
        replan = body.mode == "replanned"
        if body.dry_run:
            return await self._preview(request, wanted, replan=replan)
        order = Order(operator, API, body.request, body.reason, scope_of(request))
        pace = Pace(rate=body.rate, tolerance=body.tolerance)
        return await replay_answer(self._hub, await self._acting.resend(order, wanted, pace, replan=replan))

    async def _preview(
        self, request: web.Request, wanted: Named | OfGroup, *, replan: bool
    ) -> web.StreamResponse | Refusal:
        if isinstance(wanted, OfGroup) and wanted.seen is None:
            group = await self._hub.journal.dead_letters.group(wanted.group)
            if not isinstance(group, DeadGroup):
                return refusal_of(group)
            wanted = replace(wanted, seen=group.newest)  # so that to apply it means just what this tells
        previewed = await self._acting.preview(wanted, replan=replan, scope=scope_of(request))
        if not isinstance(previewed, Previewed):
            return refusal_of(previewed)
        seen = wanted.seen if isinstance(wanted, OfGroup) else None
        return json_response(dry_run_document(previewed.lots, seen))

    async def list(self, request: web.Request, _operator: str) -> web.StreamResponse | Refusal:
        """The newest replays; of the newest twenty those that are whole within the operator's scope."""
        found = await self._hub.journal.replays.list(_LISTED)
        if isinstance(found, JournalDown):
            return JOURNAL_DOWN
        mine = []
        for view in found:
            beyond = await self._acting.clearance.of_replay(scope_of(request), view.id)
            if isinstance(beyond, JournalDown):
                return JOURNAL_DOWN
            if beyond is None:
                mine.append(view)
        return json_response({"replays": [replay_document(view) for view in mine]})

    async def get(self, request: web.Request, _operator: str) -> web.StreamResponse | Refusal:
        """One replay."""
        replay = _id(request)
        view = NoSuch() if replay is None else await self._hub.journal.replays.view(replay)
        if replay is not None and isinstance(view, ReplayView):
            match await self._acting.clearance.of_replay(scope_of(request), replay):
                case JournalDown() as away:
                    view = away
                case OutOfScope():
                    view = NoSuch()
                case None:
                    pass
        match view:
            case ReplayView():
                return json_response(replay_document(view))
            case NoSuch():
                return NOT_FOUND
            case JournalDown():
                return JOURNAL_DOWN

    async def stop(self, request: web.Request, operator: str) -> web.StreamResponse | Refusal:
        """Send nothing more; what is under way ends as it may."""
        return await self._act(request, operator, self._acting.stop)

    async def resume(self, request: web.Request, operator: str) -> web.StreamResponse | Refusal:
        """Go on from the smallest step."""
        return await self._act(request, operator, self._acting.resume)

    async def _act(
        self, request: web.Request, operator: str, act: Callable[[Order, UUID], Awaitable[ActAnswer]]
    ) -> web.StreamResponse | Refusal:
        body = await json_body.read(request, self._hub.clock, self._limits, Halting)
        if isinstance(body, Refusal):
            return body
        replay = _id(request)
        if replay is None:
            return NOT_FOUND
        # To stop or resume twice is to do it once: what it changes is the state.
        answer = await act(Order(operator, API, f"turn {self._hub.ids.new()}", body.reason, scope_of(request)), replay)
        return act_answer(answer, refusal_of(NoSuch()))


def _id(request: web.Request) -> UUID | None:
    try:
        return UUID(request.match_info["id"])
    except ValueError:
        return None


_ID = Parameter("id", "path", Text("重放编号", "The replay's id"), {"type": "string", "format": "uuid"})
_TURN_REFUSALS = (*json_body.REFUSALS, "E_NOT_FOUND", "E_JOURNAL_DOWN")


def routes(hub: Hub, limits: Limits) -> Sequence[Route]:
    """The routes of this resource."""
    replaying = Replaying(hub, limits)
    turned = {200: Answer(Text("已记录", "Recorded"), JSON, ActDone)}
    return (
        Route(
            method="POST",
            path="/v1/replays",
            name="startReplay",
            scoped=True,
            meaning=Text(
                "重放死信：按 1、2、5、20… 逐级发送，失败重现即自行停止。先试算（dry_run），再执行。",
                "Send dead letters again in steps of 1, 2, 5, 20…; it stops itself when failures return. Try dry_run first.",
            ),
            handler=replaying.start,
            right=Right.ACT,
            takes={JSON: ReplayWanted},
            answers={
                200: Answer(Text("试算结果", "The dry run"), JSON, DryRun),
                202: Answer(Text("已开始；重复提交得到同一重放", "It has begun; a repeat gets the same"), JSON, Replay),
            },
            refusals=(*json_body.REFUSALS, "E_NOT_FOUND", "E_REQUEST_REUSE", "E_JOURNAL_DOWN"),
        ),
        Route(
            method="GET",
            path="/v1/replays",
            name="listReplays",
            scoped=True,
            meaning=Text("最近的重放。", "The newest replays."),
            handler=replaying.list,
            right=Right.READ,
            answers={200: Answer(Text("新的在前", "Newest first"), JSON, Replays)},
            refusals=("E_JOURNAL_DOWN",),
        ),
        Route(
            method="GET",
            path="/v1/replays/{id}",
            name="getReplay",
            scoped=True,
            meaning=Text("一次重放的进展。", "How a replay stands."),
            handler=replaying.get,
            right=Right.READ,
            parameters=(_ID,),
            answers={200: Answer(Text("进展", "As it stands"), JSON, Replay)},
            refusals=("E_NOT_FOUND", "E_JOURNAL_DOWN"),
        ),
        Route(
            method="POST",
            path="/v1/replays/{id}/stop",
            name="stopReplay",
            scoped=True,
            meaning=Text("停止重放。", "Stop a replay."),
            handler=replaying.stop,
            right=Right.ACT,
            parameters=(_ID,),
            takes={JSON: Halting},
            answers=turned,
            refusals=_TURN_REFUSALS,
        ),
        Route(
            method="POST",
            path="/v1/replays/{id}/resume",
            name="resumeReplay",
            scoped=True,
            meaning=Text("继续已停止的重放，自最小一级起。", "Let a stopped replay go on, from the smallest step."),
            handler=replaying.resume,
            right=Right.ACT,
            parameters=(_ID,),
            takes={JSON: Halting},
            answers=turned,
            refusals=_TURN_REFUSALS,
        ),
    )
