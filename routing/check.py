# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What is suspicious about a route table that can be read: names nobody knows, routes that do nothing, loops.

What cannot be read at all (a region that is not digits, an empty ``to``, two routes of one name) is already refused by
:func:`routing.table.load`, at its line as well.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from contracts.located import Fault, nearest
from contracts.text import Text
from routing.index import CompiledTable, compile_table
from routing.match import Facts, Rule, Tests, Values, accepted, covers
from routing.table import KEYS, Conditions, Key, Route, RouteTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What exists outside the table; None: not known here, so not checked.

    ``destinations`` and ``systems`` are ids; ``contracts`` gives the major versions of each contract.
    """

    destinations: Collection[str] | None = None
    systems: Collection[str] | None = None
    contracts: Mapping[str, Collection[int]] | None = None


def check(table: RouteTable, known: Known) -> list[Fault]:
    """Everything suspicious, in the order of the file: errors must be mended, warnings may be meant."""
    faults: list[Fault] = []
    compiled = compile_table(table)
    for order, route in enumerate(table.routes):
        look = _Look(table, order, route)
        faults += look.unknown_destinations(known)
        for block, conditions in (("when", route.when), ("except", route.exceptions)):
            if conditions is not None:
                faults += look.unknown_names(block, conditions, known)
                faults += look.idle_values(block, conditions)
        faults += look.whole_regions()
        faults += look.loops()
        faults += _reach(look, compiled)
    faults += _idle_purposes(table, known)
    if not table.routes:
        faults.append(Fault("W_ROUTE_NONE", "routes", table.source.at(("routes",)), *_NO_ROUTES, severity="warning"))
    return sorted(faults, key=lambda fault: (fault.at.line, fault.at.column))


def _idle_purposes(table: RouteTable, known: Known) -> Iterator[Fault]:
    """Purposes stated for destinations that there are not."""
    destinations = known.destinations
    for name in table.serves if destinations is not None else ():
        if destinations is not None and name not in destinations:
            problem = Text(f"没有目的地“{name}”。", f"There is no destination '{name}'.")
            at = table.source.key_at(("destinations", name))
            remedy = _meant(name, destinations)
            yield Fault("E_ROUTE_DESTINATION_UNKNOWN", f"destinations.{name}", at, problem, remedy)


@dataclass(frozen=True, slots=True)
class _Look:
    """One route under examination."""

    table: RouteTable
    order: int
    route: Route

    def error(self, code: str, place: tuple[str | int, ...], problem: Text, remedy: Text) -> Fault:
        path = f"routes[{self.order}]" + "".join(f"[{one}]" if isinstance(one, int) else f".{one}" for one in place)
        return Fault(code, path, self.table.at(self.order, *place), problem, remedy)

    def warning(self, code: str, place: tuple[str | int, ...], problem: Text, remedy: Text) -> Fault:
        fault = self.error(code, place, problem, remedy)
        return Fault(fault.code, fault.path, fault.at, problem, remedy, "warning")

    def unknown_destinations(self, known: Known) -> Iterator[Fault]:
        seen: Counter[str] = Counter()
        for index, target in enumerate(self.route.to):
            name, place = target.destination, ("to", index)
            if known.destinations is not None and name not in known.destinations:
                problem = Text(f"没有目的地“{name}”。", f"There is no destination '{name}'.")
                remedy = _meant(name, known.destinations)
                yield self.error("E_ROUTE_DESTINATION_UNKNOWN", place, problem, remedy)
            seen[name] += 1
            if seen[name] == 2:
                problem = Text(f"目的地“{name}”写了两次。", f"The destination '{name}' stands twice.")
                yield self.warning("W_ROUTE_DESTINATION_TWICE", place, problem, _REMOVE_ONE)

    def unknown_names(self, block: str, conditions: Conditions, known: Known) -> Iterator[Fault]:
        for index, source in enumerate(conditions.source or ()):
            if known.systems is not None and source not in known.systems:
                problem = Text(f"没有系统“{source}”。", f"There is no system '{source}'.")
                remedy = _meant(source, known.systems)
                yield self.error("E_ROUTE_SYSTEM_UNKNOWN", (block, "source", index), problem, remedy)
        if known.contracts is None:
            return
        for index, contract in enumerate(conditions.contract or ()):
            name, _, version = contract.partition("@")
            place = (block, "contract", index)
            if (versions := known.contracts.get(name)) is None:
                problem = Text(f"没有契约“{name}”。", f"There is no contract '{name}'.")
                yield self.error("E_ROUTE_CONTRACT_UNKNOWN", place, problem, _meant(name, known.contracts))
            elif version and int(version) not in versions:
                problem = Text(f"契约没有版本 {version}。", f"The contract has no version {version}.")
                have = ", ".join(str(one) for one in sorted(versions))
                remedy = Text(f"现有版本：{have}。", f"Its versions are: {have}.")
                yield self.error("E_ROUTE_VERSION_UNKNOWN", place, problem, remedy)

    def idle_values(self, block: str, conditions: Conditions) -> Iterator[Fault]:
        for key, written in conditions.asked().items():
            for index in _idle(key, written):
                problem = Text(
                    f"“{written[index]}”已被同列表中的其他值包含。",
                    f"'{written[index]}' is contained in another value of this list.",
                )
                yield self.warning("W_ROUTE_VALUE_IDLE", (block, key, index), problem, _REMOVE_ONE)

    def whole_regions(self) -> Iterator[Fault]:
        for index, written in enumerate(self.route.when.region or ()):
            prefix = written.removesuffix("*")
            if len(prefix) == 6 and prefix.endswith("00"):
                below = prefix[:2] if prefix.endswith("0000") else prefix[:4]
                problem = Text(
                    f"“{prefix}”是整个省或市的代码，作为前缀不包含其下区县。",
                    f"'{prefix}' is the code of a whole province or city; as a prefix it takes no district below it.",
                )
                remedy = Text(f"若要包含下级，请写 {below}。", f"Write {below} to take what lies below.")
                yield self.warning("W_ROUTE_REGION_WHOLE", ("when", "region", index), problem, remedy)

    def loops(self) -> Iterator[Fault]:
        barred = self.route.exceptions.asked() if self.route.exceptions is not None else {}
        never = barred.get("source", ()) if len(barred) == 1 else ()
        for index, target in enumerate(self.route.to):
            if target.destination in (self.route.when.source or ()) and target.destination not in never:
                name = target.destination
                problem = Text(f"消息会送回其发送方“{name}”。", f"A message from '{name}' is sent back to it.")
                remedy = Text(
                    f"若非本意，请从 to 中删去，或加 except: {{source: {name}}}。",
                    f"If that is not meant, remove it from 'to' or add except: {{source: {name}}}.",
                )
                yield self.warning("W_ROUTE_LOOP", ("to", index), problem, remedy)


def _reach(look: _Look, compiled: CompiledTable) -> Iterator[Fault]:
    rule = compiled.rules[look.order]
    if rule.exceptions and covers(rule.exceptions, rule.tests):
        yield look.error("E_ROUTE_UNREACHABLE", ("except",), *_EXCEPTED)
        return
    if rule.kind == "fallback" and (delivering := _ahead_of(rule, compiled)):
        line = look.table.at(delivering.order).line
        problem = Text(
            f"此兜底路由永不生效：第 {line} 行的“{delivering.name}”已接收这些消息。",
            f"This fallback never acts: '{delivering.name}' of line {line} takes these messages already.",
        )
        yield look.error("E_ROUTE_UNREACHABLE", ("as",), problem, _SHADOWED)
        return
    broader = sorted(
        (one for one in compiled.candidates(_specimen(rule.tests)) if _adds_nothing_beside(rule, one)),
        key=lambda one: one.order,
    )
    for other in broader[:1]:
        same = (other.tests, other.exceptions, other.strict, other.kind, other.condition) == (
            *(rule.tests, rule.exceptions, rule.strict, rule.kind, rule.condition),
        )
        line = look.table.at(other.order).line
        if same and set(other.destinations) == set(rule.destinations):
            problem = Text(
                f"与第 {line} 行的路由“{other.name}”完全相同。",
                f"This is the route '{other.name}' of line {line} again.",
            )
            yield look.error("E_ROUTE_DUPLICATE", ("name",), problem, _REMOVE_ONE)
        else:
            problem = Text(
                f"此路由不起作用：第 {line} 行的“{other.name}”已把这些消息送往同样的目的地。",
                f"This route adds nothing: '{other.name}' of line {line} sends the same messages there already.",
            )
            yield look.warning("W_ROUTE_IDLE", ("name",), problem, _IDLE)


def _ahead_of(rule: Rule, compiled: CompiledTable) -> Rule | None:
    """The first route that delivers everything for which this one would be the fallback."""
    ahead = (
        one for one in compiled.candidates(_specimen(rule.tests)) if one.kind == "deliver" and _contains(one, rule)
    )
    return min(ahead, key=lambda one: one.order, default=None)


def _adds_nothing_beside(rule: Rule, other: Rule) -> bool:
    if other.order == rule.order or not set(rule.destinations) <= set(other.destinations):
        return False
    if rule.strict and not other.strict:
        return False
    if rule.kind != other.kind and (rule.kind, other.kind) not in _LESS:
        return False
    if any(rule.carriages.get(name) != other.carriages.get(name) for name in rule.destinations):
        return False  # told as ambiguous
    if not _contains(other, rule):
        return False
    mutual = set(rule.destinations) == set(other.destinations) and _contains(rule, other)
    mutual = mutual and (rule.strict, rule.kind) == (other.strict, other.kind)
    return not mutual or other.order < rule.order  # of two equals the later one is told


def _contains(broad: Rule, narrow: Rule) -> bool:
    if broad.condition not in {"", narrow.condition}:
        return False
    if not covers(broad.tests, narrow.tests):
        return False
    return not broad.exceptions or (bool(narrow.exceptions) and covers(narrow.exceptions, broad.exceptions))


def _specimen(tests: Tests) -> Facts:
    """A message that every broader rule would take: so the index finds them, instead of comparing all with all."""
    asked = dict(tests)
    return tuple(_first(asked[key]) if key in asked else None for key in range(len(KEYS)))


def _first(values: Values) -> str:
    return min((*values.exact, *values.prefixes))


def _idle(key: Key, written: tuple[str, ...]) -> Iterator[int]:
    """Which values of a list are contained in another; of two equals, the later one."""
    together = accepted(key, written)
    needed = {*together.exact, *together.prefixes}
    for index, value in enumerate(written):
        pattern = _first(accepted(key, (value,)))
        if pattern in needed:
            needed.remove(pattern)
        else:
            yield index


def _meant(name: str, known: Collection[str]) -> Text:
    if (meant := nearest(name, known)) is not None:
        return Text(f"是否应为“{meant}”？", f"Did you mean '{meant}'?")
    return Text("请改正名称，或先在配置中登记。", "Correct the name, or declare it in the configuration first.")


_LESS = {("copy", "deliver"), ("tap", "deliver"), ("tap", "copy")}
"""What a route of the first kind would tell a destination, one of the second has told it already."""

_REMOVE_ONE = Text("请删去一个。", "Remove one of them.")
_IDLE = Text("请删去此路由，或改正其条件或目的地。", "Remove it, or correct its conditions or destinations.")
_EXCEPTED = (
    Text(
        "except 排除了 when 接收的一切消息，此路由永不生效。", "'except' excludes all that 'when' takes: it never acts."
    ),
    Text("请改正 except，或删去此路由。", "Correct 'except', or remove the route."),
)
_SHADOWED = Text(
    "若那条路由只是抄送，请在其中写 as: copy；否则请删去此路由。",
    "If that route only copies, write as: copy there; otherwise remove this one.",
)
_NO_ROUTES = (
    Text("路由表为空，一切消息都会被拒收。", "The table is empty: every message will be refused."),
    Text("请至少写一条路由。", "Write at least one route."),
)
