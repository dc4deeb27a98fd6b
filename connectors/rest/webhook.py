# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Webhooks in: a far side that calls when something has happened. 回调"""

import hmac
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Self

import orjson

from connectors.rest.heard import Heard
from connectors.rest.webhook_config import ItemMap, ReplyMap, WebhookConfig
from connectors.sdk import (
    Admission,
    Admitted,
    Context,
    Disposition,
    Item,
    NotNow,
    Refused,
    Reply,
    Request,
    Signed,
    Taken,
    TurnedAway,
)
from connectors.sdk import Heard as FinalHeard
from connectors.sdk.http.final_answer import Unanswered, answers_in
from connectors.sdk.http.place import Document, Said, body_of
from connectors.sdk.http.template import Missing, Resolve, filled, xml_text
from connectors.sdk.http.verification import Fault
from connectors.sdk.http.wrap import filled_json
from connectors.sdk.receiver import MAX_ITEMS
from connectors.sdk.source import SIGNATURE
from contracts.xml.tree import Element, local, undeclared

_ECHO = re.compile(r"[A-Za-z0-9_.=-]{1,200}")
_METHODS = frozenset({"POST", "PUT"})
_STATUS = {Fault.SECRET_MISSING: 503}
_NOBODY = 401
_LATER_SECONDS = 5.0
_JSON = "application/json"


class Webhook:
    """One address that a far side calls. Holds no state."""

    def __init__(self, config: WebhookConfig, context: Context) -> None:
        self._config = config
        self._context = context

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Nothing is open."""

    async def admit(self, request: Request) -> Admission:
        """As the port says."""
        heard = Heard(request)
        if self._config.challenge is not None and request.method == "GET":
            return self._echo(heard.values.get(self._config.challenge.query, ""))
        if request.method not in _METHODS:
            return _away("METHOD", 405)
        if stranger := self._stranger(heard):
            return _away(stranger, _STATUS.get(stranger, _NOBODY) if isinstance(stranger, Fault) else _NOBODY)
        items = self._items(heard) if self._config.item is not None else ()
        if isinstance(items, TurnedAway):
            return items
        told = await self._answered(heard)
        return Admitted(items=items) if told is None and items else told or self._thanks()

    async def reply(self, note: str, answers: Sequence[tuple[int, Disposition]]) -> Reply:  # noqa: ARG002  # because nothing need be remembered
        """As the port says. If any message should come again, the call should: those that were taken are known by then."""
        told = [answer for _, answer in answers]
        if late := [one for one in told if isinstance(one, NotNow)]:
            return self._later(max(one.retry_after for one in late))
        if refused := next((one for one in told if isinstance(one, Refused)), None):
            return _reply(self._config.replies.refused, _words(refused.code, refused.problem), refused.problem)
        receipts = [one.receipt for one in told if isinstance(one, Taken)]
        whole = receipts[0] if len(receipts) == 1 else b"[" + b",".join(receipts) + b"]"
        return _reply(self._config.replies.taken, {"message": _member(receipts[0], "message")}, whole)

    async def _answered(self, heard: Heard) -> Reply | TurnedAway | None:
        """Give what the call says of deliveries; why the call should come again, or never, if it should."""
        config = self._config
        if config.answer is None:
            return None
        each = config.item.each if config.item is not None else None
        parts: Sequence[Resolve] = [heard]
        if each is not None:
            listed = _listed(heard.document.at(each), each, heard.document)
            parts = [_within(Document(body_of(part), strict=True), heard) for part in listed]
        answers = answers_in(config.answer, parts)
        if isinstance(answers, Unanswered):
            return _away(answers.code, 422 if answers.code == "ANSWER_UNKNOWN" else 400, answers.where)
        if answers and FinalHeard.TOO_MANY in await self._context.answers.answered(answers):
            return self._later(_LATER_SECONDS)
        return None

    def _thanks(self) -> Reply:
        """To a call that brings no message."""
        return _reply(self._config.replies.taken, {}, b'{"heard":true}')

    def _later(self, seconds: float) -> Reply:
        wait = (("Retry-After", str(math.ceil(seconds))),)
        return _reply(self._config.replies.later, {"code": "NOT_NOW"}, b'{"code":"NOT_NOW"}', wait)

    def _echo(self, value: str) -> Reply | TurnedAway:
        """Only what is harmless in any reader's eyes is given back."""
        if not _ECHO.fullmatch(value):
            return _away("CHALLENGE", 400)
        headers = (("Content-Type", "text/plain; charset=utf-8"), ("X-Content-Type-Options", "nosniff"))
        return Reply(status=200, headers=headers, body=value.encode())

    def _stranger(self, heard: Heard) -> str:
        """Why the caller is not believed; empty when it is."""
        config = self._config
        if config.verify is not None:
            keys = self._keys()
            return config.verify.fault(heard, heard.fields, self._context.now(), keys) or ""
        if config.bearer_secret is not None:
            secret = self._secret(config.bearer_secret)
            if secret is None:
                return Fault.SECRET_MISSING
            shown = heard.request.header("Authorization").encode("utf-8", "surrogateescape")
            return "" if hmac.compare_digest(shown, f"Bearer {secret}".encode()) else "BAD_TOKEN"
        if config.client_subject is not None:
            return "" if heard.request.subject == config.client_subject else "OTHER_SUBJECT"
        return ""

    def _keys(self) -> tuple[str, ...]:
        verify = self._config.verify
        assert verify is not None, "it is asked for only then"
        names = [verify.secret] + ([verify.previous_secret] if verify.previous_secret is not None else [])
        return tuple(key for name in names if (key := self._secret(name)))

    def _secret(self, name: str) -> str | None:
        try:
            return self._context.secret(name) or None
        except KeyError:
            return None

    def _items(self, heard: Heard) -> tuple[Item, ...] | TurnedAway:
        item = self._config.item
        assert item is not None, "it is asked for only then"
        if item.each is None:
            made = _item(1, item, heard, heard.document, heard)
            return made if isinstance(made, TurnedAway) else (_with_signature(made, item, heard.request),)
        parts = _listed(heard.document.at(item.each), item.each, heard.document)
        if not 0 < len(parts) <= MAX_ITEMS:
            return _away("LIST", 400)
        items = []
        for token, part in enumerate(parts, start=1):
            document = Document(body_of(part), strict=True)
            made = _item(token, item, _within(document, heard), document, heard)
            if isinstance(made, TurnedAway):
                return made
            items.append(_with_signature(made, item, heard.request))
        return tuple(items)


