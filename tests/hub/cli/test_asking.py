# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub connectors ask``: a lookup of a deployment file, asked of a real database."""

import asyncio
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest
from typer.testing import CliRunner

from hub.cli.main import app
from hub.config.load import Loaded, load_deployment

_CONFIG = """\
systems: {{portal: {{}}}}
destinations: {{}}
secrets: {{register: "{password}"}}
lookups:
  companies:
    connector: {connector}
    systems: [{system}]
    settings:
      url: postgresql://{host}:{port}/{database}
      user: {user}
      password_secret: register
      statement: select name from companies where code = :code
      criteria: {{code: {{}}}}
"""


@pytest.fixture
async def deployment(dsn: str, tmp_path: Path) -> Path:
    connection = await asyncpg.connect(dsn)
    await connection.execute("create table companies (code text, name text)")
    await connection.execute("insert into companies values ('1', '示例企业')")
    await connection.close()
    return written(tmp_path, dsn)


def written(folder: Path, dsn: str, **changes: str) -> Path:
    url = urlsplit(dsn)
    told = {"connector": "database_query", "system": "portal", "user": str(url.username), **changes}
    (folder / "routes.yaml").write_text("version: 1\nroutes: []\n")
    file = folder / "govhub.yaml"
    file.write_text(
        _CONFIG.format(password=url.password, host=url.hostname, port=url.port, database=url.path[1:], **told)
    )
    return file


async def ask(*words: str) -> tuple[int, dict[str, Any]]:
    """The command's JSON answer, the last of what it says; it runs a loop of its own."""
    result = await asyncio.to_thread(CliRunner().invoke, app, ["connectors", "ask", *words, "--json"])
    told = result.output[result.output.index("{\n") if "{\n" in result.output else result.output.rindex("{") :]
    return result.exit_code, json.loads(told)


async def test_a_lookup_is_asked(deployment: Path) -> None:
    config = ("--config", str(deployment))
    found = await ask("companies", "code=1", *config)
    nothing = await ask("companies", "code=2", *config)
    wrong, _ = await ask("companies", "kode=2", *config)
    unknown, told = await ask("persons", "code=2", *config)

    assert found == (0, {"found": True, "records": [{"name": "示例企业"}], "complete": True})
    assert nothing == (0, {"found": False, "records": [], "complete": True})
    assert wrong == 1
    assert unknown != 0
    assert "companies" in str(told)


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"connector": "rest"}, "lookups.companies.connector"),
        ({"system": "stranger"}, "lookups.companies.systems[0]"),
        ({"user": ""}, "lookups.companies.settings.user"),
    ],
)
def test_what_is_wrong_with_a_lookup_is_named_with_its_line(changes: dict[str, str], path: str, tmp_path: Path) -> None:
    dsn = "postgresql://u:p@127.0.0.1:5432/d"
    assert isinstance(load_deployment(written(tmp_path, dsn)), Loaded)
    faults = load_deployment(written(tmp_path, dsn, **changes))

    assert isinstance(faults, tuple)
    assert [(one.path, one.at.line > 1) for one in faults] == [(path, True)]
