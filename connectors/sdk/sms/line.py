# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The line to a gateway: one login per process, kept alive, which the destination and the source of an account share.

Gateways admit few logins of an account and bring reports and people's messages (上行) by any of them. So whoever of this
process uses the account uses the same connection, and what comes in goes to whom it is for.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, Final, Generic, Protocol, TypeAlias, TypeVar
from weakref import WeakValueDictionary

from connectors.sdk.answers import Answer
from connectors.sdk.outcomes import Unavailable
from connectors.sdk.sink import Context
from connectors.sdk.sms.conversation import Conversation

C = TypeVar("C", bound=Conversation[Any, Any])

_FIRST_PAUSE: Final = 0.2
_LONGEST_PAUSE: Final = 30.0
_LONG_SECONDS: Final = 10.0
"""A connection that lasted longer was a good one; after shorter ones the pauses grow."""
_MOST_HELD: Final = 2_000


class Verdict(Enum):
    """What the gateway is told about something that it brought."""

    TAKEN = auto()
    BUSY = auto()
    """Not now: it brings it again."""
    NOBODY = auto()
    """Nobody here is for it."""
    UNREADABLE = auto()


@dataclass(slots=True)
class Brought:
    """What the gateway brought. ``key`` is its own name for it, unique for ever; empty where it has none.

    ``report`` is the final answer that it is, or None for a person's message. ``answer`` tells the gateway, by the connection
    on which it was brought; on one that is over it has no effect, and it comes again.
    """

    conversation: Conversation[Any, Any] = field(repr=False)
    key: str
    answer: Callable[[Verdict], None] = field(repr=False, compare=False)
    report: Answer | None = None
    state: str = ""
    number: str = field(default="", repr=False)
    service_number: str = ""
    content: bytes = field(default=b"", repr=False)
    coding: int = 0
    headed: bool = False

    def same(self, other: "Brought") -> bool:
        """Whether the other is this message, brought once more; one without a name comes again by another connection only."""
        mine, theirs = ((one.key, one.number, one.content) for one in (self, other))
        return mine == theirs and (bool(self.key) or not self.conversation.alive)


class User(Protocol):
    """Who uses a line: a destination or a source. Methods are called on the loop and return at once."""

    context: Context

    def report(self, brought: Brought) -> bool:
        """A status report; whether it is for this user."""
        ...

    def upstream(self, brought: Brought) -> bool:
        """A person's message; whether it is for this user."""
        ...

    def expects_upstream(self) -> bool:
        """Whether somebody who takes people's messages will come, so that they are to be kept till then."""
        ...


Dial: TypeAlias = Callable[["Line[C]", Context], Awaitable[C | Unavailable]]
"""Makes a connection that is logged in, for a line that is its listener."""


