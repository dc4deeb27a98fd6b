# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The table: what each record of a case waits for, and what it can never stand beside.

The order 申请、预审、补正、受理、办理环节、特别程序、办结、证照、领取、评价 is that of the data sets of GB/T 39046-2020 (tables 5
to 9) and of the national front database; the rules are derived from it and from how cases are handled. Their numbers are part of
the interface: none is used again for another rule. R01 to R09 park, R11 to R19 bar, R21 and on are about corrections.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

from contracts.lifecycle.message import FINDINGS, Kind, Message
from contracts.lifecycle.state import State
from contracts.text import Text

Holds: TypeAlias = Callable[[State, Message], bool]

GRANTED = ("issued", "permitted")
DENIED = ("denied",)
LAPSED = ("lapsed",)
GIVEN_UP = ("returned", "voided", "deleted", "withdrawn", "terminated")
PASSED_ON = ("transferred",)
UNSTATED = ("closed",)

ENDINGS: Mapping[tuple[str, ...], Text] = MappingProxyType(
    {
        GRANTED: Text("准予", "granted"),
        DENIED: Text("不予", "denied"),
        LAPSED: Text("补正不来", "lapsed"),
        GIVEN_UP: Text("未作决定", "ended without a decision"),
        PASSED_ON: Text("转报", "passed on"),
        UNSTATED: Text("未说明", "not stated"),
    }
)
"""What the rules tell apart among the results of a completion; every result is in one of these."""

