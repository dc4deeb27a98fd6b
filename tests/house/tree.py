# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What the house's tests look at: its files, and commands run in it."""

import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("hub", "connectors", "contracts", "routing", "certs")
BIN = Path(sys.executable).parent


def modules(*rooms: str) -> list[Path]:
    """Every Python file under the named rooms, in order; without what is installed there for tests (hidden folders)."""
    found = [path for room in rooms for path in sorted((ROOT / room).rglob("*.py"))]
    return [path for path in found if not any(part.startswith(".") for part in path.relative_to(ROOT).parts)]


def name(path: Path) -> str:
    """A path as it is written from the repository's root."""
    return str(path.relative_to(ROOT))


def project() -> dict[str, Any]:
    """pyproject.toml as plain values."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def run(
    *command: str | Path, cwd: Path = ROOT, env: Mapping[str, str] | None = None, timeout: float = 100
) -> subprocess.CompletedProcess[str]:
    """Runs a command to its end and returns what it said; an exit code other than 0 is for the caller to judge."""
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False, timeout=timeout)
