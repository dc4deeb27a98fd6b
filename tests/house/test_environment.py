# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The environment: found or explained in one line, locked with hashes, tied to no index."""

import json
import os
import re
import shutil
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.house.tree import ROOT, project, run

LOCKS = ["run", "dev", "build", "fuzz", "audit"]
FIND_PYTHON = ROOT / ".ci/find_python.sh"


def pins(lock: str) -> dict[str, Version]:
    text = (ROOT / f"requirements/{lock}.lock").read_text(encoding="utf-8")
    return {
        canonicalize_name(found[1]): Version(found[2])
        for found in re.finditer(r"^([\w.-]+)==([^\s;\\]+)", text, re.MULTILINE)
    }


def wanted(lock: str) -> list[str]:
    groups = project()["dependency-groups"]
    group = [line for name in ("build", lock) for line in groups.get(name, []) if isinstance(line, str)]
    match lock:
        case "run":
            return list(project()["project"]["dependencies"])
        case "dev":
            return [*project()["project"]["dependencies"], *group]
        case "fuzz" | "audit":
            return list(groups[lock])
        case _:
            return group


@pytest.mark.parametrize("lock", LOCKS)
def test_every_requirement_is_locked_within_its_bounds(lock: str) -> None:
    locked = pins(lock)
    outside = [
        line
        for line in wanted(lock)
        for requirement in [Requirement(line)]
        if not requirement.specifier.contains(locked.get(canonicalize_name(requirement.name), Version("0.dev0")))
    ]

    assert outside == [], "run make lock"


def test_locks_agree() -> None:
    dev = pins("dev")

    assert {name: version for name, version in pins("run").items() if dev.get(name) != version} == {}
    assert {name: version for name, version in pins("build").items() if dev.get(name) != version} == {}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_version_has_a_hash_and_no_index(lock: str) -> None:
    text = (ROOT / f"requirements/{lock}.lock").read_text(encoding="utf-8")
    entries = re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]

    assert len(entries) == len(pins(lock)) > 0
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert "://" not in text
    assert "--index" not in text


def pretender(tmp_path: Path, changes: str) -> dict[str, str]:
    """The environment for a Python that is told something else about itself before it begins."""
    (tmp_path / "sitecustomize.py").write_text(f"import sys\n{changes}\n", encoding="utf-8")
    return {**os.environ, "PYTHONPATH": str(tmp_path)}


def test_a_python_that_can_is_found() -> None:
    outcome = run("sh", FIND_PYTHON, sys.executable)

    assert outcome.returncode == 0
    assert outcome.stdout == f"{sys.executable}\n"


@pytest.mark.parametrize("module", ["venv", "ensurepip"])
def test_a_python_without_venv_names_the_package(tmp_path: Path, module: str) -> None:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    outcome = run("sh", FIND_PYTHON, sys.executable, env=pretender(tmp_path, f"sys.modules['{module}'] = None"))

    assert outcome.returncode == 1
    assert f"python{version}-venv" in outcome.stdout
    assert len(outcome.stdout.splitlines()) == 1
    assert outcome.stderr == ""


def test_an_old_python_is_named(tmp_path: Path) -> None:
    env = pretender(tmp_path, "sys.version_info = (3, 9, 2)")
    outcome = run("sh", FIND_PYTHON, sys.executable, env=env)

    assert outcome.returncode == 1
    assert "3.9" in outcome.stdout
    assert "3.11" in outcome.stdout
    assert len(outcome.stdout.splitlines()) == 1


def test_no_python_is_said_in_one_line(tmp_path: Path) -> None:
    outcome = run("sh", FIND_PYTHON, tmp_path / "python-that-is-not-there")

    assert outcome.returncode == 1
    assert "python3.11-venv" in outcome.stdout
    assert len(outcome.stdout.splitlines()) == 1


def test_make_says_nothing_but_that_line(tmp_path: Path) -> None:
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    for name in (".ci", "requirements"):
        shutil.copytree(ROOT / name, tmp_path / name)
    env = pretender(tmp_path, "sys.modules['ensurepip'] = None")
    outcome = run("make", "setup", f"PYTHON={sys.executable}", cwd=tmp_path, env=env)

    assert outcome.returncode == 2
    assert outcome.stdout == ""
    assert len(outcome.stderr.splitlines()) == 1
    assert "-venv" in outcome.stderr
    assert not (tmp_path / ".venv").exists()


def test_servers_that_are_missing_are_named_in_one_line(tmp_path: Path) -> None:
    """With nothing on PATH but the few commands it asks, and no rights to install, the script says what to do."""
    for command in ("sh", "id", "sed"):
        found = shutil.which(command)
        assert found
        (tmp_path / command).symlink_to(found)
    outcome = run("sh", ROOT / ".ci/install_servers.sh", env={"PATH": str(tmp_path)})

    if outcome.returncode == 0:  # the servers stand in the folders where Debian puts them
        assert outcome.stdout == ""
    else:
        assert "GOVHUB_TEST_POSTGRES" in outcome.stderr
        assert len(outcome.stderr.splitlines()) == 1


def test_urls_stand_in_for_servers(tmp_path: Path) -> None:
    env = {"PATH": str(tmp_path), "GOVHUB_TEST_POSTGRES": "postgresql://x", "GOVHUB_TEST_RABBITMQ": "amqp://x"}
    outcome = run("/bin/sh", ROOT / ".ci/install_servers.sh", env=env)

    assert outcome.returncode == 0, outcome.stderr
    assert outcome.stdout == ""


def without_node(tmp_path: Path, **env: str) -> dict[str, str]:
    """An environment with servers elsewhere, no Node.js, and no way to install any."""
    found = shutil.which("id")
    assert found
    (tmp_path / "id").symlink_to(found)
    servers = {"GOVHUB_TEST_POSTGRES": "postgresql://x", "GOVHUB_TEST_RABBITMQ": "amqp://x"}
    return {"PATH": str(tmp_path), **servers, **env}


def test_node_that_is_missing_is_said_and_no_obstacle_outside_ci(tmp_path: Path) -> None:
    outcome = run("/bin/sh", ROOT / ".ci/install_servers.sh", env=without_node(tmp_path))

    assert outcome.returncode == 0
    assert "nodejs npm" in outcome.stderr
    assert len(outcome.stderr.splitlines()) == 1


def test_node_that_is_missing_stops_ci(tmp_path: Path) -> None:
    outcome = run("/bin/sh", ROOT / ".ci/install_servers.sh", env=without_node(tmp_path, CI="true"))

    assert outcome.returncode == 1
    assert "nodejs npm" in outcome.stderr


def test_the_parser_is_locked_with_hashes_and_tied_to_no_registry() -> None:
    lock = json.loads((ROOT / "tests/asyncapi/package-lock.json").read_text(encoding="utf-8"))
    wanted = json.loads((ROOT / "tests/asyncapi/package.json").read_text(encoding="utf-8"))
    packages = {name: said for name, said in lock["packages"].items() if name}

    assert lock["packages"][""]["dependencies"] == wanted["dependencies"]
    assert [name for name, said in packages.items() if not said.get("integrity", "").startswith("sha512-")] == []
    assert [name for name, said in packages.items() if "resolved" in said] == []
    # One of them would tell its makers who installs it.
    assert " npm ci --ignore-scripts " in (ROOT / ".ci/install_parser.sh").read_text(encoding="utf-8")
