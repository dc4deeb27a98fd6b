# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Sources that each break one rule, and otherwise keep them all."""

import asyncio
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Self

import aiohttp
from pydantic import BaseModel, ConfigDict, Field

from connectors.sdk import (
    STRICT,
    Context,
    Delivered,
    Disposition,
    Item,
    Manifest,
    NotNow,
    Outcome,
    Refused,
    Role,
    Secret,
    Sink,
    Source,
    Taken,
    Text,
    Unavailable,
)
from connectors.sdk.feed import Lying
from tests.connectors.hostile.shelf import Shelf

_hoard: list[int] = []
_leaked: set[asyncio.Task[object]] = set()


class ShelfConfig(BaseModel):
    model_config = STRICT

    shelf: str = Field(description="The shelf's name.", examples=["shelf"])
    prefetch: int = Field(default=20, description="The most messages in hand.", examples=[20])
    token: Secret = Field(description="What proves who we are.", examples=["token"])
    url: str = Field(description="An address for those who call one.", examples=["https://shelf.example/"])


class Honest:
    """Keeps every rule."""

    def __init__(self, config: ShelfConfig, context: Context) -> None:
        self._config = config
        self._context = context
        self._prefetch = config.prefetch
        self._mine: set[int] = set()
        self._connection = -1
        self._told = False
        self._closed = False

    @property
    def _shelf(self) -> Shelf:
        return Shelf.known[self._config.shelf]

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        async with self._shelf.changed:
            self._shelf.lent -= self._mine
            self._shelf.changed.notify_all()

    async def take(self) -> Sequence[Item]:
        shelf = self._shelf
        async with shelf.changed:
            while True:
                await self._connected(shelf)
                free = [n for n in sorted(shelf.lying) if n not in shelf.lent][: self._prefetch - len(self._mine)]
                if free:
                    shelf.lent |= set(free)
                    self._mine |= set(free)
                    return [self._item(n, shelf) for n in free]
                await shelf.changed.wait()

    async def settle(self, answers: Sequence[tuple[int, Disposition]]) -> None:
        shelf = self._shelf
        async with shelf.changed:
            for token, answer in answers:
                if token in self._mine:
                    self._mine.discard(token)
                    shelf.lent.discard(token)
                    self._settled(shelf, token, answer)
            shelf.changed.notify_all()

    async def check(self) -> Outcome:
        elsewhere = "127.0.0.1" in self._config.url
        return Unavailable("AWAY") if self._shelf.away or elsewhere else Delivered()

    async def _connected(self, shelf: Shelf) -> None:
        while shelf.away:
            if not self._told:
                self._told = True
                self._context.log.warning("far side away")
            await shelf.changed.wait()
        if self._connection != shelf.outages:
            self._connection = shelf.outages
            self._mine.clear()
            self._log_in()

    def _log_in(self) -> None:
        self._context.secret(self._config.token)

    def _item(self, n: int, shelf: Shelf) -> Item:
        lying = shelf.lying[n]
        return Item(token=n, content_type=lying.content_type, body=lying.body, headers=lying.headers)

    def _settled(self, shelf: Shelf, token: int, answer: Disposition) -> None:
        match answer:
            case Taken():
                del shelf.lying[token]
            case Refused(code=code):
                shelf.refused.append((shelf.lying.pop(token).body, code))
            case NotNow():
                pass


class Forgetting(Honest):
    """Takes a message for settled as soon as it is lent, and then leaves with it."""

    async def __aexit__(self, *exc: object) -> None:
        for token in self._mine:
            self._shelf.lying.pop(token, None)
        await super().__aexit__(*exc)


class Reversing(Honest):
    async def take(self) -> Sequence[Item]:
        items = await super().take()
        return list(reversed(items)) if len(items) > 10 else items


class Trimming(Honest):
    def _item(self, n: int, shelf: Shelf) -> Item:
        item = super()._item(n, shelf)
        return replace(item, body=item.body.strip(b"\0"))


class Dropping(Honest):
    """What was put off is dropped."""

    def _settled(self, shelf: Shelf, token: int, answer: Disposition) -> None:
        super()._settled(shelf, token, Taken() if isinstance(answer, NotNow) else answer)
        if isinstance(answer, NotNow):
            shelf.lying[1000 + token] = Lying(content_type="text/plain", body=b"empty")


class Swallowing(Honest):
    """What is refused goes nowhere."""

    def _settled(self, shelf: Shelf, token: int, answer: Disposition) -> None:
        super()._settled(shelf, token, answer)
        if isinstance(answer, Refused):
            body, _ = shelf.refused.pop()
            shelf.refused.append((body, "LOST"))


class Greedy(Honest):
    def __init__(self, config: ShelfConfig, context: Context) -> None:
        super().__init__(config, context)
        self._prefetch = config.prefetch + 3


class Losing(Honest):
    """What it took while nobody waited any more is lost until it is left."""

    async def take(self) -> Sequence[Item]:
        taking = asyncio.ensure_future(super().take())
        _leaked.add(taking)
        taking.add_done_callback(_leaked.discard)
        return await asyncio.shield(taking)


