# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A gap: moves files one way, and on the way loses, repeats, delays, damages and cuts them, as it is told.

govhub simulate ferry --option outbox=OUT --option inbox=IN --option lose=0.1 --script "lose,damage"
"""

import asyncio
import random  # noqa: TID251  # because it is seeded here, and the class is handed its chance
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Self

from pydantic import BaseModel, Field

from connectors.sdk import STRICT
from connectors.sdk.simulator import Simulator, Word
from contracts.text import Text


class Trouble(Word):
    """What may happen to one file on its way."""

    NONE = "none", "原样通过", "carried as it is"
    LOSE = "lose", "丢失", "lost"
    REPEAT = "repeat", "出现两次", "there twice"
    DELAY = "delay", "迟到，后来的文件先到", "late: later files overtake it"
    DAMAGE = "damage", "坏一个比特", "one bit is another"
    CUT = "cut", "缺尾部", "its end is missing"


Fate = Callable[[str], Trouble]
"""What happens to the file of this name, asked each time it comes by."""


@dataclass(frozen=True, slots=True)
class Chances:
    """How likely each trouble is, from 0 to 1 together. ``chance`` gives numbers from 0 up to 1."""

    chance: Callable[[], float]
    lose: float = 0.0
    repeat: float = 0.0
    delay: float = 0.0
    damage: float = 0.0
    cut: float = 0.0

    def __call__(self, _: str) -> Trouble:
        drawn = self.chance()
        for trouble in (Trouble.LOSE, Trouble.REPEAT, Trouble.DELAY, Trouble.DAMAGE, Trouble.CUT):
            drawn -= getattr(self, trouble.value)
            if drawn < 0:
                return trouble
        return Trouble.NONE


class Gap:
    """One way through. ``rounds`` is how often others are moved before a delayed file is."""

    def __init__(self, outbox: Path, inbox: Path, fate: Fate, rounds: int = 3) -> None:
        self._outbox = outbox
        self._inbox = inbox
        self._fate = fate
        self._rounds = rounds
        self._delayed: list[tuple[int, str, bytes]] = []
        self._round = 0
        self._numbers = count(1)
        self.happened: dict[Trouble, int] = dict.fromkeys(Trouble, 0)

    def move(self) -> int:
        """Move what lies there; how many files were seen. Hidden names are not whole yet and stay."""
        self._round += 1
        seen = 0
        for path in sorted(self._outbox.iterdir()):
            if path.name.startswith("."):
                continue
            seen += 1
            body = path.read_bytes()
            path.unlink()
            self._carry(path.name, body)
        for due, name, body in [one for one in self._delayed if one[0] <= self._round]:
            self._delayed.remove((due, name, body))
            self._drop(name, body)
        return seen

    def _carry(self, name: str, body: bytes) -> None:
        trouble = self._fate(name)
        self.happened[trouble] += 1
        match trouble:
            case Trouble.NONE:
                self._drop(name, body)
            case Trouble.LOSE:
                pass
            case Trouble.REPEAT:
                self._drop(name, body)
                self._drop(f"{next(self._numbers)}-{name}", body)
            case Trouble.DELAY:
                self._delayed.append((self._round + self._rounds, name, body))
            case Trouble.DAMAGE:
                middle = len(body) // 2
                self._drop(name, body[:middle] + bytes([body[middle] ^ 1]) + body[middle + 1 :])
            case Trouble.CUT:
                self._drop(name, body[: len(body) * 2 // 3])

    def _drop(self, name: str, body: bytes) -> None:
        temporary = self._inbox / f".{name}.moving"
        temporary.write_bytes(body)
        temporary.rename(self._inbox / name)


class GapOptions(BaseModel):
    """Which way, and how likely each trouble is when the script is at its end."""

    model_config = STRICT

    outbox: Path = Field(description="取件目录。 The folder it empties.")
    inbox: Path = Field(description="投件目录。 The folder it fills.")
    every_seconds: float = Field(default=0.5, gt=0, description="多久搬一次（秒）。 How often it moves files.")
    seed: int = Field(default=1, description="随机数种子。 The seed of its chance.")
    lose: float = Field(default=0.0, ge=0, le=1, description="丢失的概率。 How likely a file is lost.")
    repeat: float = Field(default=0.0, ge=0, le=1, description="重复的概率。 How likely it is there twice.")
    delay: float = Field(default=0.0, ge=0, le=1, description="迟到的概率。 How likely it is late.")
    damage: float = Field(default=0.0, ge=0, le=1, description="损坏的概率。 How likely it is damaged.")
    cut: float = Field(default=0.0, ge=0, le=1, description="截断的概率。 How likely it is cut.")


class MovingGap:
    """A gap that moves files as long as it is entered, used as an async context manager."""

    def __init__(self, script: Iterable[Trouble], options: GapOptions) -> None:
        chance = random.Random(options.seed).random  # noqa: S311  # because chance is all that is wanted
        chances = Chances(chance, options.lose, options.repeat, options.delay, options.damage, options.cut)
        words = iter(tuple(script))
        self.gap = Gap(options.outbox, options.inbox, lambda name: next(words, None) or chances(name))
        self.address = str(options.outbox)
        self._every = options.every_seconds
        self._moving: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self.gap.move()
        self._moving = asyncio.create_task(self._move())
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._moving is not None:
            self._moving.cancel()
            await asyncio.wait({self._moving})

    async def _move(self) -> None:
        while True:
            await asyncio.sleep(self._every)
            self.gap.move()


SIMULATOR = Simulator(
    name="ferry",
    about=Text(
        "一个单向通道：每个文件取剧本的一个词，之后按概率；不监听端口。",
        "A one-way gap: one word for each file, and chance afterwards; it listens at no port.",
    ),
    words=Trouble,
    start=lambda script, _host, _port, options: MovingGap(script, options),
    options=GapOptions,
)
