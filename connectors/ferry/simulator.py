# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A gap: moves files one way, and on the way loses, repeats, delays, damages and cuts them, as it is told.

python -m connectors.ferry.simulator OUTBOX INBOX --lose 0.1 --repeat 0.1 --delay 0.2 --damage 0.1 --cut 0.05
"""

import argparse
import random  # noqa: TID251  # because the program below seeds it, and the class is handed its chance
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from itertools import count
from pathlib import Path


class Trouble(StrEnum):
    """What may happen to one file on its way."""

    NONE = "none"
    LOSE = "lose"
    REPEAT = "repeat"
    DELAY = "delay"
    """Later files overtake it."""
    DAMAGE = "damage"
    """One bit is another."""
    CUT = "cut"
    """Its end is missing."""


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


def main() -> None:
    """Move files until interrupted, and tell at the end what happened to them."""
    parser = argparse.ArgumentParser(description="单向通道模拟器 / a simulated one-way gap")
    parser.add_argument("outbox", type=Path)
    parser.add_argument("inbox", type=Path)
    for trouble in (Trouble.LOSE, Trouble.REPEAT, Trouble.DELAY, Trouble.DAMAGE, Trouble.CUT):
        parser.add_argument(f"--{trouble}", type=float, default=0.0, metavar="P", help="0..1")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--every", type=float, default=0.5, metavar="SECONDS")
    given = parser.parse_args()
    chances = Chances(
        random.Random(given.seed).random,  # noqa: S311  # because chance is all that is wanted
        given.lose,
        given.repeat,
        given.delay,
        given.damage,
        given.cut,
    )
    gap = Gap(given.outbox, given.inbox, chances)
    try:
        while True:
            gap.move()
            time.sleep(given.every)
    except KeyboardInterrupt:
        sys.stdout.write("".join(f"{trouble}: {number}\n" for trouble, number in gap.happened.items()))


if __name__ == "__main__":
    main()
