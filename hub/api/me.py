# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``/v1/me``: a system asks about itself, and learns of nobody else. 本系统"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from aiohttp import web

from contracts.refusal import Refusal
from contracts.text import Text
from hub.access.decision import Grant, Verb
from hub.api.credentials import credentials
from hub.api.me_documents import (
    EVERYTHING,
    Me,
    OwnRefusals,
    OwnWaitings,
    grant_document,
    place_of,
    refusals_document,
    waiting_document,
)
from hub.api.problems import JOURNAL_DOWN
from hub.api.query_parameters import AFTER, AFTER_ID, LIMIT, invalid, limit_of, page_of
from hub.api.route import JSON, Answer, Parameter, Route
from hub.api.views import json_response, nameable
from hub.config.deployment import Limits
from hub.outlet import Outlet
from hub.ports.journal import Gate, JournalDown, LanePlace
from hub.running import Hub


class Oneself:
    """The resource."""

    def __init__(self, hub: Hub, limits: Limits) -> None:
        self._hub = hub
        self._limits = limits

    async def get(self, request: web.Request, system: str) -> web.StreamResponse | Refusal:
        """The system as the hub knows it."""
        gates = await self._hub.journal.gates.states()
        if isinstance(gates, JournalDown):
            return JOURNAL_DOWN
        hub, speaker = self._hub, self._hub.rules.speakers[system]
        at = hub.health.standings_at
        return json_response(
            {
                "system": system,
                "hub": hub.name,
                "sends": sorted(self._sent(system)),
                "may": [grant_document(verb, one) for verb in Verb for one in self._grants(system, verb)],
                "anyCase": speaker.any_case,
                "dialects": [dialect.name for dialect in speaker.dialects],
                "credentials": credentials(hub, request, system),
                "limits": self._own_limits(),
                "destinations": [self._destination(outlet, gates) for outlet in self._outlets(system)],
                "countedAt": None if at is None else hub.clock.now() - timedelta(seconds=hub.clock.monotonic() - at),
            }
        )

    async def refusals(self, request: web.Request, system: str) -> web.StreamResponse | Refusal:
        """A page of what was refused to it."""
        page = page_of(request)
        if isinstance(page, Refusal):
            return page
        limit, after = page
        found = await self._hub.journal.own_records.refusals(system, after, limit)
        return JOURNAL_DOWN if isinstance(found, JournalDown) else json_response(refusals_document(found, limit))

    async def waiting(self, request: web.Request, system: str) -> web.StreamResponse | Refusal:
        """A page of what is not finished at its destinations."""
        limit, after = limit_of(request), _place_after(request)
        if isinstance(limit, Refusal):
            return limit
        if isinstance(after, Refusal):
            return after
        own = [outlet.name for outlet in self._outlets(system)]
        found = await self._hub.journal.own_records.waiting(own, after, limit)
        return JOURNAL_DOWN if isinstance(found, JournalDown) else json_response(waiting_document(found, limit))

    def _grants(self, system: str, verb: Verb) -> Sequence[Grant]:
        return self._hub.rules.access.grants.get((system, verb), ())

    def _sent(self, system: str) -> set[str]:
        grants = self._grants(system, Verb.SEND)
        return {contract for one in grants for contract in ([EVERYTHING] if one.contracts is None else one.contracts)}

    def _outlets(self, system: str) -> Sequence[Outlet]:
        return sorted((o for o in self._hub.outlets.values() if o.system == system), key=lambda outlet: outlet.name)

    def _own_limits(self) -> dict[str, Any]:
        limits = self._limits
        return {
            "bodyBytes": limits.body_bytes,
            "batch": limits.batch,
            "materialBytes": limits.material_bytes,
            "receiveSeconds": limits.receive_seconds,
            "futureSeconds": self._hub.rules.future.total_seconds(),
            "pastDays": self._hub.rules.past / timedelta(days=1),
        }

    def _destination(self, outlet: Outlet, gates: Mapping[str, Gate]) -> dict[str, Any]:
        gate, fetching = gates.get(outlet.name), outlet.fetching
        shut = gate is not None and gate.shut
        mailbox = fetching and {
            "leaseSeconds": fetching.lease.total_seconds(),
            "maxBatch": fetching.batch,
            "maxLent": fetching.lent,
            "maxWaitSeconds": fetching.wait,
        }
        return {
            "destination": outlet.name,
            "mailbox": mailbox,
            "paused": shut,
            "since": (gate.paused.at if gate.paused else gate.since) if gate is not None and shut else None,
            "waiting": {one.state: one.count for one in self._hub.health.standings if one.destination == outlet.name},
        }


def _place_after(request: web.Request) -> LanePlace | Refusal | None:
    text = request.query.get("after")
    if text is None:
        return None
    place = place_of(text)
    sound = place is not None and nameable(place.destination) and nameable(place.case)
    return place if sound else invalid("after", AFTER)


def routes(hub: Hub, limits: Limits) -> Sequence[Route]:
    """The routes of this resource."""
    oneself = Oneself(hub, limits)
    page = Text("一页", "A page")
    return (
        Route(
            method="GET",
            path="/v1/me",
            name="getMe",
            meaning=Text(
                "本系统：可发送的契约、密钥与证书及其到期时间、限额、目的地与未完成件数。",
                "The asking system: what it may send, its keys and certificates with their ends, limits, destinations and what "
                "waits there.",
            ),
            handler=oneself.get,
            answers={200: Answer(Text("本系统", "The system"), JSON, Me)},
            refusals=("E_JOURNAL_DOWN",),
        ),
        Route(
            method="GET",
            path="/v1/me/refusals",
            name="listMyRefusals",
            meaning=Text(
                "本系统被拒的消息：代码、位置、时间与改正办法；新的在前。密钥无效者无从查起，因繁忙未收者不在其中。",
                "What was refused to the asking system: code, place, time and remedy; the newest first. What was only put off "
                "for the moment (503) is not in it.",
            ),
            handler=oneself.refusals,
            parameters=(LIMIT, AFTER_ID),
            answers={200: Answer(page, JSON, OwnRefusals)},
            refusals=("E_QUERY_INVALID", "E_JOURNAL_DOWN"),
        ),
        Route(
            method="GET",
            path="/v1/me/waiting",
            name="listMyWaiting",
            meaning=Text(
                "投给本系统而未完成的消息，按目的地、办件与先后；不含内容。",
                "What is on its way to the asking system and not finished, by destination, case and position; without contents.",
            ),
            handler=oneself.waiting,
            parameters=(LIMIT, Parameter("after", "query", AFTER)),
            answers={200: Answer(page, JSON, OwnWaitings)},
            refusals=("E_QUERY_INVALID", "E_JOURNAL_DOWN"),
        ),
    )
