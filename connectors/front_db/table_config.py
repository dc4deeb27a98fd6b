# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The settings of one table of a front database: what its columns mean, and how its rows are held and settled."""

from typing import Annotated, Self

from pydantic import BaseModel, Field, model_validator

from connectors.databases.address import Identifier
from connectors.sdk import STRICT

Names = tuple[Identifier, ...]
FlagValue = Annotated[str, Field(max_length=20)]


class MessageTable(BaseModel):
    """A table whose rows are whole messages, for a department without tables of its own: one row, one message."""

    model_config = STRICT

    table: Identifier = Field(title="表名。", description="The table.", examples=["govhub_inbox"])
    content_type: Identifier = Field(
        title="内容类型所在的列。",
        default="content_type",
        description="The column of the content type.",
        examples=["content_type"],
    )
    headers: Identifier = Field(
        title="CloudEvents 属性所在的列：JSON 对象，名称同 AMQP 绑定。",
        default="headers",
        description="The column of the CloudEvents attributes, a JSON object of texts under their AMQP names.",
        examples=["headers"],
    )
    body: Identifier = Field(
        title="正文所在的列，须能存放字节。",
        default="body",
        description="The column of the body, of a type that holds bytes.",
        examples=["body"],
    )


class Flag(BaseModel):
    """The column that says how far a row has come. Its values are the department's."""

    model_config = STRICT

    column: Identifier = Field(title="列名。", description="The column.", examples=["is_sync"])
    new: FlagValue | None = Field(
        title="待取行的取值；null 表示 NULL。",
        default="0",
        description="Its value for a row that waits to be taken; null for NULL.",
        examples=["0"],
    )
    taken: FlagValue = Field(
        title="中枢取走后写入的值。",
        default="1",
        description="What the hub writes when it has the row.",
        examples=["1"],
    )
    refused: FlagValue = Field(
        title="中枢拒收时写入的值。", description="What the hub writes when it refuses the row.", examples=["3"]
    )
    by_code: dict[str, FlagValue] = Field(
        title="个别拒收代码所用的其他取值。",
        default_factory=dict,
        max_length=100,
        description="Other values for some codes of refusal.",
        examples=[{"E_CASE_UNKNOWN": "9"}],
    )

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.new in {self.taken, self.refused, *self.by_code.values()}:
            raise ValueError("new: a settled row would be taken again for ever")
        return self


class Reason(BaseModel):
    """Where a row's author finds why it was refused."""

    model_config = STRICT

    code: Identifier | None = Field(
        title="拒收代码所在的列。",
        default=None,
        description="The column for the code of refusal.",
        examples=["error_code"],
    )
    text: Identifier | None = Field(
        title="拒收说明所在的列，按列宽截断。",
        default=None,
        description="The column for the reason in words, cut to its room.",
        examples=["error_reason"],
    )


class Lease(BaseModel):
    """Two columns of the department's table in which a claim is written, instead of a lock that is held."""

    model_config = STRICT

    owner: Identifier = Field(
        title="文字列：由谁处理。", description="A text column: who has the row in hand.", examples=["lease_owner"]
    )
    until: Identifier = Field(
        title="时刻列：占有到何时。", description="A column of moments: until when.", examples=["lease_until"]
    )


class Watermark(BaseModel):
    """How a table without a flag is read: by a column that only grows, and by a mark that the hub keeps."""

    model_config = STRICT

    column: Identifier = Field(
        title="列名：流水号或写入时刻；按它的次序读取。",
        description="The column: a serial number, or the moment of writing. Rows are read in its order.",
        examples=["id"],
    )
    settling_seconds: int = Field(
        title="部门一个事务最长多久（秒）：时刻早于此才读，编号有空缺也等这么久。",
        default=60,
        ge=1,
        le=86_400,
        description="How long a transaction of the department may last: a moment is read only when it is so long ago, and a "
        "gap between numbers is waited for so long.",
        examples=[60],
    )


class Detail(BaseModel):
    """Rows of another table that belong to a row and travel in its message."""

    model_config = STRICT

    table: Identifier = Field(title="表名。", description="The table.", examples=["up_pro_material_v3"])
    key: Identifier = Field(
        title="识别一行的列。",
        default="row_guid",
        description="The column by which its rows are known.",
        examples=["row_guid"],
    )
    by: dict[Identifier, Identifier] = Field(
        title="子表行归属：子表的列，以及与之相等的主表列。",
        min_length=1,
        description="Which rows belong to a row: its column, and the main table's column it must be equal to.",
        examples=[{"project_no": "project_no"}],
    )
    flag: Flag | None = Field(
        title="子表自己的标志（如有）：只取新行，与主表行一同结清。",
        default=None,
        description="Its own flag, if it has one: only new rows travel, and they are settled with the main row.",
        examples=[{"column": "is_sync", "refused": "3"}],
    )
    leave_out: Names = Field(
        title="不进入消息的列；标志列从不进入。",
        default=(),
        description="Columns that are no part of the message; the flag never is.",
        examples=[["is_sync"]],
    )

    @property
    def own_columns(self) -> frozenset[str]:
        """Columns that are the exchange's and not the message's."""
        return frozenset(({self.flag.column} if self.flag else set()) | set(self.leave_out))


