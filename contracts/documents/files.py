# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The generated files of ``docs``: every page about the contracts that come with the hub, in both languages."""

import posixpath
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from contracts.catalogue import builtin
from contracts.documents import lifecycle_page, problems_page
from contracts.documents.markdown import NOTICE, written
from contracts.documents.page import Language
from contracts.documents.pages import Pages

_FOLDER = "contracts"
_TOP = {lifecycle_page.NAME, problems_page.NAME}
"""Pages that do not stand in the folder of the contracts."""


def files() -> Mapping[str, str]:
    """Every file: its path in ``docs``, and its content."""
    pages = Pages(builtin())
    made = [page for name in pages.names if (page := pages.page(name)) is not None]
    return {
        _file(page.name, language): written(page, language, partial(_link, page.name))
        for page in made
        for language in Language
    }


def orphans(folder: Path, wanted: Mapping[str, str]) -> tuple[str, ...]:
    """Generated files in the folder that are not wanted any more."""
    there = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*.md"))}
    return tuple(
        name
        for name, path in there.items()
        if name not in wanted and path.read_text(encoding="utf-8").startswith(NOTICE)
    )


def write(folder: Path) -> None:
    """Write every file into the folder, and remove generated ones that are not wanted any more.

    ``FileExistsError`` for a folder whose generated files are none of these: it stands in another place of the tree, and
    would be emptied.
    """
    wanted = files()
    if orphans(folder, wanted) and not any((folder / name).exists() for name in wanted):
        raise FileExistsError(
            f"{folder} 不是文档根目录，未改动。 {folder} is not the root of the documents; nothing was changed."
        )
    for name, content in wanted.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
    for name in orphans(folder, wanted):
        (folder / name).unlink()


def _file(page: str, language: Language) -> str:
    name = f"{page}.md" if language is Language.EN else f"{page}.{language.value}.md"
    return name if page in _TOP else f"{_FOLDER}/{name}"


def _link(here: str, page: str, language: Language) -> str:
    """From one page to another, or to itself in the other language."""
    return posixpath.relpath(_file(page, language), posixpath.dirname(_file(here, language)) or ".")
