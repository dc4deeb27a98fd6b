# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``/ops/v1/search``: one box for whatever somebody has in hand; it says which kind it matched. 搜索

The text comes in a body and not in the address: addresses stand in the logs of everything on the way.
"""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from aiohttp import web
from pydantic import Field

from contracts.refusal import Refusal
from contracts.text import Text
from hub.api import json_body
from hub.api.dead import acting_of
from hub.api.dead_documents import DeadGroup
from hub.api.dead_views import group_document
from hub.api.documents import Document, says
from hub.api.ops_mounted import ROOT
from hub.api.problems import JOURNAL_DOWN, STORE_DOWN
from hub.api.route import JSON, Answer, Route, scope_of
from hub.api.views import json_response, nameable
from hub.config.deployment import Limits
from hub.operators import Right
from hub.ports.journal import JournalDown
from hub.ports.materials import StoreDown
from hub.running import Hub
from hub.searching import LONGEST, Kind, Match, Search


class Searched(Document):
    """What is looked for: a case number, an id, a system's own number, an outcome code."""

    text: Annotated[str, Field(min_length=1, max_length=LONGEST)]


class Matched(Document):
    """One thing of that name. Fields that say nothing of it are null."""

    kind: Annotated[
        Kind,
        says(
            "case 办件，message 消息编号，delivery 投递编号，sender_id 发送方编号，own_number 自有编号，code 结果代码",
            "What the text is: a case number, the hub's id of a message or an open delivery, a sender's id, a system's own "
            "number for a case, an outcome code",
        ),
    ]
    case: str | None
    message: UUID | None
    system: Annotated[str | None, says("谁的编号", "Whose name it is")]
    group: DeadGroup | None


class Matches(Document):
    """Everything of that name within the operator's scope; empty: nothing."""

    matches: list[Matched]


def match_document(one: Match) -> dict[str, Any]:
    """One match."""
    return {
        "kind": one.kind.value,
        "case": one.case,
        "message": one.message,
        "system": one.system,
        "group": None if one.group is None else group_document(one.group),
    }


def routes(hub: Hub, limits: Limits) -> Sequence[Route]:
    """The route of this resource."""
    search = Search(hub, acting_of(hub).clearance)

    async def found(request: web.Request, _operator: str) -> web.StreamResponse | Refusal:
        body = await json_body.read(request, hub.clock, limits, Searched)
        if isinstance(body, Refusal):
            return body
        text = body.text.strip()
        matches = await search.find(text, scope_of(request)) if nameable(text) else ()
        match matches:
            case JournalDown():
                return JOURNAL_DOWN
            case StoreDown():
                return STORE_DOWN
            case _:
                return json_response({"matches": [match_document(one) for one in matches]})

    return (
        Route(
            method="POST",
            path=f"{ROOT}/search",
            name="opsSearch",
            scoped=True,
            meaning=Text(
                "一个搜索框：办件编号、消息或投递编号、发送方编号、自有编号、结果代码；说明匹配的是哪一种。",
                "One box: a case number, an id of a message or delivery, a sender's id, a system's own number, an outcome code; "
                "it says which it matched.",
            ),
            handler=found,
            right=Right.READ,
            takes={JSON: Searched},
            answers={200: Answer(Text("匹配", "The matches"), JSON, Matches)},
            refusals=(*json_body.REFUSALS, "E_JOURNAL_DOWN", "E_STORE_DOWN"),
        ),
    )
