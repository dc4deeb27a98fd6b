# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Documents as rows of a front database (前置库): one row of the main table, then the rows of its child tables.

A row is a table and its columns. Between the hub and the connector that holds the SQL they travel as
``{"rows": [{"table": "up_pro_accept_v3", "row": {"project_no": "…"}}, …]}``; a column without a value is not there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from contracts import strict_json
from contracts.cloudevent import JsonValue
from contracts.dialects.document import Cell, Document
from contracts.dialects.flat_json import misshapen, parsed, texts
from contracts.refusal import Refusal
from contracts.text import Text

MEDIA_TYPE = "application/vnd.govhub.rows+json"

MOST = 1_000
"""Rows of one document."""

_ROWS = Text("rows：1 至 1000 行的数组，主表在前", "rows: an array of 1 to 1,000 rows, the main table's first")
_ROW = Text("table（表名）与 row（列）", "table (its name) and row (its columns)")


@dataclass(frozen=True, slots=True)
class Row:
    """One row. ``columns`` in the order in which the map writes them."""

    table: str
    columns: Mapping[str, str]


def rows_of(document: Document) -> tuple[Row, ...]:
    """The rows of a document; its repeated groups are child tables of the same names."""
    main: dict[str, str] = {}
    children: list[Row] = []
    for name, cell in document.fields.items():
        if isinstance(cell, str):
            main[name] = cell
        else:
            groups = (cell,) if isinstance(cell, Mapping) else cell
            children.extend(Row(name, {key: str(value) for key, value in group.items()}) for group in groups)
    return (Row(document.name, main), *children)


def document_of(rows: Sequence[Row]) -> Document:
    """The document that rows are, the main table's row first; :func:`rows_of` gives them back, child tables together."""
    main, *others = rows
    children: dict[str, list[Mapping[str, Cell]]] = {}
    for row in others:
        children.setdefault(row.table, []).append(dict(row.columns))
    return Document(main.table, {**main.columns, **children})


def write(document: Document) -> bytes:
    """The rows as JSON."""
    rows: list[JsonValue] = [
        {"table": row.table, "row": dict[str, JsonValue](row.columns)} for row in rows_of(document)
    ]
    return strict_json.canonical({"rows": rows})


def read(body: bytes) -> Document | Refusal:
    """The document that rows in JSON are, or why it was refused. Never raises, whatever the bytes."""
    value = parsed(body)
    if isinstance(value, Refusal):
        return value
    told = value.get("rows")
    if value.keys() != {"rows"} or not isinstance(told, list) or not 1 <= len(told) <= MOST:
        return misshapen("$.rows", _ROWS)
    rows: list[Row] = []
    for index, one in enumerate(told):
        row = _row(one, f"$.rows[{index}]")
        if isinstance(row, Refusal):
            return row
        rows.append(row)
    return document_of(rows)


def _row(one: JsonValue, path: str) -> Row | Refusal:
    if not isinstance(one, dict) or one.keys() != {"table", "row"}:
        return misshapen(path, _ROW)
    table, columns = one["table"], one["row"]
    if not isinstance(table, str) or not isinstance(columns, dict):
        return misshapen(path, _ROW)
    found = texts(columns, f"{path}.row")
    return found if isinstance(found, Refusal) else Row(table, found)
