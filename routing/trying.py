# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Trying a route table on its cases: what goes elsewhere than the case says, and which routes no case takes.

No value of a record is in a result: only names of destinations and routes, and codes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from contracts.contract import Checked, Contract
from contracts.fault import dotted
from contracts.located import Fault, Located, build, nearest
from contracts.registry import Registry
from contracts.text import Text
from routing.case_file import CaseFile, CaseSpec
from routing.expressions import language
from routing.index import CompiledTable
from routing.verdict import Verdict, verdict


@dataclass(frozen=True, slots=True)
class Difference:
    """What came out otherwise. ``about`` is ``to``, ``routes``, ``refused`` or ``carried.DESTINATION``; ``wanted`` is what the
    case says, ``found`` what came out.
    """

    about: str
    wanted: tuple[str, ...]
    found: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CaseResult:
    """How one case went, and where it stands; it passed when nothing differs."""

    name: str
    line: int
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class Ran:
    """How every case of a file went, in order, and the routes that none of them took."""

    results: tuple[CaseResult, ...]
    untried: tuple[str, ...]

    @property
    def failed(self) -> tuple[CaseResult, ...]:
        """Those that came out otherwise."""
        return tuple(result for result in self.results if result.differences)


def run(located: Located, table: CompiledTable, registry: Registry) -> Ran | tuple[Fault, ...]:
    """Every case of a file, or what is wrong with the file. Never raises, whatever the file."""
    file = build(located, CaseFile)
    if isinstance(file, tuple):
        return file
    faults: list[Fault] = []
    results: list[CaseResult] = []
    taken: set[str] = set()
    for index, spec in enumerate(file.cases):
        message = _message(spec, index, located, registry)
        if isinstance(message, Fault):
            faults.append(message)
            continue
        found = _found(table, spec.sender, *message)
        taken.update(found.plan.routes)
        line = located.at(("cases", index)).line
        results.append(CaseResult(spec.name, line, tuple(_differences(spec, found))))
    if faults:
        return tuple(faults)
    return Ran(tuple(results), tuple(rule.name for rule in table.rules if rule.name not in taken))


def _found(table: CompiledTable, sender: str, contract: Contract, checked: Checked) -> Verdict:
    return verdict(
        table,
        checked.attributes(sender),
        checked.warnings,
        lambda: language(contract).said(orjson.loads(checked.canonical), sender),
    )


def _differences(spec: CaseSpec, found: Verdict) -> Iterator[Difference]:
    planned, code = found.plan, found.code or None
    if code != spec.refused:
        yield Difference("refused", _one(spec.refused), _one(code))
    if spec.to is not None and code is None and set(spec.to) != set(found.destinations):
        yield Difference("to", tuple(sorted(spec.to)), tuple(sorted(found.destinations)))
    if spec.routes is not None and set(spec.routes) != set(planned.routes):
        yield Difference("routes", tuple(sorted(spec.routes)), tuple(sorted(planned.routes)))

    for destination, wanted in spec.carried.items():
        carriage = planned.carriages.get(destination)
        carried = carriage.as_dict() if carriage is not None else {}
        off = {name: carried.get(name) for name, said in wanted.items() if carried.get(name) != said}
        if off:
            yield Difference(
                f"carried.{destination}",
                tuple(f"{name}: {wanted[name]}" for name in off),
                tuple(f"{name}: {said}" for name, said in off.items() if said is not None),
            )


def _one(code: str | None) -> tuple[str, ...]:
    return () if code is None else (code,)


def _short(name: str) -> str:
    """The Chinese half of an example's name."""
    return name.partition(" / ")[0]


def _message(spec: CaseSpec, index: int, located: Located, registry: Registry) -> tuple[Contract, Checked] | Fault:
    at: tuple[str | int, ...] = ("cases", index)

    def fault(code: str, key: str, problem: Text, remedy: Text) -> Fault:
        return Fault(code, dotted((*at, key)), located.at((*at, key)), problem, remedy)

    known = {f"{one.type}:{one.version}": one for one in registry.all()}
    contract = known.get(spec.contract)
    if contract is None:
        meant = nearest(spec.contract, known)
        remedy = Text(f"是否应为“{meant}”？", f"Did you mean '{meant}'?") if meant else _TYPE_VERSION
        problem = Text(f"没有契约“{spec.contract}”。", f"There is no contract '{spec.contract}'.")
        return fault("E_CASE_CONTRACT", "contract", problem, remedy)
    data: dict[str, Any] = {}
    if spec.example is not None:
        examples = [one for one in contract.examples if one.valid]
        example = next((one.data for one in examples if spec.example in {one.name, _short(one.name)}), None)
        if not isinstance(example, dict):
            names = ", ".join(_short(one.name) for one in examples)
            remedy = Text(f"可用的样例：{names}。", f"Examples of this contract: {names}.")
            return fault("E_CASE_EXAMPLE", "example", _NO_EXAMPLE, remedy)
        data |= example
    data = {name: value for name, value in (data | (spec.data or {})).items() if value is not None}
    subject = data.get(contract.subject)
    checked = contract.check(data, subject if isinstance(subject, str) else None)
    if isinstance(checked, Checked):
        return contract, checked
    wrong = ", ".join(f"{one.code} {one.path}" for one in checked)
    problem = Text(f"数据不符合契约：{wrong}。", f"The data breaks its contract: {wrong}.")
    return fault("E_CASE_DATA", "data" if spec.data is not None else "example", problem, _MEND)


_TYPE_VERSION = Text("写作 type:version。", "Write it as type:version.")
_NO_EXAMPLE = Text("该契约没有这个有效样例。", "The contract has no valid example of this name.")
_MEND = Text("请改正用例的数据。", "Correct the data of the case.")
