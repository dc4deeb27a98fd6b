# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A row as a message: its columns in the form of the dialects of rows, or the message that it holds."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from connectors.databases.cells import text_of
from connectors.databases.rows import Row
from connectors.front_db.table_config import MessageTable, TableConfig
from connectors.sdk import Item, Refused
from contracts.dialects.rows import MEDIA_TYPE

_PREFIX = "cloudEvents:"
_DIGITS = 16
_LONGEST_KEY = 100

Details = Sequence[tuple[str, Row, frozenset[str]]]
"""Rows of other tables that travel along: the table, the row, and the columns that do not."""


def item_of_row(token: int, table: TableConfig, row: Row, details: Details, most_bytes: int) -> Item | Refused:
    """The row and its details as one document of rows. The id is of what they say: the same row, changed, is another message."""
    rows = []
    for name, one, own in ((table.table, row, table.own_columns), *details):
        columns: dict[str, str] = {}
        for column, value in one.items():
            if column in own:
                continue
            try:
                text = text_of(value)
            except ValueError:
                return refused(
                    "ROW_UNREADABLE", f"{name}.{column}", "此列无法读作文本", "this column cannot be read as text"
                )
            if text is not None:
                columns[column] = text
        rows.append({"table": name, "row": columns})
    body = orjson.dumps({"rows": rows})
    if len(body) > most_bytes:
        return refused("ROW_TOO_LARGE", table.table, f"超过 {most_bytes} 字节", f"more than {most_bytes} bytes")
    key = str(row[table.key])
    digest = hashlib.sha256(body).hexdigest()[:_DIGITS]
    subject = text_of(row[table.subject]) if table.subject is not None else None
    headers = {
        f"{_PREFIX}specversion": "1.0",
        f"{_PREFIX}id": f"{table.table}/{key if len(key) <= _LONGEST_KEY else ''}/{digest}",
        f"{_PREFIX}type": str(table.type),
        **({f"{_PREFIX}subject": subject} if subject else {}),
    }
    return Item(token=token, content_type=MEDIA_TYPE, body=body, headers=headers)


def item_of_message(token: int, columns: MessageTable, row: Row, most_bytes: int) -> Item | Refused:
    """The message that a row holds."""
    body = _bytes(row[columns.body])
    if len(body) > most_bytes:
        return refused("ROW_TOO_LARGE", columns.table, f"超过 {most_bytes} 字节", f"more than {most_bytes} bytes")
    headers = _headers(row[columns.headers])
    if headers is None:
        where = f"{columns.table}.{columns.headers}"
        return refused("ROW_UNREADABLE", where, "应为文本值的 JSON 对象", "a JSON object of texts is needed")
    content_type = row[columns.content_type]
    return Item(token=token, content_type=str(content_type) if content_type else None, body=body, headers=headers)


def refused(code: str, where: str, zh: str, en: str) -> Refused:
    """What the connector itself cannot make a message of, with its reason for the row's author."""
    problem = {
        "code": code,
        "detail": f"{where}：{zh} / {where}: {en}",
        "details": {"zh": f"{where}：{zh}", "en": f"{where}: {en}"},
    }
    return Refused(code, orjson.dumps(problem))


def reason_of(answer: Refused) -> str:
    """A refusal in words, Chinese first, for a column: what is wrong, and where."""
    try:
        problem = orjson.loads(answer.problem)
        told = [str(problem["details"]["zh"])]
        told += [f"{one['path']}：{one['expected']['zh']}" for one in problem.get("violations", ())]
    except (ValueError, KeyError, TypeError):
        return answer.code
    return "；".join(told)


def _bytes(value: Any) -> bytes:
    return value.encode() if isinstance(value, str) else bytes(value or b"")


def _headers(value: Any) -> Mapping[str, object] | None:
    if value is None or value == "":
        return {}
    try:
        found = value if isinstance(value, dict) else orjson.loads(value)
    except ValueError:
        return None
    sound = isinstance(found, dict) and all(isinstance(one, str) for one in found.values())
    return found if sound else None