class Impatient(Honest):
    """An outage is the end of it."""

    async def _connected(self, shelf: Shelf) -> None:
        if shelf.away and shelf.lying:
            raise ConnectionError("away")
        await super()._connected(shelf)


class Peeking(Honest):
    """Its check takes a message."""

    async def check(self) -> Outcome:
        if not self._shelf.away and len(self._shelf.lying) == 1 and not self._mine:
            self._shelf.lying.clear()
        return await super().check()


class Blind(Honest):
    async def check(self) -> Outcome:
        there = await super().check()
        return Delivered() if self._shelf.away and not self._shelf.lying else there


class Hasty(Honest):
    def __init__(self, config: ShelfConfig, context: Context) -> None:
        super().__init__(config, context)
        context.secret(config.token)


class Touchy(Honest):
    async def settle(self, answers: Sequence[tuple[int, Disposition]]) -> None:
        if any(token > 10**12 for token, _ in answers):
            raise LookupError("never brought")
        await super().settle(answers)


class Blocking(Honest):
    def _item(self, n: int, shelf: Shelf) -> Item:
        if len(shelf.lying[n].body) > 2_000_000:
            time.sleep(2)
        return super()._item(n, shelf)


class Chatting(Honest):
    async def take(self) -> Sequence[Item]:
        items = await super().take()
        self._context.log.info("taken", count=len(items))
        return items


class Complaining(Honest):
    async def _connected(self, shelf: Shelf) -> None:
        for _ in range(5 if shelf.away else 0):
            self._context.log.warning("still away")
        await super()._connected(shelf)


class Leaking(Honest):
    async def __aenter__(self) -> Self:
        _hoard.append(os.open("/dev/null", os.O_RDONLY))
        return await super().__aenter__()


class Printing(Honest):
    def __repr__(self) -> str:
        return f"source with {self._context.secret(self._config.token)}"


class Keeping(Honest):
    def _log_in(self) -> None:
        if self._connection == 0:
            super()._log_in()


class Trusting(Honest):
    async def check(self) -> Outcome:
        if "127.0.0.1" in self._config.url:
            with suppress(aiohttp.ClientError):
                async with self._context.http.get(self._config.url, ssl=False):
                    pass
            return Unavailable("NO_ANSWER")
        return await super().check()

    async def take(self) -> Sequence[Item]:
        if "127.0.0.1" in self._config.url:
            await asyncio.Event().wait()
        return await super().take()


class Uncounted(Honest):
    async def take(self) -> Sequence[Item]:
        self._context.metrics.count("surprises")
        return await super().take()


class Lax(ShelfConfig):
    model_config = ConfigDict(extra="ignore")


_MANIFEST = Manifest(
    kind="shelf", title=Text("架子", "Shelf"), summary=Text("测试用。", "For tests."), roles=frozenset({Role.SOURCE})
)


@dataclass(frozen=True)
class Connector:
    """A kind with the role of a source only."""

    source_class: type[Honest] = Honest
    source_config: type[BaseModel] = ShelfConfig
    config: type[BaseModel] = ShelfConfig
    manifest: Manifest = _MANIFEST

    def promises(self, config: BaseModel) -> Manifest:
        return self.manifest

    def sink(self, config: BaseModel, context: Context) -> Sink:
        raise NotImplementedError

    def source(self, config: ShelfConfig, context: Context) -> Source:
        return self.source_class(config, context)


HONEST = Connector()
BREAKERS: dict[str, tuple[type[Honest], str]] = {
    "FORGETTING": (Forgetting, "unsettled_comes_back"),
    "REVERSING": (Reversing, "brings_everything_once_and_in_order"),
    "TRIMMING": (Trimming, "brings_bytes_untouched"),
    "DROPPING": (Dropping, "not_now_comes_again"),
    "SWALLOWING": (Swallowing, "refused_goes_aside_and_blocks_nobody"),
    "GREEDY": (Greedy, "never_more_than_prefetch"),
    "LOSING": (Losing, "a_cancelled_take_loses_nothing"),
    "IMPATIENT": (Impatient, "waits_out_an_outage"),
    "PEEKING": (Peeking, "check_has_no_effect"),
    "BLIND": (Blind, "check_sees_an_outage"),
    "HASTY": (Hasty, "making_one_touches_nothing"),
    "TOUCHY": (Touchy, "a_strange_token_is_passed_over"),
    "BLOCKING": (Blocking, "keeps_the_loop_free"),
    "CHATTING": (Chatting, "is_quiet"),
    "COMPLAINING": (Complaining, "an_outage_is_told_once"),
    "LEAKING": (Leaking, "leaves_nothing_behind"),
    "PRINTING": (Printing, "secrets_and_persons_are_not_repeated"),
    "KEEPING": (Keeping, "rotation_is_live"),
    "TRUSTING": (Trusting, "verifies_tls"),
    "UNCOUNTED": (Uncounted, "measures_what_it_declares"),
}
globals().update({name: Connector(broken) for name, (broken, _) in BREAKERS.items()})
LAX = Connector(source_config=Lax)
