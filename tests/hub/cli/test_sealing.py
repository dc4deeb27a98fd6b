# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub sealing`` and ``govhub cases find`` on a journal with a message from before it was sealed."""

import asyncio
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner, Result

from certs.envelope import Suite
from certs.key_file import KeyFile
from contracts.person_keys import NumberKind
from hub.cli.main import app
from hub.journal.data_keys import Sealing
from tests.support.journals import bench

pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")

_NUMBER = "99000019900101005X"
CONFIG = """\
journal: DSN
systems: {portal: {sends: [cn.gov.application.submitted]}}
destinations: {housing: {system: portal, connector: mailbox}}
sealing: {key_file: master.key}
"""


@pytest.fixture
async def config(journal_dsn: str, tmp_path: Path) -> Path:
    routes = "version: 1\nroutes:\n  - {name: all, when: {}, to: [housing]}\n"
    (tmp_path / "routes.yaml").write_text(routes, encoding="utf-8")
    (tmp_path / "govhub.yaml").write_text(CONFIG.replace("DSN", journal_dsn), encoding="utf-8")
    file = KeyFile(tmp_path / "master.key", os.urandom)
    file.add(Suite.AES_256_GCM)
    async with bench(journal_dsn, sealing=None, own=False) as before:
        await before.journal.acceptances.accept(before.acceptance("old", case="old"))
    async with bench(journal_dsn, "hub-2", sealing=Sealing(file, Suite.AES_256_GCM, os.urandom), own=False) as one:
        persons = frozenset({(NumberKind.ID_NUMBER, _NUMBER)})
        await one.journal.acceptances.accept(replace(one.acceptance("new", case="new"), persons=persons))
    return tmp_path / "govhub.yaml"


async def run(config: Path, *words: str, given: str = "") -> Result:
    return await asyncio.to_thread(lambda: CliRunner().invoke(app, [*words, "-c", str(config)], input=given))


async def json(config: Path, *words: str, given: str = "") -> Any:
    return orjson.loads((await run(config, *words, "--json", given=given)).stdout)


async def test_what_lies_plain_is_sealed_and_the_master_key_changed(config: Path) -> None:
    first = (await json(config, "sealing", "status"))["masterKey"]
    assert await json(config, "sealing", "seal-old") == {"messages": 1, "joined": 0}
    assert await json(config, "sealing", "seal-old") == {"messages": 0, "joined": 0}
    rotated = await json(config, "sealing", "rotate")
    assert (rotated["rewrapped"], rotated["masterKey"] != first) == (2, True)
    assert await json(config, "sealing", "retire") == {"retired": [first]}
    status = await json(config, "sealing", "status")
    assert status["dataKeys"] == {rotated["masterKey"]: 2}
    assert "2 个数据密钥 data keys" in (await run(config, "sealing", "status")).stdout


async def test_a_case_is_found_and_the_number_is_not_repeated(config: Path) -> None:
    assert await json(config, "cases", "find", given=f"{_NUMBER.lower()}\n") == {"cases": ["new"]}
    assert await json(config, "cases", "find", "--by", "phone", given=f"{_NUMBER}\n") == {"cases": []}
    told = await run(config, "cases", "find", given=f"{_NUMBER}\n")
    assert told.stdout.split() == ["new"]
    assert (await run(config, "cases", "find", given="\n")).exit_code == 2
    assert (await run(config, "cases", "find", "--by", "name", given="x\n")).exit_code == 2


@pytest.mark.parametrize(
    ("spoil", "code"), [("mode", "E_KEY_FILE_MODE"), ("gone", "E_KEY_FILE_MISSING"), ("other", "E_MASTER_KEY_UNKNOWN")]
)
async def test_a_lost_or_foreign_master_key_is_told_with_its_file(config: Path, spoil: str, code: str) -> None:
    file = config.parent / "master.key"
    if spoil == "mode":
        file.chmod(0o644)
    else:
        file.unlink()
    if spoil == "other":
        KeyFile(file, os.urandom).add(Suite.AES_256_GCM)
    told = await run(config, "sealing", "status")
    assert told.exit_code == 2
    assert code in told.output
    assert str(file) in told.output.replace("\n", "")
