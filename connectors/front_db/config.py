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

    table: Identifier = Field(description="The table.", examples=["govhub_inbox"])
    content_type: Identifier = Field(
        default="content_type", description="The column of the content type.", examples=["content_type"]
    )
    headers: Identifier = Field(
        default="headers",
        description="The column of the CloudEvents attributes, a JSON object of texts under their AMQP names.",
        examples=["headers"],
    )
    body: Identifier = Field(
        default="body", description="The column of the body, of a type that holds bytes.", examples=["body"]
    )


class Mark(BaseModel):
    """The flag with which a row is written, for whoever reads it."""

    model_config = STRICT

    column: Identifier = Field(description="The column.", examples=["is_sync"])
    new: FlagValue = Field(default="0", description="Its value for a row nobody has read.", examples=["0"])


class SinkConfig(DatabaseConfig):
    """One destination."""

    profile: Profile | None = Field(
        default=None,
        description="A set of settings that ships with govhub; whatever is written here goes before it.",
        examples=["national_v3"],
    )
    form: Literal["rows", "message"] = Field(
        default="rows",
        description="rows: the rows that the destination's dialect writes (carrier rows). message: one row for each message.",
        examples=["rows"],
    )
    message: MessageTable | None = Field(
        default=None, description="The table, for form: message.", examples=[{"table": "govhub_inbox"}]
    )
    tables: Names = Field(
        default=(),
        description="The tables that may be written; any that the dialect writes, if none is named.",
        examples=[["up_pro_accept_v3", "up_pro_material_v3"]],
    )
    key: Identifier = Field(
        default="row_guid",
        description="The column by which a row is known, with a unique key: a repeat finds its row and changes nothing.",
        examples=["row_guid"],
    )
    flag: Mark | None = Field(
        default=None, description="The flag to write with a row.", examples=[{"column": "is_sync", "new": "0"}]
    )
    batch: Identifier | None = Field(
        default=None,
        description="A column for the batch number, filled with the message's where the dialect leaves it out.",
        examples=["cd_batch"],
    )
    idempotency: Literal["native", "queryable"] = Field(
        default="native",
        description="native: the key is unique in the database, so an unknown outcome is simply written again. queryable: it "
        "is not, so the row is looked for first; needs tables, or form: message.",
        examples=["native"],
    )
    connections: int = Field(default=8, ge=1, le=64, description="The most connections to hold open.", examples=[8])

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

    column: Identifier = Field(description="The column.", examples=["is_sync"])
    new: FlagValue | None = Field(
        default="0", description="Its value for a row that waits to be taken; null for NULL.", examples=["0"]
    )
    taken: FlagValue = Field(default="1", description="What the hub writes when it has the row.", examples=["1"])
    refused: FlagValue = Field(description="What the hub writes when it refuses the row.", examples=["3"])
    by_code: dict[str, FlagValue] = Field(
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
        default=None, description="The column for the code of refusal.", examples=["error_code"]
    )
    text: Identifier | None = Field(
        default=None,
        description="The column for the reason in words, cut to its room.",
        examples=["error_reason"],
    )


class Lease(BaseModel):
    """Two columns of the department's table in which a claim is written, instead of a lock that is held."""

    model_config = STRICT

    owner: Identifier = Field(description="A text column: who has the row in hand.", examples=["lease_owner"])
    until: Identifier = Field(description="A column of moments: until when.", examples=["lease_until"])


