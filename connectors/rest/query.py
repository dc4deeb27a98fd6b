# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Asking the far side what became of a key: the settings, and what its answer means. Pure."""

from typing import Annotated, Literal, Self
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, model_validator

from connectors.sdk.http.fields import KEY_PLACE, QueryAddress, Status
from connectors.sdk.http.place import Place

Value = Annotated[str, Field(max_length=200)]


class Rule(BaseModel):
    """One line of the table: this status, and this value in the body, mean that."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    status: Status = Field(title="应答状态码。", description="The answer's status.", examples=[200])
    at: Place | None = Field(
        title="应答正文中的位置：JSON 指针或 XML 元素名。",
        default=None,
        description="A place in the answer's body: a JSON pointer, or names of XML elements.",
        examples=["/state"],
    )
    values: tuple[Value, ...] = Field(
        title="该处的文字是其中之一；数字与 true/false 按 JSON 写法。",
        default=(),
        alias="in",
        description="What stands there, as text; any of these. Numbers and true/false are written as in JSON.",
        examples=[["done", "archived"]],
    )
    means: Literal["delivered", "accepted", "rejected", "not_seen", "unknown"] = Field(
        title="该键值的结果。not_seen：从未收到，会重发；unknown：尚不知道，稍后再问。",
        description="What became of the key. not_seen: it never came, and is sent again. unknown: not known yet, asked "
        "again later.",
        examples=["delivered"],
    )
    receipt: Place | None = Field(
        title="回执、受理号或拒收代码的位置。",
        default=None,
        description="Where the receipt, the reference or the code of refusal stands.",
        examples=["/receiptNo"],
    )

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if (self.at is None) != (not self.values):
            raise ValueError("at and in belong together")
        if self.means == "not_seen" and self.at is None:
            # A wrong path, a gateway or a maintenance page answers 404 too, and the message would be sent twice.
            raise ValueError(
                "a bare status never means not_seen: name the value in the body that says so, by at and in"
            )
        if self.means in {"accepted", "rejected"} and self.receipt is None:
            raise ValueError("accepted and rejected need receipt: where the reference, or the code of refusal, stands")
        return self


class Query(BaseModel):
    """Where to ask, and the table of answers; the first rule that fits holds, and what none fits is not known."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: QueryAddress = Field(
        title="含 {key} 的 http 或 https 完整地址；用 GET 查询，没有副作用。",
        description="An absolute http or https address with {key} in its path or query. Asked with GET, without effect.",
        examples=["https://seals.example.gov.cn/api/tasks?key={key}"],
    )
    answers: tuple[Rule, ...] = Field(
        title="应答的含义，按此次序。",
        min_length=1,
        max_length=50,
        description="What the answers mean, in this order.",
        examples=[[{"status": 200, "at": "/state", "in": ["done"], "means": "delivered"}]],
    )

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if not {rule.means for rule in self.answers} & {"delivered", "accepted"}:
            raise ValueError("no answer means delivered or accepted: asking could settle nothing")
        return self

    def address(self, idempotency_key: str) -> str:
        """Where to ask about this key."""
        return self.url.replace(KEY_PLACE, quote(idempotency_key, safe="", errors="replace"))
