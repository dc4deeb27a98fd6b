# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What an answer says about the business, whatever its status says about the transport: HTTP 200 with a failure inside is a
failure. Rules are data, read from the first to the last; the first that fits holds. Pure.
"""

import re
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import BaseModel, Field, model_validator

from connectors.sdk.http.place import Document, Place
from connectors.sdk.outcomes import Accepted, Delivered, InDoubt, Outcome, Rejected, Unavailable
from connectors.sdk.secret import STRICT

_CODE = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_LONG_NUMBER = re.compile(r"[0-9０-９]{7,}[Xx]?")
_MAX_TEXT = 200

Means: TypeAlias = Literal["delivered", "accepted", "rejected", "retry", "in_doubt"]
Wanted = Annotated[str, Field(max_length=200)]


class Ruling(BaseModel):
    """One line of the table: these statuses and these values mean that."""

    model_config = STRICT

    statuses: frozenset[Annotated[int, Field(ge=200, le=599)]] = Field(
        title="应答状态是其中之一；空为任意。",
        default=frozenset(),
        description="The answer's status is one of these; empty: any.",
        examples=[[200]],
    )
    at: Place | None = Field(
        title="应答正文中的位置：JSON 指针，或 XML 元素名；>> 进入本身是文档的文字。",
        default=None,
        description="A place in the answer's body: a JSON pointer, or names of XML elements; >> goes into a text that is a "
        "document itself.",
        examples=["/code", "/RESULT/STATUS", "/apiResultData>>/errorCode"],
    )
    values: tuple[Wanted, ...] = Field(
        title="该处的文字是其中之一；数字与 true/false 按 JSON 写法；不写则有内容即可。",
        default=(),
        alias="in",
        description="What stands there, as text; any of these. Numbers and true/false as JSON writes them. None: whatever "
        "stands there, if anything does.",
        examples=[["0", "200"]],
    )
    absent: bool = Field(title="该处没有内容。", default=False, description="Nothing stands there.", examples=[True])
    means: Means = Field(
        title="含义。delivered：已收下；accepted：稍后给最终结果；rejected：永不接收；retry：确未收下，可重发；in_doubt：无人能知。",
        description="What it means. delivered: taken, for good. accepted: the final answer comes later. rejected: never. "
        "retry: certainly not taken, try again. in_doubt: nobody can tell.",
        examples=["rejected"],
    )
    named: Place | None = Field(
        title="回执、受理号或拒收代码的位置。",
        default=None,
        description="Where the receipt, the reference or the code of refusal stands.",
        examples=["/data/receiptNo"],
    )
    detail: Place | None = Field(
        title="拒收说明的位置，前提是对方不在其中写个人信息；长数字会略去。",
        default=None,
        description="Where a sentence about a refusal stands, if the far side puts no personal data there; long numbers are "
        "left out.",
        examples=["/message"],
    )

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.at is None and (self.values or self.absent):
            raise ValueError("in and absent need at")
        if self.absent and self.values:
            raise ValueError("what is absent has no value: in or absent")
        if not self.statuses and self.at is None:
            raise ValueError("a rule for every answer: statuses or at is needed")
        if self.means == "accepted" and self.named is None:
            raise ValueError("accepted needs named: where the reference stands")
        return self

    def fits(self, status: int, document: Document) -> bool:
        """Whether it is about this answer."""
        if self.statuses and status not in self.statuses:
            return False
        if self.at is None:
            return True
        text = document.text(self.at)
        if self.absent or not self.values:
            return (text is None) is self.absent
        return text in self.values

    def outcome(self, status: int, document: Document, retry_after: float | None = None) -> Outcome:
        """What it says about this answer."""
        named = bounded(document.text(self.named) or "") if self.named else ""
        said = self._said(status, document)
        match self.means:
            case "delivered" if named or self.named is None:
                return Delivered(named)
            case "delivered":
                return InDoubt("ANSWER_WITHOUT_RECEIPT: it said success")
            case "accepted":
                return Accepted(named) if named else InDoubt("ANSWER_WITHOUT_REFERENCE: it said accepted")
            case "rejected":
                detail = document.text(self.detail) if self.detail else None
                code = named if _CODE.fullmatch(named) else said
                return Rejected(code, unnumbered(bounded(detail or "")))
            case "retry":
                return Unavailable(f"{said}: its own word", retry_after)
            case "in_doubt":
                return InDoubt(f"{said}: its own word")

    def _said(self, status: int, document: Document) -> str:
        """What decided, as a code: the value where it may be shown, else the status."""
        text = document.text(self.at) if self.at and self.values else None
        if text is not None and _CODE.fullmatch(text) and not _LONG_NUMBER.search(text):
            return text.upper() if text[:1].isalpha() else f"CODE_{text}"
        return f"HTTP_{status}"


def ruled(
    rulings: tuple[Ruling, ...], status: int, document: Document, retry_after: float | None = None
) -> Outcome | None:
    """The outcome by the first rule that fits; None when none does."""
    for ruling in rulings:
        if ruling.fits(status, document):
            return ruling.outcome(status, document, retry_after)
    return None


def bounded(text: str) -> str:
    """At most 200 characters, on one line."""
    return "".join(char for char in text if char.isprintable()).strip()[:_MAX_TEXT]


def unnumbered(text: str) -> str:
    """A far side's sentence without its long numbers: they may be somebody's."""
    return _LONG_NUMBER.sub("…", text)