DECIDED = GRANTED + DENIED
FRUITLESS = DENIED + LAPSED + GIVEN_UP + PASSED_ON
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

    ``source`` is the text it follows from, None where it only follows from the words.
    """

    number: str
    on: tuple[On, ...]
    needs: Text
    holds: Holds
    source: Text | None = None

    def parks(self, state: State, message: Message) -> bool:
        """Whether this record has to wait."""
        return any(on.takes(message) for on in self.on) and not self.holds(state, message)


@dataclass(frozen=True, slots=True)
class Bar:
    """Such records are impossible beside the ``others``, whichever came first; ``against`` says beside which of them."""

    number: str
    on: tuple[On, ...]
    text: Text
    others: Callable[[State], Iterable[Message]]
    source: Text | None = None
    against: Callable[[Message, Message], bool] = lambda _message, _other: True

    def broken(self, state: State) -> bool:
        """Whether two of these records cannot both be true."""
        others = tuple(self.others(state))
        return bool(others) and any(
            any(on.takes(one) for on in self.on) and any(self.against(one, other) for other in others)
            for one in state.records
        )


def _after(kind: Kind, *outcomes: str) -> Holds:
    return lambda state, _: state.has(kind, *outcomes)


def _opened(state: State, _: Message) -> bool:
    return state.opened


def _asked(state: State, message: Message) -> bool:
    """A list of materials that may follow asks as well, and has no number."""
    asked = (not message.number or request.number in {"", message.number} for request in state.requests)
    return any(one.lacking for one in state.records) or any(asked)


def _begun(state: State, message: Message) -> bool:
    return state.record(Kind.SPECIAL_STARTED, message.key) is not None


def _something_to_collect(state: State, _: Message) -> bool:
    """A finding that was corrected may have been a refusal, whose notice was collected before."""
    return state.has(Kind.COMPLETION) or any(
        one.outcome == "refused" or one.version > 1 for kind in FINDINGS for one in state.of(kind) if not one.asks
    )


def _days_after(message: Message, end: Message) -> bool:
    """Days, not moments: many sites tell of the day of a completion only, and two clocks are never the same."""
    return bool(end.at) and message.day > end.day


_HANDLING = (On(Kind.STEP), On(Kind.SPECIAL_STARTED), On(Kind.FEE), On(Kind.PAYMENT), On(Kind.COMPLETION, DECIDED))
_TEN = Text("十种报文", "Ten-message set")

WAITS: tuple[Wait, ...] = (
    Wait(
        "R01",
        (On(Kind.COMPLETION, LAPSED + GIVEN_UP + PASSED_ON + UNSTATED), On(Kind.EVALUATION)),
        Text(
            "申请，或表明有过申请的记录：预审、补正告知、受理",
            "the application, or a record that shows there was one: a prereview, a notice of correction, an acceptance",
        ),
        _opened,
        Text(
            "国家前置库 up_pro_accept：受理记录自带申请者与申请时间",
            "National front database, up_pro_accept: an acceptance repeats applicant and time of the application",
        ),
    ),
    Wait(
        "R02",
        (On(Kind.CORRECTION_SUPPLIED), On(Kind.COMPLETION, LAPSED)),
        Text(
            "补正告知（双方有编号的，编号相同），要求补正的预审、受理结论，或列明容缺材料的受理、意见",
            "the notice of correction (of the same number, where both have one), a finding that asks for it, or an acceptance or "
            "an opinion that lets materials follow",
        ),
        _asked,
        Text(
            "行政许可法：5日内一次告知补正",
            "Administrative Licensing Law: corrections are asked for once, within 5 days",
        ),
    ),
    Wait(
        "R03",
        _HANDLING,
        Text("受理", "the acceptance"),
        _after(Kind.ACCEPTANCE, "accepted"),
        Text("GB/T 39046-2020 表6、表7、表8", "GB/T 39046-2020, tables 6, 7 and 8"),
    ),
    Wait(
        "R04",
        (On(Kind.SPECIAL_ENDED),),
        Text("同一编号的特别程序开始", "the start of the same special procedure"),
        _begun,
        Text(f"{_TEN.zh}：特别程序申请与结果以序号（XH）配对", f"{_TEN.en}: application and result pair by XH"),
    ),
    Wait(
        "R05",
        (On(Kind.LICENCE),),
        Text("办结", "the completion"),
        _after(Kind.COMPLETION),
        Text("GB/T 39046-2020 表8：结果证照", "GB/T 39046-2020, table 8: the licence is a result"),
    ),
    Wait(
        "R06",
        (On(Kind.COLLECTION),),
        Text("办结，或不予受理", "the completion, or a refusal"),
        _something_to_collect,
        Text("行政许可法：作出决定后10日内送达", "Administrative Licensing Law: served within 10 days of the decision"),
    ),
)

AFTER_THE_END = "R14"

BARS: tuple[Bar, ...] = (
    Bar(
        "R11",
        (On(Kind.ACCEPTANCE, ("accepted",)),),
        Text("预审已不予受理的办件不能受理", "A case that a prereview refused cannot be accepted"),
        lambda state: (one for one in state.refusals if one.kind is Kind.PREREVIEW),
        Text(f"{_TEN.zh}：预受理状态（YSLZTDM）不受理", f"{_TEN.en}: state of the prereview (YSLZTDM), refused"),
    ),
    Bar(
        "R12",
        (*_HANDLING, On(Kind.SPECIAL_ENDED), On(Kind.LICENCE)),
        Text("不予受理的办件不能办理", "A case that was not accepted cannot be handled"),
        lambda state: state.refusals,
        Text(f"{_TEN.zh}：受理状态（SLZTDM）不予受理", f"{_TEN.en}: state of the acceptance (SLZTDM), refused"),
    ),
    Bar(
        "R13",
        (On(Kind.LICENCE),),
        Text("未准予的办件不能出证", "A case that was closed without a grant has no licence"),
        lambda state: state.of(Kind.COMPLETION, *FRUITLESS),
        Text(f"{_TEN.zh}：办结结果（BJJGDM）", f"{_TEN.en}: result of the completion (BJJGDM)"),
    ),
    Bar(
        AFTER_THE_END,
        tuple(
            map(On, (Kind.PREREVIEW, Kind.CORRECTION_REQUESTED, Kind.ACCEPTANCE, Kind.STEP, Kind.SPECIAL_STARTED)),
        ),
        Text(
            "办件退回、作废、撤销、终止或补正不来而办结，次日起不能再受理、办理",
            "After the day on which a case was returned, voided, withdrawn, terminated or lapsed, nobody accepts or handles it",
        ),
        lambda state: state.of(Kind.COMPLETION, *LAPSED, *GIVEN_UP),
        against=_days_after,
    ),
)

CONTRADICTION = "R21"
CONTRADICTS = Text(
    "同一记录的同一版本结论不同；更正须增大数据版本号",
    "The same version of a record decides otherwise; a correction has a higher record version",
)
CONTRADICTION_SOURCE = Text(f"{_TEN.zh}：数据版本号（SJBBH）", f"{_TEN.en}: version of the data (SJBBH)")
