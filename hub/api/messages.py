# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``/v1/messages``: handing messages over, singly or in batches, and asking what became of one."""

import asyncio
from collections.abc import Mapping, Sequence
from uuid import UUID

import orjson
from aiohttp import web

from contracts.bindings import http, media_type
from contracts.bindings.envelope import refuse
from contracts.cloudevent import CloudEvent
from contracts.json_path import member
from contracts.problem import problem
from contracts.refusal import Refusal, Violation
from contracts.refusal_codes import CODES
from contracts.text import Text
from contracts.trace_context import TRACEPARENT
from hub.access.decision import Allowed
from hub.access.rulings import seeing
from hub.api import bodies
from hub.api.documents import BatchAnswer, Event, EventBatch, Message, Receipt
from hub.api.problems import JOURNAL_DOWN, NOT_FOUND, instance
from hub.api.route import JSON, REQUEST_ID, RULE, Answer, Parameter, Route
from hub.api.views import concerns, json_response, message_document, nameable, visible
from hub.config.deployment import Limits
from hub.identities.signing import TWICE
from hub.passage import Received
from hub.path import accept
from hub.ports.journal import JournalDown, MessageView
from hub.running import Hub
from hub.stages.identify import Vouched

SIGNATURE = "Govhub-Signature"
"""The header with a sender's signature over the bytes of the body, DER in Base64."""
_HELD_UP = 1.0  # seconds that a sender waits for deliveries to keep up
_CLOUDEVENTS = "application/cloudevents"
_ONCE_EXPECTED = Text("只出现一次的头", "a header that stands once")
_ONCE_REMEDY = Text("删除重复的头", "Remove the repeated header")


class Messages:
    """The resource."""

    def __init__(self, hub: Hub, limits: Limits) -> None:
        self._hub = hub
        self._limits = limits

    async def post(self, request: web.Request, system: str) -> web.StreamResponse | Refusal:
        """Accept what the body holds, answered after COMMIT 1."""
        declared = request.content_length
        size = self._limits.body_bytes if declared is None else min(declared, self._limits.body_bytes)
        with self._hub.intake.admitted(size, system) as busy:
            if busy is not None:
                return busy
            await self._hub.headway.room_soon(self._hub.clock, _HELD_UP)
            if self._hub.intake.pause:
                await self._hub.clock.sleep(self._hub.intake.pause)
            return await self._post(request, system)

    async def _post(self, request: web.Request, system: str) -> web.StreamResponse | Refusal:
        limits = self._limits
        body = await bodies.read(request, self._hub.clock, most=limits.body_bytes, seconds=limits.receive_seconds)
        if isinstance(body, Refusal):
            return await self._hub.refuse(system, None, body, b"")
        headers = _headers(request)
        events = headers if isinstance(headers, Refusal) else http.read(headers, body, max_batch=limits.batch)
        if isinstance(events, Refusal):
            return await self._hub.refuse(system, None, events, body)
        shown = request.headers.get("Authorization") or Vouched(system)
        content_type = request.headers.get("Content-Type", JSON)
        if _is_batch(content_type):
            return await self._batch(request, system, shown, events, body)
        hop = request.headers.get(TRACEPARENT, "")
        signed = request.headers.getall(SIGNATURE, ())
        if len(signed) > 1:
            return await self._hub.refuse(system, None, TWICE, body)
        received = Received(content_type, body, hop, signed[0] if signed else None)
        receipt = await self._one(system, shown, events[0], received)
        return receipt if isinstance(receipt, Refusal) else _accepted(receipt)

    async def get(self, request: web.Request, system: str) -> web.StreamResponse | Refusal:
        """What became of one message."""
        view = await self._look_up(request.match_info["id"], request.query.get("by", "message"), system)
        match view:
            case JournalDown():
                return JOURNAL_DOWN
            case MessageView() if concerns(view, system, self._hub.places) and self._may_see(request, view, system):
                return json_response(message_document(view, visible(view, system, self._hub.places)))
            case _:
                return NOT_FOUND

    def _may_see(self, request: web.Request, view: MessageView, system: str) -> bool:
        decision = seeing(self._hub.rules.access, system, view)
        request[RULE] = decision.rule
        return isinstance(decision, Allowed)

    async def _look_up(self, name: str, by: str, system: str) -> MessageView | JournalDown | None:
        if by == "id":
            return await self._hub.journal.lookups.message_by_sender_id(system, name) if nameable(name) else None
        try:
            message = UUID(name)
        except ValueError:
            return None
        return await self._hub.journal.lookups.message(message)

    async def _one(
        self, system: str, shown: str | Vouched, event: CloudEvent | Refusal, received: Received
    ) -> bytes | Refusal:
        if isinstance(event, Refusal):
            return await self._hub.refuse(system, None, event, received.raw)
        return await accept(self._hub, shown, event, received)

    async def _batch(
        self,
        request: web.Request,
        system: str,
        shown: str | Vouched,
        events: Sequence[CloudEvent | Refusal],
        body: bytes,
    ) -> web.Response:
        """Cases beside each other, the events of one case one after the other, answers in the order of the batch. What cannot
        be taken now keeps back what follows in its case.

        Each event is kept in structured mode by itself: the batch's own bytes would stand in the journal once for each.
        """
        answers: list[bytes | Refusal] = [b""] * len(events)

        async def one_case(places: Sequence[int]) -> None:
            put_off: Refusal | None = None
            for n in places:
                event = events[n]
                if put_off is not None and isinstance(event, CloudEvent):
                    answers[n] = put_off
                    continue
                written = http.write_structured(event) if isinstance(event, CloudEvent) else ("", body)
                signed = request.headers.get(SIGNATURE)
                raw = Received(*written, request.headers.get(TRACEPARENT, ""), signed, alone=False)
                answers[n] = answer = await self._one(system, shown, event, raw)
                if isinstance(answer, Refusal) and answer.retry_after is not None:
                    put_off = answer

        await asyncio.gather(*(one_case(places) for places in _by_case(events)))
        return json_response([_entry(answer, request[REQUEST_ID]) for answer in answers])


