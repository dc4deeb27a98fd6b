# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``/v1/operators``: who has an account, made, given roles, disabled and enabled by whoever has the role admin. 账号管理"""

from collections.abc import Sequence
from uuid import UUID

from aiohttp import web

from contracts.refusal import Refusal
from contracts.text import Text
from hub.acting import Order
from hub.administering import Administration, Given
from hub.api import json_body
from hub.api.account_documents import (
    Account,
    Accounts,
    Adding,
    Because,
    Ended,
    Giving,
    NewPassword,
    Tokens,
    account_document,
    tokens_document,
)
from hub.api.dead import API
from hub.api.problems import JOURNAL_DOWN, NOT_FOUND
from hub.api.route import ACCOUNT, JSON, Answer, Parameter, Route
from hub.api.views import json_response, nameable
from hub.config.deployment import Limits
from hub.operators import Right
from hub.ports.journal import AccountRecord, JournalDown
from hub.running import Hub

_WITH_SESSION = "password"
_OWN = Because(reason="own password")


class OperatorAccounts:
    """The resource."""

    def __init__(self, hub: Hub, limits: Limits) -> None:
        self._hub = hub
        self._limits = limits

    async def list(self, _request: web.Request, _operator: str) -> web.StreamResponse | Refusal:
        """Every account."""
        found, hub = await self._hub.journal.accounts.accounts(), self._hub
        if isinstance(found, JournalDown):
            return JOURNAL_DOWN
        keyed = (hub.operators.operator(name) for name in sorted(hub.operators.rights))
        keys = [
            {
                "account": one.account,
                "rights": sorted(right.value for right in Right if one.may(right)),
                "regions": list(one.scope.regions),
                "organisations": sorted(one.scope.organisations),
            }
            for one in keyed
        ]
        return json_response({"operators": [account_document(one) for one in found], "keys": keys})

    async def add(self, request: web.Request, operator: str) -> web.StreamResponse | Refusal:
        """Make one."""
        body = await json_body.read(request, self._hub.clock, self._limits, Adding)
        if isinstance(body, Refusal):
            return body
        by, desk = self._order(operator, body), self._desk()
        if desk is None:
            return NOT_FOUND
        made = await desk.add(
            by, body.account, _given(body), title=body.title, password=body.password, subject=body.subject
        )
        return made if isinstance(made, Refusal) else json_response(account_document(made), status=201)

    async def give(self, request: web.Request, operator: str) -> web.StreamResponse | Refusal:
        """Give roles and scope anew."""
        body = await json_body.read(request, self._hub.clock, self._limits, Giving)
        if isinstance(body, Refusal):
            return body
        desk, name = self._desk(), request.match_info["account"]
        if desk is None or not nameable(name):
            return NOT_FOUND
        return _told(await desk.give(self._order(operator, body), name, _given(body)))

    async def disable(self, request: web.Request, operator: str) -> web.StreamResponse | Refusal:
        """Nobody signs in with it any more."""
        body = await json_body.read(request, self._hub.clock, self._limits, Because)
        if isinstance(body, Refusal):
            return body
        desk, name = self._desk(), request.match_info["account"]
        if desk is None or not nameable(name):
            return NOT_FOUND
        return _told(await desk.disable(self._order(operator, body), name))

    async def enable(self, request: web.Request, operator: str) -> web.StreamResponse | Refusal:
        """It is good again."""
        body = await json_body.read(request, self._hub.clock, self._limits, Because)
        if isinstance(body, Refusal):
            return body
        desk, name = self._desk(), request.match_info["account"]
        if desk is None or not nameable(name):
            return NOT_FOUND
        return _told(await desk.enable(self._order(operator, body), name))

    async def tokens(self, request: web.Request, _operator: str) -> web.StreamResponse | Refusal:
        """Its sessions and tokens."""
        name = request.match_info["account"]
        if not nameable(name):
            return NOT_FOUND
        found = await self._hub.journal.accounts.tokens(name)
        return JOURNAL_DOWN if isinstance(found, JournalDown) else json_response(tokens_document(found))

    async def end(self, request: web.Request, operator: str) -> web.StreamResponse | Refusal:
        """End a session or token."""
        body = await json_body.read(request, self._hub.clock, self._limits, Because)
        if isinstance(body, Refusal):
            return body
        desk = self._desk()
        try:
            token = UUID(request.match_info["token"])
        except ValueError:
            return NOT_FOUND
        if desk is None:
            return NOT_FOUND
        done = await desk.end(self._order(operator, body), token)
        return done if isinstance(done, Refusal) else json_response({"revoked": done})

    async def password(self, request: web.Request, operator: str) -> web.StreamResponse | Refusal:
        """Change one's own password; every session of it ends, this one too."""
        body = await json_body.read(request, self._hub.clock, self._limits, NewPassword)
        if isinstance(body, Refusal):
            return body
        desk = self._desk()
        if desk is None or request[ACCOUNT].kind != _WITH_SESSION:
            return NOT_FOUND
        shown = await desk.sign_in.proved(operator, body.password)
        if isinstance(shown, Refusal):
            return shown
        changed = await desk.password(self._order(operator, _OWN), operator, body.new)
        return changed if isinstance(changed, Refusal) else web.Response(status=204)

    def _order(self, operator: str, body: Because) -> Order:
        return Order(operator, API, body.request or f"account {self._hub.ids.new()}", body.reason)

    def _desk(self) -> Administration | None:
        hub = self._hub
        if hub.sign_in is None:
            return None
        return Administration(
            accounts=hub.journal.accounts,
            clock=hub.clock,
            ids=hub.ids,
            sign_in=hub.sign_in,
            keyed=[hub.operators.operator(name) for name in sorted(hub.operators.rights)],
            systems=hub.rules.speakers.keys(),
            issuer="" if hub.issuer is None else hub.issuer.issuer,
            second=hub.second,
        )


