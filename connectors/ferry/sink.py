# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The sending end: messages go into numbered bundles that are kept until the other end has acknowledged them."""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import orjson

from connectors.ferry.acknowledgement import Acknowledgement
from connectors.ferry.bundle import Bundle, Damaged, Entry, Kind, pack, read_json
from connectors.ferry.carrier import AwayError, Carrier, FolderCarrier
from connectors.ferry.config import SinkConfig
from connectors.ferry.keys import KeyFault
from connectors.ferry.ledger import Ending, Ledger, Made
from connectors.ferry.post import Post
from connectors.ferry.resending import Resending
from connectors.ferry.store import StateFault
from connectors.sdk import (
    Accepted,
    Answer,
    Context,
    Delivered,
    Heard,
    InDoubt,
    Outcome,
    Parcel,
    QueryOutcome,
    Rejected,
    Unavailable,
)

_ACKS_AT_A_TIME = 100
_TOLD_AT_A_TIME = 1_000
_ACK_MOST = 4 * 1024 * 1024
_CANCEL_SECONDS = 1.0


@dataclass(slots=True)
class _Waiting:
    """A parcel on its way into a bundle. ``begun``: it may be in one."""

    parcel: Parcel
    outcome: asyncio.Future[Outcome]
    begun: bool = False