class Watermark(BaseModel):
    """How a table without a flag is read: by a column that only grows, and by a mark that the hub keeps."""

    model_config = STRICT

    column: Identifier = Field(
        description="The column: a serial number, or the moment of writing. Rows are read in its order.",
        examples=["id"],
    )
    settling_seconds: int = Field(
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

    table: Identifier = Field(description="The table.", examples=["up_pro_material_v3"])
    key: Identifier = Field(
        default="row_guid", description="The column by which its rows are known.", examples=["row_guid"]
    )
    by: dict[Identifier, Identifier] = Field(
        min_length=1,
        description="Which rows belong to a row: its column, and the main table's column it must be equal to.",
        examples=[{"project_no": "project_no"}],
    )
    flag: Flag | None = Field(
        default=None,
        description="Its own flag, if it has one: only new rows travel, and they are settled with the main row.",
        examples=[{"column": "is_sync", "refused": "3"}],
    )
    leave_out: Names = Field(
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

    table: Identifier = Field(description="The table.", examples=["up_pro_accept_v3"])
    key: Identifier = Field(
        default="row_guid", description="The column by which a row is known, unique.", examples=["row_guid"]
    )
    order: Names = Field(
        default=(),
        description="The columns whose order is the rows'; the key's, if none is named.",
        examples=[["cd_time"]],
    )
    type: Annotated[str, Field(max_length=200)] | None = Field(
        default=None,
        description="The contract that its rows are of, as the CloudEvents type; needed for form: rows.",
        examples=["cn.gov.acceptance.decided"],
    )
    subject: Identifier | None = Field(
        default=None, description="The column of the case number.", examples=["project_no"]
    )
    flag: Flag | None = Field(
        default=None,
        description="The flag of its rows; without one it needs a watermark.",
        examples=[{"column": "is_sync", "new": "0", "taken": "1", "refused": "3"}],
    )
    reason: Reason = Field(
        default=Reason(),
        description="Where a refusal's reason is written.",
        examples=[{"code": "error_code", "text": "error_reason"}],
    )
    lease: Lease | None = Field(
        default=None,
        description="Lease columns. Without them rows are held by locks of an open transaction, which needs a database that can "
        "skip locked rows (PostgreSQL, MariaDB 10.6, MySQL 8, Oracle).",
        examples=[{"owner": "lease_owner", "until": "lease_until"}],
    )
    watermark: Watermark | None = Field(
        default=None, description="For a table without a flag.", examples=[{"column": "id", "settling_seconds": 60}]
    )
    written: Identifier | None = Field(
        default=None,
        description="The column of the moment a row was written: with keep_days, what was settled longer ago is removed.",
        examples=["cd_time"],
    )
    keep_days: int | None = Field(
        default=None,
        ge=1,
        le=36_500,
        description="How long a row that the hub has taken stays; refused ones always do.",
        examples=[90],
    )
    details: tuple[Detail, ...] = Field(
        default=(),
        max_length=10,
        description="Tables whose rows travel in this one's messages.",
        examples=[[{"table": "up_pro_material_v3", "by": {"project_no": "project_no"}}]],
    )
    leave_out: Names = Field(
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
        default=None,
        description="A set of settings that ships with govhub; whatever is written here goes before it.",
        examples=["national_v3"],
    )
    form: Literal["rows", "message"] = Field(
        default="rows",
        description="rows: each row of a table is a record, in the system's dialect (carrier rows). message: each row holds a "
        "message, in the columns that message names.",
        examples=["rows"],
    )
    message: MessageTable | None = Field(
        default=None, description="The columns, for form: message.", examples=[{"table": "govhub_outbox"}]
    )
    tables: tuple[TableConfig, ...] = Field(
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
        default=400, ge=1, le=5000, description="The most rows in hand at a time, of all tables.", examples=[400]
    )
    row_bytes: int = Field(
        default=4 * 1024 * 1024,
        ge=1024,
        le=64 * 1024 * 1024,
        description="The largest message that is made of a row, in bytes; a larger one is refused.",
        examples=[4194304],
    )
    poll_seconds: float = Field(
        default=1.0, ge=0.05, le=3600, description="How often to look when nothing was there.", examples=[1.0]
    )
    hold_seconds: float = Field(
        default=300.0,
        ge=5,
        le=3600,
        description="How long rows may be in hand: then their lock is let go, or their lease has run out, and they come again.",
        examples=[300],
    )
    statement_seconds: float = Field(
        default=30.0, ge=1, le=600, description="How long one statement may take.", examples=[30]
    )
    bookmark_table: Identifier = Field(
        default="govhub_bookmark",
        description="The hub's own table beside the department's, for watermarks; needed where a table has one.",
        examples=["govhub_bookmark"],
    )
    refused_table: Identifier = Field(
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
