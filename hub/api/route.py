# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""One entry of the API: how it is reached, who answers, and how it is described. OpenAPI is generated from these."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from aiohttp import web
from pydantic import BaseModel

from certs.api_key import Scope as KeyScope
from contracts.refusal import Refusal
from contracts.text import Text
from hub.access.routes import FOR_SYSTEMS
from hub.operators import EVERYWHERE, Operator, Right, Scope
from hub.ports.journal import TokenRecord

Handler: TypeAlias = Callable[[web.Request, str], Awaitable[web.StreamResponse | Refusal]]
"""Answers a request of the system or operator with that id; it is empty on a route that is open to anybody."""

JSON = "application/json"
SERVER = "govhub"
"""What the Server header says: no version of anything."""

_ASKED_BY_POST = ("/v1/lookups/", "/v1/notices/preview")

REQUEST_ID = web.RequestKey("request_id", str)
"""The id of a request: in its log line, its answer's ``Govhub-Request`` header and its problem's ``instance``."""

SYSTEM = web.RequestKey("system", str)
"""The system that asks, once that is known."""

OPERATOR = web.RequestKey("operator", str)
"""The operator who asks, on a route for operators."""


ACCOUNT = web.RequestKey("account", Operator)
"""The operator who asks, with rights and scope."""

TOKEN = web.RequestKey("token", TokenRecord)
"""The session or token by which an operator asks, if it is one."""

RULE = web.RequestKey("rule", str)
"""The rule by which it was decided whether the caller may have this; for the log."""


def scope_of(request: web.Request) -> Scope:
    """For whom the operator who asks is there."""
    who = request.get(ACCOUNT)
    return EVERYWHERE if who is None else who.scope


@dataclass(frozen=True, slots=True)
class Answer:
    """A success: what it means, and its body by media type; no model: bytes as they are, no media type: no body."""

    meaning: Text
    media_type: str | None = None
    model: type[BaseModel] | None = None
    headers: Mapping[str, Text] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter in the path, the query or a header, with its JSON Schema."""

    name: str
    place: str
    meaning: Text
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """``name`` is unique (``operationId``). ``takes`` gives the body's models by media type, None for plain bytes.

    ``refusals`` are the codes a client of this route should know, beside those every route has.
    """

    method: str
    path: str
    name: str
    meaning: Text
    handler: Handler
    answers: Mapping[int, Answer]
    refusals: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    takes: Mapping[str, type[BaseModel] | None] = field(default_factory=dict)
    open: bool = False
    right: Right | None = None
    """Set: the route is for operators with this right, and no system may use it."""
    also: Right | None = None
    """Set on a route for systems: operators with this right may use it too. The handler finds them as ``OPERATOR``."""
    receives: bool = False
    """Who calls is known to a source's receiver, not to the hub: no key is asked for."""
    scoped: bool = False
    """Set on a route for operators: it keeps to the scope of whoever asks. Others are for operators without a limit only."""
    quiet: bool = False
    """Its successes are logged for debugging only: machines ask all the time, or the path logs what it did anyway."""

    @property
    def for_systems(self) -> bool:
        """Whether systems with their keys use it; then a rule of :data:`hub.access.routes.FOR_SYSTEMS` says which."""
        return not self.open and not self.receives and self.right is None

    @property
    def rule(self) -> str:
        """Who may use it, in a word for the records: what a system does there, an operator's right, or ``open``."""
        if self.open:
            return "open"
        if self.receives:
            return "source"
        if self.right is not None:
            return f"operators:{self.right}"
        rule = FOR_SYSTEMS.get(self.name)
        return "deny:route" if rule is None else f"systems:{rule.verb}"

    @property
    def scope(self) -> KeyScope:
        """What a system's key must be good for here."""
        if self.path.startswith("/v1/mailbox/"):
            return KeyScope.MAILBOX
        asks = self.method in {"GET", "HEAD"} or self.path.startswith(_ASKED_BY_POST)
        return KeyScope.QUERY if asks else KeyScope.INTAKE
