# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""One running child process of a connector: started, asked, listened to, ended. Nothing it says is believed unseen."""

import asyncio
import itertools
import os
import signal
import socket
from asyncio.subprocess import Process
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import Any, Self, TypeAlias

from structlog.typing import FilteringBoundLogger

from connectors.sdk.answers import Answers, NoAnswers
from connectors.sdk.answers_wire import Hearing
from connectors.sdk.fencing.fence import Fence
from connectors.sdk.guard import GRACE_SECONDS, MARGIN_SECONDS
from connectors.sdk.listening import Deaf, Listener
from connectors.sdk.manifest import Manifest, Role
from connectors.sdk.metrics import Meter
from connectors.sdk.outcomes import InDoubt, QueryOutcome, Rejected, Unavailable
from connectors.sdk.sink import Settings
from connectors.sdk.spawning import processor_seconds, spawn, tell_secrets
from connectors.sdk.watchdog import overhear
from connectors.sdk.wire import Frame, Malformed, frame_bytes, manifest_of, outcome_of, read_frame

Link: TypeAlias = tuple[asyncio.StreamReader, asyncio.StreamWriter]

_LEVELS = frozenset({"info", "warning", "error", "critical"})
_LINES_PER_SECOND = 50
_FLOOD_PER_SECOND = 5_000
_MAX_FIELDS = 20
_MAX_TEXT = 500
_MAX_PROBLEMS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a child may take: bytes of address space, processors for so many seconds, and seconds to start, to be waited
    for when it is entered, to overrun a send, to stay silent when asked for a sign of life, to stop, to come back.

    A child is also nice to the hub: where both want the processor, the hub has it.
    """

    memory_bytes: int = 1024 * 1024 * 1024
    cores: float = 1.5
    cores_seconds: float = 10.0
    silence_seconds: float = 10.0
    start_seconds: float = 20.0
    enter_seconds: float = 20.0
    grace_seconds: float = 1.0
    stop_seconds: float = 3.0
    restart_seconds: float = 0.5
    restart_max_seconds: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a child shall be: the connector of a ``package.module:ATTRIBUTE`` reference, under a destination's settings, or a
    source's; and what it may reach of this machine.
    """

    reference: str
    settings: Settings
    destination: str
    role: Role = Role.SINK
    fence: Fence = field(default_factory=Fence)


@dataclass(frozen=True, slots=True)
class Unfit:
    """Why a child could not become what was ordered; ``problems`` are those of the settings, each with its path."""

    reason: str
    problems: tuple[str, ...] = ()


