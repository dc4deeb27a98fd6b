# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Trying a map on its cases. What differs is told by path; a value is shown only where the contract says it is nobody's."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from contracts import strict_json
from contracts.cloudevent import JsonValue
from contracts.contract import Checked, Contract
from contracts.conversion import Loss, Record
from contracts.dialects.document import Document, Fields
from contracts.fault import Fault
from contracts.located import Located, build, nearest, read
from contracts.mapping.case_file import CaseFile, CaseSpec, RecordSpec, beside
from contracts.mapping.context import CONTEXT, Context, unfit
from contracts.mapping.site_map import Mapped, SiteMap, Written
from contracts.refusal import Refusal
from contracts.registry import Registry
from contracts.text import Text

HIDDEN = "…"
"""Stands for a value that may be somebody's."""

_ABSENT = "—"
_INDEX = re.compile(r"\[[0-9]+\]")


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that came out otherwise. ``wanted`` and ``found`` are for people; personal values are hidden in them."""

    path: str
    wanted: str
    found: str


@dataclass(frozen=True, slots=True)
class CaseResult:
    """How one case went; it passed when nothing differs. ``direction`` is ``write`` or ``read``."""

    name: str
    direction: str
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class Ran:
    """How every case of a file went, in order."""

    results: tuple[CaseResult, ...]

    @property
    def failed(self) -> tuple[CaseResult, ...]:
        """Those that came out otherwise."""
        return tuple(result for result in self.results if result.differences)


def run_beside(path: Path, site_map: SiteMap, registry: Registry) -> Ran | tuple[Fault, ...] | None:
    """The cases beside a map's file; None when it has none."""
    cases = beside(path)
    return run(cases, site_map, registry) if cases.exists() else None


def run(path: Path, site_map: SiteMap, registry: Registry) -> Ran | tuple[Fault, ...]:
    """Every case of a file, or what is wrong with the file. Never raises, whatever the file."""
    located = read(path)
    if isinstance(located, Fault):
        return (located,)
    file = build(located, CaseFile)
    if isinstance(file, tuple):
        return file
    faults: list[Fault] = []
    results: list[CaseResult] = []
    for index, spec in enumerate(file.cases):
        made = _Case.of(spec, index, located, registry)
        if isinstance(made, Fault):
            faults.append(made)
        else:
            results.extend(made.results(site_map))
    return tuple(faults) if faults else Ran(tuple(results))


@dataclass(frozen=True, slots=True)
class _Case:
    spec: CaseSpec
    contract: Contract
    data: Record | None
    context: Context

    @staticmethod
    def of(spec: CaseSpec, index: int, located: Located, registry: Registry) -> "_Case | Fault":
        at: tuple[str | int, ...] = ("cases", index)
        contract = _contract(spec.contract, (*at, "contract"), located, registry)
        if isinstance(contract, Fault):
            return contract
        earlier: dict[str, Mapping[str, JsonValue]] = {}
        for key, said in spec.earlier.items():
            one = _contract(key, (*at, "earlier", key), located, registry)
            record = one if isinstance(one, Fault) else _record(said, one, (*at, "earlier", key), located)
            if isinstance(one, Fault) or isinstance(record, Fault):
                return one if isinstance(one, Fault) else cast("Fault", record)
            earlier[one.type] = record
        if odd := unfit(spec.values):
            names = ", ".join(odd)
            problem = Text(f"随附信息不对：{names}。", f"These values of the context do not fit: {names}.")
            known = ", ".join(CONTEXT.members)
            remedy = Text(f"可用：{known}；时间写 RFC 3339。", f"Known: {known}; write time as RFC 3339.")
            return Fault("E_CASE_CONTEXT", ".".join(map(str, at)), located.at((*at, "values", odd[0])), problem, remedy)
        context = Context(spec.values, earlier)
        if spec.example is None and spec.data is None:
            return _Case(spec, contract, None, context)
        data = _record(RecordSpec(example=spec.example, data=spec.data), contract, at, located)
        return data if isinstance(data, Fault) else _Case(spec, contract, data, context)

    def results(self, site_map: SiteMap) -> Iterator[CaseResult]:
        if self.spec.direction != "read":
            yield CaseResult(self.spec.name, "write", tuple(self._write(site_map)))
        if self.spec.direction != "write":
            yield CaseResult(self.spec.name, "read", tuple(self._read(site_map)))

    def _write(self, site_map: SiteMap) -> Iterator[Difference]:
        assert self.data is not None, "a case that is written has data"
        written = site_map.write(self.contract, self.data, self.context)
        if isinstance(written, Refusal) or self.spec.refused:
            yield from self._refused(written)
            return
        assert self.spec.document is not None, "a case that is written has a document"
        if written.document.name != self.spec.document.name:
            yield Difference("$", self.spec.document.name, written.document.name)
        personal = site_map.personal_places(self.contract)
        wanted = _flat(_fields(self.spec.document.fields), "$")
        yield from _differences(wanted, _flat(written.document.fields, "$"), personal)
        yield from _losses(self.spec.losses, written.losses)

    def _read(self, site_map: SiteMap) -> Iterator[Difference]:
        assert self.spec.document is not None, "a case that is read has a document"
        document = Document(self.spec.document.name, _fields(self.spec.document.fields))
        mapped = site_map.read(document)
        if isinstance(mapped, Refusal) or self.spec.refused:
            yield from self._refused(mapped)
            return
        if mapped.contract.schema_uri != self.contract.schema_uri:
            yield Difference("$", self.contract.schema_uri, mapped.contract.schema_uri)
            return
        back = strict_json.parse(mapped.checked.canonical)
        wanted = self.spec.comes_back if self.spec.comes_back is not None else self.data
        yield from _differences(_flat(_bare(wanted), "$.data"), _flat(_bare(back), "$.data"), self.contract.personal)
        yield from _losses(self.spec.read_losses, mapped.losses)

    def _refused(self, told: Written | Mapped | Refusal) -> Iterator[Difference]:
        wanted = sorted((one.code, one.path) for one in self.spec.refused)
        found = sorted({(one.code, one.path) for one in told.violations}) if isinstance(told, Refusal) else []
        if isinstance(told, Refusal) and not told.violations:
            found = [(told.code, "$")]
        for code, path in wanted:
            if (code, path) not in found:
                yield Difference(path, code, _ABSENT)
        for code, path in found:
            if (code, path) not in wanted:
                yield Difference(path, _ABSENT, code)


