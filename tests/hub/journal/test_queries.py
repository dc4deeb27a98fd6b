# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Every statement has a name, every name a statement, and all of them are taken by the servers they are written for."""

import re
from pathlib import Path

import asyncpg
import pytest

from hub.journal.migrate import Migrated, migrate
from hub.journal.queries import columns, queries, query

ROOM = Path(__file__).parents[3] / "hub/journal"
ASKED = re.compile(r"""\bquery\(\s*"(\w+)"\s*\)""")
ASKED_ANYHOW = re.compile(r"\bquery\(")


def modules() -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in ROOM.glob("*.py") if path.name != "queries.py"}


def test_what_is_asked_for_exists_and_what_exists_is_asked_for() -> None:
    asked = {name for text in modules().values() for name in ASKED.findall(text)}
    assert asked == set(queries())


def test_every_statement_is_asked_for_by_its_own_name() -> None:
    """A name put together at run time could not be checked."""
    for name, text in modules().items():
        assert len(ASKED.findall(text)) == len(ASKED_ANYHOW.findall(text)), name


def test_every_file_is_blocks_and_nothing_else() -> None:
    for file in (ROOM / "sql").iterdir():
        text = file.read_text(encoding="utf-8")
        assert text.startswith("-- name: "), file.name
        names = re.findall(r"^-- name: (.*)$", text, re.MULTILINE)
        assert all(re.fullmatch(r"[a-z_]+", name) for name in names), file.name
        assert set(names) <= set(queries())


def test_a_statement_is_one_statement() -> None:
    for name, text in queries().items():
        code = re.sub(r"--.*", "", text).strip()
        assert code.endswith(";"), name
        assert code.count(";") == 1, name


def test_an_unknown_name_is_a_bug() -> None:
    with pytest.raises(KeyError):
        query("nothing")


async def test_the_server_takes_every_statement(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        assert isinstance(await migrate(connection), Migrated)
        for text in queries().values():
            await connection.prepare(text)
    finally:
        await connection.close()


def test_rows_become_columns() -> None:
    assert columns([(1, "a"), (2, "b")], width=2) == [[1, 2], ["a", "b"]]
    assert columns([], width=3) == [[], [], []]
    with pytest.raises(ValueError, match="argument"):
        columns([(1, 2), (1,)], width=2)
