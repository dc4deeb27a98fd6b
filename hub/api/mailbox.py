# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``/v1/mailbox/{destination}``: a department that can only call out fetches its messages and says what became of them.

A message that is fetched is lent, not given: what is not acknowledged within the lease may be fetched again.
"""

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import assert_never
from uuid import UUID

import orjson
from aiohttp import web

from connectors.sdk import Delivered, Rejected
from contracts.refusal import Refusal
from contracts.text import Text
from hub.api import json_body
from hub.api.documents import Ack, Acked, Fetch, Result
from hub.api.problems import JOURNAL_DOWN, NOT_FOUND
from hub.api.query_parameters import invalid
from hub.api.route import JSON, Answer, Parameter, Route
from hub.api.views import json_response
from hub.config.deployment import Limits
from hub.outlet import Fetching, Outlet
from hub.path import settle
from hub.ports.journal import Claim, JournalDown, Settlement
from hub.running import Hub
from hub.stages.judge import expired, judge, postponed
from hub.stages.translate import left_out
from hub.unsent import translated_or_settlement

_LATER_SECONDS = 5.0  # for a department that asks for it later and does not say when
_SLICE = 50
_ENOUGH_BYTES = 8 * 1024 * 1024  # an answer ends with the slice that reaches this size
_SETTLE_SECONDS = 20.0

_SOON = 1.0

_HOLDS_ENOUGH = Refusal(
    "E_BUSY",
    Text(
        "本系统已取走而未确认的消息达到上限（max_lent）：请先确认。",
        "Your system holds as many unacknowledged messages as it may (max_lent): acknowledge some first.",
    ),
)
_LEASE_LOST = Refusal(
    "E_LEASE_LOST",
    Text(
        "这次领取已没有待确认的消息：可能已确认过，或已过期被重新领取。",
        "Nothing of this lease is left: acknowledged, or lent to another.",
    ),
)


@dataclass(slots=True)
class _Lent:
    """What one fetch got."""

    lease: UUID
    expires: datetime
    messages: list[dict[str, object]] = field(default_factory=list)
    size: int = 0

    def add(self, claim: Claim, event: bytes) -> None:
        self.size += len(event)
        self.messages.append({"delivery": claim.delivery_id, "attempt": claim.attempt, "event": orjson.Fragment(event)})

    def document(self) -> dict[str, object]:
        return {"lease": self.lease, "expires": self.expires, "messages": self.messages}


class Mailboxes:
    """The resource."""

    def __init__(self, hub: Hub, limits: Limits, stopping: asyncio.Event) -> None:
        self._hub = hub
        self._limits = limits
        self._stopping = stopping

    async def fetch(self, request: web.Request, system: str) -> web.StreamResponse | Refusal:
        """Lend what is there, or wait for something to be there."""
        outlet, fetching = self._mailbox(request, system)
        if outlet is None or fetching is None:
            return NOT_FOUND
        most = _number(request, "max", 1, fetching.batch)
        wait = _number(request, "wait", 0, fetching.wait)
        if isinstance(most, Refusal):
            return most
        if isinstance(wait, Refusal):
            return wait
        now = self._hub.clock.monotonic()
        if outlet.lending.count(now) >= fetching.lent:
            return replace(_HOLDS_ENOUGH, retry_after=max(_SOON, outlet.lending.free_in(now)))
        lent = await self._first(outlet, fetching, int(most), wait)
        if isinstance(lent, JournalDown):
            return JOURNAL_DOWN
        return json_response(lent.document()) if lent.messages else web.Response(status=204)

    async def acknowledge(self, request: web.Request, system: str) -> web.StreamResponse | Refusal:
        """Settle what the department says, as far as it is still lent to this lease."""
        outlet, fetching = self._mailbox(request, system)
        if outlet is None or fetching is None:
            return NOT_FOUND
        ack = await json_body.read(request, self._hub.clock, self._limits, Ack)
        if isinstance(ack, Refusal):
            return ack
        claims = await self._hub.journal.shelf.leased(outlet.name, ack.lease)
        if isinstance(claims, JournalDown):
            return JOURNAL_DOWN
        if not claims:
            return _LEASE_LOST
        try:
            async with asyncio.timeout(_SETTLE_SECONDS):
                return json_response({"results": await self._settle(outlet, ack.lease, claims, ack.results)})
        except TimeoutError:  # the path goes on trying to write; an acknowledgement may be repeated
            return JOURNAL_DOWN

    def _mailbox(self, request: web.Request, system: str) -> tuple[Outlet | None, Fetching | None]:
        """The mailbox of that name, if it is this system's own."""
        outlet = self._hub.outlets.get(request.match_info["destination"])
        return (outlet, outlet.fetching) if outlet is not None and outlet.system == system else (None, None)

    async def _first(self, outlet: Outlet, fetching: Fetching, most: int, wait: float) -> _Lent | JournalDown:
        """Long poll: until there is something, the time is over, or the hub stops."""
        bell, clock = outlet.doorbell, self._hub.clock
        until = clock.monotonic() + wait
        look = wait <= 0 or bell.worth_a_look()
        while True:
            if look:
                with bell.looking():
                    lent = await self._lend(outlet, fetching, most)
                if isinstance(lent, JournalDown):
                    return lent
                if lent.messages:
                    bell.ring()  # there may be more than one fetch carries
                    return lent
            left = until - clock.monotonic()
            if left <= 0 or self._stopping.is_set():
                return _Lent(self._hub.ids.new(), clock.now())
            look = await bell.rung(left)

    async def _lend(self, outlet: Outlet, fetching: Fetching, most: int) -> _Lent | JournalDown:
        """Lease in slices, so that an answer stays small when the messages are large."""
        now = self._hub.clock.now()
        lent = _Lent(self._hub.ids.new(), now + fetching.lease)
        began = self._hub.clock.monotonic()
        while len(lent.messages) < most and lent.size < _ENOUGH_BYTES:
            room = fetching.lent - outlet.lending.count(self._hub.clock.monotonic())
            wanted = min(most - len(lent.messages), _SLICE, room)
            if wanted <= 0:
                break
            claims = await self._hub.journal.shelf.lease(outlet.name, wanted, lent.expires, lent.lease)
            if isinstance(claims, JournalDown):
                return lent if lent.messages else claims
            ends = began + fetching.lease.total_seconds()
            outlet.lending.lend(lent.lease, ends, (claim.delivery_id for claim in claims))
            for claim in claims:
                if claim.expires_at is not None and claim.expires_at <= now:
                    outlet.lending.take_back(lent.lease, [claim.delivery_id])
                    await settle(self._hub, expired(self._hub.court, claim, now))
                else:
                    await self._add(lent, outlet, claim)
            if len(claims) < wanted:
                break
        return lent

    async def _add(self, lent: _Lent, outlet: Outlet, claim: Claim) -> None:
        """What cannot be said to this department any more is settled instead of lent."""
        translated = await translated_or_settlement(self._hub, outlet, claim)
        if isinstance(translated, Settlement):
            outlet.lending.take_back(lent.lease, [claim.delivery_id])
            await settle(self._hub, translated)
        else:
            lent.add(claim, translated.parcel.body)

    async def _settle(
        self, outlet: Outlet, lease: UUID, claims: Sequence[Claim], results: Sequence[Result]
    ) -> Sequence[dict[str, object]]:
        """COMMIT 2 of each, together; of two results for one delivery the first counts."""
        held = {UUID(int=claim.delivery_id.int): claim for claim in claims}
        outlet.lending.take_back(lease, (result.delivery for result in results))
        now = self._hub.clock.now()

        async def one(result: Result, claim: Claim | None) -> dict[str, object]:
            if claim is None:
                return {"delivery": result.delivery, "status": "stale"}
            stood = await settle(self._hub, self._settlement(outlet, claim, result, now))
            return {"delivery": result.delivery, "status": "settled" if stood is not None else "stale"}

        return await asyncio.gather(*(one(result, held.pop(result.delivery, None)) for result in results))

    def _settlement(self, outlet: Outlet, claim: Claim, result: Result, now: datetime) -> Settlement:
        court = self._hub.court
        match result.outcome:
            case "delivered":
                withheld = left_out(claim, outlet.form)
                return judge(court, outlet.policy, claim, Delivered(result.receipt), now, withheld)
            case "rejected":
                return judge(court, outlet.policy, claim, Rejected(result.code, result.detail), now)
            case "retry":
                seconds = _LATER_SECONDS if result.after_seconds is None else result.after_seconds
                return postponed(court, outlet.policy, claim, seconds, now)
            case _:
                assert_never(result.outcome)