def _within(document: Document, heard: Heard) -> Resolve:
    return lambda name: document.text(name) if name.startswith("/") else heard(name)


def _listed(found: Said, place: str, document: Document) -> Sequence[Said]:
    """The members of a list; in XML the elements of one name beside each other."""
    if isinstance(found, list):
        return found
    if isinstance(found, Element):
        parent = document.at(place.rpartition("/")[0])
        return [child for child in parent if local(child) == local(found)] if isinstance(parent, Element) else [found]
    return [found] if isinstance(found, dict) else []


def _item(token: int, item: ItemMap, resolve: Resolve, document: Document, heard: Heard) -> Item | TurnedAway:
    attributes = {"specversion": "1.0"}
    wanted = {
        "id": item.id,
        "subject": item.subject,
        "type": item.type,
        "time": item.time,
        "dataschema": item.dataschema,
    }
    for name, template in wanted.items():
        if template is not None:
            value = filled(template, resolve)
            if isinstance(value, Missing) or not value:
                return _away("UNREADABLE", 400, f"{name}: {template}")
            attributes[name] = value
    if item.types:
        known = item.types.get(attributes["type"])
        if known is None:
            return _away("TYPE_UNKNOWN", 422)
        attributes["type"] = known
    body = _data(item, document, heard)
    if body is None:
        return _away("UNREADABLE", 400, "data")
    return Item(
        token=token,
        content_type=item.content_type or _kind(item, document, heard),
        body=body,
        headers={f"cloudEvents:{name}": value for name, value in attributes.items()},
    )


def _with_signature(made: Item, item: ItemMap, request: Request) -> Item:
    """The sender's own signature, if it sent one: over all of the body, where all of the message is made of that; otherwise it
    stands among the headers, and the hub refuses it for its place.
    """
    shown = request.header(SIGNATURE)
    if not shown:
        return made
    if item.is_of_the_body:
        kind = request.header("Content-Type") or _JSON
        return replace(made, signed=Signed(signature=shown, over=request.body, content_type=kind))
    return replace(made, headers={**made.headers, SIGNATURE: shown})


def _kind(item: ItemMap, document: Document, heard: Heard) -> str:
    """That of the call; what was taken out of a document is in UTF-8, whatever that was in."""
    if item.data is None and item.each is None:
        return heard.request.header("Content-Type") or _JSON
    return "application/xml" if isinstance(document.root, Element) else _JSON


def _data(item: ItemMap, document: Document, heard: Heard) -> bytes | None:
    if item.data_field is not None:
        value = heard.fields.get(item.data_field)
        return None if value is None else undeclared(value)
    if item.data is not None:
        return body_of(document.at(item.data))
    return document.body


def _words(code: str, problem: bytes) -> dict[str, str]:
    return {"code": code, "detail": _member(problem, "detail")}


def _member(document: bytes, name: str) -> str:
    """A member of one of the hub's own documents."""
    try:
        value = orjson.loads(document).get(name, "")
    except (orjson.JSONDecodeError, AttributeError):
        return ""
    return value if isinstance(value, str) else ""


def _reply(said: ReplyMap, words: dict[str, str], whole: bytes, headers: tuple[tuple[str, str], ...] = ()) -> Reply:
    known: Callable[[str], str] = lambda name: words.get(name, "")  # noqa: E731  # because it is an argument of two
    if said.json_object is not None:
        made: Any = filled_json(said.json_object, known, None)
        return Reply(status=said.status, headers=(("Content-Type", _JSON), *headers), body=orjson.dumps(made))
    if said.text is not None:
        text = filled(said.text, known, xml_text)
        body = text.encode() if isinstance(text, str) else b""
        return Reply(status=said.status, headers=(("Content-Type", said.content_type), *headers), body=body)
    return Reply(status=said.status, headers=(("Content-Type", _JSON), *headers), body=whole)


def _away(code: str, status: int, where: str = "") -> TurnedAway:
    """``where`` is a word of the configuration."""
    said = {"code": str(code), **({"detail": where} if where else {})}
    reply = Reply(status=status, headers=(("Content-Type", _JSON),), body=orjson.dumps(said))
    return TurnedAway(code=str(code), reply=reply)
