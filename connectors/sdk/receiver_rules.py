# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What every receiver must keep: each rule says how it is broken, or an empty string. As :mod:`connectors.sdk.rules`."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace

import structlog
from pydantic import ValidationError

from connectors.sdk.bench import Isolation
from connectors.sdk.caller import Caller, Understood
from connectors.sdk.fencing.fence import fence_for
from connectors.sdk.hearing import MemoryAnswers
from connectors.sdk.manifest import Role
from connectors.sdk.process import Limits, Order
from connectors.sdk.receiver import (
    MAX_NOTE_BYTES,
    Admission,
    Admitted,
    ReceiverConnector,
    Reply,
    Request,
    TurnedAway,
)
from connectors.sdk.receiver_host import Fallen, OpenReceiver, ProcessReceiver
from connectors.sdk.session import open_session
from connectors.sdk.sink import Context
from connectors.sdk.source import Disposition, NotNow, Refused, Taken

_PATIENCE_SECONDS = 30.0
_LOOP_GAP_SECONDS = 1.5
_CALLS_AT_ONCE = 50
_RECEIPT = b'{"message":"0198c0de-0000-7000-8000-000000000001"}'
_CODE = "E_CONTRACT_INVALID"
_PROBLEM = b'{"code":"E_CONTRACT_INVALID","status":422,"detail":"synthetic","violations":[]}'