class ChildProcess:
    """Made by :meth:`start`. When it is dead it stays dead; the calls that were under way have ended as ``InDoubt``.

    ``on_death`` is called once, when it dies without having been stopped.
    """

    def __init__(
        self,
        process: Process,
        link: Link,
        errors: int,
        secrets: Coroutine[Any, Any, None],
        log: FilteringBoundLogger,
        limits: Limits,
        meter: Meter,
        listener: Listener,
        answers: Answers,
    ) -> None:
        self.dead = False
        self.on_death: Callable[[], None] | None = None
        self._process = process
        self._reader, self._writer = link
        self._log = log
        self._limits = limits
        self._meter = meter
        self._listener = listener
        self._hearing = Hearing(answers, self._write)
        self._numbers = itertools.count(1)
        self._pending: dict[int, asyncio.Future[QueryOutcome | Frame]] = {}
        self._writing = asyncio.Lock()
        self._greeting: asyncio.Future[Manifest | Unfit] = asyncio.get_running_loop().create_future()
        self._second, self._lines = 0, 0
        self._listening = asyncio.create_task(self._listen())
        self._tasks = [
            self._listening,
            asyncio.create_task(self._watch()),
            asyncio.create_task(self._watch_processors()),
            asyncio.create_task(secrets),
            asyncio.create_task(overhear(errors, self._tell_blocked)),
        ]

    @classmethod
    async def start(
        cls,
        order: Order,
        secret: Callable[[str], str],
        log: FilteringBoundLogger,
        limits: Limits,
        *,
        meter: Meter | None = None,
        listener: Listener | None = None,
        answers: Answers | None = None,
    ) -> tuple[Self, Manifest] | Unfit:
        """Spawn, hand over the order, wait for the greeting. What it measures goes to the meter, answers to ``answers``."""
        frame = frame_bytes({**asdict(order), "settings": dict(order.settings)})
        if isinstance(frame, Malformed):
            return Unfit(f"the settings cannot be handed over: {frame.reason}")
        control, theirs = socket.socketpair()
        secrets, their_secrets = socket.socketpair()
        link = await asyncio.open_connection(sock=control)
        link[1].write(frame)
        errors, their_errors = os.pipe()
        with theirs, their_secrets, os.fdopen(their_errors, "wb"):
            try:
                process = await spawn(theirs, their_secrets, their_errors, limits.memory_bytes, order.fence)
            except OSError as error:
                link[1].transport.abort()
                secrets.close()
                os.close(errors)
                return Unfit(f"its process cannot be started: {type(error).__name__}")
        told = tell_secrets(secrets, secret)
        child = cls(
            process, link, errors, told, log, limits, meter or Meter(), listener or Deaf(), answers or NoAnswers()
        )
        greeting = await child.greeting()
        return greeting if isinstance(greeting, Unfit) else (child, greeting)

    async def greeting(self) -> Manifest | Unfit:
        """What it says first. A child that is unfit, or does not greet in time, is ended."""
        try:
            async with asyncio.timeout(self._limits.start_seconds):
                greeting = await asyncio.shield(self._greeting)
        except TimeoutError:
            greeting = Unfit("it did not start in time")
        except asyncio.CancelledError:
            await self.stop(0)
            raise
        if isinstance(greeting, Unfit):
            await self.stop(0)
        return greeting

    async def ask(self, head: Mapping[str, object], body: bytes, seconds: float) -> QueryOutcome:
        """As :meth:`consult`, for a call that has an outcome and nothing else."""
        told = await self.consult(head, body, seconds)
        return InDoubt("CONNECTOR_NONSENSE: what it returned is not an outcome") if isinstance(told, Frame) else told

    async def consult(self, head: Mapping[str, object], body: bytes, seconds: float) -> QueryOutcome | Frame:
        """Hand over one call and wait for what is told about it, an outcome or a frame that nobody has looked into; a child
        that overruns is ended.

        Not handed over: ``Unavailable``, or ``Rejected`` if it never can be. Handed over and not answered, for whatever
        reason: ``InDoubt``.
        """
        number = next(self._numbers)
        frame = frame_bytes({**head, "id": number}, body)
        if isinstance(frame, Malformed):
            return Rejected("HOST_FRAME", f"The parcel cannot be handed to the connector's process: {frame.reason}.")
        answer: asyncio.Future[QueryOutcome | Frame] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(seconds + MARGIN_SECONDS + GRACE_SECONDS + self._limits.grace_seconds):
                async with self._writing:
                    if self.dead:
                        return Unavailable("HOST_DIED: the connector's process had ended before")
                    self._pending[number] = answer
                    self._writer.write(frame)
                    await self._writer.drain()
                return await answer
        except TimeoutError:
            if number not in self._pending:
                return Unavailable("HOST_BLOCKED: the connector's process takes nothing")
            self.end("OVERDUE: the connector's process did not answer and was ended")
            return InDoubt("OVERDUE: the connector's process did not answer and was ended")
        except ConnectionError:
            return InDoubt("HOST_DIED: the connector's process ended")
        except asyncio.CancelledError:
            if number in self._pending and not self.dead:
                self._cancel(number)
            raise
        finally:
            if self._pending.get(number) is answer:
                del self._pending[number]

    async def say(self, head: Mapping[str, object]) -> bool:
        """Hand over a message that has no answer; whether it was taken. A child that takes nothing for long is ended."""
        frame = frame_bytes(head)
        if isinstance(frame, Malformed):
            return False
        try:
            async with asyncio.timeout(self._limits.silence_seconds), self._writing:
                if self.dead:
                    return False
                self._writer.write(frame)
                await self._writer.drain()
        except TimeoutError:
            self.end("HOST_BLOCKED: the connector's process takes nothing and was ended")
            return False
        except ConnectionError:
            return False
        return True

    def _write(self, head: Mapping[str, object]) -> None:
        frame = frame_bytes(head)
        if isinstance(frame, bytes) and not self.dead:
            self._writer.write(frame)

    def _cancel(self, number: int) -> None:
        """Call back what was handed over. A child that does not even say so much in time is ended."""
        self._write({"is": "cancel", "id": number})
        loop = asyncio.get_running_loop()
        obeyed: asyncio.Future[QueryOutcome | Frame] = loop.create_future()
        overdue = "OVERDUE: the connector's process did not answer and was ended"
        timer = loop.call_later(GRACE_SECONDS + self._limits.grace_seconds, self.end, overdue)
        obeyed.add_done_callback(lambda _: timer.cancel())
        obeyed.add_done_callback(lambda _: self._pending.pop(number, None))
        self._pending[number] = obeyed

    async def stop(self, seconds: float) -> None:
        """Ask it to close, wait so long, end it. Leaves no process, no task and no socket. Idempotent."""
        self.on_death = None
        if seconds and not self.dead:
            self._write({"is": "close"})
            with suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), seconds)
        self.end("CLOSED: this destination is being closed")
        await self._process.wait()
        tasks = [*self._tasks, *self._hearing.tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._writer.transport.abort()
        with suppress(OSError):
            await self._writer.wait_closed()

    async def _listen(self) -> None:
        """Hear everything it says, until it ends or talks nonsense."""
        reason = "HOST_DIED: the connector's process ended"
        with suppress(OSError):
            while not self.dead:
                match await read_frame(self._reader, self._listener.max_body_bytes):
                    case Frame() as frame:
                        if fault := self._hear(frame):
                            reason = f"HOST_NONSENSE: {fault}"
                            break
                    case Malformed(reason=fault):
                        reason = f"HOST_NONSENSE: {fault}"
                        break
                    case None:
                        break
        self.end(reason)

    def _hear(self, frame: Frame) -> str:
        """Take one message; gives what is wrong with it, if something is."""
        head = frame.head
        match head:
            case {"is": "result", "id": int(number), "outcome": written}:
                outcome = outcome_of(written)
                if outcome is None:
                    return "not an outcome"
                return self._answer(number, outcome)
            case {"is": "told", "id": int(number)}:
                return self._answer(number, frame)
            case {"is": "log", "level": str(level), "event": str(event), "fields": dict(fields)}:
                return self._note(level, event, fields)
            case {"is": "measured", "changes": changes}:
                return self._meter.merge(changes)
            case {"is": "answered", "id": int(number), "answers": written}:
                return self._hearing.hear(number, written)
            case {"is": "ready", "manifest": written} if not self._greeting.done():
                manifest = manifest_of(written)
                self._greeting.set_result(manifest or Unfit("its manifest is none"))
                return "" if "prefetch" not in head else self._listener.hear(frame)
            case {"is": "unfit", "reason": str(reason)} if not self._greeting.done():
                problems = head.get("problems")
                listed = problems[:_MAX_PROBLEMS] if isinstance(problems, list) else []
                self._greeting.set_result(Unfit(reason[:_MAX_TEXT], tuple(str(one)[:_MAX_TEXT] for one in listed)))
                return ""
            case _:
                return self._listener.hear(frame)

    def _answer(self, number: int, told: QueryOutcome | Frame) -> str:
        answer = self._pending.get(number)  # None: given up already
        if answer is not None and not answer.done():
            answer.set_result(told)
        return ""

    def _note(self, level: str, event: str, fields: Mapping[object, object]) -> str:
        """Pass a log line on, within measure."""
        second = int(asyncio.get_running_loop().time())
        if second != self._second:
            self._second, self._lines = second, 0
        self._lines += 1
        if self._lines > _FLOOD_PER_SECOND:
            return "a flood of log lines"
        if self._lines == _LINES_PER_SECOND + 1:
            self._log.warning("a connector says too much; the rest of this second is left out")
        if self._lines <= _LINES_PER_SECOND and level in _LEVELS:
            kept = dict(
                itertools.islice(((str(key)[:100], str(fields[key])[:_MAX_TEXT]) for key in fields), _MAX_FIELDS)
            )
            getattr(self._log, level)(event[:_MAX_TEXT], fields=kept)
        return ""

    def _tell_blocked(self, stack: Sequence[str]) -> None:
        self._note("error", "connector blocked", {"stack": " < ".join(stack)})

    async def _watch(self) -> None:
        """A process of its own making may hold the socket open after the child has gone."""
        code = await self._process.wait()
        if not self.dead:
            # What it said last may still be on its way.
            await asyncio.wait({self._listening}, timeout=GRACE_SECONDS)
        self.end(f"HOST_DIED: the connector's process ended with {code}")

    async def _watch_processors(self) -> None:
        """End it when it uses more processors than it may, over a while. Returns when there is nothing to look at."""
        pause, before = self._limits.cores_seconds, 0.0
        while True:
            used = processor_seconds(self._process.pid)
            if used is None:
                return
            if used - before > pause * self._limits.cores and before:
                self.end(f"HOST_DIED: the connector used more than {self._limits.cores:g} processors and was ended")
                return
            before = used
            await asyncio.sleep(pause)

    def end(self, reason: str) -> None:
        """From here on it is dead: everything under way is in doubt, and the whole process group ends."""
        if self.dead:
            return
        self.dead = True
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        if not self._greeting.done():
            self._greeting.set_result(Unfit(reason))
        for answer in self._pending.values():
            if not answer.done():
                answer.set_result(InDoubt(reason))
        self._writer.transport.abort()
        self._listener.ended()
        if self.on_death is not None:
            self.on_death()
