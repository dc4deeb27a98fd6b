# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Small maps for tests, and the records they are tried with."""

from pathlib import Path
from typing import Any

from contracts.catalogue import builtin
from contracts.contract import Contract
from contracts.dialects.document import Document
from contracts.fault import Fault
from contracts.mapping.loading import Loaded, load
from contracts.mapping.site_map import Mapped, SiteMap, Written
from contracts.refusal import Refusal

CASE = "510500-20260302-000001"

HEAD = """map: 1
title: {zh: 测试映射, en: a map for tests}
"""

STEP: dict[str, Any] = {
    "case_no": CASE,
    "step_name": "现场核查",
    "status": "1",
    "started_at": "2026-03-04T09:00:00+08:00",
}

STEP_MAP = (
    HEAD
    + """carrier: messages
formats: {moment: "YYYY-MM-DD hh:mm:ss", day: YYYYMMDD, flag: [Y, N]}
codes:
  status: {"1": "10", "2": "20"}
messages:
  cn.gov.process.step:1:
    name: Step
    fields:
      no: case_no
      name: step_name
      state: {path: status, codes: status}
      start: started_at
      end: {path: ended_at, otherwise: started_at}
    dropped: [region_code, item_code, department_code, level_code, record_version, step_no, action, handler, opinion,
      department_name, form]
    ignored: [remark]
"""
)


def contract(type_: str, version: int = 1) -> Contract:
    """A contract of the catalogue."""
    return next(one for one in builtin().versions(f"cn.gov.{type_}") if one.version == version)


def loaded(folder: Path, text: str, name: str = "map.yaml") -> Loaded:
    """A map that has to be right."""
    path = folder / name
    path.write_text(text)
    found = load(path, builtin())
    assert isinstance(found, Loaded), "\n".join(map(str, found))
    return found


def site_map(folder: Path, text: str) -> SiteMap:
    """The map itself."""
    return loaded(folder, text).site_map


def faults(folder: Path, text: str) -> list[Fault]:
    """What is wrong with a map that has to be wrong."""
    path = folder / "map.yaml"
    path.write_text(text)
    found = load(path, builtin())
    assert not isinstance(found, Loaded)
    return list(found)


def written(told: Written | Refusal) -> Written:
    """A write that has to succeed."""
    assert isinstance(told, Written), told
    return told


def mapped(told: Mapped | Refusal) -> Mapped:
    """A read that has to succeed."""
    assert isinstance(told, Mapped), told
    return told


def refused(told: Written | Mapped | Refusal) -> list[tuple[str, str]]:
    """Codes and paths of a refusal, or its own code when it has no violations."""
    assert isinstance(told, Refusal), told
    return [(one.code, one.path) for one in told.violations] or [(told.code, "$")]


def document(name: str, /, **fields: Any) -> Document:
    """A document of plain fields."""
    return Document(name, fields)