_DEEP = 100_000
_HOSTILE_BODIES = (
    b"",
    b"\0" * 1_000,
    bytes(range(256)) * 100,
    b"\xff\xfe<\0a\0/\0>\0",
    b"[" * _DEEP,
    b'{"a":' * _DEEP,
    b"<a>" * _DEEP,
    b"<a" + b" b='c'" * _DEEP + b"/>",
    b'{"a":1e400,"a":NaN}',
    b'"\\ud800"',
    b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    b'<!DOCTYPE a [<!ENTITY b "' + b"x" * 1000 + b'"><!ENTITY c "' + b"&b;" * 1000 + b'">]><a>&c;</a>',
    b"<?xml version='1.0' encoding='UTF-7'?><a/>",
    b"a=b&" * 100_000,
    b"%" * 10_000,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiverBench:
    """What a rule is handed. ``reference`` is the connector as ``package.module:ATTRIBUTE``, for a child to import."""

    connector: ReceiverConnector
    caller: Caller
    secret: Callable[[str], str]
    reference: str = ""
    isolation: Isolation = Isolation.NONE
    limits: Limits = field(default_factory=Limits)
    answers: MemoryAnswers = field(default_factory=MemoryAnswers)

    def open(self) -> AbstractAsyncContextManager[OpenReceiver]:
        """The receiver, as its caller wants it, where the hub would run it."""
        match self.isolation:
            case Isolation.NONE:
                return self._open_here()
            case Isolation.PROCESS:
                return ProcessReceiver(
                    Order(
                        reference=self.reference,
                        settings=self.caller.settings,
                        destination="bench",
                        role=Role.RECEIVER,
                        fence=fence_for(self.reference, self.caller),
                    ),
                    secret=self.secret,
                    log=structlog.get_logger(),
                    monotonic=asyncio.get_running_loop().time,
                    limits=self.limits,
                    answers=self.answers,
                )

    @asynccontextmanager
    async def _open_here(self) -> AsyncIterator[OpenReceiver]:
        config = self.connector.receiver_config.model_validate(self.caller.settings)
        async with open_session() as session:
            context = Context(
                destination="bench",
                http=session,
                log=structlog.get_logger(),
                secret=self.secret,
                monotonic=asyncio.get_running_loop().time,
                answers=self.answers,
            )
            async with self.connector.receiver(config, context) as receiver:
                yield receiver


Check = Callable[[ReceiverBench], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class ReceiverRule:
    """One rule; its name is the function's."""

    name: str
    check: Check = field(repr=False)

    async def broken(self, bench: ReceiverBench) -> str:
        """How the receiver breaks this rule; empty when it keeps it. Ends, and raises nothing, whatever it does."""
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                return await self.check(bench)
        except TimeoutError:
            return f"not finished after {_PATIENCE_SECONDS:g} s"
        except Exception as error:  # noqa: BLE001  # because the receiver under trial may raise anything anywhere
            return f"raised {type(error).__name__}: {error}"


RECEIVER_RULES: list[ReceiverRule] = []


def _rule(check: Check) -> Check:
    RECEIVER_RULES.append(ReceiverRule(getattr(check, "__name__", ""), check))
    return check


def _unsound(admission: Admission | Fallen) -> str:
    """What is wrong with an admission, whatever it says."""
    match admission:
        case Fallen(reason=reason):
            return reason
        case Admitted(items=items, note=note):
            if not items or len({item.token for item in items}) != len(items):
                return "no item, or two with one token"
            return "the note is too long" if len(note.encode()) > MAX_NOTE_BYTES else ""
        case TurnedAway(code=code, reply=reply):
            if not (code.isascii() and code == code.upper() and code.replace("_", "").isalnum()):
                return f"the code {code!r} is not in capitals"
            return "" if 400 <= reply.status <= 599 else f"turned away with status {reply.status}"
        case Reply(status=status):
            return "" if 200 <= status <= 599 else f"a reply with status {status}"


async def _answered(bench: ReceiverBench, answer: Disposition) -> tuple[Reply, str]:
    """The reply to a good call whose every item came to this, and what is wrong before it."""
    async with bench.open() as receiver:
        admission = await receiver.admit(bench.caller.call(1))
        if not isinstance(admission, Admitted):
            return Reply(status=500), f"a good call is {admission}"
        reply = await receiver.reply(admission.note, [(item.token, answer) for item in admission.items])
    return (Reply(status=500), reply.reason) if isinstance(reply, Fallen) else (reply, "")


@_rule
async def manifest_and_config_are_sound(bench: ReceiverBench) -> str:
    """It says that it is a receiver; its settings are frozen, described, exemplified and strict."""
    if Role.RECEIVER not in bench.connector.manifest.roles:
        return "its manifest does not have the role"
    model = bench.connector.receiver_config
    bare = [name for name, known in model.model_fields.items() if not (known.description and known.examples)]
    if bare or not model.model_config.get("frozen"):
        return f"not frozen, or without description or example: {bare}"
    try:
        model.model_validate({**bench.caller.settings, "no_such_setting": 1})
    except ValidationError:
        return ""
    return "an unknown setting is taken in silence"


@_rule
async def admits_a_good_call(bench: ReceiverBench) -> str:
    """A good call brings its message, and as much of its bytes as the message is."""
    async with bench.open() as receiver:
        admission = await receiver.admit(bench.caller.call(4711))
    if not isinstance(admission, Admitted):
        return f"a good call is {admission}"
    return _unsound(admission) or (
        "" if b"4711" in b"".join(one.body for one in admission.items) else "the body is lost"
    )


@_rule
async def a_repeat_brings_the_same(bench: ReceiverBench) -> str:
    """The same call again, at another hub too, is the same message: so the journal knows it."""
    async with bench.open() as receiver, bench.open() as other:
        first, again = await receiver.admit(bench.caller.call(1)), await other.admit(bench.caller.call(1))
        second = await receiver.admit(bench.caller.call(2))
    if not (isinstance(first, Admitted) and isinstance(again, Admitted) and isinstance(second, Admitted)):
        return f"good calls are {first}, {again}, {second}"
    if first.items != again.items:
        return f"a repeat is another message: {first.items} and {again.items}"
    same = {item.headers.get("cloudEvents:id") for item in first.items} & {
        item.headers.get("cloudEvents:id") for item in second.items
    } - {None}
    return f"two calls have one id: {same}" if same else ""


@_rule
async def turns_forgeries_away(bench: ReceiverBench) -> str:
    """What was not signed as it stands brings nothing, and is told so."""
    async with bench.open() as receiver:
        for n, forged in enumerate(bench.caller.forged(1)):
            admission = await receiver.admit(forged)
            if not isinstance(admission, TurnedAway):
                return f"forgery {n} is {admission}"
            if unsound := _unsound(admission):
                return f"forgery {n}: {unsound}"
    return ""


@_rule
async def tells_what_was_taken(bench: ReceiverBench) -> str:
    """The caller learns that it need not call again, in the same words every time."""
    first, wrong = await _answered(bench, Taken(_RECEIPT))
    again, _ = await _answered(bench, Taken(_RECEIPT))
    if not wrong and first != again:
        wrong = "the same receipt is told in two ways"
    return wrong or _unless(bench, first, Understood.TAKEN)


@_rule
async def tells_what_was_refused(bench: ReceiverBench) -> str:
    """The caller learns that it is wrong, and by which code."""
    reply, wrong = await _answered(bench, Refused(_CODE, _PROBLEM))
    if not wrong and _CODE.encode() not in reply.body + repr(reply.headers).encode():
        wrong = "the code of the refusal is kept from the caller"
    return wrong or _unless(bench, reply, Understood.REFUSED)


@_rule
async def tells_what_was_put_off(bench: ReceiverBench) -> str:
    """The caller learns that it should call again."""
    reply, wrong = await _answered(bench, NotNow(7.0))
    return wrong or _unless(bench, reply, Understood.LATER)


def _unless(bench: ReceiverBench, reply: Reply, expected: Understood) -> str:
    understood = bench.caller.understand(reply)
    return "" if understood is expected else f"the caller understands {understood}: {reply}"


@_rule
async def survives_any_bytes(bench: ReceiverBench) -> str:
    """Whatever comes is admitted, answered or turned away, within reason, and nobody else waits for it."""
    good = bench.caller.call(1)
    loop = asyncio.get_running_loop()
    calls = [replace(good, body=body) for body in _HOSTILE_BODIES]
    calls += [replace(good, headers=(*good.headers, (name, "\udcff" + "x" * 8_000))) for name, _ in good.headers]
    calls += [replace(good, headers=()), replace(good, headers=good.headers * 2)]
    calls += [replace(good, method=method, body=b"") for method in ("GET", "PUT", "BREW")]
    calls += [replace(good, path=path) for path in ("/", "/../..", "/%00%ff", "/" + "x" * 8_000)]
    calls += [replace(good, query=query) for query in ("wsdl", "a=%ff&a=%00", "&" * 8_000)]
    async with bench.open() as receiver:
        for call in calls:
            took: list[float] = []
            # What took long once may have met a machine that stood still; what is slow is slow again.
            while not took or (len(took) == 1 and took[0] > _LOOP_GAP_SECONDS):
                began = loop.time()
                admission = await receiver.admit(call)
                took.append(loop.time() - began)
                if unsound := _unsound(admission):
                    return f"{call.method} {call.path[:20]} {call.query[:20]} {call.body[:20]!r}: {unsound}"
            if min(took) > _LOOP_GAP_SECONDS:
                return f"{call.body[:20]!r} took {min(took):.1f} s"
    return ""


@_rule
async def keeps_calls_apart(bench: ReceiverBench) -> str:
    """Many at once, each with its own message."""
    async with bench.open() as receiver:
        calls: list[Request] = [bench.caller.call(10_000 + n) for n in range(_CALLS_AT_ONCE)]
        admissions = await asyncio.gather(*(receiver.admit(call) for call in calls))
    for n, admission in enumerate(admissions):
        if not isinstance(admission, Admitted) or b"%d" % (10_000 + n) not in admission.items[0].body:
            return f"call {n} is {admission}"
    return ""
