# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Places in a message, as JSONPath (RFC 9535) in its short form: ``$.data.materials[2].digest``.

A member name that the sender made up may itself be personal (an ID number as a key). A name is shown only when it looks
like a name; any other becomes ``.*``, "one of the members here".
"""

import re

NAME = r"[A-Za-z_][A-Za-z0-9_-]{0,63}"
"""A member name as developers write them."""

_NAME = re.compile(NAME)
_LONG_NUMBER = re.compile(r"[0-9]{6}")


def member(parent: str, name: str) -> str:
    """The path of a member of the object at ``parent``."""
    if not _NAME.fullmatch(name) or _LONG_NUMBER.search(name):
        return f"{parent}.*"
    return f"{parent}.{name}"


def located(root: str, location: tuple[str | int, ...]) -> str:
    """The path of a nested place, given as member names and array indices (from 0) below ``root``."""
    path = root
    for step in location:
        path = f"{path}[{step}]" if isinstance(step, int) else member(path, step)
    return path
