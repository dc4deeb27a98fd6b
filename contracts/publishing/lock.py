# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The lock: what was published of each contract version, one JSON Schema per file, ``<type>/<version>.json``.

A published version changes only by what breaks nobody. :func:`compare` tells what the code says today against the lock;
:func:`write` publishes it, and is refused by its caller while something breaks.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, TypeAlias

from contracts.contract import Contract
from contracts.publishing.compatibility import Change, Party, changes
from contracts.publishing.package import ContractPackage


@dataclass(frozen=True, slots=True)
class Unchanged:
    """As published."""


@dataclass(frozen=True, slots=True)
class Unpublished:
    """A version that is not in the lock yet."""


@dataclass(frozen=True, slots=True)
class Changed:
    """Not as published; ``changes`` may be empty when only words changed."""

    changes: tuple[Change, ...]

    def breaking(self) -> tuple[Change, ...]:
        """Those that break somebody."""
        return tuple(change for change in self.changes if change.breaks is not Party.NOBODY)


@dataclass(frozen=True, slots=True)
class Vanished:
    """Published once and not in the code any more."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The file in the lock is not what :func:`write` wrote."""

    reason: str


Verdict: TypeAlias = Unchanged | Unpublished | Changed | Vanished | Unreadable


@dataclass(frozen=True, slots=True)
class Compared:
    """One version of one contract against the lock."""

    type: str
    version: int
    verdict: Verdict

    @property
    def breaks(self) -> bool:
        """Whether this must not be released."""
        match self.verdict:
            case Changed() as changed:
                return bool(changed.breaking())
            case Vanished() | Unreadable():
                return True
            case Unchanged() | Unpublished():
                return False


def file_name(contract_type: str, version: int) -> str:
    """Where a version stands in the folder of the lock."""
    return f"{contract_type}/{version}.json"


def text_of(contract: Contract) -> str:
    """What is written of a contract: its JSON Schema, readable and with one line per fact, so that reviews show changes."""
    return json.dumps(contract.json_schema(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def compare(package: ContractPackage) -> tuple[Compared, ...]:
    """Every version of the code and of the lock, in the order of type and version."""
    present = {(contract.type, contract.version): contract for contract in package.contracts}
    known = sorted({*present, *_published(package.published)})
    return tuple(Compared(*key, _verdict(package.published, *key, present.get(key))) for key in known)


def _verdict(folder: Traversable, contract_type: str, version: int, contract: Contract | None) -> Verdict:
    text = _text(folder, contract_type, version)
    if text is None:
        return Unpublished()
    if contract is None:
        return Vanished()
    if text == text_of(contract):
        return Unchanged()
    try:
        published: dict[str, Any] = json.loads(text)
        return Changed(changes(published, json.loads(text_of(contract))))
    except (ValueError, KeyError, TypeError, AttributeError, StopIteration) as error:
        # because people merge these files by hand; whatever is broken in one, the remedy is the same
        return Unreadable(type(error).__name__)


def _text(folder: Traversable, contract_type: str, version: int) -> str | None:
    file = folder.joinpath(contract_type, f"{version}.json")
    try:
        return file.read_text(encoding="utf-8") if file.is_file() else None
    except (OSError, ValueError):
        return ""


def _published(folder: Traversable) -> Iterator[tuple[str, int]]:
    for entry in folder.iterdir() if folder.is_dir() else ():
        for file in entry.iterdir() if entry.is_dir() else ():
            version = file.name.removesuffix(".json")
            if version.isdecimal():
                yield entry.name, int(version)


def write(package: ContractPackage, folder: Path) -> tuple[str, ...]:
    """Write what the code says into this folder; the names of the files that changed. Versions that vanished stay."""
    written = []
    for contract in package.contracts:
        name = file_name(contract.type, contract.version)
        text = text_of(contract)
        file = folder / name
        if not file.is_file() or file.read_text(encoding="utf-8") != text:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
            written.append(name)
    return tuple(written)
