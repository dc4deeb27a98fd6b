# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The newcomer's script of docs/evidence.md, as it stands there; the verifying half with openssl, Python and usual tools."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import ROOT
from tests.support.missing import missing

TOOLS = ("sh", "sed", "grep", "sort", "head", "cat", "date", "mktemp", "rm", "dirname", "openssl")


def blocks(page: str) -> list[str]:
    return re.findall(
        r"^```sh\n(.*?)^```$", (ROOT / "docs" / page).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )


def done(script: str, folder: Path, path: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [shutil.which("sh") or "sh", "-c", script],
        cwd=folder,
        env={**os.environ, "PATH": path} if "govhub" in script else {"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.timeout(400)
def test_the_script_of_the_documentation_does_what_it_says(tmp_path: Path) -> None:
    making, verifying, altering = blocks("evidence.md")
    hub, elsewhere = tmp_path / "hub", tmp_path / "elsewhere"
    hub.mkdir()
    checking = 'govhub evidence check --config "$CONFIG" --json > check.json\n'
    made = done(f"set -e\n{making}\n{checking}", hub, f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    assert made.returncode == 0, made.stdout[-2000:] + made.stderr[-2000:]

    check = json.loads((hub / "check.json").read_text(encoding="utf-8"))
    assert (check["ok"], check["first"], check["archived"]) == (True, None, 0)
    assert check["statements"] == check["size"] > 0

    elsewhere.mkdir()
    for name in ("case.asice", "anchors.pem"):
        shutil.copy(hub / name, elsewhere)
    shutil.copytree(hub / "verifier", elsewhere / "verifier")
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        if found is None:
            missing(f"install {tool}")
        (tools / tool).symlink_to(str(found))
    (tools / "python3").symlink_to(Path(sys.executable).resolve())
    good = done(verifying, elsewhere, str(tools))
    assert (good.returncode, good.stdout.splitlines()[-1]) == (0, "PASSED"), good.stdout + good.stderr
    bad = done(altering, elsewhere, str(tools))
    assert (bad.returncode, bad.stdout.splitlines()[-1]) == (1, "FAILED"), bad.stdout + bad.stderr


def test_both_languages_show_the_same_script() -> None:
    assert blocks("evidence.md") == blocks("evidence.zh-CN.md")
