# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Named SQL: every statement of the journal, read from the ``.sql`` files beside this module.

A file is a list of blocks, each beginning ``-- name: some_name``; names are unique over all files.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from types import MappingProxyType

_BLOCK = re.compile(r"^-- name: (\w+)\n(.*?)(?=^-- name: |\Z)", re.MULTILINE | re.DOTALL)


@cache
def queries() -> Mapping[str, str]:
    """Statement by name."""
    found: dict[str, str] = {}
    for file in sorted(resources.files("hub.journal").joinpath("sql").iterdir(), key=lambda f: f.name):
        for name, text in _BLOCK.findall(file.read_text(encoding="utf-8")):
            assert name not in found, f"two statements are named {name}"
            found[name] = text.strip()
    return MappingProxyType(found)


def query(name: str) -> str:
    """One statement; an unknown name is a bug."""
    return queries()[name]


def columns(rows: Sequence[tuple[object, ...]], *, width: int) -> list[list[object]]:
    """Rows as the arrays that ``unnest`` takes, one per column; ``width`` says how many when there are no rows."""
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(width)]
