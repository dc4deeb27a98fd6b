# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What happens to every request: it gets an id, whoever sent it is identified, its fate becomes an answer and one log line."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias
from urllib.parse import unquote

from aiohttp import web

from certs.x509.anchors import brought
from contracts.refusal import Refusal
from hub.access.routes import denied
from hub.api.connection import Connection
from hub.api.problems import BUG, NO_SUCH_PATH, STOPPING, wrong_method
from hub.api.refusing import refused
from hub.api.route import ACCOUNT, OPERATOR, REQUEST_ID, RULE, SERVER, SYSTEM, TOKEN, Route
from hub.config.proxy import ProxySection
from hub.running import Hub
from hub.signed_in import BEYOND_SCOPE, SignedIn, operator_of
from hub.stages.identify import SYSTEMS_ONLY, Known, Presented, disbelieved, identify_at, lacking

Answering: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]

_CUT = 499  # for the log alone: the client went away before it was answered
_UNKNOWN = "(unknown)"
_SYSTEMS_ONLY = "E_SYSTEMS_ONLY"
_ABSENT = "-"


def guarded(hub: Hub, route: Route) -> Answering:
    """The route's handler, reached only by a system or, if it is for operators, by one with the right; open: by anybody."""
    who = SYSTEM if route.right is None else OPERATOR
    known = Known(hub.keys, hub.operators, hub.identities.clients, hub.identities.trusting)

    async def answer(request: web.Request) -> web.StreamResponse:
        caller, asks = "", who
        if not (route.open or route.receives):
            shown, now = presented(request, hub.proxy), hub.clock.now()
            signed_in = await operator_of(hub, shown.authorization)
            if signed_in is not None:
                found, asks = disbelieved(known, shown) or _signed_in(request, route, signed_in), OPERATOR
            else:
                found = identify_at(known, shown, now, route.right, route.scope)
                if isinstance(found, Refusal) and found.code == _SYSTEMS_ONLY and route.also is not None:
                    found, asks = identify_at(known, shown, now, route.also), OPERATOR
                if isinstance(found, str) and asks is OPERATOR:
                    found = _signed_in(request, route, SignedIn(hub.operators.operator(found)))
            if isinstance(found, Refusal):
                hub.observer.turned_away(found.code)
                return refused(found, request)
            caller = found
        request[asks] = caller
        request[RULE] = route.rule
        barred = denied(hub.rules.access, route.name, caller) if route.for_systems and asks is SYSTEM else None
        if barred is not None:
            hub.observer.turned_away(barred.code)
            return refused(barred, request)
        result = await route.handler(request, caller)
        return refused(result, request) if isinstance(result, Refusal) else result

    return answer


def _signed_in(request: web.Request, route: Route, found: SignedIn | Refusal) -> str | Refusal:
    """The account, if it may use the route; it is kept with the request."""
    if isinstance(found, Refusal):
        return found
    right = route.right or route.also
    if right is None:
        return SYSTEMS_ONLY
    if not found.operator.may(right):
        return lacking(right)
    if not (route.scoped or found.operator.scope.whole):
        return BEYOND_SCOPE
    request[ACCOUNT] = found.operator
    if found.token is not None:
        request[TOKEN] = found.token
    return found.operator.account


def presented(request: web.Request, proxy: ProxySection | None) -> Presented:
    """What the request and its connection show of who asks. A header counts as a certificate only from the proxy."""
    protocol = request.protocol
    certificate = protocol.certificate if isinstance(protocol, Connection) else None
    if certificate is None and proxy is not None and proxy.certificate_header and proxy.believes(request.remote):
        told = request.headers.getall(proxy.certificate_header, [])
        certificate = _from_pem(told[0]) if len(told) == 1 else None  # twice: the proxy passes on what callers write
    return Presented(request.headers.get("Authorization"), certificate)


def _from_pem(written: str) -> bytes | None:
    """The certificate of a percent-encoded PEM; None: there is none. One that is none of an X.509 is refused later."""
    if not written or written == _ABSENT:
        return None
    found = brought({"header": unquote(written).encode()}).certificates
    return found[0].der if found else written.encode(errors="replace")


class Gate:
    """The one middleware. Paths of open routes are answered to the end; of quiet ones, only failures are worth a line."""

    def __init__(self, hub: Hub, stopping: asyncio.Event, routes: Sequence[Route]) -> None:
        self._hub = hub
        self._stopping = stopping
        self._open = frozenset(route.path for route in routes if route.open)
        self._quiet = frozenset(route.path for route in routes if route.quiet)

    @web.middleware
    async def attend(self, request: web.Request, handler: Answering) -> web.StreamResponse:
        """Attend to one request from its id to its log line."""
        request_id = request[REQUEST_ID] = str(self._hub.ids.new())
        started = self._hub.clock.monotonic()
        status = _CUT
        try:
            response = await self._fate(request, handler)
            status = response.status
        finally:
            self._line(request, status, self._hub.clock.monotonic() - started)
        if not response.prepared:
            response.headers["Server"] = SERVER
            response.headers["Govhub-Request"] = request_id
            if not request.content.is_eof():
                response.force_close()  # nobody will read the rest of the body
        return response

    async def _fate(self, request: web.Request, handler: Answering) -> web.StreamResponse:
        request_id = request[REQUEST_ID]
        closed = STOPPING if self._stopping.is_set() else self._hub.intake.overcrowded()
        if closed is not None and _path_of(request) not in self._open:
            response = refused(closed, request)
            response.force_close()
            return response
        try:
            return await handler(request)
        except web.HTTPMethodNotAllowed as wrong:
            return refused(wrong_method(", ".join(sorted(wrong.allowed_methods))), request)
        except web.HTTPNotFound:
            return refused(NO_SUCH_PATH, request)
        except ConnectionError:  # the client is gone; aiohttp knows what to do
            raise
        except Exception as bug:
            self._hub.log.error("bug in the API", request=request_id, route=_path_of(request), exc_info=bug)
            return refused(BUG, request)

    def _line(self, request: web.Request, status: int, seconds: float) -> None:
        path = _path_of(request)
        log = self._hub.log.debug if status < 400 and path in self._quiet else self._hub.log.info
        log(
            "request",
            request=request[REQUEST_ID],
            method=request.method,
            route=path,
            status=status,
            system=request.get(SYSTEM, ""),
            **({"operator": request[OPERATOR]} if OPERATOR in request else {}),
            **({"rule": request[RULE]} if RULE in request else {}),
            ms=round(seconds * 1000, 1),
        )


def _path_of(request: web.Request) -> str:
    """The path as the route table has it: what stands in its place in the request may name a case."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else _UNKNOWN
