# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A call that says what became of a delivery: rules, as data, for the reference and the outcome. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, Field, model_validator

from connectors.sdk.answers import Answer
from connectors.sdk.http.ruling import bounded
from connectors.sdk.http.template import Missing, Resolve, Template, filled
from connectors.sdk.outcomes import Delivered, Rejected
from connectors.sdk.secret import STRICT

Value = Annotated[str, Field(max_length=200)]

_CODE = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_LONG_NUMBER = re.compile(r"[0-9０-９]{7,}[Xx]?")


class AnswerMap(BaseModel):
    """How a call becomes the final answer to what the far side had accepted. All but the lists of values are templates."""

    model_config = STRICT

    reference: Template = Field(
        title="对方收妥时所给的受理号。",
        description="The reference under which the far side accepted it.",
        examples=["{/flowId}", "{f.msgid}"],
    )
    outcome: Template = Field(
        title="说明结果的值。", description="The value that says what became of it.", examples=["{/status}", "{f.stat}"]
    )
    delivered: tuple[Value, ...] = Field(
        title="表示办成的值。", min_length=1, description="Values that mean: done.", examples=[["COMPLETE", "DELIVRD"]]
    )
    rejected: tuple[Value, ...] = Field(
        title="表示不再办理的值。",
        default=(),
        description="Values that mean: never.",
        examples=[["REFUSED", "UNDELIV"]],
    )
    pending: tuple[Value, ...] = Field(
        title="尚非最终结果的值：应答后不再处理；其他的值一律不予接收。",
        default=(),
        description="Values that say nothing final: the call is acknowledged, and nothing follows. Any other is turned away.",
        examples=[["SIGNING"]],
    )
    receipt: Template | None = Field(
        title="办成的凭证；不写则为受理号。",
        default=None,
        description="What proves that it is done; without it the reference.",
        examples=["{/sealId}"],
    )
    code: Template | None = Field(
        title="拒绝的代码；不写则为结果值本身。",
        default=None,
        description="The code of a refusal; without it the value itself.",
        examples=["{/errCode}"],
    )
    detail: Template | None = Field(
        title="拒绝的说明（对方不在其中写个人信息时）；长数字会略去。",
        default=None,
        description="A sentence about a refusal, if the far side puts no personal data there; long numbers are left out.",
        examples=["{/errMsg}"],
    )
    time: Template | None = Field(
        title="发生时刻（RFC 3339）。",
        default=None,
        description="When it happened, as RFC 3339.",
        examples=["{/finishedAt|from_ms}"],
    )

    @model_validator(mode="after")
    def _told_apart(self) -> Self:
        values = [*self.delivered, *self.rejected, *self.pending]
        if twice := sorted({one for one in values if values.count(one) > 1}):
            raise ValueError(f"a value means one thing: {', '.join(twice)} stands twice")
        return self

    @property
    def templates(self) -> tuple[str, ...]:
        """All of them."""
        optional = (self.receipt, self.code, self.detail, self.time)
        return (self.reference, self.outcome, *(one for one in optional if one is not None))


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Why a call is no answer; ``code`` is stable, ``where`` a word of the configuration."""

    code: str
    where: str = ""


def answers_in(map_: AnswerMap, calls: Iterable[Resolve]) -> list[Answer] | Unanswered:
    """The final answers of a call, in its order; none where it says nothing final. One that nobody can read spoils all."""
    answers: list[Answer] = []
    for resolve in calls:
        found = _answer(map_, resolve)
        if isinstance(found, Unanswered):
            return found
        answers += found
    return answers


def _answer(map_: AnswerMap, resolve: Resolve) -> list[Answer] | Unanswered:
    reference = filled(map_.reference, resolve)
    value = filled(map_.outcome, resolve)
    if isinstance(reference, Missing) or not reference.strip("\0"):
        return Unanswered("UNREADABLE", f"reference: {map_.reference}")
    if isinstance(value, Missing):
        return Unanswered("UNREADABLE", f"outcome: {map_.outcome}")
    at: datetime | None = None
    if map_.time is not None:
        moment = _moment(filled(map_.time, resolve))
        if moment is None:
            return Unanswered("UNREADABLE", f"time: {map_.time}")
        at = moment
    if value in map_.pending:
        return []
    if value in map_.delivered:
        return [Answer(reference, Delivered(bounded(_said(map_.receipt, resolve))), at)]
    if value in map_.rejected:
        code = bounded(_said(map_.code, resolve) or value)
        detail = _LONG_NUMBER.sub("…", bounded(_said(map_.detail, resolve)))
        return [Answer(reference, Rejected(code if _CODE.fullmatch(code) else "REJECTED", detail), at)]
    return Unanswered("ANSWER_UNKNOWN", f"outcome: {map_.outcome}")


def _said(template: str | None, resolve: Resolve) -> str:
    text = filled(template, resolve) if template is not None else ""
    return "" if isinstance(text, Missing) else text


def _moment(text: str | Missing) -> datetime | None:
    if isinstance(text, Missing):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
