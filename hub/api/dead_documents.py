# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The JSON documents about dead letters and replays, for operators."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from hub.acting import MOST
from hub.api.documents import Document, says
from hub.ports.journal import ItemKind, ReplayState

# ruff: noqa: N815  # because camelCase names are the wire's


class DeadGroup(Document):
    """Deliveries set aside at one destination with one outcome code and contract."""

    group: int
    destination: str
    code: str
    contract: str
    state: Literal["dead", "in_doubt"]
    count: Annotated[int, says("件数；more 为真时还有更多", "How many; more than that if `more` is set")]
    more: bool
    oldest: datetime | None
    newest: datetime | None
    note: str
    notedBy: str
    notedAt: datetime | None


class DeadGroups(Document):
    """A page of groups. ``next`` is the ``after`` of the next page."""

    groups: list[DeadGroup]
    next: int | None


class DeadLetter(Document):
    """One delivery that is set aside. Nothing of what the message says stands here."""

    delivery: UUID
    message: UUID
    system: str
    id: Annotated[str, says("发送方给的消息 id", "The sender's own id")]
    destination: str
    case: str
    contract: str
    contractVersion: int
    position: int
    state: Literal["dead", "in_doubt"]
    code: str
    detail: Annotated[str, says("对方所说，长数字已遮盖", "What the far side said; long numbers are masked")]
    attempt: int
    failedAt: datetime
    acceptedAt: datetime
    expiresAt: datetime | None
    late: Annotated[bool, says("曾在后续之后补投", "Sent again once, after its lane had gone on")]
    askAt: Annotated[datetime | None, says("存疑：中枢届时会询问对方", "In doubt, and the hub asks the far side then")]
    behind: Annotated[int, says("同一通道中被它挡住的件数，至多 100", "Deliveries that wait for it, up to 100")]
    replay: Annotated[UUID | None, says("正在处理它的重放", "The replay that has it in hand")]


class DeadLetters(Document):
    """A group with a page of its deliveries. ``next`` is the ``after`` of the next page."""

    group: DeadGroup
    deliveries: list[DeadLetter]
    next: str | None


_TEXT = r"^[^\x00-\x09\x0b-\x1f\x7f-\x9f]*$"  # lines of text; the database takes no NUL

Request = Annotated[
    str,
    Field(pattern=r"^[!-~]{1,100}$"),
    says("客户端给这项操作的名称；重复提交只执行一次", "The client's name for this act: sent twice, it is done once"),
]
Reason = Annotated[
    str,
    Field(min_length=1, max_length=500, pattern=_TEXT),
    says("理由，不含个人信息", "Why; nothing personal. It is recorded, and told to the sender of the message"),
]


Proof = Annotated[str, Field(max_length=500, pattern=_TEXT), says("对方凭证号", "The far side's own proof")]


class Act(Document):
    """An act and why."""

    request: Request
    reason: Reason


class Choosing(Act):
    """Either a group or single deliveries."""

    group: Annotated[int | None, Field(ge=1)] = None
    seen: Annotated[
        AwareDatetime | None,
        says("只含此刻之前的；试算给出", "Of the group only what had failed by then, as a dry run tells"),
    ] = None
    deliveries: Annotated[tuple[UUID, ...], Field(max_length=MOST)] = ()


class ReplayWanted(Choosing):
    """Deliveries to be sent again."""

    mode: Annotated[
        Literal["as_recorded", "replanned"],
        says(
            "as_recorded：发往原目的地；replanned：按现行路由表，已有该消息的目的地不再发送",
            "To where it was planned, or by the present route table; whoever has the message gets it no second time",
        ),
    ] = "as_recorded"
    dry_run: Annotated[bool, says("只试算，不执行", "Only tell what would be done")] = False
    rate: Annotated[int, Field(ge=1, le=1000), says("每秒至多件数", "The most deliveries a second")] = 50
    tolerance: Annotated[
        float,
        Field(ge=0, le=1),
        says(
            "一级中可再次失败的比例，超过即自行停止", "The share of a step that may fail again before it stops itself"
        ),
    ] = 0.1


class Lot(Document):
    """Deliveries of a replay that share destination, kind and fate."""

    destination: str
    kind: ItemKind
    state: Literal["pending", "held", "released", "done", "failed", "gone", "refused"]
    code: Annotated[str, says("不能发送的原因，或结果", "Why it is not sent, or how it ended")]
    late: bool
    count: int


class DryRun(Document):
    """What a replay would do now. Nothing was written."""

    dryRun: Literal[True]
    would: Annotated[int, says("会处理的件数", "How many it would take in hand")]
    cannot: Annotated[int, says("不能处理的件数", "How many it could not")]
    seen: Annotated[datetime | None, says("执行时带上它", "Send it along to apply just this")]
    lots: list[Lot]


class Replay(Document):
    """A replay as it stands. ``stoppedBy`` is empty when it stopped itself."""

    replay: UUID
    state: ReplayState
    actor: str
    via: str
    reason: str
    madeAt: datetime
    endedAt: datetime | None
    rate: int
    tolerance: float
    step: int
    stepSize: int
    stoppedBy: str
    stopCode: str
    stopDetail: str
    counts: dict[str, int]
    lots: list[Lot]


class Replays(Document):
    """The newest replays, newest first."""

    replays: list[Replay]


class Resolving(Act):
    """What deliveries in doubt came to."""

    deliveries: Annotated[list[UUID], Field(min_length=1, max_length=MOST)]
    verdict: Annotated[
        Literal["delivered", "not_delivered"],
        says("not_delivered 会重新发送", "Delivered, or not: then they are sent again, as a replay"),
    ]
    reference: Proof = ""


class Noting(Document):
    """A note on a group; an empty one takes it away."""

    note: Annotated[str, Field(max_length=1000, pattern=_TEXT)]


class Halting(Document):
    """Why a replay is stopped or goes on."""

    reason: Reason


class ActDone(Document):
    """The act is recorded. ``again``: it was before, and this is what it did then."""

    act: UUID
    applied: Annotated[int, says("改变的件数；目的地为 1", "Deliveries it changed; 1 for a destination")]
    again: bool
