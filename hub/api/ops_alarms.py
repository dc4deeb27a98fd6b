# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``/ops/v1/alarms``: what wants a person's eye now, one for each condition. 告警"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from aiohttp import web

from contracts.refusal import Refusal
from contracts.text import Text
from hub.alarms import Alarm, alarms
from hub.api.documents import Document, says
from hub.api.health import Readiness
from hub.api.ops_mounted import ROOT
from hub.api.route import JSON, Answer, Route, scope_of
from hub.api.views import json_response
from hub.operators import Right, Scope
from hub.running import Hub


class OpenAlarm(Document):
    """One condition that is open."""

    id: Annotated[str, says("同一情况持续期间不变", "The same as long as the condition lasts, on every hub")]
    severity: Literal["blocked", "concern"]
    what: str
    destination: str | None
    source: str | None
    since: datetime
    reason: str
    runbook: Annotated[str, says("处置说明，docs 下的页面", "What to do: a page under docs")]


class OpenAlarms(Document):
    """All that are open, what blocks first."""

    alarms: list[OpenAlarm]


def alarm_document(one: Alarm) -> dict[str, Any]:
    """One alarm."""
    return {
        "id": one.id,
        "severity": one.severity.value,
        "what": one.what,
        "destination": one.destination,
        "source": one.source,
        "since": one.since,
        "reason": one.reason,
        "runbook": one.runbook,
    }


def alarms_of(hub: Hub, readiness: Readiness, scope: Scope) -> Sequence[dict[str, Any]]:
    """Those that the operator is there for: with a limit of scope, those of their systems' destinations."""
    found = alarms(hub.health, readiness.concerns())
    if not scope.whole:
        found = [
            one
            for one in found
            if one.destination is not None
            and (place := hub.places.get(one.destination)) is not None
            and scope.has_organisation(place.system)
        ]
    return [alarm_document(one) for one in found]


def routes(hub: Hub, readiness: Readiness) -> Sequence[Route]:
    """The route of this resource."""

    async def listed(request: web.Request, _operator: str) -> web.StreamResponse | Refusal:
        return json_response({"alarms": alarms_of(hub, readiness, scope_of(request))})

    return (
        Route(
            method="GET",
            path=f"{ROOT}/alarms",
            name="opsListAlarms",
            scoped=True,
            meaning=Text(
                "现有告警，每种情况一条，自何时起。", "Alarms that are open: one for each condition, and since when."
            ),
            handler=listed,
            right=Right.READ,
            answers={200: Answer(Text("告警", "The alarms"), JSON, OpenAlarms)},
        ),
    )