def _headers(request: web.Request) -> Mapping[str, str] | Refusal:
    """The headers the binding reads, under lower-case names. What another reader might read differently is refused."""
    kinds = request.headers.getall("Content-Type", ())
    if len(kinds) == 1 and kinds[0].lower().startswith(_CLOUDEVENTS):
        return {"content-type": kinds[0]}
    headers: dict[str, str] = {}
    repeated: list[Violation] = []
    for name, value in request.headers.items():
        lower = name.lower()
        if lower in headers and (lower.startswith("ce-") or lower == "content-type"):
            path = member("$.headers", lower)
            repeated.append(Violation("E_ATTRIBUTE_INVALID", path, _ONCE_EXPECTED, _ONCE_REMEDY))
        headers[lower] = value
    return refuse(repeated) if repeated else headers


def _is_batch(content_type: str) -> bool:
    content = media_type.parse(content_type)
    return content is not None and content.essence == http.BATCHED


def _by_case(events: Sequence[CloudEvent | Refusal]) -> Sequence[Sequence[int]]:
    """The places of the events in the batch, by case."""
    cases: dict[str | None, list[int]] = {}
    for n, event in enumerate(events):
        cases.setdefault(event.subject if isinstance(event, CloudEvent) else None, []).append(n)
    return list(cases.values())


def _accepted(receipt: bytes) -> web.Response:
    message = orjson.loads(receipt)["message"]
    headers = {"Content-Type": JSON, "Location": f"/v1/messages/{message}", "Govhub-Message": message}
    return web.Response(status=202, body=receipt, headers=headers)


def _entry(answer: bytes | Refusal, request_id: str) -> dict[str, object]:
    if isinstance(answer, Refusal):
        return {"status": CODES[answer.code].status, "problem": problem(answer, instance(request_id))}
    return {"status": 202, "receipt": orjson.Fragment(answer)}


