# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What is installed is what is here: the wheel holds every module and data file, and its command starts on its own."""

import sys
import venv
import zipfile
from pathlib import Path

import pytest

from hub.api.console import BUILT
from tests.house.tree import ROOMS, ROOT, name, project, run
from tests.support.missing import missing

DATA = {".sql", ".yaml", ".yml", ".json", ".typed"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's wheel, built without a network as the image builds it."""
    folder = tmp_path_factory.mktemp("wheel")
    outcome = run(
        *(sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet", "--no-index"),
        *("--no-deps", "--no-build-isolation", "--wheel-dir", folder, ROOT),
    )
    assert outcome.returncode == 0, outcome.stderr
    [built] = folder.glob("govhub-*.whl")
    return built


@pytest.fixture(scope="module")
def command(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """govhub installed from its wheel into an environment of its own, far from this folder.

    The libraries come from the tests' environment through a .pth file: what is proved is the wheel, not the index.
    """
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin/python"
    outcome = run(
        *(sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", python),
        *("install", "--quiet", "--no-index", "--no-deps", wheel),
    )
    assert outcome.returncode == 0, outcome.stderr
    libraries = next(Path(path) for path in sys.path if path.endswith("site-packages"))
    [own] = (folder / "lib").glob("python*/site-packages")
    # Only added as a path: this environment's own .pth files, which lead back to this folder, are not followed.
    (own / "libraries.pth").write_text(f"{libraries}\n", encoding="utf-8")
    return folder / "bin/govhub"


SOURCES = ROOT / "hub" / "console" / "web"
"""What the console is built from: the wheel holds what it is built to."""


def test_the_wheel_holds_the_console(wheel: Path) -> None:
    if not (BUILT / "index.html").exists():
        missing("make console")
    inside = set(zipfile.ZipFile(wheel).namelist())

    assert {name(path) for path in BUILT.rglob("*") if path.is_file()} <= inside
    assert not any(path.startswith("hub/console/web/") for path in inside)


def test_the_wheel_holds_every_module_and_data_file(wheel: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    here = {
        name(path)
        for room in ROOMS
        for path in (ROOT / room).rglob("*")
        if path.suffix in DATA | {".py"} and "__pycache__" not in path.parts and SOURCES not in path.parents
    }

    assert here - inside == set()
    assert any(path.endswith(".sql") for path in inside)


def test_the_wheel_holds_nothing_else(wheel: Path) -> None:
    tops = {path.split("/")[0] for path in zipfile.ZipFile(wheel).namelist()}

    assert {top for top in tops if not top.endswith(".dist-info")} == set(ROOMS)


def test_the_command_starts_from_the_wheel(command: Path, tmp_path: Path) -> None:
    outcome = run(command, "--help", cwd=tmp_path)

    assert outcome.returncode == 0, outcome.stderr
    assert "run" in outcome.stdout
    assert "demo" in outcome.stdout


def test_the_code_comes_from_the_wheel(command: Path, tmp_path: Path) -> None:
    outcome = run(command.parent / "python", "-c", "import hub, sys; print(hub.__file__)", cwd=tmp_path)

    assert outcome.stdout.startswith(str(command.parents[1]))


def test_every_entry_point_can_be_loaded(command: Path, tmp_path: Path) -> None:
    groups = {"console_scripts": project()["project"]["scripts"], **project()["project"]["entry-points"]}
    load = "\n".join(
        f"from importlib.metadata import entry_points; entry_points(group={group!r})[{key!r}].load()"
        for group, keys in groups.items()
        for key in keys
    )
    outcome = run(command.parent / "python", "-c", load, cwd=tmp_path)

    assert outcome.returncode == 0, outcome.stderr
