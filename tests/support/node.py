# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The AsyncAPI project's own parser, which runs on Node.js."""

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.support.missing import missing

_HERE = Path(__file__).resolve().parents[1] / "asyncapi"
_SECONDS = 100
REMEDY = "install Node.js 18 or newer with npm (apt-get install nodejs npm), then run `make test` or `sh .ci/install_parser.sh`"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """``severity``: 0 an error, 1 a warning, 2 information, 3 a hint."""

    code: str
    severity: int
    path: str
    message: str


def diagnostics_of(document: bytes) -> tuple[Diagnostic, ...]:
    """What the parser says of an AsyncAPI document; where it is not installed, the test is skipped, or fails in CI."""
    node = shutil.which("node")
    if node is None or not (_HERE / "node_modules/@asyncapi/parser").is_dir():
        missing(REMEDY)
    checked = subprocess.run(
        [node, _HERE / "check.mjs"], input=document, capture_output=True, check=False, timeout=_SECONDS
    )
    assert checked.returncode == 0, checked.stderr.decode()
    return tuple(Diagnostic(**told) for told in json.loads(checked.stdout))
