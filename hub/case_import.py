# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Cases that are running on the day a hub goes live (在办件导入), from a file: CSV, or one JSON object in a line.

A row that cannot be used is refused with its line, and keeps none of the others from being taken.
"""

import codecs
import csv
import io
from collections.abc import Iterator, Mapping, Set
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from contracts import strict_json
from contracts.codes import PeriodUnit, SpecialProcedure
from contracts.families.fields import CaseNo, Day, Item, Line50, Moment
from contracts.fault import Fault, Position
from contracts.lifecycle.message import Kind
from contracts.lifecycle.record import Record, record_of
from contracts.located import nearest
from contracts.text import Text
from hub.ports.journal import Seed

_MANY = ";"
_LONGEST = 1024 * 1024
_LONGEST_PATH = 100


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Procedure(_Row):
    """A special procedure of the case (特别程序), ended or not."""

    number: Line50
    kind: SpecialProcedure
    started_at: Moment
    ended_at: Moment | None = None
    approved: bool = True
    period: Annotated[int, Field(strict=True, ge=1, le=3650)] | None = None
    period_unit: PeriodUnit | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.period is None) != (self.period_unit is None):
            raise ValueError("period and period_unit")
        return self


class Row(_Row):
    """One case. ``parties``: the systems that may speak of it. Without ``accepted_at`` it has not been accepted yet, or nobody
    knows when, and has no legal clock.
    """

    case_no: CaseNo
    parties: Annotated[tuple[str, ...], Field(min_length=1, max_length=100)]
    accepted_at: Moment | None = None
    promised_on: Day | None = None
    statutory_on: Day | None = None
    item_code: Item | None = None
    procedures: Annotated[tuple[Procedure, ...], Field(max_length=100)] = ()

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.accepted_at is None and (self.promised_on or self.statutory_on or self.procedures):
            raise ValueError("accepted_at")
        return self

    def seed(self) -> Seed:
        """What the hub takes over."""
        return Seed(case=self.case_no, parties=tuple(sorted(set(self.parties))), records=tuple(self._records()))

    def _records(self) -> Iterator[Record]:
        if self.accepted_at is None:
            return
        told = {"promised_on": self.promised_on, "statutory_on": self.statutory_on, "item_code": self.item_code}
        yield _record(Kind.ACCEPTANCE, {"decision": "accepted", "decided_at": self.accepted_at, **told})
        for one in self.procedures:
            started = {
                "special_no": one.number,
                "kind": one.kind.value,
                "started_at": one.started_at,
                "approved_by": one.approved or None,
                "period": one.period,
                "period_unit": None if one.period_unit is None else one.period_unit.value,
            }
            yield _record(Kind.SPECIAL_STARTED, started)
            if one.ended_at is not None:
                yield _record(Kind.SPECIAL_ENDED, {"special_no": one.number, "ended_at": one.ended_at})


def rows_of(file: Path, systems: Set[str]) -> Iterator[Seed | Fault]:
    """Every row of the file as a seed or as what is wrong with it. Raises ``OSError`` where the file cannot be read."""
    lines = _csv_rows(file) if file.suffix.lower() == ".csv" else _json_rows(file)
    for line, row in lines:
        yield row if isinstance(row, Fault) else _seed(file, line, row, systems)


def _csv_rows(file: Path) -> Iterator[tuple[int, dict[str, Any] | Fault]]:
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        yield 1, _fault(file, error.object[: error.start].count(b"\n") + 1, "IMPORT_ENCODING", *_ENCODING)
        return
    reader = csv.DictReader(io.StringIO(text, newline=""), restkey="", strict=True)
    if (wrong := _head(file, reader)) is not None:
        yield 1, wrong
        return
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield 0, _fault(file, reader.reader.line_num, "IMPORT_ROW", *_UNREADABLE)
            continue
        found: dict[str, Any] = {name: value for name, value in row.items() if value}
        if "parties" in found:
            found["parties"] = [one.strip() for one in str(found["parties"]).split(_MANY)]
        yield reader.line_num, found


def _head(file: Path, reader: "csv.DictReader[str]") -> Fault | None:
    """What is wrong with the names of the columns."""
    columns = set(Row.model_fields) - {"procedures"}
    try:
        head = reader.fieldnames or ()
    except csv.Error:
        return _fault(file, 1, "IMPORT_ROW", *_UNREADABLE)
    if strange := next((name for name in head if name not in columns), None):
        guess = nearest(strange, columns)
        hint = f"是否指 {guess}？ Did you mean {guess}?" if guess else f"可用 there are: {', '.join(sorted(columns))}"
        return _fault(file, 1, "IMPORT_COLUMN", Text("没有这个列。", "There is no such column."), Text(hint, ""))
    if "case_no" not in head or len(set(head)) < len(head):
        return _fault(file, 1, "IMPORT_COLUMN", *_HEAD)
    return None


def _json_rows(file: Path) -> Iterator[tuple[int, dict[str, Any] | Fault]]:
    with file.open("rb") as lines:
        number = 0
        while line := lines.readline(_LONGEST + 1):
            number += 1
            line = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
            if not line.strip():
                continue
            if len(line) > _LONGEST:
                yield number, _fault(file, number, "IMPORT_ROW", *_UNREADABLE)
                while line and not line.endswith(b"\n"):
                    line = lines.readline(_LONGEST)
                continue
            parsed = strict_json.parse(line)
            yield number, parsed if isinstance(parsed, dict) else _fault(file, number, "IMPORT_ROW", *_UNREADABLE)


def _seed(file: Path, line: int, row: Mapping[str, Any], systems: Set[str]) -> Seed | Fault:
    try:
        known = Row.model_validate(row)
    except ValidationError as invalid:
        first = invalid.errors(include_url=False, include_input=False)[0]
        where = (".".join(map(str, first["loc"])) or str(first.get("ctx", {}).get("error", "")))[:_LONGEST_PATH]
        problem = _unfit(str(first["type"]), where) if first["loc"] else _lacking(where)
        return _fault(file, line, "IMPORT_FIELD", problem, _FIELD_REMEDY, where)
    strangers = sorted(set(known.parties) - systems)
    if strangers:
        guess = nearest(strangers[0], systems)
        remedy = Text(
            f"系统须已在部署文件中{f'；是否指 {guess}？' if guess else '。'}",
            f"Systems stand in the deployment file{f'; did you mean {guess}?' if guess else '.'}",
        )
        return _fault(
            file, line, "IMPORT_SYSTEM", Text("没有这个系统。", "There is no such system."), remedy, "parties"
        )
    return known.seed()


def _unfit(kind: str, where: str) -> Text:
    match kind:
        case "missing":
            return Text(f"缺少字段 {where}。", f"The field {where} is missing.")
        case "extra_forbidden" if not where:
            return Text("值多于列。", "There are more values than columns.")
        case "extra_forbidden":
            return Text(f"没有字段 {where}。", f"There is no field {where}.")
        case _:
            return Text(f"字段 {where} 不合格式。", f"The field {where} is not of its form.")


def _lacking(where: str) -> Text:
    return Text(f"此行还须写 {where}。", f"Beside what the row says it wants {where}.")


def _record(kind: Kind, fields: Mapping[str, object]) -> Record:
    data: dict[str, Any] = {
        name: value.isoformat() if isinstance(value, datetime | date) else value
        for name, value in fields.items()
        if value is not None
    }
    record = record_of(kind.value, data)
    assert record is not None, "the kinds of this table are records"
    return record


def _fault(file: Path, line: int, code: str, problem: Text, remedy: Text, path: str = "") -> Fault:
    return Fault(code, path, Position(str(file), line, 1), problem, remedy)


_ENCODING = (Text("不是 UTF-8。", "This is not UTF-8."), Text("请另存为 UTF-8。", "Save it as UTF-8."))
_HEAD = (
    Text("首行应为列名，须有 case_no，且不得重复。", "The head line names the columns, case_no among them, each once."),
    Text("请补上首行。", "Write the head line."),
)
_UNREADABLE = (
    Text("此行无法读取。", "This line cannot be read."),
    Text("每行一个 JSON 对象，或符合 CSV 格式。", "One JSON object in a line, or a row of CSV."),
)
_FIELD_REMEDY = Text(
    "请对照文档改正此行，再导入同一文件。",
    "Correct this row as the documentation says, and import the same file again.",
)