def _given(body: Giving) -> Given:
    return Given(
        roles=tuple(dict.fromkeys(one.value for one in body.roles)),
        regions=tuple(dict.fromkeys(body.regions)),
        organisations=tuple(dict.fromkeys(body.organisations)),
    )


def _told(account: AccountRecord | Refusal) -> web.StreamResponse | Refusal:
    return account if isinstance(account, Refusal) else json_response(account_document(account))


_ACCOUNT = Parameter("account", "path", Text("账号", "The account"))
_TOKEN = Parameter("token", "path", Text("会话或令牌的编号", "The id of a session or token"))
_REFUSALS = (*json_body.REFUSALS, "E_NOT_FOUND", "E_BUSY", "E_JOURNAL_DOWN")
_ONCE = ("E_SECOND_PERSON", "E_REQUEST_REUSE")
_CHANGES = ("E_OWN_ACCOUNT", "E_LAST_ADMIN", *_ONCE)
_ONE = {200: Answer(Text("账号", "The account"), JSON, Account)}


def routes(hub: Hub, limits: Limits) -> Sequence[Route]:
    """The routes of this resource."""
    resource = OperatorAccounts(hub, limits)
    return (
        Route(
            method="GET",
            path="/v1/operators",
            name="listOperators",
            meaning=Text("全部操作员账号。", "Every account of operators."),
            handler=resource.list,
            right=Right.ADMIN,
            answers={200: Answer(Text("账号", "The accounts"), JSON, Accounts)},
            refusals=("E_JOURNAL_DOWN",),
        ),
        Route(
            method="POST",
            path="/v1/operators",
            name="addOperator",
            meaning=Text(
                "新建账号，以密码或外部身份登录。", "Make an account that signs in by a password or its issuer."
            ),
            handler=resource.add,
            right=Right.ADMIN,
            takes={JSON: Adding},
            answers={201: Answer(Text("已建", "Made"), JSON, Account)},
            refusals=(*_REFUSALS, "E_ACCOUNT_INVALID", "E_ACCOUNT_TAKEN", *_ONCE),
        ),
        Route(
            method="POST",
            path="/v1/operators/{account}/roles",
            name="giveRoles",
            meaning=Text(
                "重新给定角色与范围；其会话与令牌结束。", "Give roles and scope anew; its sessions and tokens end."
            ),
            handler=resource.give,
            right=Right.ADMIN,
            parameters=(_ACCOUNT,),
            takes={JSON: Giving},
            answers=_ONE,
            refusals=(*_REFUSALS, "E_ACCOUNT_INVALID", "E_ACCOUNT_TAKEN", *_CHANGES),
        ),
        Route(
            method="POST",
            path="/v1/operators/{account}/disable",
            name="disableOperator",
            meaning=Text("停用账号，立即结束其会话与令牌。", "Disable it; its sessions and tokens end at once."),
            handler=resource.disable,
            right=Right.ADMIN,
            parameters=(_ACCOUNT,),
            takes={JSON: Because},
            answers=_ONE,
            refusals=(*_REFUSALS, *_CHANGES),
        ),
        Route(
            method="POST",
            path="/v1/operators/{account}/enable",
            name="enableOperator",
            meaning=Text("恢复账号，并解除锁定。", "Enable it again, and unlock it."),
            handler=resource.enable,
            right=Right.ADMIN,
            parameters=(_ACCOUNT,),
            takes={JSON: Because},
            answers=_ONE,
            refusals=(*_REFUSALS, *_CHANGES),
        ),
        Route(
            method="GET",
            path="/v1/operators/{account}/tokens",
            name="listTokens",
            meaning=Text("账号的会话与令牌，新的在前。", "Its sessions and tokens, the newest first."),
            handler=resource.tokens,
            right=Right.ADMIN,
            parameters=(_ACCOUNT,),
            answers={200: Answer(Text("会话与令牌", "Sessions and tokens"), JSON, Tokens)},
            refusals=("E_NOT_FOUND", "E_JOURNAL_DOWN"),
        ),
        Route(
            method="POST",
            path="/v1/tokens/{token}/revoke",
            name="revokeToken",
            meaning=Text("立即结束一个会话或令牌。", "End a session or token at once."),
            handler=resource.end,
            right=Right.ADMIN,
            parameters=(_TOKEN,),
            takes={JSON: Because},
            answers={200: Answer(Text("已结束", "It is over"), JSON, Ended)},
            refusals=(*json_body.REFUSALS, "E_NOT_FOUND", "E_JOURNAL_DOWN"),
        ),
        Route(
            method="POST",
            path="/v1/operator/password",
            name="changePassword",
            scoped=True,
            meaning=Text(
                "修改自己的密码；会话与令牌全部结束。", "Change one's own password; every session and token of it ends."
            ),
            handler=resource.password,
            right=Right.READ,
            takes={JSON: NewPassword},
            answers={204: Answer(Text("已修改", "Changed"))},
            refusals=(*_REFUSALS, "E_SIGN_IN", "E_ACCOUNT_INVALID"),
        ),
    )
