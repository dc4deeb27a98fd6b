# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Exports as they really are: every row is read or told with its file and line, and no row stops those after it."""

from pathlib import Path

import orjson
import pytest

from contracts.dialects.rows import MEDIA_TYPE
from hub.loading.export import LARGEST, Table, Unread, Written, csv_rows, json_lines

TABLE = Table(source="history", table="up_pro_accept", type="cn.gov.acceptance.decided", subject="project_no")


def read(path: Path, content: bytes, table: Table = TABLE) -> list[Written | Unread]:
    path.write_bytes(content)
    return list(csv_rows(path, table))


def test_a_row_is_a_document_of_rows_and_an_empty_field_is_absent(tmp_path: Path) -> None:
    (row,) = read(tmp_path / "a.csv", "\ufeffproject_no,org_name,remark\r\n案-1,示例局（测试）,\r\n".encode())
    assert isinstance(row, Written)
    assert (row.line, row.content_type) == (2, MEDIA_TYPE)
    said = {"rows": [{"table": "up_pro_accept", "row": {"project_no": "案-1", "org_name": "示例局（测试）"}}]}
    assert orjson.loads(row.body) == said
    headers = {name.removeprefix("cloudEvents:"): value for name, value in row.headers.items()}
    assert (headers["source"], headers["type"], headers["subject"]) == ("history", TABLE.type, "案-1")


def test_the_same_row_is_the_same_message_and_another_is_another(tmp_path: Path) -> None:
    first, again, other = read(tmp_path / "a.csv", b"project_no,x\n1,a\n1,a\n1,b\n")
    ids = [one.headers["cloudEvents:id"] for one in (first, again, other) if isinstance(one, Written)]
    assert ids[0] == ids[1] != ids[2]


def test_what_is_wrong_is_told_with_its_line_and_the_rest_is_read(tmp_path: Path) -> None:
    content = b'project_no,x\n1,a\n2\n\n3,"two\nlines"\n4,a,b\n5,"a"b\n6,z\n'
    rows = read(tmp_path / "a.csv", content)
    assert [(one.line, getattr(one, "code", "")) for one in rows] == [
        (2, ""),
        (3, "LOAD_CSV"),
        (5, ""),
        (7, "LOAD_CSV"),
        (8, "LOAD_CSV"),
        (9, ""),
    ]


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        (b"", "LOAD_HEADER", 1),
        (b"project_no,,x\n1,2,3\n", "LOAD_HEADER", 1),
        (b"project_no,x,x\n1,2,3\n", "LOAD_HEADER", 1),
        (b"case,x\n1,2\n", "LOAD_HEADER", 1),
        ("项目,x\n1,2\n".encode("gb18030"), "LOAD_ENCODING", 1),
        (b"project_no,x\n1,a\n" + b"2,\xff\xfe\n" * 20_000, "LOAD_ENCODING", 0),
    ],
)
def test_a_file_that_cannot_be_read_ends_where_that_shows(tmp_path: Path, content: bytes, code: str, line: int) -> None:
    *_, last = read(tmp_path / "a.csv", content)
    assert isinstance(last, Unread)
    assert (last.code, last.last) == (code, True)
    assert line in {0, last.line}


def test_a_field_beyond_all_bounds_is_one_rows_trouble(tmp_path: Path) -> None:
    content = b"project_no,x\n1," + b"a" * 200_000 + b"\n2,b\n"
    wrong, right = read(tmp_path / "a.csv", content)
    assert isinstance(wrong, Unread)
    assert isinstance(right, Written)
    assert right.headers["cloudEvents:subject"] == "2"


def test_another_encoding_with_rare_characters(tmp_path: Path) -> None:
    table = Table(source="h", table="t", type="x", subject="project_no", encoding="gb18030")
    (row,) = read(tmp_path / "a.csv", "project_no,name\n1,测试𠮷\n".encode("gb18030"), table)
    assert isinstance(row, Written)
    assert orjson.loads(row.body)["rows"][0]["row"]["name"] == "测试𠮷"


def test_lines_of_json_are_events_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"id": "1"}\n\n  {"id": "2"}\r\n' + b"x" * (LARGEST + 10) + b'\nnot json\n{"id": "3"}')
    rows = list(json_lines(path))
    assert [(one.line, getattr(one, "code", "")) for one in rows] == [
        (1, ""),
        (3, ""),
        (4, "LOAD_SIZE"),
        (5, ""),
        (6, ""),
    ]
    assert [one.body for one in rows if isinstance(one, Written)] == [
        b'{"id": "1"}',
        b'{"id": "2"}',
        b"not json",
        b'{"id": "3"}',
    ]