def _number(request: web.Request, name: str, least: float, most: float) -> float | Refusal:
    """A number of the query, bounded above by what the mailbox allows; left out: the most."""
    text = request.query.get(name)
    if text is None:
        return most
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if number >= least:
        return min(number, most)
    return invalid(name, Text(f"不小于 {least} 的数", f"a number, at least {least}"))


_DESTINATION = Parameter("destination", "path", Text("信箱，即目的地编号", "The mailbox: a destination's id"))


def routes(hub: Hub, limits: Limits, stopping: asyncio.Event) -> Sequence[Route]:
    """The routes of this resource."""
    mailboxes = Mailboxes(hub, limits, stopping)
    return (
        Route(
            method="GET",
            path="/v1/mailbox/{destination}",
            name="fetchMailbox",
            meaning=Text(
                "取件：没有消息时最多等待 wait 秒。取走的消息在租期内不会再给别人，未确认的会再次出现。",
                "Fetch; waits up to `wait` seconds when there is nothing. Fetched messages are lent: "
                "what is not acknowledged within the lease comes again.",
            ),
            handler=mailboxes.fetch,
            parameters=(
                _DESTINATION,
                Parameter("max", "query", Text("最多条数", "The most messages"), {"type": "integer", "minimum": 1}),
                Parameter(
                    "wait",
                    "query",
                    Text("最长等待秒数", "The longest wait, in seconds"),
                    {"type": "number", "minimum": 0},
                ),
            ),
            answers={
                200: Answer(Text("消息", "Messages"), JSON, Fetch),
                204: Answer(Text("没有消息", "Nothing there")),
            },
            refusals=("E_NOT_FOUND", "E_QUERY_INVALID", "E_BUSY", "E_JOURNAL_DOWN"),
        ),
        Route(
            method="POST",
            path="/v1/mailbox/{destination}/ack",
            name="acknowledgeMailbox",
            meaning=Text("确认：逐条说明取走的消息结果如何。", "Say what became of each fetched message."),
            handler=mailboxes.acknowledge,
            parameters=(_DESTINATION,),
            takes={JSON: Ack},
            answers={200: Answer(Text("逐条是否记录", "Whether each was recorded"), JSON, Acked)},
            refusals=(
                "E_NOT_FOUND",
                "E_LEASE_LOST",
                "E_BODY_INVALID",
                "E_JSON_MALFORMED",
                "E_TOO_LARGE",
                "E_TOO_SLOW",
                "E_JOURNAL_DOWN",
            ),
        ),
    )