class FerrySink:
    """An open way into one stream."""

    def __init__(self, config: SinkConfig, context: Context, outbox: Carrier | None = None) -> None:
        self._config = config
        self._context = context
        self._outbox = outbox or FolderCarrier(config.outbox)
        self._acks = FolderCarrier(config.acks)
        self._post = Post(config, context)
        self._ledger = Ledger(config.state, config.stream)
        self._resending = Resending(config.resend_seconds, context.monotonic)
        self._waiting: deque[_Waiting] = deque()
        self._stirred = asyncio.Event()
        self._putting = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False
        self._troubles: dict[str, str] = {}
        self._refused_up_to = 0
        self.unacknowledged: Sequence[int] = ()

    async def __aenter__(self) -> Self:
        self._tasks = {asyncio.create_task(self._pack()), asyncio.create_task(self._tend())}
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._closed = True
        running = set(self._tasks)
        while running:
            for task in running:
                task.cancel()
            _, running = await asyncio.wait(running, timeout=_CANCEL_SECONDS)
        while self._waiting:
            one = self._waiting.popleft()
            if not one.outcome.done():
                one.outcome.set_result(InDoubt("CLOSED: closed by us") if one.begun else Unavailable("CLOSED: by us"))
        await asyncio.to_thread(self._ledger.store.close)

    async def send(self, parcel: Parcel) -> Outcome:
        """As the port says. Accepted: it is in a bundle that is kept until it is acknowledged, and the bundle in the outbox; the
        acknowledgement is the final answer, under the message's own key.
        """
        if self._closed:
            return Unavailable("CLOSED: closed by us")
        try:
            orjson.dumps([parcel.idempotency_key, parcel.content_type, dict(parcel.attributes)])
        except orjson.JSONEncodeError:
            return Rejected("UNSENDABLE", "JSON cannot carry this content type, key or these attributes")
        one = _Waiting(parcel, asyncio.get_running_loop().create_future())
        self._waiting.append(one)
        self._stirred.set()
        try:
            async with asyncio.timeout(parcel.timeout):
                return await one.outcome
        except TimeoutError:
            if one.begun:
                return InDoubt("TIMED_OUT: the bundle was not in the outbox in time")
            return Unavailable("TIMED_OUT: no bundle was begun in time")
        finally:
            if one in self._waiting and not one.begun:
                self._waiting.remove(one)

    async def query(self, idempotency_key: str) -> QueryOutcome:
        """Whether the message is in a bundle: our own ledger's word, since nobody at the other side can be asked."""
        try:
            ending = await asyncio.to_thread(self._ledger.ending_of, idempotency_key)
            sequence = await asyncio.to_thread(self._ledger.sequence_of, idempotency_key)
        except StateFault as fault:
            return Unavailable(f"STATE: {fault}")
        except UnicodeEncodeError:
            ending = sequence = None
        if ending is not None:
            return self._final(ending)
        if sequence is None:
            return InDoubt("NOT_ASKABLE: it is in no bundle that is remembered, and nobody can be asked")
        return Accepted(idempotency_key)

    async def check(self) -> Outcome:
        """Look at the outbox and the state. What nobody has acknowledged yet is told in the receipt; it is no outage."""
        try:
            await self._outbox.check()
            waiting = await asyncio.to_thread(self._ledger.unacknowledged)
        except AwayError as away:
            return Unavailable(f"AWAY: {away}")
        except StateFault as fault:
            return Unavailable(f"STATE: {fault}")
        return Delivered(f"{len(waiting)} bundles not acknowledged, from {waiting[0]}" if waiting else "")

    # -- into bundles

    async def _pack(self) -> None:
        """Until cancelled."""
        while True:
            await self._stirred.wait()
            self._stirred.clear()
            if self._config.linger_seconds and len(self._waiting) < self._config.bundle_messages:
                await asyncio.sleep(self._config.linger_seconds)
            while batch := self._batch():
                await self._end(batch)

    def _batch(self) -> list[_Waiting]:
        batch: list[_Waiting] = []
        size = 0
        while self._waiting and len(batch) < self._config.bundle_messages and size <= self._config.bundle_bytes:
            one = self._waiting.popleft()
            if not one.outcome.done():  # nobody waits for it any more
                size += len(one.parcel.body)
                batch.append(one)
        return batch

    async def _end(self, batch: Sequence[_Waiting]) -> None:
        outcomes: Mapping[str, Outcome] = {}
        try:
            outcomes = await self._bundled(batch)
        finally:
            for one in batch:
                if not one.outcome.done():
                    closed = InDoubt("CLOSED: closed by us") if one.begun else Unavailable("CLOSED: closed by us")
                    one.outcome.set_result(outcomes.get(one.parcel.idempotency_key, closed))

    async def _bundled(self, batch: Sequence[_Waiting]) -> dict[str, Outcome]:
        by_key = {one.parcel.idempotency_key: one.parcel for one in batch}

        def make(new: Sequence[str], sequence: int, previous: str) -> Made:
            entries = [_entry(by_key[key]) for key in new]
            return self._post.write(Kind.MESSAGES, sequence, previous, pack(entries))

        try:
            await self._outbox.check()
            for one in batch:
                one.begun = True
            found = await asyncio.to_thread(self._ledger.append, list(by_key), make)
        except AwayError as away:
            return dict.fromkeys(by_key, Unavailable(f"AWAY: {away}"))
        except StateFault as fault:
            return dict.fromkeys(by_key, Unavailable(f"STATE: {fault}"))
        except KeyFault as fault:
            return dict.fromkeys(by_key, Unavailable(f"KEY: {fault}"))
        put = {sequence: await self._put(sequence) for sequence in sorted(set(found.values()))}
        outcomes: dict[str, Outcome] = {}
        for key, sequence in found.items():
            again = by_key[key].attempt > 1
            ending = await asyncio.to_thread(self._ledger.ending_of, key) if again else None
            if ending is not None:  # it went before, and the other end has spoken
                outcomes[key] = self._final(ending)
            elif put[sequence]:
                outcomes[key] = Accepted(key)
            else:
                outcomes[key] = InDoubt("NOT_PUT: it is in a bundle that is not in the outbox yet")
        return outcomes

    async def _put(self, sequence: int, *, again: bool = False) -> bool:
        """Put a bundle into the outbox, unless it is acknowledged, or this process has put it there already."""
        try:
            async with self._putting:
                if not again and not self._resending.is_new(sequence):
                    return True
                written = await asyncio.to_thread(self._ledger.bundle, sequence)
                if written is not None:
                    await self._outbox.put(f"{self._config.stream}-{sequence:012d}.bundle", written)
                    self._resending.put(sequence)
        except (AwayError, StateFault) as trouble:
            self._tell("outbox", str(trouble))
            return False
        self._tell("outbox", "")
        return True

    # -- until they are acknowledged

    async def _tend(self) -> None:
        """Hear acknowledgements and put into the outbox again what needs it, until cancelled."""
        while True:
            try:
                asked_for = await self._heard()
                await self._answer_for()
                self.unacknowledged = await asyncio.to_thread(self._ledger.unacknowledged)
            except (AwayError, StateFault, KeyFault) as trouble:
                self._tell("acks", str(trouble))
            else:
                self._tell("acks", "")
                for sequence in self._resending.due(self.unacknowledged, asked_for):
                    if not await self._put(sequence, again=True):
                        break
                self._context.metrics.gauge("unacknowledged", len(self.unacknowledged))
            await asyncio.sleep(self._config.poll_seconds)

    async def _answer_for(self) -> None:
        """Give the hub what acknowledgements said of its messages, until it has kept all of it."""
        while endings := await asyncio.to_thread(self._ledger.untold, _TOLD_AT_A_TIME):
            try:
                heard = await self._context.answers.answered([self._answer(one) for one in endings])
            except LookupError:  # nobody takes answers here: whoever does finds them
                return
            kept = [one.key for one, what in zip(endings, heard, strict=True) if what is not Heard.TOO_MANY]
            await asyncio.to_thread(self._ledger.told, kept)
            if len(kept) < len(endings):
                return

    def _answer(self, ending: Ending) -> Answer:
        return Answer(ending.key, self._final(ending))

    def _final(self, ending: Ending) -> Delivered | Rejected:
        if not ending.code:
            return Delivered(self._receipt(ending.sequence))
        return Rejected(ending.code, "refused at the other end; the problem document lies there")

    async def _heard(self) -> set[int]:
        """Take in what the way back has brought; the numbers it asks for."""
        asked_for: set[int] = set()
        for name in (await self._acks.list())[:_ACKS_AT_A_TIME]:
            written = await self._acks.get(name, _ACK_MOST)
            bundle = (
                None if written is None else await asyncio.to_thread(self._post.read, Kind.ACKNOWLEDGEMENT, written)
            )
            if isinstance(bundle, Damaged):
                self._complain(bundle.code)
            elif bundle is not None:
                said = await self._acknowledged(bundle)
                asked_for = asked_for if said is None else said
            await self._acks.remove(name)
        return asked_for

    async def _acknowledged(self, bundle: Bundle) -> set[int] | None:
        """What it asks for; None where nothing is to be made of it."""
        said: Acknowledgement | None = read_json(bundle.payload, Acknowledgement)
        if said is None:
            self._complain("ACKNOWLEDGEMENT_UNREADABLE")
            return None
        fault = await asyncio.to_thread(self._ledger.acknowledge, bundle.header.sequence, said)
        if fault:
            if fault != "STALE":
                self._complain(fault)
            return None
        if said.refused and said.refused[-1].sequence > self._refused_up_to:
            news = [one for one in said.refused if one.sequence > self._refused_up_to]
            self._refused_up_to = news[-1].sequence
            self._context.log.warning(
                "refused at the other end", messages=len(news), codes=sorted({o.code for o in news})
            )
        return set(said.missing)

    def _complain(self, code: str) -> None:
        self._context.metrics.count("refused", label=code)
        self._context.log.warning("acknowledgement refused", code=code, stream=self._config.stream)

    def _tell(self, where: str, trouble: str) -> None:
        """Say that something does not work, and that it works again, once each."""
        before = self._troubles.get(where, "")
        if trouble and not before:
            self._context.log.error("ferry stands still", where=where, reason=trouble, stream=self._config.stream)
        elif before and not trouble:
            self._context.log.info("ferry goes on", where=where, stream=self._config.stream)
        self._troubles[where] = trouble

    def _receipt(self, sequence: int) -> str:
        return f"{self._config.stream}/{sequence}"


def _entry(parcel: Parcel) -> Entry:
    return Entry(
        key=parcel.idempotency_key,
        content_type=parcel.content_type,
        attributes=dict(parcel.attributes),
        body=parcel.body,
    )
