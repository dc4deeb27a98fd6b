# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The receiving end: bundles are believed, put in order, and their messages brought; what is missing is asked for."""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count, takewhile
from typing import Self

from connectors.ferry.acknowledging import Acknowledger
from connectors.ferry.bundle import Bundle, Damaged, Entry, Kind, unpack
from connectors.ferry.carrier import AwayError, Carrier, FolderCarrier
from connectors.ferry.config import SourceConfig
from connectors.ferry.gaps import Gaps
from connectors.ferry.keys import KeyFault
from connectors.ferry.post import Post
from connectors.ferry.quarantine import Quarantine
from connectors.ferry.register import Position, Register, Settling
from connectors.ferry.store import StateFault
from connectors.sdk import Context, Delivered, Disposition, Item, NotNow, Outcome, Refused, Taken, Unavailable

_BATCH = 200
_NAMES_AT_A_TIME = 500
_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 5.0
_RETRY_SECONDS = 2.0
_CLOSE_SECONDS = 5.0
_CANCEL_SECONDS = 1.0
_PREFIX = "cloudEvents:"


@dataclass(slots=True)
class _Open:
    """A bundle whose messages are being brought. ``left`` are those that are not settled."""

    name: str
    hash: str
    left: set[int]


@dataclass(frozen=True, slots=True)
class _Message:
    """One message of an open bundle."""

    sequence: int
    number: int
    entry: Entry


@dataclass(slots=True)
class _Inbox:
    """What is known of the names in the inbox: ``held`` waits behind a gap, by sequence number; ``known`` needs no look."""

    held: dict[int, str] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)


