# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What people send (上行), whole: the gateway has its answer for each part when the hub has the message, and not before."""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, Protocol, Self

from connectors.sdk.outcomes import Delivered, Outcome, Unavailable
from connectors.sdk.sink import Context
from connectors.sdk.sms.aside import lay_aside
from connectors.sdk.sms.assembly import Assembly, Place, opened
from connectors.sdk.sms.line import Brought, Line, Verdict
from connectors.sdk.sms.numbers import plain
from connectors.sdk.sms.reports import BEIJING, Reports
from connectors.sdk.sms.upstream import Form, Upstream, item, read_text
from connectors.sdk.source import Disposition, Item, NotNow, Refused, Taken

_CHECK_SECONDS: Final = 20.0
_MOST_WAITING: Final = 2_000
_LOOK_SECONDS: Final = 0.5
_AGAIN_SECONDS: Final = 60.0


class UpstreamSettings(Protocol):
    """What a source's settings say, whatever its protocol."""

    @property
    def prefetch(self) -> int:
        """At most so many unsettled."""
        ...

    @property
    def form(self) -> Form:
        """How an item looks."""
        ...

    @property
    def refused_folder(self) -> Path:
        """Where refused messages go."""
        ...

    @property
    def assembly_seconds(self) -> float:
        """How long the other parts of a long message are waited for."""
        ...

    @property
    def answers_for(self) -> str | None:
        """The destination whose reports may come by this login."""
        ...


@dataclass(slots=True)
class _Part:
    text: bytes = field(repr=False)
    brought: Brought = field(repr=False)


@dataclass(slots=True)
class _Whole:
    upstream: Upstream
    brought: list[Brought]


class UpstreamSource:
    """A :class:`connectors.sdk.Source`. Shares the line of its account with whoever of this process uses it."""

    def __init__(
        self,
        config: UpstreamSettings,
        context: Context,
        line: Callable[[], Line[Any]],
        default: Literal["ascii", "gsm7"] = "ascii",
    ) -> None:
        self.context = context
        self._default = default
        self._config = config
        self._make_line = line
        self._line: Line[Any] | None = None
        self._reports = Reports(context)
        self._assembly: Assembly[_Part] = Assembly(config.assembly_seconds)
        self._ready: list[_Whole] = []
        self._in_hand: dict[int, _Whole] = {}
        self._changed = asyncio.Event()
        self._token = 0
        self._aside: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._reports.start()
        self._line = self._make_line()
        self._line.join(self)
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._aside:
            await asyncio.wait(self._aside)
        line, self._line = self._line, None
        if line is not None:
            await line.leave(self)
            for whole in (*self._in_hand.values(), *self._ready):
                for brought in whole.brought:
                    line.hold(brought)
        await self._reports.end()

    async def take(self) -> Sequence[Item]:
        """As the port says."""
        while True:
            for parts in self._assembly.overdue(self.context.monotonic()):
                self._complete(parts)
            free = self._config.prefetch - len(self._in_hand)
            if free > 0 and self._ready:
                batch, self._ready = self._ready[:free], self._ready[free:]
                return [self._lend(one) for one in batch]
            self._changed.clear()
            try:
                async with asyncio.timeout(_LOOK_SECONDS if self._assembly.waiting else None):
                    await self._changed.wait()
            except TimeoutError:
                continue

    async def settle(self, answers: Sequence[tuple[int, Disposition]]) -> None:
        """As the port says. What is refused is laid aside first, and then answered."""
        loop = asyncio.get_running_loop()
        for token, answer in answers:
            whole = self._in_hand.get(token)
            if whole is None:
                continue
            match answer:
                case Taken():
                    self._settled(token)
                case Refused():
                    task = asyncio.create_task(self._lay_aside(token, whole, answer))
                    self._aside.add(task)
                    task.add_done_callback(self._aside.discard)
                case NotNow(retry_after=seconds):
                    del self._in_hand[token]
                    loop.call_later(min(seconds, _AGAIN_SECONDS), self._again, whole)
        self._changed.set()

    async def check(self) -> Outcome:
        """Whether we are logged in, or can be."""
        if self._line is None:
            return Unavailable("CLOSED: this source is being closed")
        session = await self._line.session(_CHECK_SECONDS)
        return session if isinstance(session, Unavailable) else Delivered("LOGGED_IN")

    def report(self, brought: Brought) -> bool:
        """As :class:`connectors.sdk.sms.line.User` says."""
        if self._config.answers_for is None:
            return False
        self._reports.take(brought)
        return True

    def upstream(self, brought: Brought) -> bool:
        """As :class:`connectors.sdk.sms.line.User` says."""
        if self._is_known(brought):
            return True
        if len(self._ready) >= _MOST_WAITING:
            brought.answer(Verdict.BUSY)
            return True
        place, text = opened(brought.content) if brought.headed else (None, brought.content)
        part = _Part(text, brought)
        parts = [part] if place is None else self._collected(place, part)
        if parts is not None:
            self._complete(parts)
        self._changed.set()
        return True

    def expects_upstream(self) -> bool:
        """As :class:`connectors.sdk.sms.line.User` says."""
        return True

    def _collected(self, place: Place, part: _Part) -> list[_Part] | None:
        sender = (part.brought.number, part.brought.service_number, part.brought.coding)
        return self._assembly.add(sender, place, part, self.context.monotonic())

    def _complete(self, parts: list[_Part]) -> None:
        first = parts[0].brought
        now = self.context.now().astimezone(BEIJING)
        upstream = Upstream(
            # A gateway that numbers nothing: better twice than one message for another.
            key=first.key or f"{now:%Y%m%d}:{secrets.token_hex(8)}",
            number=plain(first.number),
            service_number=first.service_number,
            text=read_text(b"".join(one.text for one in parts), first.coding, default=self._default),
            received=now,
        )
        self._ready.append(_Whole(upstream, [one.brought for one in parts]))
        self._changed.set()

    def _is_known(self, brought: Brought) -> bool:
        """Brought once more, since it has no answer yet: the answer goes where it was brought last."""
        for whole in (*self._in_hand.values(), *self._ready):
            for at, known in enumerate(whole.brought):
                if known.same(brought):
                    whole.brought[at] = brought
                    return True
        return False

    def _lend(self, whole: _Whole) -> Item:
        self._token += 1
        self._in_hand[self._token] = whole
        return item(whole.upstream, self._token, self._config.form)

    def _again(self, whole: _Whole) -> None:
        self._ready.append(whole)
        self._changed.set()

    def _settled(self, token: int) -> None:
        whole = self._in_hand.pop(token, None)
        for brought in whole.brought if whole is not None else ():
            brought.answer(Verdict.TAKEN)
        self._changed.set()

    async def _lay_aside(self, token: int, whole: _Whole, refused: Refused) -> None:
        made = item(whole.upstream, token, self._config.form)
        if await asyncio.to_thread(lay_aside, self._config.refused_folder, whole.upstream.key, made, refused):
            self._settled(token)
        else:
            self.context.log.error("a refused message cannot be laid aside", folder=str(self._config.refused_folder))
            self._in_hand.pop(token, None)
            asyncio.get_running_loop().call_later(_AGAIN_SECONDS, self._again, whole)
