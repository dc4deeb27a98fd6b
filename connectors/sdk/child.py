# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The other side of :mod:`connectors.sdk.host`: a process that holds one connector in one of its roles, and does as asked.

Run as ``python -m connectors.sdk.child CONTROL_FD SECRETS_FD MEMORY_BYTES PARENT_PID FENCE``; not for people. It ends when
its parent does: by the end of the control socket, or, if its loop is blocked, by the kernel. The fence is up before a line of
the connector's code is read.
"""

import asyncio
import os
import signal
import socket
import struct
import sys
from collections.abc import Callable, Coroutine, Mapping, MutableMapping, Sequence
from contextlib import AsyncExitStack, suppress
from typing import Any, NoReturn

import orjson
import structlog
from pydantic import ValidationError

from connectors.sdk.answers_wire import AskingAnswers
from connectors.sdk.discovery import Broken, as_lookup, as_receiver, as_source, load
from connectors.sdk.fencing.confinement import confine
from connectors.sdk.guard import GRACE_SECONDS, QUESTION_SECONDS, GuardedSink, guarded, raised
from connectors.sdk.lookup_child import LookupAtWork
from connectors.sdk.lookup_guard import GuardedLookup
from connectors.sdk.manifest import Manifest, Role
from connectors.sdk.metrics import Meter
from connectors.sdk.outcomes import InDoubt, QueryOutcome
from connectors.sdk.receiver_child import ReceiverAtWork, result
from connectors.sdk.receiver_wire import Spoken
from connectors.sdk.session import open_session
from connectors.sdk.sink import Connector, Context, Sink
from connectors.sdk.source import Source
from connectors.sdk.source_child import SourceAtWork
from connectors.sdk.standstill import new_event_loop
from connectors.sdk.watchdog import watch_from_within
from connectors.sdk.wire import (
    MAX_BODY_BYTES,
    Frame,
    Malformed,
    frame_bytes,
    manifest_head,
    parcel_of,
    read_frame,
)

_STDERR = 2
_SECRET_SECONDS = 5.0
_INFO = 20
_MEASURED_SECONDS = 1.0


class Secrets:
    """Asks the hub for a secret's present value, over a socket of its own, since the context's call cannot await."""

    def __init__(self, link: socket.socket) -> None:
        link.settimeout(_SECRET_SECONDS)
        self._link = link

    def __call__(self, name: str) -> str:
        question = frame_bytes({"is": "secret", "name": name})
        assert isinstance(question, bytes)
        self._link.sendall(question)
        length, _ = struct.unpack(">II", self._exactly(8))
        answer = orjson.loads(self._exactly(length))
        if "value" not in answer:
            raise KeyError(name)
        return str(answer["value"])

    def _exactly(self, length: int) -> bytes:
        pieces = bytearray()
        while len(pieces) < length:
            piece = self._link.recv(length - len(pieces))
            if not piece:
                raise ConnectionError("the hub is gone")
            pieces += piece
        return bytes(pieces)


class Child:
    """One sink, source, receiver or lookup, and the calls under way on it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, secrets: Secrets) -> None:
        self._reader = reader
        self._writer = writer
        self._secrets = secrets
        self._calls: dict[int, asyncio.Task[None]] = {}
        self._meter = Meter()
        self._answers = AskingAnswers(self._say)

    async def serve(self) -> None:
        """From the first frame, which says what to be, to the last."""
        match await read_frame(self._reader, 0):
            case Frame(head=order):
                pass
            case _:
                return
        async with AsyncExitStack() as stack:
            session = await stack.enter_async_context(open_session())
            context = Context(
                destination=order["destination"],
                http=session,
                log=structlog.wrap_logger(
                    None, processors=[self._relay], wrapper_class=structlog.make_filtering_bound_logger(_INFO)
                ),
                secret=self._secrets,
                monotonic=asyncio.get_running_loop().time,
                metrics=self._meter,
                answers=self._answers,
            )
            opened, greeting = await self._opened(order, context, stack)
            self._say(greeting)
            telling = asyncio.create_task(self._tell_measurements())
            match opened:
                case None:
                    pass
                case SourceAtWork():
                    await self._bring(opened)
                case ReceiverAtWork() | LookupAtWork():
                    await self._obey(opened.call)
                case _:
                    await self._obey(SinkAtWork(opened).call)
            telling.cancel()
        if self._calls:  # the sink is closed, so they end, and their outcomes are worth waiting for
            await asyncio.wait(self._calls.values(), timeout=GRACE_SECONDS)
        self._measured()

    async def _opened(
        self, order: Mapping[str, Any], context: Context, stack: AsyncExitStack
    ) -> tuple[Sink | SourceAtWork | ReceiverAtWork | LookupAtWork | None, dict[str, object]]:
        """What was ordered, entered, and the greeting that says so; or the greeting that says why not."""
        connector = load(order["reference"])
        if isinstance(connector, Broken):
            return None, {"is": "unfit", "reason": connector.reason}
        self._meter.declared = {one.name: one for one in connector.manifest.metrics}
        try:
            if order["role"] == Role.SOURCE:
                return await self._opened_source(connector, order, context, stack)
            if order["role"] == Role.RECEIVER:
                return await _opened_receiver(connector, order, context, stack)
            if order["role"] == Role.LOOKUP:
                return await _opened_lookup(connector, order, context, stack)
            config = connector.config.model_validate(order["settings"])
            greeting: dict[str, object] = {"is": "ready", "manifest": manifest_head(connector.promises(config))}
            return await stack.enter_async_context(GuardedSink(connector.sink(config, context))), greeting
        except ValidationError as error:
            # The path and the rule; never the value, which may be what somebody took for a secret's place.
            problems = [f"{'.'.join(map(str, one['loc'])) or '(settings)'}: {one['msg']}" for one in error.errors()]
            return None, {"is": "unfit", "reason": "the settings are refused", "problems": problems}
        except (Exception, SystemExit) as error:  # noqa: BLE001  # because a stranger's code may raise anything
            return None, {"is": "unfit", "reason": f"opening raises {type(error).__name__}"}

    async def _opened_source(
        self, connector: Connector, order: Mapping[str, Any], context: Context, stack: AsyncExitStack
    ) -> tuple[SourceAtWork | None, dict[str, object]]:
        """As for a sink. Raises whatever the connector raises."""
        kind = as_source(connector)
        if kind is None:
            return None, {"is": "unfit", "reason": "it is no source"}
        config = kind.source_config.model_validate(order["settings"])
        source: Source = await stack.enter_async_context(kind.source(config, context))
        manifest: Manifest = kind.manifest
        greeting = {"is": "ready", "manifest": manifest_head(manifest), "prefetch": getattr(config, "prefetch", 0)}
        self._source = source
        return SourceAtWork(source, self._say, self._give_up), greeting

    async def _bring(self, work: SourceAtWork) -> None:
        """Do what is asked of a source until told to close, or until nobody asks any more."""
        while True:
            match await self._next(0):
                case Frame(head={"is": "close"}) | Malformed() | None:
                    return await work.close(GRACE_SECONDS)
                case Frame(head={"is": "take"}):
                    work.take()
                case Frame(head={"is": "settle", "answers": list(answers)}):
                    work.settle(answers)
                case Frame(head={"is": "ping"}):
                    self._say({"is": "pong"})
                case Frame(head={"is": "check", "id": int(number)}):
                    self._begin(number, _outcome(guarded(self._source.check, QUESTION_SECONDS)))
                case Frame(head={"is": "cancel", "id": int(number)}) if call := self._calls.get(number):
                    call.cancel()
                case Frame():
                    pass

    def _give_up(self, bug: BaseException) -> None:
        """A source that raises cannot be trusted with its own state any more: the hub starts another one."""
        self._say({"is": "log", "level": "error", "event": "source raised", "fields": {"bug": raised(bug)}})
        self._writer.close()

    async def _tell_measurements(self) -> None:
        while True:
            await asyncio.sleep(_MEASURED_SECONDS)
            self._measured()

    def _measured(self) -> None:
        changes = self._meter.changes()
        if any(changes.values()):
            self._say({"is": "measured", "changes": changes})

    async def _obey(self, do: Callable[[Mapping[str, Any], bytes], Coroutine[Any, Any, Spoken] | None]) -> None:
        """Do what is asked until told to close, or until nobody asks any more."""
        while True:
            match await self._next(MAX_BODY_BYTES):
                case Frame(head={"is": "close"}) | Malformed() | None:
                    return
                case Frame(head={"is": "cancel", "id": int(number)}):
                    if call := self._calls.get(number):
                        call.cancel()
                case Frame(head={"id": int(number)} as head, body=body):
                    if (spoken := do(head, body)) is not None:
                        self._begin(number, spoken)
                case Frame():
                    pass

    async def _next(self, max_body: int) -> Frame | Malformed | None:
        """What the hub says next, but for what it made of answers: that is for whoever gave them."""
        while True:
            match frame := await read_frame(self._reader, max_body):
                case Frame(head={"is": "heard", "id": int(number), "heard": heard}):
                    self._answers.hear(number, heard)
                case _:
                    return frame

    def _begin(self, number: int, call: Coroutine[Any, Any, Spoken]) -> None:
        async def answer() -> None:
            head, body = await call
            self._say({**head, "id": number}, body)

        def ended(task: asyncio.Task[None]) -> None:
            call.close()  # one that is called back at once has not begun
            self._calls.pop(number, None)
            if task.cancelled():
                # Nobody reads it, but it shows that we are alive.
                head, _ = result(InDoubt("CANCELLED: the hub called it back"))
                self._say({**head, "id": number})

        task = asyncio.create_task(answer())
        self._calls[number] = task
        task.add_done_callback(ended)

    def _say(self, head: Mapping[str, object], body: bytes = b"") -> None:
        frame = frame_bytes(head, body)
        if isinstance(frame, bytes):
            self._writer.write(frame)

    def _relay(self, _logger: object, level: str, event: MutableMapping[str, Any]) -> NoReturn:
        """A log line goes to the hub, which decides what becomes of it."""
        said = str(event.pop("event", ""))
        self._say({"is": "log", "level": level, "event": said, "fields": {key: str(event[key]) for key in event}})
        raise structlog.DropEvent


