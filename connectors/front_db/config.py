# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The settings of one front database as a destination, and as a source."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, Field, model_validator

from connectors.databases.address import DatabaseConfig, Identifier
from connectors.front_db.feedback_config import FeedbackConfig
from connectors.front_db.profiles import Profile, defaults, defaults_in
from connectors.front_db.table_config import FlagValue, MessageTable, Names, TableConfig
from connectors.sdk import STRICT, AnswerWithin
from contracts.fault import Fault


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
    profile_folder: Annotated[str, Field(min_length=1, max_length=500)] | None = Field(
        title="省级规范所在目录，代替 profile：配置写在其中的 profile.yaml。",
        default=None,
        description="The folder of a province's own specification, instead of profile: profile.yaml in it holds the settings.",
        examples=["/etc/govhub/province/river"],
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
    feedback: FeedbackConfig | None = Field(
        title="写入不等于对方已取：最终答复来自行的标志和错误表；须为 form: rows 并写明 tables。",
        default=None,
        description="Written is not yet taken: the final answer comes from the row's flag and from tables of errors. Needs form: "
        "rows and tables.",
        examples=[{"flag": "is_sync", "taken": ["1"], "refused": ["3", "9"]}],
    )
    answer_within: AnswerWithin = Field(
        title="有 feedback 时：多少秒内没有最终答复则按主键查询。",
        default=86_400.0,
        description="With feedback: what has no final answer after so many seconds is asked about by its key.",
        examples=[86400],
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
        if self.feedback is not None and (self.message is not None or not self.tables):
            raise ValueError("feedback needs form: rows, and tables: where a row is looked for")
        return self


class SourceConfig(DatabaseConfig):
    """One source."""

    profile: Profile | None = Field(
        title="随 govhub 提供的一套配置；此处写明的优先。",
        default=None,
        description="A set of settings that ships with govhub; whatever is written here goes before it.",
        examples=["national_v3"],
    )
    profile_folder: Annotated[str, Field(min_length=1, max_length=500)] | None = Field(
        title="省级规范所在目录，代替 profile：配置写在其中的 profile.yaml。",
        default=None,
        description="The folder of a province's own specification, instead of profile: profile.yaml in it holds the settings.",
        examples=["/etc/govhub/province/river"],
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
    """What the profile says, under what is written. Raises ``ValueError`` where a profile's folder cannot be read."""
    if not isinstance(settings, Mapping):
        return settings
    if isinstance(folder := settings.get("profile_folder"), str):
        if "profile" in settings:
            raise ValueError("profile and profile_folder: only one of them")
        said = defaults_in(folder, role)
        if isinstance(said, Fault):
            raise ValueError(  # noqa: TRY004  # because pydantic tells a ValueError with its path
                f"profile_folder: its profile.yaml cannot be read ({said.code})"
            )
        return {**said, **settings}
    if not isinstance(name := settings.get("profile"), str):
        return settings
    return {**defaults(name, role), **settings}
