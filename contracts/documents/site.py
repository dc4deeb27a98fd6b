# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""All generated pages, and the files they are in ``docs``."""

import posixpath
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from contracts.catalogue import builtin
from contracts.documents.contract_page import contract_page
from contracts.documents.coverage_page import coverage_page
from contracts.documents.index_page import index_page
from contracts.documents.lifecycle_page import LIFECYCLE, lifecycle_page
from contracts.documents.markdown import NOTICE, written
from contracts.documents.page import Language, Page, Words
from contracts.documents.problems_page import PROBLEMS, problems_page
from contracts.registry import Registry

_FOLDER = "contracts"
_TOP = {LIFECYCLE, PROBLEMS}
"""Pages that do not stand in the folder of the contracts."""


def pages(registry: Registry) -> Sequence[Page]:
    """The index, a page for each type, and those that are about no one contract."""
    general = (lifecycle_page(), coverage_page(registry), problems_page())
    types = dict.fromkeys(contract.type for contract in registry.all())
    index = index_page(registry, [(page.name, Words(page.title)) for page in general])
    return (index, *(contract_page(registry, type_) for type_ in types), *general)


def files() -> Mapping[str, str]:
    """Every generated file of ``docs``, about the contracts that come with the hub: its path there, and its content."""
    found = {
        _file(page.name, language): written(page, language, partial(_link, page.name))
        for page in pages(builtin())
        for language in Language
    }
    return dict(sorted(found.items()))


def orphans(folder: Path, wanted: Mapping[str, str]) -> tuple[str, ...]:
    """Generated files in the folder that are not wanted any more."""
    there = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*.md"))}
    return tuple(
        name
        for name, path in there.items()
        if name not in wanted and path.read_text(encoding="utf-8").startswith(NOTICE)
    )


def write(folder: Path) -> None:
    """Write every file into the folder, and remove generated ones that are not wanted any more."""
    wanted = files()
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
