# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``/v1/operator``: operators sign in and out, and see who they are. 操作员"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from contracts.refusal import Refusal
from contracts.text import Text
from hub.api import json_body
from hub.api.documents import Document, says
from hub.api.problems import JOURNAL_DOWN, NOT_FOUND
from hub.api.route import ACCOUNT, JSON, TOKEN, Answer, Route
from hub.api.views import json_response
from hub.config.deployment import Limits
from hub.operators import Operator, Right
from hub.ports.journal import AuditEntry, JournalDown
from hub.running import Hub
from hub.sign_in import LONGEST, Opened

# ruff: noqa: N815  # because camelCase names are the wire's


class SigningIn(BaseModel):
    """Who wants in."""

    model_config = ConfigDict(extra="forbid")

    account: str = Field(min_length=1, max_length=LONGEST, description="账号。The account.")
    password: str = Field(min_length=1, max_length=LONGEST, description="密码。The password.")


class Session(Document):
    """A session that began. The token is shown now and never again."""

    token: str
    account: str
    title: str
    expiresAt: datetime


class Myself(Document):
    """The operator who asks."""

    account: str
    kind: Annotated[str, says("密钥、密码会话、令牌或外部身份", "By a key, a password, a token or an issuer")]
    rights: list[Right]
    regions: Annotated[list[str], says("负责的区划，空为全部", "Regions; empty: all")]
    organisations: Annotated[list[str], says("负责的系统，空为全部", "Systems; empty: all")]
    expiresAt: datetime | None


def session_response(opened: Opened) -> web.Response:
    """The session, which nobody on the way may keep."""
    response = json_response(
        {
            "token": opened.secret,
            "account": opened.account.name,
            "title": opened.account.title,
            "expiresAt": opened.token.expires_at,
        }
    )
    response.headers["Cache-Control"] = "no-store"
    return response


class OperatorResource:
    """The resource."""

    def __init__(self, hub: Hub, limits: Limits) -> None:
        self._hub = hub
        self._limits = limits

    async def sign_in(self, request: web.Request, _caller: str) -> web.StreamResponse | Refusal:
        """Begin a session."""
        body = await json_body.read(request, self._hub.clock, self._limits, SigningIn)
        if isinstance(body, Refusal):
            return body
        if self._hub.sign_in is None:
            return NOT_FOUND
        opened = await self._hub.sign_in.sign_in(body.account, body.password)
        if isinstance(opened, Refusal):
            return opened
        return session_response(opened)

    async def sign_out(self, request: web.Request, operator: str) -> web.StreamResponse | Refusal:
        """End the session or token that asks. Somebody with a key has none: nothing happens."""
        token = request.get(TOKEN)
        if token is not None:
            now = self._hub.clock.now()
            entry = AuditEntry(id=self._hub.ids.new(), at=now, account=operator, act="sign_out", via="api")
            ended = await self._hub.journal.accounts.revoke(token.id, now, entry)
            if isinstance(ended, JournalDown):
                return JOURNAL_DOWN
        return web.Response(status=204)

    async def get(self, request: web.Request, _operator: str) -> web.StreamResponse | Refusal:
        """Who asks, and what they may."""
        who: Operator = request[ACCOUNT]
        token = request.get(TOKEN)
        return json_response(
            {
                "account": who.account,
                "kind": who.kind,
                "rights": sorted(right.value for right in Right if who.may(right)),
                "regions": list(who.scope.regions),
                "organisations": sorted(who.scope.organisations),
                "expiresAt": None if token is None else token.expires_at,
            }
        )


def routes(hub: Hub, limits: Limits) -> Sequence[Route]:
    """The routes of this resource."""
    resource = OperatorResource(hub, limits)
    return (
        Route(
            method="POST",
            path="/v1/operator/sign-in",
            name="signIn",
            meaning=Text(
                "操作员登录：以账号与密码换取会话令牌，用作 Bearer。",
                "An operator signs in: a session token for account and password, to be used as bearer.",
            ),
            handler=resource.sign_in,
            takes={JSON: SigningIn},
            answers={200: Answer(Text("会话", "The session"), JSON, Session)},
            refusals=("E_SIGN_IN", "E_NOT_FOUND", "E_BUSY", "E_JOURNAL_DOWN", *json_body.REFUSALS),
            open=True,
        ),
        Route(
            method="POST",
            path="/v1/operator/sign-out",
            name="signOut",
            scoped=True,
            meaning=Text("退出：结束当前会话或令牌。", "Sign out: the session or token that asks is over."),
            handler=resource.sign_out,
            right=Right.READ,
            answers={204: Answer(Text("已结束", "It is over"))},
            refusals=("E_JOURNAL_DOWN",),
        ),
        Route(
            method="GET",
            path="/v1/operator",
            name="getOperator",
            scoped=True,
            meaning=Text("当前操作员：账号、权限、范围。", "The operator who asks: account, rights, scope."),
            handler=resource.get,
            right=Right.READ,
            answers={200: Answer(Text("操作员", "The operator"), JSON, Myself)},
        ),
    )
