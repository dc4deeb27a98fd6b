# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A repository for a connector of one's own: connector, simulator of the far side, suite and pages, which passes as it is.

What it makes speaks a small HTTP dialect, so that there is something to try; its author puts the department's own in its
place, and the suite says when a promise is no longer kept.
"""

import re
from importlib.resources import files
from string import Template

_NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*", re.ASCII)
_TEMPLATES = (
    "pyproject.toml",
    "README.md",
    "README.zh-CN.md",
    "PACKAGE/__init__.py",
    "PACKAGE/config.py",
    "PACKAGE/connector.py",
    "PACKAGE/far_side.py",
    "PACKAGE/simulator.py",
    "PACKAGE/sink.py",
    "PACKAGE/source.py",
    "tests/test_conformance.py",
)
_LONGEST = 40


def fits(name: str) -> bool:
    """Whether a kind may have this name: lower-case words joined by ``_``."""
    return len(name) <= _LONGEST and _NAME.fullmatch(name) is not None


def scaffold(name: str, title_zh: str, title_en: str) -> dict[str, str]:
    """The repository's files by path. ``name`` is the kind, and the package is ``govhub_NAME``."""
    values = {
        "kind": name,
        "package": f"govhub_{name}",
        "distribution": f"govhub-{name.replace('_', '-')}",
        "prefix": "".join(word.capitalize() for word in name.split("_")),
        "title_zh": title_zh,
        "title_en": title_en,
    }
    folder = files("connectors.sdk") / "templates"
    return {
        path.replace("PACKAGE", str(values["package"])): Template(
            (folder / f"{path.replace('/', '_').replace('.', '_')}.txt").read_text("utf-8")
        ).substitute(values)
        for path in _TEMPLATES
    }
