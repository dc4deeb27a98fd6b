# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The cases beside a route table (``routes_test.yaml`` beside ``routes.yaml``): which message goes where.

    cases:
      - name: 民政申请到民政
        contract: "cn.gov.application.submitted:1"
        from: portal
        example: minimal
        data: {item_code: "11510502000000051G4000117010001"}
        to: [civil]

A record is an example of its contract, with the members of ``data`` laid over it (null takes one out), or ``data`` alone.
``to`` names all destinations; ``refused`` stands instead of it where nobody is to get the message.
"""

from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from contracts.fault import UnsuitableError
from contracts.text import Text

Word = Annotated[str, Field(min_length=1, max_length=200)]


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


class CaseSpec(BaseModel):
    """One message, and where it is to go. ``routes`` names the routes that take it, where the case cares; ``carried`` says by
    destination how: ``purpose``, ``delay``, ``expires`` (in seconds, as ``1800s``), ``priority``, ``tap``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Word
    contract: Word
    sender: Word = Field(alias="from")
    example: Word | None = None
    data: dict[str, Any] | None = None
    to: Annotated[tuple[Word, ...] | None, Field(min_length=1), BeforeValidator(_listed)] = None
    carried: dict[Word, dict[str, str | int | bool]] = {}
    routes: Annotated[tuple[Word, ...] | None, BeforeValidator(_listed)] = None
    refused: Annotated[str, Field(pattern=r"^E_[A-Z_]+$")] | None = None

    @model_validator(mode="after")
    def _whole(self) -> "CaseSpec":
        if self.example is None and self.data is None:
            raise UnsuitableError(
                Text("用例没有消息。", "The case has no message."),
                Text("请写 example、data，或两者。", "Write 'example', 'data', or both."),
            )
        if (self.to is None) == (self.refused is None):
            raise UnsuitableError(
                Text("须恰好写 to 与 refused 之一。", "Exactly one of 'to' and 'refused' is wanted."),
                Text(
                    "写出全部目的地，或拒收的代码，如 E_UNROUTABLE。",
                    "Name every destination, or the refusal's code, as E_UNROUTABLE.",
                ),
            )
        return self


class CaseFile(BaseModel):
    """A whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    cases: Annotated[list[CaseSpec], Field(min_length=1, max_length=10_000)]


def beside(path: Path) -> Path:
    """Where the cases of a table stand."""
    return path.with_name(f"{path.stem}_test.yaml")
