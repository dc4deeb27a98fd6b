# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``/v1/operator/authorize`` and ``/callback``: an operator's browser goes to the issuer and comes back signed in. 外部登录"""

from collections.abc import Sequence

from aiohttp import web

from contracts.refusal import Refusal
from contracts.text import Text
from hub.api.operators import Session, session_response
from hub.api.problems import NOT_FOUND
from hub.api.route import JSON, Answer, Parameter, Route
from hub.oidc_code import LASTS
from hub.running import Hub

COOKIE = "__Host-govhub-sign-in"
"""The prefix makes browsers take it from this host alone, over TLS alone (RFC 6265bis, section 4.1.3.2)."""


class Authorizing:
    """The resource."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def begin(self, _request: web.Request, _caller: str) -> web.StreamResponse | Refusal:
        """Go to the issuer."""
        if self._hub.code_flow is None:
            return NOT_FOUND
        begun = self._hub.code_flow.begin()
        if isinstance(begun, Refusal):
            return begun
        response = web.Response(status=302, headers={"Location": begun.url, "Cache-Control": "no-store"})
        response.set_cookie(COOKIE, begun.kept, max_age=LASTS, path="/", secure=True, httponly=True, samesite="Lax")
        return response

    async def finish(self, request: web.Request, _caller: str) -> web.StreamResponse | Refusal:
        """Come back from it."""
        if self._hub.code_flow is None:
            return NOT_FOUND
        asked = request.query
        opened = await self._hub.code_flow.finish(
            asked.get("code", ""), asked.get("state", ""), request.cookies.get(COOKIE, "")
        )
        if isinstance(opened, Refusal):
            return opened
        response = session_response(opened)
        response.headers["Referrer-Policy"] = "no-referrer"
        response.del_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="Lax")
        return response


def routes(hub: Hub) -> Sequence[Route]:
    """The routes of this resource."""
    resource = Authorizing(hub)
    return (
        Route(
            method="GET",
            path="/v1/operator/authorize",
            name="authorizeOperator",
            meaning=Text(
                "浏览器转到签发者登录（授权码，PKCE）。",
                "A browser is led to the issuer (authorization code with PKCE).",
            ),
            handler=resource.begin,
            answers={302: Answer(Text("转到签发者", "To the issuer"))},
            refusals=("E_NOT_FOUND", "E_ISSUER_DOWN"),
            open=True,
        ),
        Route(
            method="GET",
            path="/v1/operator/callback",
            name="operatorCallback",
            meaning=Text("从签发者返回，得到会话。", "Back from the issuer: a session."),
            handler=resource.finish,
            parameters=(
                Parameter("code", "query", Text("授权码", "The code")),
                Parameter("state", "query", Text("所带的 state", "The state that was sent along")),
            ),
            answers={200: Answer(Text("会话", "The session"), JSON, Session)},
            refusals=("E_NOT_FOUND", "E_SIGN_IN", "E_ISSUER_DOWN", "E_JOURNAL_DOWN"),
            open=True,
        ),
    )