_BY = Parameter(
    "by",
    "query",
    Text("message：按中枢编号查；id：按本系统自己的 id 查。", "message: the hub's id; id: your own system's id."),
    {"type": "string", "enum": ["message", "id"], "default": "message"},
)
_CE_HEADERS = tuple(
    Parameter(f"ce-{name}", "header", Text(f"二进制模式的属性 {name}。", f"The attribute {name} in binary mode."))
    for name in ("specversion", "id", "source", "type", "subject", "dataschema", "time")
)
_SIGNED = Parameter(
    SIGNATURE,
    "header",
    Text(
        "发送系统对正文字节的分离签名（DER 的 Base64）；只用于结构化模式的单条消息。",
        "The sender's detached signature over the bytes of the body, DER in Base64; for one message in structured mode.",
    ),
)
_POST_REFUSALS = (
    "E_JSON_MALFORMED", "E_JSON_DUPLICATE_KEY", "E_JSON_NUMBER", "E_JSON_DEPTH", "E_ENCODING", "E_CONTENT_TYPE",
    "E_EMPTY_BODY", "E_BATCH_EMPTY", "E_BATCH_TOO_MANY", "E_TOO_LARGE", "E_TOO_SLOW", "E_ATTRIBUTE_MISSING",
    "E_ATTRIBUTE_INVALID", "E_SPECVERSION", "E_CONTRACT_UNKNOWN", "E_CONTRACT_VERSION", "E_CONTRACT_INVALID",
    "E_CLOCK_FUTURE", "E_TOO_OLD", "E_EXPIRED", "E_ID_REUSE", "E_UNROUTABLE", "E_CASE_FOREIGN",
    "E_LIFECYCLE_IMPOSSIBLE", "E_LIFECYCLE_PARKED", "E_SOURCE_FOREIGN",
    "E_SIGNATURE_MISSING", "E_SIGNATURE_INVALID", "E_SIGNATURE_UNTRUSTED", "E_SIGNATURE_WRONG_SUITE", "E_SIGNATURE_PLACE",
    "E_NOT_ALLOWED", "E_BUSY", "E_JOURNAL_DOWN",
)  # fmt: skip


def routes(hub: Hub, limits: Limits) -> Sequence[Route]:
    """The routes of this resource."""
    messages = Messages(hub, limits)
    return (
        Route(
            method="POST",
            path="/v1/messages",
            name="sendMessages",
            meaning=Text(
                "递交消息：一条（结构化或二进制模式）或一批；登记完成后才答复，重发得到同一回执。",
                "Hand over one message (structured or binary mode) or a batch; answered once it is journaled, "
                "and a repeat is given the same receipt.",
            ),
            handler=messages.post,
            parameters=(*_CE_HEADERS, _SIGNED),
            takes={http.STRUCTURED: Event, http.BATCHED: EventBatch, JSON: None},
            answers={
                200: Answer(Text("批次：逐条结果", "A batch: what became of each"), JSON, BatchAnswer),
                202: Answer(
                    Text("已受理：回执", "Accepted: the receipt"),
                    JSON,
                    Receipt,
                    {
                        "Location": Text("查询地址", "Where to ask what became of it"),
                        "Govhub-Message": Text("中枢给的消息编号", "The message's id in the hub"),
                    },
                ),
            },
            refusals=_POST_REFUSALS,
            quiet=True,
        ),
        Route(
            method="GET",
            path="/v1/messages/{id}",
            name="getMessage",
            meaning=Text(
                "一条消息的去向；只对发送方和收件方可见。", "What became of a message; for its sender and receivers."
            ),
            handler=messages.get,
            parameters=(Parameter("id", "path", Text("消息编号", "The message's id")), _BY),
            answers={200: Answer(Text("消息及其投递", "The message and its deliveries"), JSON, Message)},
            refusals=("E_NOT_FOUND", "E_JOURNAL_DOWN"),
        ),
    )