class TableConfig(BaseModel):
    """One table that is read."""

    model_config = STRICT

    table: Identifier = Field(title="表名。", description="The table.", examples=["up_pro_accept_v3"])
    key: Identifier = Field(
        title="识别一行的列，唯一。",
        default="row_guid",
        description="The column by which a row is known, unique.",
        examples=["row_guid"],
    )
    order: Names = Field(
        title="决定行序的列；不写按 key。",
        default=(),
        description="The columns whose order is the rows'; the key's, if none is named.",
        examples=[["cd_time"]],
    )
    type: Annotated[str, Field(max_length=200)] | None = Field(
        title="各行所属的契约，即 CloudEvents type；form: rows 必填。",
        default=None,
        description="The contract that its rows are of, as the CloudEvents type; needed for form: rows.",
        examples=["cn.gov.acceptance.decided"],
    )
    subject: Identifier | None = Field(
        title="办件编号所在的列。", default=None, description="The column of the case number.", examples=["project_no"]
    )
    flag: Flag | None = Field(
        title="各行的标志；没有则须有 watermark。",
        default=None,
        description="The flag of its rows; without one it needs a watermark.",
        examples=[{"column": "is_sync", "new": "0", "taken": "1", "refused": "3"}],
    )
    reason: Reason = Field(
        title="拒收原因写在何处。",
        default=Reason(),
        description="Where a refusal's reason is written.",
        examples=[{"code": "error_code", "text": "error_reason"}],
    )
    lease: Lease | None = Field(
        title="租约列；不写则靠未结束事务的行锁占有，数据库须能跳过已锁的行（PostgreSQL、MariaDB 10.6、MySQL 8、Oracle）。",
        default=None,
        description="Lease columns. Without them rows are held by locks of an open transaction, which needs a database that can "
        "skip locked rows (PostgreSQL, MariaDB 10.6, MySQL 8, Oracle).",
        examples=[{"owner": "lease_owner", "until": "lease_until"}],
    )
    watermark: Watermark | None = Field(
        title="用于没有标志的表。",
        default=None,
        description="For a table without a flag.",
        examples=[{"column": "id", "settling_seconds": 60}],
    )
    written: Identifier | None = Field(
        title="写入时刻所在的列；配合 keep_days，清理更早的已结清行。",
        default=None,
        description="The column of the moment a row was written: with keep_days, what was settled longer ago is removed.",
        examples=["cd_time"],
    )
    keep_days: int | None = Field(
        title="已取走的行保留多少天；拒收的一直保留。",
        default=None,
        ge=1,
        le=36_500,
        description="How long a row that the hub has taken stays; refused ones always do.",
        examples=[90],
    )
    details: tuple[Detail, ...] = Field(
        title="随主表行一起取走的子表。",
        default=(),
        max_length=10,
        description="Tables whose rows travel in this one's messages.",
        examples=[[{"table": "up_pro_material_v3", "by": {"project_no": "project_no"}}]],
    )
    leave_out: Names = Field(
        title="不进入消息的列；标志、原因、租约列从不进入。",
        default=(),
        description="Columns that are no part of the message; flag, reason and lease columns never are.",
        examples=[["is_sync"]],
    )

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if (self.flag is None) is (self.watermark is None):
            raise ValueError("flag or watermark: exactly one of them")
        if self.watermark is not None and (self.lease or self.keep_days or self.order):
            raise ValueError("watermark: a table without a flag has its own order, and neither lease nor keep_days")
        if (self.written is None) is not (self.keep_days is None):
            raise ValueError("written and keep_days belong together")
        return self

    @property
    def ordered_by(self) -> Names:
        """The columns of the order; the key makes it whole."""
        return tuple(dict.fromkeys((*self.order, self.key)))

    @property
    def own_columns(self) -> frozenset[str]:
        """Columns that are the exchange's and not the message's."""
        flag = {self.flag.column} if self.flag else set()
        lease = {self.lease.owner, self.lease.until} if self.lease else set()
        reason = {name for name in (self.reason.code, self.reason.text) if name}
        return frozenset(flag | lease | reason | set(self.leave_out))
