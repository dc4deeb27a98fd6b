# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The settings of one question to one database."""

import re
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, Field, model_validator

from connectors.databases.address import DatabaseConfig
from connectors.databases.reading import Kind, names_in
from connectors.sdk import STRICT, Criteria

_BEGINS = re.compile(r"\s*(select|with)\b", re.IGNORECASE)
_NAME = r"^[a-z][a-z0-9_]{0,59}$"


def _reading(statement: str) -> str:
    """The transaction only reads whatever stands here; this tells an honest mistake at its line."""
    if not _BEGINS.match(statement) or ";" in statement:
        raise ValueError("one statement that begins with select or with, without a semicolon")
    return statement


class Criterion(BaseModel):
    """One value that a question brings."""

    model_config = STRICT

    kind: Kind = Field(
        title="类型：text 文字、integer 整数、decimal 小数、day 日期（YYYY-MM-DD）、moment 时刻。",
        default="text",
        description="What it is: text, integer, decimal, day (YYYY-MM-DD) or moment.",
        examples=["text"],
    )
    required: bool = Field(
        title="提问时是否必填；未填者为 NULL。",
        default=True,
        description="Whether a question must say it; one that is left out is NULL.",
        examples=[True],
    )


class DatabaseQueryConfig(DatabaseConfig):
    """One lookup."""

    statement: Annotated[str, Field(max_length=20_000), AfterValidator(_reading)] = Field(
        title="查询语句，条件处写 :name；每一列都要有自己的名称。",
        description="The statement, with :name where a criterion belongs. Every column it gives has a name of its own.",
        examples=["select name, status from companies where credit_code = :credit_code order by name"],
    )
    criteria: dict[Annotated[str, Field(pattern=_NAME)], Criterion] = Field(
        title="语句中各条件，按名称；全部列出，不多不少。",
        min_length=1,
        max_length=50,
        description="The criteria, by the names in the statement: all of them, and no others.",
        examples=[{"credit_code": {"kind": "text"}}],
    )
    most_records: int = Field(
        title="一次最多给出多少条记录；还有更多时会说明。",
        default=20,
        ge=1,
        le=999,
        description="The most records of an answer; that there are more is told.",
        examples=[20],
    )
    statement_seconds: float = Field(
        title="数据库处理一次查询的时限（秒）。",
        default=10.0,
        gt=0,
        le=120,
        description="How long the database may work on one question.",
        examples=[5],
    )
    connections: int = Field(
        title="最多保持多少个连接。",
        default=4,
        ge=1,
        le=64,
        description="The most connections to hold open.",
        examples=[4],
    )

    @model_validator(mode="after")
    def _agree(self) -> Self:
        named = names_in(self.statement)
        if named != self.criteria.keys():
            differ = ", ".join(sorted(named ^ self.criteria.keys()))
            raise ValueError(f"criteria and the statement's :names differ: {differ}")
        return self

    @property
    def asked(self) -> Criteria:
        """What a question must and may say."""
        return Criteria(
            required=frozenset(name for name, one in self.criteria.items() if one.required),
            optional=frozenset(name for name, one in self.criteria.items() if not one.required),
        )
