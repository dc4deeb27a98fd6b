# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""An export of an old system, row by row: CSV as rows of a table that a dialect reads, JSON Lines as whole events. 导出文件

Nothing of a file is held but its current row. A row's id is made of what it says, so that a row that was sent before is the
same message.
"""

import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import orjson

from contracts.bindings import http
from contracts.dialects.rows import MEDIA_TYPE
from contracts.text import Text

LARGEST = 4 * 1024 * 1024
"""Bytes of one row, and of one line."""

_PREFIX = "cloudEvents:"
_DIGITS = 32
_NOT_TEXT = Text("文件不是 {encoding} 编码。", "The file is not in {encoding}.")
_NOT_CSV = Text("这一行不是 CSV。", "This line is no CSV.")
_TOO_LONG = Text(f"一行超过 {LARGEST} 字节。", f"A row has more than {LARGEST} bytes.")
_FIELDS = Text("这一行有 {found} 列，表头有 {wanted} 列。", "This row has {found} fields, the header {wanted}.")
_HEADER = Text("首行须是表头：列名不空、不重复。", "The first line must be the header: names, none empty, none twice.")
_NO_SUBJECT = Text("表头没有 {column} 这一列。", "The header has no column {column}.")


@dataclass(frozen=True, slots=True)
class Written:
    """One row as a message would bring it: content type, headers and body of an event in binary or structured mode."""

    file: str
    line: int
    content_type: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Unread:
    """A row, or the rest of a file, that cannot be read. ``last``: nothing of the file comes after it."""

    file: str
    line: int
    code: str
    text: Text
    last: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """How the rows of a CSV are read: the table's name in the dialect, the contract's type, the column of the case."""

    source: str
    table: str
    type: str
    subject: str
    encoding: str = "utf-8-sig"


class _Lines(Protocol):
    """A reader of CSV."""

    line_num: int

    def __next__(self) -> list[str]: ...


def csv_rows(path: Path, table: Table) -> Iterator[Written | Unread]:
    """The rows of a CSV file with a header. An empty field is absent."""
    name = str(path)
    with path.open("r", encoding=table.encoding, newline="") as opened:
        lines = csv.reader(opened, strict=True)
        try:
            header = [one.strip() for one in next(lines, [])]
        except UnicodeDecodeError:
            yield Unread(name, 1, "LOAD_ENCODING", _NOT_TEXT.filled(encoding=table.encoding), last=True)
            return
        except csv.Error:
            header = []
        if not header or "" in header or len(set(header)) < len(header):
            yield Unread(name, 1, "LOAD_HEADER", _HEADER, last=True)
            return
        if table.subject not in header:
            yield Unread(name, 1, "LOAD_HEADER", _NO_SUBJECT.filled(column=table.subject), last=True)
            return
        yield from _rows(name, table, header, lines)


def _rows(name: str, table: Table, header: list[str], lines: "_Lines") -> Iterator[Written | Unread]:
    while True:
        line = lines.line_num + 1
        try:
            fields = next(lines)
        except StopIteration:
            return
        except UnicodeDecodeError:
            yield Unread(name, line, "LOAD_ENCODING", _NOT_TEXT.filled(encoding=table.encoding), last=True)
            return
        except csv.Error:
            yield Unread(name, line, "LOAD_CSV", _NOT_CSV)
            continue
        if not fields:
            continue
        if len(fields) != len(header):
            told = _FIELDS.filled(found=str(len(fields)), wanted=str(len(header)))
            yield Unread(name, line, "LOAD_CSV", told)
            continue
        yield _row(name, line, table, dict(zip(header, fields, strict=True)))


def _row(name: str, line: int, table: Table, row: dict[str, str]) -> Written | Unread:
    said = {column: value for column, value in row.items() if value != ""}
    body = orjson.dumps({"rows": [{"table": table.table, "row": said}]})
    if len(body) > LARGEST:
        return Unread(name, line, "LOAD_SIZE", _TOO_LONG)
    headers = {
        f"{_PREFIX}specversion": "1.0",
        f"{_PREFIX}id": f"load/{table.table}/{hashlib.sha256(body).hexdigest()[:_DIGITS]}",
        f"{_PREFIX}source": table.source,
        f"{_PREFIX}type": table.type,
    }
    if subject := said.get(table.subject):
        headers[f"{_PREFIX}subject"] = subject
    return Written(name, line, MEDIA_TYPE, headers, body)


def json_lines(path: Path) -> Iterator[Written | Unread]:
    """The lines of a JSON Lines file, each a CloudEvent in the JSON format; empty lines are passed over."""
    name = str(path)
    with path.open("rb") as opened:
        number = 0
        while said := opened.readline(LARGEST + 1):
            number += 1
            if len(said) > LARGEST:
                while said and not said.endswith(b"\n"):
                    said = opened.readline(LARGEST)
                yield Unread(name, number, "LOAD_SIZE", _TOO_LONG)
            elif said.strip():
                yield Written(name, number, http.STRUCTURED, {}, said.strip())
