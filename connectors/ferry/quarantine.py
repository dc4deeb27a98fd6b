# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Where people find what was refused: bundles that are not believed, and messages the hub will never take, with their reasons."""

import hashlib
from pathlib import Path

import orjson

_MOST = 1000


class Quarantine:
    """The folder ``refused`` in the state folder. Calls block."""

    def __init__(self, state: str) -> None:
        self._folder = Path(state) / "refused"

    def bundle(self, written: bytes, code: str) -> str:
        """Keep a bundle; the name it is kept under, which is made of its digest. Of very many only the first are kept."""
        name = hashlib.sha256(written).hexdigest()[:16] + ".bundle"
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if sum(1 for _ in self._folder.glob("*.bundle")) < _MOST:
            (self._folder / name).write_bytes(written)
            reason = {"type": f"urn:govhub:problem:{code}", "code": code, "size": len(written)}
            (self._folder / f"{name}.error.json").write_bytes(orjson.dumps(reason))
        return name

    def message(self, sequence: int, number: int, body: bytes, problem: bytes) -> None:
        """Keep a message with its problem document, which is written first."""
        name = f"{sequence:012d}-{number:05d}"
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (self._folder / f"{name}.error.json").write_bytes(problem)
        (self._folder / f"{name}.body").write_bytes(body)