def _contract(key: str, at: tuple[str | int, ...], located: Located, registry: Registry) -> Contract | Fault:
    known = {f"{one.type}:{one.version}": one for one in registry.all()}
    if key in known:
        return known[key]
    meant = nearest(key, known)
    remedy = Text(f"是否应为“{meant}”？", f"Did you mean '{meant}'?") if meant else _TYPE_VERSION
    problem = Text(f"没有契约“{key}”。", f"There is no contract '{key}'.")
    return Fault("E_CASE_CONTRACT", ".".join(map(str, at)), located.at(at), problem, remedy)


def _record(spec: RecordSpec, contract: Contract, at: tuple[str | int, ...], located: Located) -> Record | Fault:
    """The record in canonical form."""
    data: Any = spec.data
    if spec.example is not None:
        examples = {one.name: one.data for one in contract.examples if one.valid}
        data = examples.get(spec.example)
        if data is None:
            names = ", ".join(examples)
            remedy = Text(f"可用的样例：{names}。", f"Examples of this contract: {names}.")
            return Fault("E_CASE_EXAMPLE", ".".join(map(str, at)), located.at((*at, "example")), *(_NO_EXAMPLE, remedy))
    subject = data.get(contract.subject)
    checked = contract.check(data, subject if isinstance(subject, str) else None)
    if isinstance(checked, Checked):
        return cast("Record", strict_json.parse(checked.canonical))
    wrong = ", ".join(f"{one.code} {one.path}" for one in checked)
    problem = Text(f"数据不符合契约：{wrong}。", f"The data breaks its contract: {wrong}.")
    return Fault("E_CASE_DATA", ".".join(map(str, at)), located.at((*at, "data")), problem, _MEND)


def _fields(cells: Mapping[str, Any]) -> Fields:
    return cast("Fields", cells)


def _bare(value: Any) -> Any:
    """Without empty arrays, which say the same as nothing."""
    return {name: one for name, one in value.items() if one != []} if isinstance(value, dict) else value


def _flat(value: Any, path: str) -> dict[str, Any]:
    if isinstance(value, Mapping) and value:
        return {at: one for name, inner in value.items() for at, one in _flat(inner, f"{path}.{name}").items()}
    if isinstance(value, list) and value:
        return {at: one for index, inner in enumerate(value) for at, one in _flat(inner, f"{path}[{index}]").items()}
    return {path: value}


def _differences(
    wanted: Mapping[str, Any], found: Mapping[str, Any], personal: Mapping[str, object]
) -> Iterator[Difference]:
    for path in dict.fromkeys((*wanted, *found)):
        if path not in wanted or path not in found or wanted[path] != found[path]:
            hidden = any(_INDEX.sub("[*]", path).startswith(one) for one in personal)
            yield Difference(path, _shown(wanted, path, hidden=hidden), _shown(found, path, hidden=hidden))


def _shown(values: Mapping[str, Any], path: str, *, hidden: bool) -> str:
    if path not in values:
        return _ABSENT
    return HIDDEN if hidden else repr(values[path])


def _losses(wanted: list[str], found: tuple[Loss, ...]) -> Iterator[Difference]:
    told = [loss.path for loss in found]
    for path in wanted:
        if path not in told:
            yield Difference(path, "loss", _ABSENT)
    for path in told:
        if path not in wanted:
            yield Difference(path, _ABSENT, "loss")


_TYPE_VERSION = Text("写作 type:version。", "Write it as type:version.")
_NO_EXAMPLE = Text("该契约没有这个有效样例。", "The contract has no valid example of this name.")
_MEND = Text("请改正用例的数据。", "Correct the data of the case.")
