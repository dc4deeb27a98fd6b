# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""How many plans a second, by size of the table: ``python -m tests.benchmarks.routing [--json]``.

Three kinds of table: *items*, where a route names a contract, a system and an item or the beginning of one; *pairs*, where only
department and region together tell routes apart; and *ifs*, as items, but every fifth route has an expression, and so has the one
that takes all items: every message has its record made ready and asks one or two. Figures are microseconds of processor time per
plan: for messages whose like came before (``plan_us``), and for such as never came (``first_us``). Beside them stands the naive
scan, because ratios can be compared between machines and rates cannot.
"""

import argparse
import itertools
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence

import orjson

from contracts.attributes import Attributes
from contracts.catalogue import builtin
from routing.explain import explain
from routing.expressions import Said, language
from routing.index import CompiledTable, compile_table
from routing.match import facts
from routing.plan import plan
from routing.programs import compile_expressions
from routing.table import RouteTable, load

APPLICATION = builtin().versions("cn.gov.application.submitted")[0]
CONTRACTS = [f"cn.gov.family{n}.done" for n in range(10)]
SIZES = (10, 100, 1_000, 10_000)
RUNS = 5
CANONICAL = orjson.dumps(next(one.data for one in APPLICATION.examples if one.valid))
IF = "data.case_type == '1' && data.item_name.contains('证')"


def items(size: int) -> tuple[str, list[Attributes]]:
    """A route per item, every fourth by prefix; and one per contract that takes all its items."""
    lines, messages = [], []
    for n in range(size):
        contract, item = CONTRACTS[n % 10], f"11370800MB28559184{n:013}"
        asked = f", item: '{item[:-1]}*'" if n % 4 == 0 else f", item: '{item}'"
        if n < len(CONTRACTS):
            asked = ""
        lines.append(
            f"- {{name: r{n}, when: {{contract: {contract}, source: portal{asked}}}, to: [d{n % 50}, municipal]}}"
        )
        messages.append(Attributes(contract=contract, version=1, source="portal", region="510502", item=item))
    return "\n".join(lines), messages


def pairs(size: int) -> tuple[str, list[Attributes]]:
    """A route per department and region."""
    side = max(1, round(size**0.5))
    lines, messages = [], []
    for n in range(size):
        department, region = f"D{n // side}", f"{1000 + n % side}"
        lines.append(f"- {{name: r{n}, when: {{department: {department}, region: {region}}}, to: [d{n % 50}]}}")
        said = Attributes(
            contract=CONTRACTS[0], version=1, source="portal", region=f"{region}02", department=department
        )
        messages.append(said)
    return "\n".join(lines), messages


def ifs(size: int) -> tuple[str, list[Attributes]]:
    """A route per item, every fifth with an expression; and one that takes all items by an expression."""
    lines, messages = [], []
    for n in range(size):
        item = f"11370800MB28559184{n:013}"
        asked = "" if n == 0 else f", item: '{item}'"
        condition = f', if: "{IF}"' if n % 5 == 0 else ""
        lines.append(
            f"- {{name: r{n}, when: {{contract: {APPLICATION.type}, source: portal{asked}}}{condition}, to: [d{n % 50}, all]}}"
        )
        said = Attributes(contract=APPLICATION.type, version=1, source="portal", region="510502", item=item)
        messages.append(said)
    return "\n".join(lines), messages


def table(lines: str) -> RouteTable:
    loaded = load(f"version: 1\nroutes:\n{lines}\n", "benchmark.yaml")
    if not isinstance(loaded, RouteTable):
        sys.exit("\n".join(map(str, loaded)))
    return loaded


def seconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def spread(messages: Sequence[Attributes], count: int) -> list[Attributes]:
    """So many messages, out of their order."""
    step = max(1, len(messages) * 7 // 11)
    return list(itertools.islice((messages[n * step % len(messages)] for n in itertools.count()), count))


def cost(messages: Sequence[Attributes], count: int, one: Callable[[Attributes], object]) -> float:
    """Microseconds of processor time a message: the median of some runs."""
    wanted = spread(messages, count)

    def run() -> float:
        start = time.process_time()
        for said in wanted:
            one(said)
        return time.process_time() - start

    return 1e6 * statistics.median(run() for _ in range(RUNS)) / count


def scan(ready: CompiledTable, said: Attributes) -> list[str]:
    told = facts(said)
    return [rule.name for rule in ready.rules if rule.takes(told)]


def record() -> Said:
    """What the path does for a message that meets an expression."""
    return language(APPLICATION).said(orjson.loads(CANONICAL), "portal")


def measured(kind: str, size: int, make: Callable[[int], tuple[str, list[Attributes]]]) -> dict[str, object]:
    lines, messages = make(size)
    loading = seconds(lambda: table(lines))
    loaded = table(lines)
    programs = compile_expressions(loaded, builtin()).programs
    compiling = seconds(lambda: compile_table(loaded, programs=programs))
    ready = compile_table(loaded, programs=programs)

    def first(said: Attributes) -> None:
        ready.remembered.by_attributes.clear()
        ready.remembered.by_rules.clear()
        plan(ready, said, record)

    planning = cost(messages, 20_000, lambda said: plan(ready, said, record))
    return {
        "table": kind,
        "rules": size,
        "plan_us": round(planning, 2),
        "first_us": round(cost(messages, 20_000, first), 2),
        "plans_per_second": round(1e6 / planning),
        "scan_us": round(cost(messages, max(3, 20_000 // size), lambda said: scan(ready, said)), 1),
        "explain_ms": round(1000 * seconds(lambda: explain(ready, messages[size // 2], record)), 2),
        "load_s": round(loading, 3),
        "compile_s": round(compiling, 3),
    }


KINDS = (("items", items), ("pairs", pairs), ("ifs", ifs))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    wanted = parser.parse_args()
    rows = [measured(kind, size, make) for kind, make in KINDS for size in SIZES]
    if wanted.json:
        sys.stdout.write(json.dumps({"benchmark": "routing", "rows": rows}, indent=2) + "\n")
        return
    columns = list(rows[0])
    sys.stdout.write("  ".join(f"{column:>16}" for column in columns) + "\n")
    for row in rows:
        sys.stdout.write("  ".join(f"{row[column]!s:>16}" for column in columns) + "\n")


if __name__ == "__main__":
    main()