class SinkAtWork:
    """One guarded sink, asked as the hub asks."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def call(self, head: Mapping[str, Any], body: bytes) -> Coroutine[Any, Any, Spoken] | None:
        """What is to be done about a frame; None: nothing."""
        match head:
            case {"is": "send", "parcel": written}:
                return _outcome(self._sink.send(parcel_of(written, body)))
            case {"is": "query", "key": key}:
                return _outcome(self._sink.query(key))
            case {"is": "check"}:
                return _outcome(self._sink.check())
            case _:
                return None


async def _outcome(call: Coroutine[Any, Any, QueryOutcome]) -> Spoken:
    return result(await call)


async def _opened_receiver(
    connector: Connector, order: Mapping[str, Any], context: Context, stack: AsyncExitStack
) -> tuple[ReceiverAtWork | None, dict[str, object]]:
    """As for a sink. Raises whatever the connector raises."""
    kind = as_receiver(connector)
    if kind is None:
        return None, {"is": "unfit", "reason": "it is no receiver"}
    config = kind.receiver_config.model_validate(order["settings"])
    receiver = await stack.enter_async_context(kind.receiver(config, context))
    return ReceiverAtWork(receiver), {"is": "ready", "manifest": manifest_head(kind.manifest)}


async def _opened_lookup(
    connector: Connector, order: Mapping[str, Any], context: Context, stack: AsyncExitStack
) -> tuple[LookupAtWork | None, dict[str, object]]:
    """As for a sink. Raises whatever the connector raises."""
    kind = as_lookup(connector)
    if kind is None:
        return None, {"is": "unfit", "reason": "it answers no questions"}
    config = kind.lookup_config.model_validate(order["settings"])
    lookup = await stack.enter_async_context(GuardedLookup(kind.lookup(config, context)))
    return LookupAtWork(lookup), {"is": "ready", "manifest": manifest_head(kind.manifest)}


async def _main(control: socket.socket, secrets: socket.socket) -> None:
    reader, writer = await asyncio.open_connection(sock=control)
    watching = asyncio.create_task(watch_from_within(_STDERR))
    with suppress(OSError):
        await Child(reader, writer, Secrets(secrets)).serve()
    watching.cancel()
    writer.close()  # what was said last still leaves
    with suppress(OSError):
        await writer.wait_closed()


def _run(numbers: Sequence[int], fence: str) -> NoReturn:
    control, secrets, memory, parent = numbers
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the hub's to answer; it closes us in order
    confine(memory, parent, fence)
    for descriptor in (control, secrets):
        os.set_inheritable(descriptor, False)  # noqa: FBT003  # because os has it so
    code = 1
    try:
        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            runner.run(_main(socket.socket(fileno=control), socket.socket(fileno=secrets)))
        code = 0
    finally:
        os._exit(code)  # threads and exit handlers a connector left behind do not keep us


if __name__ == "__main__":
    _run([int(one) for one in sys.argv[1:5]], sys.argv[5])
