# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A new family, or a new version of one: a module that works as it stands, to be changed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from string import Template

from contracts.contract import Contract
from contracts.text import Text

_SPDX = "# SPDX-FileCopyrightText: $holder\n# SPDX-License-Identifier: Apache-2.0\n"
_NAME = re.compile(r"[a-z][a-z0-9]{0,30}(?:\.[a-z][a-z0-9]{0,30}){0,3}")
_LAST_IMPORT = re.compile(r"^from (?P<package>[\w.]+) import (?P<names>\([^)]*\)|[^\n(]*)$", re.MULTILINE)

_FAMILY = Template(
    _SPDX
    + '''"""$zh: $en."""

from typing import Annotated

from contracts.contract import Contract
from contracts.example import Example, but
from contracts.families.case_record import CaseRecord
from contracts.families.fields import Line200, Moment, says
from contracts.text import Text


class $model(CaseRecord):
    """$zh."""

    name: Annotated[Line200, says("名称", "What it is called")]
    happened_at: Annotated[Moment, says("发生时间", "When it happened")]


_VALID = {"case_no": "510500-20260302-000001", "name": "示例", "happened_at": "2026-03-02T09:05:00+08:00"}

CONTRACT = Contract(
    type="$type",
    version=1,
    title=Text("$zh", "$en"),
    meaning=Text("$zh。", "$en."),
    model=$model,
    examples=(
        Example("最少字段 / the least", _VALID),
        Example("全部字段 / every field", but(_VALID, region_code="510502")),
        Example(
            "缺少名称 / no name",
            but(_VALID, drop=("name",)),
            valid=False,
            expect=(("E_V_MISSING", "$$.data.name"),),
        ),
        Example(
            "时间格式错误 / a time in another form",
            but(_VALID, happened_at="20260302"),
            valid=False,
            expect=(("E_V_FORMAT", "$$.data.happened_at"),),
        ),
        Example(
            "多出的字段 / an unknown field",
            but(_VALID, extra="甲"),
            valid=False,
            expect=(("E_V_UNKNOWN_FIELD", "$$.data.extra"),),
        ),
    ),
)
'''
)

_VERSION = Template(
    _SPDX
    + '''"""$zh, version $version: say here what it can say that version $previous could not."""

from contracts.contract import Contract
from contracts.conversion import Conversion
$import_previous
from contracts.text import Text


class $model($previous_module.$previous_model):
    """$zh."""


CONTRACT = Contract(
    type="$type",
    version=$version,
    title=Text("$zh", "$en"),
    meaning=$previous_module.CONTRACT.meaning,
    model=$model,
    rules=$previous_module.CONTRACT.rules,
    examples=$previous_module.CONTRACT.examples,
    subject=$previous_module.CONTRACT.subject,
    # Each difference from version $previous is one step: contracts.steps has the common ones.
    conversion=Conversion(()),
)
'''
)


@dataclass(frozen=True, slots=True)
class Scaffold:
    """Files to write, by path from the package's root, and the one file that lists the contracts, as it will be."""

    files: Mapping[str, str]
    listing: str
    listed: str


def fits(name: str) -> bool:
    """Whether this may be the name of a family within its namespace: ``inspection.recorded``."""
    return _NAME.fullmatch(name) is not None


def family(
    *,
    namespace: str,
    name: str,
    title: Text,
    folder: str,
    package: str,
    listing: str,
    holder: str = "The govhub authors",
) -> Scaffold:
    """Version 1 of a new family. ``listing`` is the present text of ``<folder>/__init__.py``, whose package is named
    ``package``; ``name`` :func:`fits`.
    """
    module = name.replace(".", "_")
    text = _FAMILY.substitute(holder=holder, zh=title.zh, en=title.en, model=_camel(module), type=f"{namespace}{name}")
    return Scaffold({f"{folder}/{module}.py": text}, f"{folder}/__init__.py", listed(listing, package, module))


def version(previous: Contract, *, folder: str, listing: str, holder: str = "The govhub authors") -> Scaffold:
    """The version after ``previous``, the newest: the same in all but the number, until it is changed."""
    package, _, previous_module = previous.model.__module__.rpartition(".")
    family_module = re.sub(r"_v[0-9]+$", "", previous_module)
    number = previous.version + 1
    module = f"{family_module}_v{number}"
    text = _VERSION.substitute(
        holder=holder,
        zh=previous.title.zh,
        en=previous.title.en,
        version=number,
        previous=previous.version,
        import_previous=f"from {package} import {previous_module}",
        previous_module=previous_module,
        previous_model=previous.model.__name__,
        model=f"{_camel(family_module)}{number}",
        type=previous.type,
    )
    return Scaffold({f"{folder}/{module}.py": text}, f"{folder}/__init__.py", listed(listing, package, module))


def listed(listing: str, package: str, module: str) -> str:
    """The listing with one more contract: its import, in order, and its entry, at the end."""
    found = next((one for one in _LAST_IMPORT.finditer(listing) if one["package"] == package), None)
    names = re.findall(r"\w+", found["names"]) if found else []
    block = _imports(package, sorted({*names, module}))
    if found is not None:
        listing = listing[: found.start()] + block + listing[found.end() :]
    else:
        listing = listing.replace("\nCONTRACTS", f"{block}\n\nCONTRACTS", 1)
    head, _, tail = listing.partition("CONTRACTS: Sequence[Contract] = (")
    entries = re.findall(r"^\s*([\w.]+CONTRACT),?$", tail, re.MULTILINE) or re.findall(r"[\w.]+\.CONTRACT", tail)
    inside = "".join(f"    {entry},\n" for entry in [*entries, f"{module}.CONTRACT"])
    return f"{head}CONTRACTS: Sequence[Contract] = (\n{inside})\n"


def _imports(package: str, names: list[str]) -> str:
    line = f"from {package} import {', '.join(names)}"
    return (
        line if len(line) <= 120 else f"from {package} import (\n" + "".join(f"    {name},\n" for name in names) + ")"
    )


def _camel(module: str) -> str:
    return "".join(part.capitalize() for part in module.split("_"))
