# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What checking a message costs beside raw pydantic: ``python -m tests.benchmarks.contracts [--json] [--rounds N]``.

*raw* is ``Model.model_validate_json`` alone. *validation* decides whether a body is taken: strict JSON, model, rules between
fields. *whole* is all that acceptance asks: validation, what is odd about identifiers, canonical JSON, the facts that
routing wants; its parts are measured by themselves as well. *odd* is the same record with identifiers that are wrong, each
of which is told. *convert* is the way of a record to a neighbouring version; *delivery* reads the canonical JSON, converts
and writes it.

Everything takes its turn in every round, so that a busy machine burdens all alike; a ratio is the median of the rounds'.
"""

import argparse
import functools
import gc
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import orjson

from contracts import strict_json
from contracts.canonical_form import canonical_form
from contracts.catalogue import builtin
from contracts.contract import Checked, Contract
from contracts.conversion import Converted
from contracts.identifiers.marks import odd

APPLICATION = "cn.gov.application.submitted"
OTHERS = ("cn.gov.process.step", "cn.gov.licence.issued")
SIZE = 2000

Action: TypeAlias = Callable[[], object]
Seconds: TypeAlias = Mapping[str, list[float]]


@dataclass(frozen=True, slots=True)
class Subject:
    """One record of one contract."""

    name: str
    contract: Contract
    data: dict[str, Any]


def fullest(contract: Contract) -> dict[str, Any]:
    """The example that says most."""
    found = max((one.data for one in contract.examples if one.valid), key=lambda data: len(orjson.dumps(data)))
    assert isinstance(found, dict)
    return dict(found)


def application(contract: Contract) -> dict[str, Any]:
    """A company's application with its form, and with materials until it has about 2 KB."""
    data = fullest(contract)
    materials = list(data["materials"])
    while len(orjson.dumps(data)) < SIZE:
        data["materials"] = [*data["materials"], materials[len(data["materials"]) % len(materials)]]
    return data


def odd_ones(value: Any) -> Any:
    """The same with codes that are one character short, as typed by hand."""
    if isinstance(value, list):
        return [odd_ones(one) for one in value]
    if not isinstance(value, dict):
        return value
    wrong = {name: odd_ones(inside) for name, inside in value.items()}
    for name in wrong.keys() & {"department_code", "id_number", "project_code"}:
        wrong[name] = wrong[name][:-1]
    return wrong


def subjects() -> Iterator[Subject]:
    """What is measured."""
    versions = builtin().versions(APPLICATION)
    for contract in versions:
        yield Subject(f"application v{contract.version}", contract, application(contract))
    newest = versions[-1]
    yield Subject(f"application v{newest.version}, odd", newest, odd_ones(application(newest)))
    for name in OTHERS:
        contract = builtin().versions(name)[-1]
        yield Subject(f"{name.removeprefix('cn.gov.')} v{contract.version}", contract, fullest(contract))


def turns(actions: Mapping[str, Action], rounds: int, times: int) -> Seconds:
    """CPU seconds of one run of each action, round by round, each in its turn."""
    told: dict[str, list[float]] = {name: [] for name in actions}
    for number in range(rounds + 1):
        for name, action in actions.items():
            start = time.process_time()
            for _ in range(times):
                action()
            if number:  # the first round is for warming up
                told[name].append((time.process_time() - start) / times)
    return told


def figure(seconds: list[float]) -> dict[str, float]:
    """Microseconds: median, least and most."""
    us = [1e6 * one for one in seconds]
    return {"us": round(statistics.median(us), 1), "least": round(min(us), 1), "most": round(max(us), 1)}


def ratio(of: list[float], to: list[float]) -> dict[str, float]:
    """The median of the rounds' ratios, the least and the most."""
    found = [one / other for one, other in zip(of, to, strict=True)]
    return {"ratio": round(statistics.median(found), 2), "least": round(min(found), 2), "most": round(max(found), 2)}


