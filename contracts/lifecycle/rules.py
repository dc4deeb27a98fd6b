# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The table: what each record of a case waits for, and what it can never stand beside.

The order 申请、预审、补正、受理、办理环节、特别程序、办结、证照、领取、评价 is that of the data sets of GB/T 39046-2020 (tables 5
to 9) and of the national front database; the rules are derived from it and from how cases are handled. Their numbers are part of
the interface: none is used again for another rule.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from contracts.lifecycle.message import Kind, Message
from contracts.lifecycle.state import State
from contracts.text import Text

Holds: TypeAlias = Callable[[State, Message], bool]

DECIDED = ("issued", "permitted", "denied")
"""Completions that decide what was applied for; the others end a case without a decision."""

FRUITLESS = ("denied", "returned", "voided", "deleted", "transferred", "lapsed")
"""Completions after which no licence can follow."""


@dataclass(frozen=True, slots=True)
class On:
    """Records of one kind; with ``outcomes``, only those that decide one of these."""

    kind: Kind
    outcomes: tuple[str, ...] = ()

    def takes(self, message: Message) -> bool:
        """Whether the rule is about this record."""
        return message.kind is self.kind and (not self.outcomes or message.outcome in self.outcomes)


@dataclass(frozen=True, slots=True)
class Wait:
    """Such records are early until something is known: ``holds`` says whether it is, ``needs`` what it is.

    ``lasting``: the records need it for as long as they stand, not only when they come.
    """

    number: int
    on: tuple[On, ...]
    needs: Text
    holds: Holds
    lasting: bool = True

    def parks(self, state: State, message: Message) -> bool:
        """Whether this record has to wait."""
        return any(on.takes(message) for on in self.on) and not self.holds(state, message)


@dataclass(frozen=True, slots=True)
class Bar:
    """Such records are impossible beside others, whichever came first: ``holds`` says whether those are there."""

    number: int
    on: tuple[On, ...]
    text: Text
    holds: Holds

    def bars(self, state: State, message: Message) -> bool:
        """Whether this record cannot be."""
        return any(on.takes(message) for on in self.on) and self.holds(state, message)


def _after(kind: Kind, *outcomes: str) -> Holds:
    return lambda state, _: state.has(kind, *outcomes)


def _correction_asked(state: State, _: Message) -> bool:
    return state.has(Kind.CORRECTION_REQUESTED) or state.has(Kind.PREREVIEW, "correction")


def _begun(state: State, message: Message) -> bool:
    return message.key in state.keys(Kind.SPECIAL_STARTED)


def _nothing_open(state: State, _: Message) -> bool:
    return not state.specials_open


_HANDLING = (On(Kind.STEP), On(Kind.SPECIAL_STARTED), On(Kind.FEE), On(Kind.PAYMENT), On(Kind.COMPLETION, DECIDED))

WAITS: tuple[Wait, ...] = (
    Wait(
        1,
        tuple(On(kind) for kind in Kind if kind is not Kind.APPLICATION),
        Text("申请", "the application"),
        _after(Kind.APPLICATION),
    ),
    Wait(
        2,
        (On(Kind.CORRECTION_SUPPLIED), On(Kind.COMPLETION, ("lapsed",))),
        Text("补正告知，或要求补正的预审", "a notice of correction, or a prereview that asks for one"),
        _correction_asked,
    ),
    Wait(3, _HANDLING, Text("受理", "the acceptance"), _after(Kind.ACCEPTANCE, "accepted")),
    Wait(
        4, (On(Kind.SPECIAL_ENDED),), Text("同一编号的特别程序开始", "the start of the same special procedure"), _begun
    ),
    Wait(
        5,
        (On(Kind.COMPLETION, DECIDED),),
        Text("已开始的特别程序全部结束", "the end of every special procedure that has begun"),
        _nothing_open,
        lasting=False,
    ),
    Wait(6, (On(Kind.LICENCE), On(Kind.COLLECTION)), Text("办结", "the completion"), _after(Kind.COMPLETION)),
)

BARS: tuple[Bar, ...] = (
    Bar(
        20,
        (On(Kind.ACCEPTANCE, ("accepted",)),),
        Text("预审已不予受理的办件不能受理", "A case that a prereview refused cannot be accepted"),
        _after(Kind.PREREVIEW, "refused"),
    ),
    Bar(
        21,
        (*_HANDLING, On(Kind.SPECIAL_ENDED), On(Kind.LICENCE)),
        Text("不予受理的办件不能办理", "A case that was not accepted cannot be handled"),
        _after(Kind.ACCEPTANCE, "refused"),
    ),
    Bar(
        22,
        (On(Kind.LICENCE),),
        Text("未准予的办件不能出证", "A case that was closed without a grant has no licence"),
        _after(Kind.COMPLETION, *FRUITLESS),
    ),
)

CONTRADICTION = 30
CONTRADICTS = Text(
    "同一记录的同一版本结论不同；更正须增大数据版本号",
    "The same version of a record decides otherwise; a correction has a higher record version",
)

UNDERMINING = 31
UNDERMINES = Text("更正会使已有的后续记录失去依据", "The correction would take away what later records rest on")
