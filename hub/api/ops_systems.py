# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``/ops/v1/systems`` and ``/ops/v1/certificates``: who is connected, what they may, and what of theirs runs out when. 系统"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from aiohttp import web

from contracts.refusal import Refusal
from contracts.text import Text
from hub.access.decision import Verb
from hub.api.documents import Document, says
from hub.api.me_documents import OwnGrant, grant_document
from hub.api.ops_destinations import OpsDestination, ops_destinations
from hub.api.ops_mounted import ROOT
from hub.api.problems import JOURNAL_DOWN, NOT_FOUND
from hub.api.route import JSON, Answer, Parameter, Route, scope_of
from hub.api.views import json_response
from hub.identities.expiring import Expiring
from hub.operators import Right
from hub.ports.journal import JournalDown
from hub.running import Hub

# ruff: noqa: N815  # because camelCase names are the wire's


class EndingCredential(Document):
    """Something with an end: a key, a certificate, a list of revocations."""

    holder: Annotated[str, says("系统、操作员或本中枢", "A system, an operator, or the hub itself")]
    kind: str
    mark: Annotated[str, says("同类之间的区别：序列号，或摘要的开头", "What tells two of a kind apart")]
    until: datetime
    daysLeft: Annotated[float, says("负数为已过期", "Negative: it is over")]


class EndingCredentials(Document):
    """All that are known to have an end, the nearest first."""

    credentials: list[EndingCredential]


class SourceState(Document):
    """A source of a system, and what is wrong with it, if something is."""

    source: str
    trouble: str | None
    since: datetime | None


class OpsSystem(Document):
    """A system as the hub knows it."""

    system: str
    anyCase: bool
    dialects: list[str]
    may: Annotated[list[OwnGrant], says("可做的事；未列出的一律不可", "What it may do; nothing else")]
    keys: Annotated[int, says("API 密钥个数", "How many API keys it has")]
    credentials: Annotated[list[EndingCredential], says("有期限的凭据", "EndingCredentials of its that end")]
    destinations: list[OpsDestination]
    sources: list[SourceState]


class OpsSystems(Document):
    """All of them, by name."""

    systems: list[OpsSystem]


def credential_document(one: Expiring, now: datetime) -> dict[str, Any]:
    """One of them."""
    left = one.left(now).total_seconds() / 86_400
    return {"holder": one.holder, "kind": one.kind, "mark": one.mark, "until": one.until, "daysLeft": round(left, 1)}


class Systems:
    """The resource."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def list(self, request: web.Request, _operator: str) -> web.StreamResponse | Refusal:
        """Those of the operator's scope."""
        found = await self._found(request)
        return found if isinstance(found, Refusal) else json_response({"systems": found})

    async def get(self, request: web.Request, _operator: str) -> web.StreamResponse | Refusal:
        """One of them."""
        found = await self._found(request)
        if isinstance(found, Refusal):
            return found
        named = [one for one in found if one["system"] == request.match_info["system"]]
        return json_response(named[0]) if named else NOT_FOUND

    async def credentials(self, request: web.Request, _operator: str) -> web.StreamResponse | Refusal:
        """Everything with an end."""
        hub, scope = self._hub, scope_of(request)
        mine = (one for one in hub.identities.expiry.known if scope.whole or scope.has_organisation(one.holder))
        return json_response({"credentials": [credential_document(one, hub.clock.now()) for one in mine]})

    async def _found(self, request: web.Request) -> Sequence[dict[str, Any]] | Refusal:
        hub, scope = self._hub, scope_of(request)
        gates = await hub.journal.gates.states()
        if isinstance(gates, JournalDown):
            return JOURNAL_DOWN
        destinations = ops_destinations(hub, gates, scope)
        names = sorted(name for name in hub.rules.speakers if scope.has_organisation(name))
        return [self._system(name, [one for one in destinations if one["system"] == name]) for name in names]

    def _system(self, name: str, destinations: Sequence[dict[str, Any]]) -> dict[str, Any]:
        hub = self._hub
        speaker, grants, now = hub.rules.speakers[name], hub.rules.access.grants, hub.clock.now()
        return {
            "system": name,
            "anyCase": speaker.any_case,
            "dialects": [dialect.name for dialect in speaker.dialects],
            "may": [grant_document(verb, one) for verb in Verb for one in grants.get((name, verb), ())],
            "keys": sum(holder == name for holder in hub.keys.holders.values()),
            "credentials": [credential_document(one, now) for one in hub.identities.expiry.known if one.holder == name],
            "destinations": destinations,
            "sources": [
                {
                    "source": source,
                    "trouble": None if inlet.trouble is None else inlet.trouble.code,
                    "since": None if inlet.trouble is None else inlet.trouble.since,
                }
                for source, inlet in sorted(hub.inlets.items())
                if inlet.system == name
            ],
        }


def routes(hub: Hub) -> Sequence[Route]:
    """The routes of this resource."""
    systems = Systems(hub)
    return (
        Route(
            method="GET",
            path=f"{ROOT}/systems",
            name="opsListSystems",
            scoped=True,
            meaning=Text(
                "各系统：权限、方言、凭据期限、目的地与来源的状态。",
                "Every system: what it may, its dialects, when its credentials end, how its destinations and sources stand.",
            ),
            handler=systems.list,
            right=Right.READ,
            answers={200: Answer(Text("系统", "The systems"), JSON, OpsSystems)},
            refusals=("E_JOURNAL_DOWN",),
        ),
        Route(
            method="GET",
            path=f"{ROOT}/systems/{{system}}",
            name="opsGetSystem",
            scoped=True,
            meaning=Text("一个系统。", "One system."),
            handler=systems.get,
            right=Right.READ,
            parameters=(Parameter("system", "path", Text("系统", "The system")),),
            answers={200: Answer(Text("系统", "The system"), JSON, OpsSystem)},
            refusals=("E_NOT_FOUND", "E_JOURNAL_DOWN"),
        ),
        Route(
            method="GET",
            path=f"{ROOT}/certificates",
            name="opsListCertificates",
            scoped=True,
            meaning=Text(
                "有期限的证书与密钥，最先到期的在前。", "Certificates and keys that end, those that end first ahead."
            ),
            handler=systems.credentials,
            right=Right.READ,
            answers={200: Answer(Text("凭据", "The credentials"), JSON, EndingCredentials)},
        ),
    )
