# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The statements that make a profile's tables, written out of one list of fields for every version and make. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

Make: TypeAlias = Literal["postgresql", "mysql"]

_HEAD = """\
-- SPDX-FileCopyrightText: The govhub authors
-- SPDX-License-Identifier: Apache-2.0
--
-- The national front database (前置库), tables up_* of version {version}, for {title}. Names, lengths and NOT NULL are
-- those that field practice shows of the national tables; the codes of the two-letter columns were never published. What is
-- the hub's own is said: is_sync with the values 0 new, 1 taken, 3 refused, 9 not found is one common form, and error_code and
-- error_reason are where a row's author finds why. A site whose tables are there already makes none of these, and names its
-- own columns in the settings.
-- 国家前置库 up_* 表（版本 {version}）。列名、长度与非空约束取自公开实践；两位代码的含义没有公布。is_sync 取值与 error_*
-- 两列为本项目的约定；现场已有表的，不必执行本文件，只需在配置中写明列名。
"""
_SUPERVISION_HEAD = """\
-- SPDX-FileCopyrightText: The govhub authors
-- SPDX-License-Identifier: Apache-2.0
--
-- The front database of a supervision platform, for {title}. No such specification is public: tables and columns are this
-- project's own. A site whose tables are there already makes none of these, and names its own in a copy of the profile's folder.
-- 监察平台前置库。此类平台没有公开的规范，表与列为本项目所拟；现场已有表的，不必执行本文件，在复制的目录中写明即可。
"""
_OWN = """\
-- The hub's own, only where a table without a flag is read: how far, and what of it was refused.
-- 中枢自用：仅当读取没有标志列的表时需要，记录读到何处、拒绝了什么。
create table govhub_bookmark (name varchar(200) primary key, position varchar(500) not null, moved_at {moment}){suffix};
create table govhub_refused (
  id varchar(32) primary key, name varchar(200) not null, row_key varchar(200) not null, code varchar(100) not null,
  reason varchar(1000) not null, refused_at {moment} not null
){suffix};
"""
_NEEDS: Final = {"optional": "", "required": " not null", "key": " primary key", "flag": " not null default '0'"}


@dataclass(frozen=True, slots=True)
class _Words:
    """How one make says it."""

    title: str
    types: Mapping[str, str]
    suffix: str
    waiting: str
    comment: str


_WORDS: Final[Mapping[Make, _Words]] = {
    "postgresql": _Words(
        title="PostgreSQL",
        types={"serial": "bigint generated always as identity unique"},
        suffix="",
        waiting="create index on {table} (seq) where is_sync = '0';",
        comment="{field}{comma} -- {meaning}",
    ),
    "mysql": _Words(
        title="MySQL and MariaDB",
        types={"serial": "bigint not null auto_increment unique", "timestamp": "datetime", "integer": "int"},
        suffix=" default charset=utf8mb4",
        waiting="create index {table}_waiting on {table} (is_sync, seq);",
        comment="{field} comment '{meaning}'{comma}",
    ),
}


def script(tables: Sequence[Mapping[str, Any]], version: str, make: Make) -> str:
    """The whole script. ``tables`` are those of ``national_tables.yaml``, or without a version those of another profile."""
    words = _WORDS[make]
    parts = [(_HEAD if version else _SUPERVISION_HEAD).format(version=version, title=words.title)]
    parts += ["\n".join(_table(table, version, words)) + "\n" for table in tables]
    moment = words.types.get("timestamp", "timestamp")
    parts.append(_OWN.format(moment=moment, suffix=words.suffix))
    return "\n".join(parts)


def _table(table: Mapping[str, Any], version: str, words: _Words) -> Iterator[str]:
    name = f"{table['name']}_{version}" if version else table["name"]
    yield f"-- {table['title']}"
    yield f"create table {name} ("
    fields = table["fields"]
    for number, (field, kind, needs, meaning) in enumerate(fields, 1):
        said = f"  {field} {words.types.get(kind, kind)}{_NEEDS[needs]}"
        yield words.comment.format(field=said, comma="," if number < len(fields) else "", meaning=meaning)
    yield f"){words.suffix};"
    yield words.waiting.format(table=name)
    if found_by := table.get("found_by"):
        yield f"create index {name}_case on {name} ({found_by});"
