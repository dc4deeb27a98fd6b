# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What systems call cases, and where they say so (别名): in their receipts, beside the case number, or in its place."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator


class OwnNumberSection(BaseModel):
    """In its receipts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pattern: str = Field(
        default="(.+)",
        max_length=200,
        description="在回执或受理凭据中取编号的正则表达式，第一组即编号。Finds the number in its receipt; the first group is it.",
    )
    contracts: Annotated[tuple[str, ...], Field(min_length=1)] = Field(
        default=("cn.gov.application.submitted",),
        description="哪些契约的回执含有编号。The contracts whose receipts have it.",
    )


class CaseNumbersSection(BaseModel):
    """How a system names cases, if not by the case number."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    manner: Literal["own", "either"] = Field(
        default="own",
        description="own：总是自有编号；either：自有编号或统一办件编号。Always its own number, or either that or the case's.",
    )
    wait_hours: float = Field(
        default=24,
        gt=0,
        le=8760,
        description="编号尚无对应办件时的最长等待小时数。The longest time that a message waits for its number to be known.",
    )
    told_by: tuple[str, ...] = Field(
        default=(),
        max_length=100,
        description="还有哪些系统的消息可以告知本系统的编号（其 own_numbers 写 of: 本系统）；没写的不可以。"
        "Who else may tell this system's numbers in its own messages (`of` in its own_numbers); nobody, unless named.",
    )


class BesideSection(BaseModel):
    """Where a message of the system carries its own number beside the case number: an attribute of the envelope, or a field."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    contracts: tuple[str, ...] = Field(
        default=(),
        description="哪些契约的消息；省略为全部（仅限 attribute）。"
        "Whose messages have it; all of them if left out, which only an attribute can.",
    )
    field: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]+(\.[a-z0-9_]+)*$", max_length=200)] | None = Field(
        default=None, description="所在的数据字段，如 document_no。The field of the data, such as document_no."
    )
    attribute: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]{1,20}$")] | None = Field(
        default=None,
        description="所在的信封扩展属性，如 deptcaseno。The extension attribute of the envelope, such as deptcaseno.",
    )
    pattern: str = Field(
        default="(.+)",
        max_length=200,
        description="取编号的正则表达式，第一组即编号。Finds the number there; the first group is it.",
    )
    of: str | None = Field(
        default=None,
        max_length=63,
        description="代哪个系统发言：那是它的编号，它的 case_numbers.told_by 须写有本系统；省略为本系统自己的编号。"
        "In whose name it speaks there: the number is that system's, whose case_numbers.told_by must name this one. Its own, "
        "if left out.",
    )
    departments: tuple[str, ...] = Field(
        default=(),
        max_length=100,
        description="仅限 department_code 为这些部门的消息；省略为不限。"
        "Only messages about these departments, by department_code; any, if left out.",
    )

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.field is None) == (self.attribute is None):
            raise ValueError("field, attribute: one of the two says where the number stands")
        if self.field is not None and not self.contracts:
            raise ValueError("contracts: a field is one of certain contracts")
        return self