def whole(contract: Contract, body: bytes) -> Checked:
    """What acceptance asks of a body."""
    data = strict_json.parse(body)
    assert isinstance(data, dict)
    checked = contract.check(data, data[contract.subject])
    assert isinstance(checked, Checked), checked
    return checked


def validated(contract: Contract, body: bytes) -> object:
    """What decides whether a body is taken, and nothing that is only wanted afterwards."""
    data = strict_json.parse(body)
    assert isinstance(data, dict)
    broken = [one for rule in contract.rules for one in rule.broken(data)]
    record = canonical_form(contract.model).of(data)
    assert isinstance(record, dict)
    assert not broken
    return record


def measured(subject: Subject, rounds: int, times: int) -> dict[str, Any]:
    """One record's figures."""
    contract, body = subject.contract, orjson.dumps(subject.data)
    checked = whole(contract, body)
    data, form = orjson.loads(body), canonical_form(contract.model)
    record = form.of(data)
    assert isinstance(record, dict)
    actions: dict[str, Action] = {
        "raw": lambda: contract.model.model_validate_json(body),
        "validation": lambda: validated(contract, body),
        "whole": lambda: whole(contract, body),
        "parse": lambda: strict_json.parse(body),
        "check": lambda: contract.check(data, data[contract.subject]),
        "check: model": lambda: form.of(data),
        "check: rules": lambda: [one for rule in contract.rules for one in rule.broken(data)],
        "check: identifiers": lambda: odd(contract.model, record),
        "check: canonical JSON": lambda: strict_json.canonical(record),
    }
    ways = list(_conversions(contract, record))
    for name, convert in ways:
        actions[f"convert {name}"] = convert
        actions[f"delivery {name}"] = _delivered(contract, checked.canonical, int(name.removeprefix("to v")))
    told = turns(actions, rounds, times)
    on_top = {
        f"{kind} {name} / whole": (f"{kind} {name}", "whole") for name, _ in ways for kind in ("convert", "delivery")
    }
    asked = {"raw / validation": ("raw", "validation"), "raw / whole": ("raw", "whole"), **on_top}
    return {
        "bytes": len(body),
        "warnings": len(checked.warnings),
        "times": {name: figure(seconds) for name, seconds in told.items()},
        "ratios": {name: ratio(told[of], told[to]) for name, (of, to) in asked.items()},
    }


def _conversions(contract: Contract, record: dict[str, Any]) -> Iterator[tuple[str, Action]]:
    registry = builtin()
    for other in registry.versions(contract.type):
        if abs(other.version - contract.version) == 1:
            assert isinstance(registry.convert(record, contract, other.version), Converted)
            yield f"to v{other.version}", functools.partial(registry.convert, record, contract, other.version)


def _delivered(contract: Contract, canonical: bytes, version: int) -> Action:
    def run() -> bytes:
        converted = builtin().convert(orjson.loads(canonical), contract, version)
        assert isinstance(converted, Converted)
        return strict_json.canonical(converted.data)

    return run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--times", type=int, default=300, help="runs of each action in a round")
    wanted = parser.parse_args()
    gc.freeze()  # as the hub itself collects garbage
    gc.set_threshold(50_000, 20, 100)
    found = {one.name: measured(one, wanted.rounds, wanted.times) for one in subjects()}
    if wanted.json:
        sys.stdout.write(json.dumps({"benchmark": "contracts", "records": found}, indent=2) + "\n")
        return
    for name, figures in found.items():
        sys.stdout.write(f"{name}: {figures['bytes']} bytes, {figures['warnings']} warnings\n")
        for what, one in figures["times"].items():
            sys.stdout.write(f"  {what:<26}{one['us']:>9.1f} us  ({one['least']} to {one['most']})\n")
        for what, one in figures["ratios"].items():
            sys.stdout.write(f"  {what:<26}{one['ratio']:>9.2f}     ({one['least']} to {one['most']})\n")


if __name__ == "__main__":
    main()