class Line(Generic[C]):
    """Made by :func:`line_to`. It is up as long as it has a user."""

    def __init__(self, place: str, answer_seconds: float, dial: Dial[C]) -> None:
        self._place = place
        self._answer_seconds = answer_seconds
        self._log_in = dial
        self._users: list[User] = []
        self._session: C | None = None
        self._dialling: asyncio.Task[C | Unavailable] | None = None
        self._keeping: asyncio.Task[None] | None = None
        self._ended = asyncio.Event()
        self._held: list[Brought] = []
        self._away = False
        self._pause = _FIRST_PAUSE
        self._not_before = 0.0

    def join(self, user: User) -> None:
        """Use it from now on; the first user has it dialled."""
        self._users.append(user)
        if self._keeping is None:
            self._keeping = asyncio.create_task(self._keep())
        held, self._held = self._held, []
        for brought in held:
            self.bring(brought)

    async def leave(self, user: User) -> None:
        """Use it no longer; after the last user it is down."""
        self._users.remove(user)
        if self._users:
            return
        running = [one for one in (self._keeping, self._dialling) if one is not None]
        self._keeping = self._dialling = None
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running)
        if self._session is not None:
            self._session.end("CLOSED: by us")
        self._session = None
        self._held.clear()

    async def session(self, seconds: float) -> C | Unavailable:
        """The connection, dialled at once where there is none; waits at most so long."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        joined = self._dialling is not None
        found = await self._present(seconds)
        # A dialling that had begun before may have failed before the gateway was back.
        return await self._present(deadline - loop.time()) if joined and isinstance(found, Unavailable) else found

    async def _present(self, seconds: float) -> C | Unavailable:
        if not self._users:
            return Unavailable("CLOSED: this destination is being closed")
        if self._session is not None and self._session.alive:
            return self._session
        loop = asyncio.get_running_loop()
        if (pause := self._not_before - loop.time()) > 0:
            return Unavailable("LOGIN_PAUSED: 登录被拒后稍候 / waiting after a login that was refused", pause)
        dialling = self._dialling
        if dialling is None:
            dialling = self._dialling = asyncio.create_task(self._dial())
        # Others wait for the same dialling; it goes on when this one's time is up.
        await asyncio.wait({dialling}, timeout=seconds)
        if not dialling.done() or dialling.cancelled():
            return Unavailable("CONNECT_TIMED_OUT: 连接网关超时 / the gateway cannot be reached in time")
        return dialling.result()

    def bring(self, brought: Brought) -> None:
        """What the gateway brings goes to whom it is for, or is kept for a source that is expected."""
        report = brought.report is not None
        if any((one.report if report else one.upstream)(brought) for one in self._users):
            return
        expected = not report and any(one.expects_upstream() for one in self._users)
        if expected and len(self._held) < _MOST_HELD:
            self._held.append(brought)
        else:
            brought.answer(Verdict.BUSY if expected else Verdict.NOBODY)

    def hold(self, brought: Brought) -> None:
        """Keep what a source that leaves had not settled: it is for the next one, or comes again with the next login."""
        if any(one.expects_upstream() for one in self._users):
            self._held.append(brought)

    def ended(self, conversation: Conversation[Any, Any]) -> None:
        """A connection is over."""
        self._held = [one for one in self._held if one.conversation is not conversation]
        if conversation is self._session:
            self._ended.set()

    async def _keep(self) -> None:
        """Have a connection: reports and people's messages come by it, whether something is sent or not."""
        loop = asyncio.get_running_loop()
        pause = _FIRST_PAUSE
        while True:
            await asyncio.sleep(max(self._not_before - loop.time(), 0.0))
            found = await self.session(self._answer_seconds)
            if not isinstance(found, Unavailable):
                began = loop.time()
                if found.alive:
                    await self._ended.wait()
                if loop.time() - began > _LONG_SECONDS:
                    pause = _FIRST_PAUSE
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def _dial(self) -> C | Unavailable:
        session: C | Unavailable = Unavailable("LINE_DOWN: not connected")
        try:
            session = await self._logged_in()
        finally:
            self._dialling = None
        self._tell(session)
        return session

    async def _logged_in(self) -> C | Unavailable:
        found = await self._log_in(self, self._users[0].context)
        if not isinstance(found, Unavailable):
            self._pause = _FIRST_PAUSE
            self._ended.clear()
            self._session = found
        elif found.reason.startswith(("LOGIN_", "GATEWAY_")) and not found.reason.startswith("LOGIN_CUT"):
            # A wrong secret that is shown again and again has accounts locked.
            self._not_before = asyncio.get_running_loop().time() + self._pause
            self._pause = min(self._pause * 2, _LONGEST_PAUSE)
        return found

    def _tell(self, found: C | Unavailable) -> None:
        """An outage is told once, and its end too."""
        away = isinstance(found, Unavailable)
        if away == self._away or not self._users:
            return
        self._away = away
        log = self._users[0].context.log
        if isinstance(found, Unavailable):
            log.warning("sms gateway is away", gateway=self._place, reason=found.reason)
        else:
            log.info("sms gateway is back", gateway=self._place)


_Key = tuple[int, str]
_lines: WeakValueDictionary[_Key, Line[Any]] = WeakValueDictionary()


def line_to(place: str, answer_seconds: float, dial: Dial[C]) -> Line[C]:
    """The line of this process and loop to that place (protocol, gateway and account)."""
    key = (id(asyncio.get_running_loop()), place)
    found: Line[C] | None = _lines.get(key)
    if found is None:
        found = _lines[key] = Line(place, answer_seconds, dial)
    return found
