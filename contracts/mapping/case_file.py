# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The cases beside a map (``front_v3_test.yaml`` beside ``front_v3.yaml``): what is written how, and what is refused."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from contracts.fault import UnsuitableError
from contracts.mapping.map_file import Word
from contracts.text import Text

_SHAPE = ConfigDict(extra="forbid", frozen=True)


class RecordSpec(BaseModel):
    """A record: its members, or the name of a valid example of its contract."""

    model_config = _SHAPE

    example: Word | None = None
    data: dict[str, Any] | None = None

    @model_validator(mode="after")
    def _one(self) -> "RecordSpec":
        if (self.example is None) == (self.data is None):
            raise UnsuitableError(
                Text("须恰好写 example 与 data 之一。", "Exactly one of 'example' and 'data' is wanted."),
                Text("写契约样例的名称，或写出数据。", "Name an example of the contract, or write the data."),
            )
        return self


def _texts(value: Any) -> Any:
    """Nothing but texts, groups and arrays of groups; YAML has bounded the depth."""
    for name, cell in value.items():
        groups = cell if isinstance(cell, list) else [cell]
        if isinstance(cell, str):
            continue
        if not all(isinstance(group, dict) for group in groups):
            raise UnsuitableError(
                Text(
                    f"“{name}”须为文字、一组字段或字段组的列表。", f"'{name}' is a text, a group, or a list of groups."
                ),
                Text("数字请加引号。", "Put quotes around a number."),
            )
        for group in groups:
            _texts(group)
    return value


class DocumentSpec(BaseModel):
    """A document as the dialect has it; every value is a text."""

    model_config = _SHAPE

    name: Word
    fields: Annotated[dict[str, Any], AfterValidator(_texts)]


class RefusedSpec(BaseModel):
    """One violation of a refusal."""

    model_config = _SHAPE

    code: Annotated[str, Field(pattern=r"^E_[A-Z_]+$")]
    path: Word


class CaseSpec(BaseModel):
    """One case. ``data`` and ``document`` say the same; ``refused`` is what stands in the way of saying it.

    ``comes_back`` is what reading the document gives, where that is not ``data``; ``losses`` are told when writing,
    ``read_losses`` when reading.
    """

    model_config = _SHAPE

    name: Word
    contract: Word
    direction: Literal["both", "write", "read"] = "both"
    example: Word | None = None
    data: dict[str, Any] | None = None
    values: dict[str, str] = {}
    earlier: dict[Word, RecordSpec] = {}
    document: DocumentSpec | None = None
    comes_back: dict[str, Any] | None = None
    losses: list[Word] = []
    read_losses: list[Word] = []
    refused: list[RefusedSpec] = []

    @model_validator(mode="after")
    def _whole(self) -> "CaseSpec":
        record = self.example is not None or self.data is not None
        if self.example is not None and self.data is not None:
            raise UnsuitableError(*_ONE_RECORD)
        reads, writes = self.direction == "read", self.direction == "write"
        wrong = (
            (self.direction == "both" and (self.refused or not record or self.document is None))
            or (writes and (not record or (self.document is None) != bool(self.refused)))
            or (reads and (self.document is None or record == bool(self.refused)))
        )
        if wrong:
            raise UnsuitableError(*_PARTS)
        return self


class CaseFile(BaseModel):
    """A whole file."""

    model_config = _SHAPE

    cases: Annotated[list[CaseSpec], Field(min_length=1, max_length=1000)]


def beside(path: Path) -> Path:
    """Where the cases of a map stand."""
    return path.with_name(f"{path.stem}_test.yaml")


_ONE_RECORD = (
    Text("example 与 data 只写一个。", "Only one of 'example' and 'data' is wanted."),
    Text("删除其中一个。", "Remove one."),
)
_PARTS = (
    Text("用例不完整。", "The case is not whole."),
    Text(
        "both：数据与 document；write：数据，加 document 或 refused；read：document，加数据或 refused。",
        "both wants data and a document; write wants data, with a document or 'refused'; read a document, with data or "
        "'refused'.",
    ),
)
