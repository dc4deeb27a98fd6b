# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The settings of how a far side says what became of a row that was written."""

from typing import Self

from pydantic import BaseModel, Field, model_validator

from connectors.databases.address import Identifier
from connectors.front_db.table_config import Flag, FlagValue
from connectors.sdk import STRICT


class CaseOf(BaseModel):
    """How a row is found by its case, where a table of errors names the case alone."""

    model_config = STRICT

    table: Identifier = Field(title="表名。", description="The table that was written.", examples=["up_pro_accept_v4"])
    column: Identifier = Field(
        title="办件编号所在的列。", default="project_no", description="Its column of the case.", examples=["project_no"]
    )
    newest: Identifier = Field(
        title="判断同一办件最新一行的列。",
        default="cd_time",
        description="The column by which the newest row of a case is known.",
        examples=["cd_time"],
    )


class ErrorTable(BaseModel):
    """A table in which the far side writes what is wrong with rows that it has taken (``dn_*``)."""

    model_config = STRICT

    table: Identifier = Field(title="表名。", description="The table.", examples=["dn_audit_abnormal"])
    key: Identifier = Field(
        title="识别一行的列，并按其先后读取。",
        default="id",
        description="The column by which its rows are known, in order.",
        examples=["id"],
    )
    names: Identifier = Field(
        title="指明出错对象的列：行的主键，或办件编号。",
        description="The column that names what is wrong: the key of a row, or a case.",
        examples=["row_guid"],
    )
    case: CaseOf | None = Field(
        title="names 为办件编号时：错误指该办件最新的一行。",
        default=None,
        description="Needed where names holds a case number: the error is about the newest row of that case.",
        examples=[{"table": "up_pro_accept_v4", "column": "project_no"}],
    )
    code: Identifier | None = Field(
        title="错误代码或拒绝代码所在的列。",
        default=None,
        description="The column of the error's code.",
        examples=["error_code"],
    )
    text: Identifier | None = Field(
        title="错误或原因文字所在的列；长数字会去掉。",
        default=None,
        description="The column of the error in words; long numbers are left out.",
        examples=["error_msg"],
    )
    flag: Flag = Field(
        title="标志。",
        description="The flag of its rows: taken is what the hub writes when it has told the sender, refused what it writes "
        "into a row that names nothing it knows.",
        examples=[{"column": "is_sync", "new": "0", "taken": "1", "refused": "9"}],
    )


class FeedbackConfig(BaseModel):
    """How the far side says what became of a row: by the row's own flag, and in tables of errors."""

    model_config = STRICT

    flag: Identifier = Field(
        title="标志。", default="is_sync", description="The column of the row's flag.", examples=["is_sync"]
    )
    taken: frozenset[FlagValue] = Field(
        title="对方已取的取值。",
        default=frozenset({"1"}),
        min_length=1,
        description="Its values for a row that was taken.",
        examples=[["1"]],
    )
    refused: frozenset[FlagValue] = Field(
        title="对方拒绝的取值。",
        default=frozenset({"3", "9"}),
        description="Its values for a row that was refused.",
        examples=[["3", "9"]],
    )
    code: Identifier | None = Field(
        title="错误代码或拒绝代码所在的列。",
        default=None,
        description="The row's column for the code of a refusal.",
        examples=["error_code"],
    )
    text: Identifier | None = Field(
        title="错误或原因文字所在的列；长数字会去掉。",
        default=None,
        description="The row's column for the reason in words.",
        examples=["error_reason"],
    )
    errors: tuple[ErrorTable, ...] = Field(
        title="错误表。",
        default=(),
        max_length=10,
        description="Tables of errors.",
        examples=[[{"table": "dn_audit_abnormal", "names": "row_guid", "flag": {"column": "is_sync", "refused": "9"}}]],
    )
    in_order: bool = Field(
        title="同一办件的下一行是否等上一行被取走后再写：对方按办件次序取数时用。",
        default=False,
        description="Whether the next row of a case waits until the one before was taken: for a far side that must see a case's "
        "records in their order, and none that builds on a refused one.",
        examples=[True],
    )
    poll_seconds: float = Field(
        title="多久查看一次结果。",
        default=5.0,
        ge=0.05,
        le=3600,
        description="How often to look for what became of rows.",
        examples=[5],
    )

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.taken & self.refused:
            raise ValueError("taken and refused name the same value")
        return self
