# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The settings of one front database as a destination, and as a source."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, Field, model_validator

from connectors.databases.address import DatabaseConfig, Identifier
from connectors.front_db.profiles import Profile, defaults
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


class Mark(BaseModel):
    """The flag with which a row is written, for whoever reads it."""

    model_config = STRICT

    column: Identifier = Field(title="列名。", description="The column.", examples=["is_sync"])
    new: FlagValue = Field(
        title="未读行的取值。", default="0", description="Its value for a row nobody has read.", examples=["0"]
    )


class SinkConfig(DatabaseConfig):
    """One destination."""

    profile: Profile | None = Field(
        title="随 govhub 提供的一套配置；此处写明的优先。",
        default=None,
        description="A set of settings that ships with govhub; whatever is written here goes before it.",
        examples=["national_v3"],
    )
    form: Literal["rows", "message"] = Field(
        title="rows：按目的地方言写出的各行；message：每条消息一行。",
        default="rows",
        description="rows: the rows that the destination's dialect writes (carrier rows). message: one row for each message.",
        examples=["rows"],
    )
    message: MessageTable | None = Field(
        title="消息表，用于 form: message。",
        default=None,
        description="The table, for form: message.",
        examples=[{"table": "govhub_inbox"}],
    )
    tables: Names = Field(
        title="允许写入的表；不写则方言写出的都可以。",
        default=(),
        description="The tables that may be written; any that the dialect writes, if none is named.",
        examples=[["up_pro_accept_v3", "up_pro_material_v3"]],
    )
    key: Identifier = Field(
        title="识别一行的列，须有唯一键：重发时找到原行，不作改动。",
        default="row_guid",
        description="The column by which a row is known, with a unique key: a repeat finds its row and changes nothing.",
        examples=["row_guid"],
    )
    flag: Mark | None = Field(
        title="随行写入的标志。",
        default=None,
        description="The flag to write with a row.",
        examples=[{"column": "is_sync", "new": "0"}],
    )
    batch: Identifier | None = Field(
        title="批次号所在的列；方言未写时填消息的批次号。",
        default=None,
        description="A column for the batch number, filled with the message's where the dialect leaves it out.",
        examples=["cd_batch"],
    )
    idempotency: Literal["native", "queryable"] = Field(
        title="native：键在库中唯一，结果不明时直接重写；queryable：不唯一，先查再写，须写明 tables 或 form: message。",
        default="native",
        description="native: the key is unique in the database, so an unknown outcome is simply written again. queryable: it "
        "is not, so the row is looked for first; needs tables, or form: message.",
        examples=["native"],
    )
    connections: int = Field(
        title="最多保持多少个连接。",
        default=8,
        ge=1,
        le=64,
        description="The most connections to hold open.",
        examples=[8],
    )

    @model_validator(mode="before")
    @classmethod
    def _of_profile(cls, settings: Any) -> Any:
        return _merged(settings, "sink")

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if (self.form == "message") is (self.message is None):
            raise ValueError("form: message and message belong together")
        if self.idempotency == "queryable" and not (self.tables or self.message):
            raise ValueError("idempotency: queryable needs tables: where a key is looked for")
        return self


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


class SourceConfig(DatabaseConfig):
    """One source."""

    profile: Profile | None = Field(
        title="随 govhub 提供的一套配置；此处写明的优先。",
        default=None,
        description="A set of settings that ships with govhub; whatever is written here goes before it.",
        examples=["national_v3"],
    )
    form: Literal["rows", "message"] = Field(
        title="rows：表中每行是一条记录，用该系统的方言；message：每行存放一条消息，列由 message 指明。",
        default="rows",
        description="rows: each row of a table is a record, in the system's dialect (carrier rows). message: each row holds a "
        "message, in the columns that message names.",
        examples=["rows"],
    )
    message: MessageTable | None = Field(
        title="消息各列，用于 form: message。",
        default=None,
        description="The columns, for form: message.",
        examples=[{"table": "govhub_outbox"}],
    )
    tables: tuple[TableConfig, ...] = Field(
        title="各表；被依赖的写在前面：一行总在先于它存在的各行之后取走。",
        min_length=1,
        max_length=50,
        description="The tables, those first on which the others build: a row is brought after those that were there before it.",
        examples=[
            [
                {
                    "table": "up_pro_accept_v3",
                    "type": "cn.gov.acceptance.decided",
                    "flag": {"column": "is_sync", "refused": "3"},
                }
            ]
        ],
    )
    prefetch: int = Field(
        title="各表合计最多同时处理多少行。",
        default=400,
        ge=1,
        le=5000,
        description="The most rows in hand at a time, of all tables.",
        examples=[400],
    )
    row_bytes: int = Field(
        title="一行所成消息的上限（字节）；超过则拒收。",
        default=4 * 1024 * 1024,
        ge=1024,
        le=64 * 1024 * 1024,
        description="The largest message that is made of a row, in bytes; a larger one is refused.",
        examples=[4194304],
    )
    poll_seconds: float = Field(
        title="没有数据时多久再看一次（秒）。",
        default=1.0,
        ge=0.05,
        le=3600,
        description="How often to look when nothing was there.",
        examples=[1.0],
    )
    hold_seconds: float = Field(
        title="一行最多占有多久（秒）：到时放开锁，或租约到期，该行会再来。",
        default=300.0,
        ge=5,
        le=3600,
        description="How long rows may be in hand: then their lock is let go, or their lease has run out, and they come again.",
        examples=[300],
    )
    statement_seconds: float = Field(
        title="一条语句的时限（秒）。",
        default=30.0,
        ge=1,
        le=600,
        description="How long one statement may take.",
        examples=[30],
    )
    bookmark_table: Identifier = Field(
        title="中枢自用的水位表，与部门的表同库；有表用 watermark 时必填。",
        default="govhub_bookmark",
        description="The hub's own table beside the department's, for watermarks; needed where a table has one.",
        examples=["govhub_bookmark"],
    )
    refused_table: Identifier = Field(
        title="中枢自用的拒收表，存放没有标志的表中拒收的行。",
        default="govhub_refused",
        description="The hub's own table for refused rows of tables without a flag.",
        examples=["govhub_refused"],
    )

    @model_validator(mode="before")
    @classmethod
    def _of_profile(cls, settings: Any) -> Any:
        return _merged(settings, "source")

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if (self.form == "message") is (self.message is None):
            raise ValueError("form: message and message belong together")
        if self.form == "message" and [one.table for one in self.tables] != [
            self.message.table if self.message else ""
        ]:
            raise ValueError("form: message has one table, the same in message and tables")
        if self.form == "rows" and any(one.type is None for one in self.tables):
            raise ValueError("tables: each needs the type of its rows")
        if len({one.table for one in self.tables}) != len(self.tables):
            raise ValueError("tables: one table is named twice")
        if self.prefetch < len(self.tables):
            raise ValueError("prefetch: at least one row for each table")
        return self


def _merged(settings: Any, role: str) -> Any:
    """What the profile says, under what is written."""
    if not (isinstance(settings, Mapping) and isinstance(name := settings.get("profile"), str)):
        return settings
    return {**defaults(name, role), **settings}