class FerrySource:
    """An open way out of one stream."""

    def __init__(self, config: SourceConfig, context: Context, inbox: Carrier | None = None) -> None:
        self._config = config
        self._context = context
        self._carrier = inbox or FolderCarrier(config.inbox)
        self._post = Post(config, context)
        self._register = Register(config.state, config.stream)
        self._quarantine = Quarantine(config.state)
        self._gaps = Gaps(context)
        self._acknowledger = Acknowledger(config, context, self._post, self._register, self._gaps)
        self._inbox = _Inbox()
        self._position: Position | None = None
        """The last bundle that was opened, and its hash; None until the register was read."""
        self._open: dict[int, _Open] = {}
        self._queue: deque[_Message] = deque()
        self._tokens = count(1)
        self._in_hand: dict[int, _Message] = {}
        self._settling: deque[tuple[_Message, Refused | None]] = deque()
        self._noted = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._stirred = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_away = False

    async def __aenter__(self) -> Self:
        self._tasks = {asyncio.create_task(self._note()), asyncio.create_task(self._acknowledger.run())}
        return self

    async def __aexit__(self, *exc: object) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_CLOSE_SECONDS):
                await self._idle.wait()
        running = set(self._tasks)
        while running:
            for task in running:
                task.cancel()
            _, running = await asyncio.wait(running, timeout=_CANCEL_SECONDS)
        with suppress(AwayError, StateFault, KeyFault):
            await self._acknowledger.say_if_due()
        await asyncio.to_thread(self._register.store.close)

    async def take(self) -> Sequence[Item]:
        """As the port says."""
        pause = _FIRST_PAUSE_SECONDS
        while True:
            for task in self._tasks:
                if task.done():
                    task.result()  # it never ends by itself: this raises its bug where somebody sees it
            try:
                if not self._queue and self._room() > 0:
                    await self._look()
            except (AwayError, StateFault, KeyFault) as trouble:
                self._tell(str(trouble))
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
                continue
            self._tell("")
            pause = _FIRST_PAUSE_SECONDS
            room = min(self._room(), len(self._queue))
            if room > 0:
                return [self._item(self._queue.popleft()) for _ in range(room)]
            with suppress(TimeoutError):
                async with asyncio.timeout(self._config.poll_seconds):
                    await self._stirred.wait()
            self._stirred.clear()

    async def settle(self, answers: Sequence[tuple[int, Disposition]]) -> None:
        """As the port says."""
        given_back: list[_Message] = []
        for token, answer in answers:
            message = self._in_hand.get(token)
            if message is None:
                continue
            match answer:
                case Taken():
                    self._settling.append((message, None))
                case Refused():
                    self._settling.append((message, answer))
                case NotNow():
                    given_back.append(message)
            del self._in_hand[token]
        if given_back:
            self._queue = deque(sorted([*self._queue, *given_back], key=lambda one: (one.sequence, one.number)))
            self._stirred.set()
        if self._settling:
            self._idle.clear()
            self._noted.set()

    async def check(self) -> Outcome:
        """Look at the inbox and the state. What is missing is told in the receipt; it is no outage."""
        try:
            await self._carrier.check()
            await asyncio.to_thread(self._register.position)
        except AwayError as away:
            return Unavailable(f"AWAY: {away}")
        except StateFault as fault:
            return Unavailable(f"STATE: {fault}")
        return Delivered(self._gaps.told)

    def _room(self) -> int:
        return min(_BATCH, self._config.prefetch - len(self._in_hand) - len(self._settling))

    # -- from the inbox

    async def _look(self) -> None:
        """Open the next bundle, if it is there."""
        if self._position is None:
            self._position = await asyncio.to_thread(self._register.position)
        await self._open_held()
        if self._queue:
            return
        names = await self._carrier.list()
        self._inbox.known &= set(names)
        for name in [one for one in names if one not in self._inbox.known][:_NAMES_AT_A_TIME]:
            self._inbox.known.add(name)
            try:
                await self._judge(name)
            except BaseException:
                self._inbox.known.discard(name)  # it was not looked at to the end
                raise
        self._gaps.see(self._position.sequence, self._inbox.held)
        await self._open_held()

    async def _open_held(self) -> None:
        """Open what was held and is next now, until there is something to bring."""
        while not self._queue and self._position is not None:
            following = self._position.sequence + 1
            name = self._inbox.held.pop(following, None)
            if name is None:
                return
            try:
                await self._judge(name)
            except BaseException:
                self._inbox.held[following] = name  # it was not looked at to the end
                raise
            self._gaps.see(self._position.sequence, self._inbox.held)

    async def _judge(self, name: str) -> None:
        assert self._position is not None
        written = await self._carrier.get(name, self._config.largest_bytes + 1)
        if written is None:
            self._inbox.known.discard(name)
            return
        if len(written) > self._config.largest_bytes:
            await self._refuse(name, written, "TOO_LARGE")
            return
        bundle = await asyncio.to_thread(self._post.read, Kind.MESSAGES, written)
        if isinstance(bundle, Damaged):
            await self._refuse(name, written, bundle.code)
            return
        sequence = bundle.header.sequence
        if sequence <= self._position.sequence:
            await self._repeated(name, sequence)
        elif sequence > self._position.sequence + 1:
            await self._hold(name, sequence)
        elif bundle.header.previous != self._position.hash:
            await self._refuse(name, written, "CHAIN_BROKEN")
        else:
            await self._begin(name, bundle, written)

    async def _begin(self, name: str, bundle: Bundle, written: bytes) -> None:
        sequence = bundle.header.sequence
        entries = await asyncio.to_thread(unpack, bundle.payload)
        if isinstance(entries, Damaged):
            await self._refuse(name, written, entries.code)
            return
        settled = await asyncio.to_thread(self._register.settled, sequence)
        # From here on nothing is waited for: whoever is cancelled has opened it or not.
        left = [number for number in range(len(entries)) if number not in settled]
        self._open[sequence] = _Open(name, bundle.hash, set(left))
        self._position = Position(sequence, bundle.hash)
        self._queue += [_Message(sequence, number, entries[number]) for number in left]
        if not left:
            self._idle.clear()
            self._noted.set()

    async def _repeated(self, name: str, sequence: int) -> None:
        """It came before. If it is settled, the other end has not heard of that."""
        opened = self._open.get(sequence)
        if opened is None:
            self._acknowledger.is_due = True
        if opened is None or opened.name != name:
            await self._carrier.remove(name)
            self._inbox.known.discard(name)

    async def _hold(self, name: str, sequence: int) -> None:
        """It waits where it lies; a second copy, and what is too much, need not."""
        held = self._inbox.held
        if sequence in held or len(held) >= self._config.held_most:
            if held.get(sequence) != name:
                await self._carrier.remove(name)
                self._inbox.known.discard(name)
            return
        held[sequence] = name

    async def _refuse(self, name: str, written: bytes, code: str) -> None:
        file = await asyncio.to_thread(self._quarantine.bundle, written, code)
        self._context.metrics.count("refused", label=code)
        self._context.log.warning("bundle refused", code=code, file=file, stream=self._config.stream)
        await self._carrier.remove(name)
        self._inbox.known.discard(name)
        self._acknowledger.is_due = True

    def _item(self, message: _Message) -> Item:
        token = next(self._tokens)
        self._in_hand[token] = message
        return Item(
            token=token,
            content_type=message.entry.content_type,
            body=message.entry.body,
            headers=_headers(message.entry.attributes),
        )

    # -- into the register

    async def _note(self) -> None:
        """Write down what is settled, and let go of bundles that are settled whole, until cancelled."""
        while True:
            await self._noted.wait()
            self._noted.clear()
            while True:
                try:
                    await self._note_all()
                    break
                except (StateFault, AwayError, OSError) as trouble:
                    self._tell(str(trouble))
                    self._idle.set()  # it is not done, but nobody need wait for it
                    await asyncio.sleep(_RETRY_SECONDS)

    async def _note_all(self) -> None:
        batch = list(self._settling)
        settlings: list[Settling] = []
        for message, refused in batch:
            sequence, number, entry = message.sequence, message.number, message.entry
            if refused is not None:
                await asyncio.to_thread(self._quarantine.message, sequence, number, entry.body, refused.problem)
            self._open[sequence].left.discard(number)
            settlings.append(Settling(sequence, number, entry.key, refused.code if refused else ""))
        finished = self._finished()
        await asyncio.to_thread(self._register.settle, settlings, finished)
        for _ in batch:
            self._settling.popleft()
        for position in finished:
            opened = self._open.pop(position.sequence)
            await self._carrier.remove(opened.name)
            self._inbox.known.discard(opened.name)
        if finished:
            self._acknowledger.is_due = True
        if not self._settling:
            self._idle.set()
        self._stirred.set()

    def _finished(self) -> list[Position]:
        """The bundles at the beginning of the row of which nothing is left."""
        whole = takewhile(lambda sequence: not self._open[sequence].left, sorted(self._open))
        return [Position(sequence, self._open[sequence].hash) for sequence in whole]

    def _tell(self, away: str) -> None:
        if away and not self._is_away:
            self._context.log.warning("source away", reason=away, stream=self._config.stream)
        elif self._is_away and not away:
            self._context.log.info("source back", stream=self._config.stream)
        self._is_away = bool(away)


def _headers(attributes: Mapping[str, str]) -> dict[str, object]:
    return {_PREFIX + name: value for name, value in attributes.items() if name != "datacontenttype"}
