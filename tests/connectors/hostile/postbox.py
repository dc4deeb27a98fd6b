# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A far side in this process that answers later, and connectors to it: an honest one, and some with one flaw each."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Self

from pydantic import BaseModel, ConfigDict

from connectors.sdk import (
    Accepted,
    Answer,
    Context,
    Delivered,
    Heard,
    InDoubt,
    Manifest,
    Outcome,
    Parcel,
    QueryOutcome,
    Rejected,
    Settings,
    Sink,
    Text,
    Unavailable,
)
from connectors.sdk.far_side import Arrived, Behaviour


@dataclass
class Postbox:
    """Answers lie in it until somebody has fetched them and said so."""

    boxes: ClassVar[list["Postbox"]] = []

    arrived: list[Arrived] = field(default_factory=list)
    lying: list[tuple[str, bool]] = field(default_factory=list)
    away: bool = False
    sent: set[str] = field(default_factory=set)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.boxes.append(self)

    @property
    def settings(self) -> Settings:
        return {"box": self.boxes.index(self)}

    async def behave(self, behaviour: Behaviour) -> None:
        self.away = behaviour is Behaviour.OUTAGE
        self.stir()

    async def until_arrived(self, count: int) -> None:
        while len(self.arrived) < count:
            self.changed.clear()
            await self.changed.wait()

    async def answer(self, idempotency_key: str, *, refused: bool = False) -> None:
        self.lying.append((idempotency_key, refused))
        self.stir()

    def stir(self) -> None:
        self.changed.set()


class BoxConfig(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    box: int


class PostSink:
    """Sends to a box, and fetches answers from it."""

    def __init__(self, config: BoxConfig, context: Context) -> None:
        self.box = Postbox.boxes[config.box]
        self.context = context
        self.fetching: asyncio.Task[None] | None = None
        self.told: set[str] = set()

    async def __aenter__(self) -> Self:
        self.fetching = asyncio.create_task(self.fetch())
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self.fetching is not None:
            self.fetching.cancel()
            await asyncio.wait({self.fetching})

    async def send(self, parcel: Parcel) -> Outcome:
        if self.box.away:
            return Unavailable("AWAY")
        self.box.arrived.append(
            Arrived(idempotency_key=parcel.idempotency_key, content_type=parcel.content_type, body=parcel.body)
        )
        self.box.stir()
        await asyncio.sleep(0)
        return Accepted(self.reference(parcel.idempotency_key))

    async def query(self, idempotency_key: str) -> QueryOutcome:
        return InDoubt(f"{idempotency_key} is not asked about")

    async def check(self) -> Outcome:
        return Unavailable("AWAY") if self.box.away else Delivered()

    async def fetch(self) -> None:
        while True:
            if self.box.lying and not self.box.away:
                key, refused = self.box.lying[0]
                if self.kept(await self.context.answers.answered(self.answers(key, refused=refused))):
                    self.box.lying.pop(0)
                else:
                    await asyncio.sleep(0.01)
            else:
                await asyncio.sleep(0.005)

    def reference(self, key: str) -> str:
        return f"R-{key}"

    def answers(self, key: str, *, refused: bool) -> Sequence[Answer]:
        return [Answer(self.reference(key), Rejected("NO") if refused else Delivered("proof"))]

    def kept(self, heard: Sequence[Heard]) -> bool:
        return Heard.TOO_MANY not in heard


class Proofless(PostSink):
    def answers(self, key: str, *, refused: bool) -> Sequence[Answer]:
        return [Answer(self.reference(key), Rejected("NO") if refused else Delivered())]


class Codeless(PostSink):
    def answers(self, key: str, *, refused: bool) -> Sequence[Answer]:
        return [Answer(self.reference(key), Rejected("") if refused else Delivered("proof"))]


class Slow(PostSink):
    """Knows its references only when the send is over, and drops what it does not know."""

    async def send(self, parcel: Parcel) -> Outcome:
        outcome = await super().send(parcel)
        await asyncio.sleep(0.05)
        self.box.sent.add(parcel.idempotency_key)
        return outcome

    def answers(self, key: str, *, refused: bool) -> Sequence[Answer]:
        return super().answers(key, refused=refused) if key in self.box.sent else []


class Confused(PostSink):
    def reference(self, key: str) -> str:
        return "R"

    def answers(self, key: str, *, refused: bool) -> Sequence[Answer]:
        return [Answer("R", Rejected("NO") if refused else Delivered("proof"))]


class Fickle(PostSink):
    """Takes a repeat for the opposite."""

    def answers(self, key: str, *, refused: bool) -> Sequence[Answer]:
        again = key in self.told
        self.told.add(key)
        return super().answers(key, refused=refused is not again)


class Offended(PostSink):
    """Gives up listening at the first outage it sees."""

    async def check(self) -> Outcome:
        if self.box.away and self.fetching is not None:
            self.fetching.cancel()
        return await super().check()


class Forgetful(PostSink):
    """Begins with an empty box."""

    async def __aenter__(self) -> Self:
        self.box.lying.clear()
        return await super().__aenter__()


class Careless(PostSink):
    def kept(self, heard: Sequence[Heard]) -> bool:
        return True


@dataclass
class Post:
    """A kind of connector that makes such sinks."""

    kind: type[PostSink]
    manifest: Manifest = field(default_factory=lambda: Manifest(kind="post", title=Text("邮箱", "Post"), receipts=True))
    config: type[BaseModel] = BoxConfig

    def promises(self, config: BoxConfig) -> Manifest:
        return self.manifest

    def sink(self, config: BoxConfig, context: Context) -> Sink:
        return self.kind(config, context)


HONEST = Post(PostSink)
PROOFLESS = Post(Proofless)
CODELESS = Post(Codeless)
SLOW = Post(Slow)
CONFUSED = Post(Confused)
FICKLE = Post(Fickle)
OFFENDED = Post(Offended)
FORGETFUL = Post(Forgetful)
CARELESS = Post(Careless)
