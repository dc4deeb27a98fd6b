# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Why a message goes where it goes, and what kept it from going elsewhere."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias, cast

from contracts.attributes import Attributes
from contracts.refusal import Refusal, Violation
from contracts.text import Text
from routing.index import CompiledTable
from routing.match import Facts, Rule, accepted, facts, passes
from routing.plan import Record, decided, plan
from routing.planned import Plan
from routing.table import KEYS, Key, Kind, Route

NEARLY_SHOWN = 20
"""How many of the routes that nearly took a message an explanation lists."""

Reason: TypeAlias = Key | Literal["except", "if", "copy", "fallback"]


@dataclass(frozen=True, slots=True)
class Miss:
    """The one condition of a route that a message did not meet.

    ``reason`` is the key, or ``except`` when the route's exceptions held, ``if`` when its expression did not; ``copy`` and
    ``fallback`` where all conditions held and the route's kind kept it back. ``expected`` is what the table says, as written;
    ``seen`` what the message says (None: nothing).
    """

    reason: Reason
    expected: tuple[str, ...]
    seen: str | None
    sentence: Text


@dataclass(frozen=True, slots=True)
class Considered:
    """One route in an explanation: where it stands and where it leads; ``miss`` is None if it took the message.

    A ``strict`` route has a message refused whose identifiers are odd.
    """

    route: str
    title: str
    kind: Kind
    file: str
    line: int
    destinations: tuple[str, ...]
    conditions: Mapping[Key, tuple[str, ...]]
    miss: Miss | None
    strict: bool
    condition: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that can be said about the way of one message.

    ``nearly`` lists, in the order of the table, the first :data:`NEARLY_SHOWN` routes that fail in a single condition;
    ``nearly_count`` counts them all; ``considered`` is the size of the table. No personal data is in it.
    """

    plan: Plan
    matched: tuple[Considered, ...]
    nearly: tuple[Considered, ...]
    nearly_count: int
    considered: int

    def as_dict(self) -> dict[str, object]:
        """JSON-serialisable, sentences as ``{"zh": …, "en": …}``."""
        return {
            "table_version": self.plan.table_version,
            "destinations": list(self.plan.destinations),
            "fallback": self.plan.fallback,
            "carriages": {name: carriage.as_dict() for name, carriage in self.plan.carriages.items()},
            "undecided": [{"route": one.route, "tap": one.tap, "said": one.said} for one in self.plan.undecided],
            "matched": [_as_dict(one) for one in self.matched],
            "nearly": [_as_dict(one) for one in self.nearly],
            "nearly_count": self.nearly_count,
            "considered": self.considered,
        }


def explain(table: CompiledTable, attributes: Attributes, record: Record | None = None) -> Explanation:
    """Which routes took the message, which nearly did, and why not. Linear in the table: for people and refusals.

    ``record`` as for :func:`routing.plan.plan`.
    """
    said = facts(attributes)
    chosen = plan(table, attributes, record)
    taken = set(chosen.routes)
    nearly: list[tuple[Rule, Reason]] = [
        (rule, reason)
        for rule in table.rules
        if rule.name not in taken and (reason := _single_miss(rule, said, record)) is not None
    ]
    return Explanation(
        plan=chosen,
        matched=tuple(_considered(table, rule, None) for rule in table.rules if rule.name in taken),
        nearly=tuple(
            _considered(table, rule, _miss(table.table.routes[rule.order], reason, attributes))
            for rule, reason in nearly[:NEARLY_SHOWN]
        ),
        nearly_count=len(nearly),
        considered=len(table.rules),
    )


def unroutable(explanation: Explanation, paths: Mapping[Reason, str] | None = None) -> Refusal:
    """The answer to a message that no route takes.

    Names the attributes by which it missed, and neither values nor other systems. ``paths`` says where the message's
    contract carries an attribute (JSONPath); an attribute it does not name is reported at ``$.data``.
    """
    where = {"contract": "$.type", "source": "$.source", "except": "$", "if": "$.data", "copy": "$"} | dict(paths or {})
    reasons = {one.miss.reason: one.miss.seen is None for one in explanation.nearly if one.miss is not None}
    return Refusal(
        code="E_UNROUTABLE",
        detail=Text(
            "没有任何路由接收这条消息，枢纽未接收，也不会投递。",
            "No route takes this message: it was not accepted, and nothing will be delivered.",
        ),
        violations=tuple(
            Violation("E_UNROUTABLE", where.get(reason, "$.data"), *_advice(reason, absent=reasons[reason]))
            for reason in (*KEYS, "except", "if", "copy")
            if reason in reasons
        ),
        extra={"table_version": explanation.plan.table_version},
    )


def _advice(reason: Reason, *, absent: bool) -> tuple[Text, Text]:
    operator = Text(
        "请核对该值；若无误，请联系平台管理员增加路由。",
        "Check the value; if it is right, ask the platform's operator for a route.",
    )
    if reason == "except":
        expected = Text("消息未被路由的 except 排除", "a message that the route's exceptions do not exclude")
        return expected, Text("请联系平台管理员确认该例外。", "Ask the platform's operator about the exception.")
    if reason == "if":
        expected = Text("某条路由的表达式对消息成立", "a message for which the expression of some route holds")
        return expected, operator
    if reason == "copy":
        return (
            Text("有部门办理的消息，而不仅是抄送", "a message that somebody is to handle, not only to have a copy of"),
            Text("请联系平台管理员为该部门增加路由。", "Ask the platform's operator for a route to the department."),
        )
    if absent:
        return (
            Text(f"消息给出属性 {reason}", f"a message that says its {reason}"),
            Text(f"请补上 {reason}。", f"Add the {reason}."),
        )
    return Text(f"某条路由所接收的 {reason}", f"a {reason} that some route takes"), operator


def _misses(rule: Rule, said: Facts, record: Record | None) -> Iterator[Reason]:
    missed = False
    for key, values in rule.tests:
        if not values.hold(said[key]):
            missed = True
            yield KEYS[key]
    if rule.exceptions and passes(rule.exceptions, said):
        yield "except"
    # An expression is checked for the contracts that its route names, and for no other.
    if not missed and rule.decides is not None and not decided([rule], said[0] or "", record)[0]:
        yield "if"


def _single_miss(rule: Rule, said: Facts, record: Record | None) -> Reason | None:
    """The one condition that a rule missed by which the message did not go; None: there were more."""
    misses = _misses(rule, said, record)
    only = next(misses, None)
    if only is None:
        return "copy" if rule.kind in {"copy", "tap"} else "fallback"
    return only if next(misses, None) is None else None


def _considered(table: CompiledTable, rule: Rule, miss: Miss | None) -> Considered:
    route = table.table.routes[rule.order]
    at = table.table.at(rule.order)
    return Considered(
        route.name,
        route.title,
        route.kind,
        at.file,
        at.line,
        rule.destinations,
        route.when.asked(),
        miss,
        rule.strict,
        rule.condition,
    )


def _miss(route: Route, reason: Reason, attributes: Attributes) -> Miss:
    if reason in _KEPT_BACK:
        return Miss(reason, (), None, _KEPT_BACK[reason])
    if reason == "if":
        return Miss(reason, (route.condition or "",), None, _NOT_SO)
    if reason == "except":
        assert route.exceptions is not None, "only a route with exceptions misses by them"
        written = route.exceptions.asked()
        expected = tuple(f"{key}: {value}" for key, values in written.items() for value in values)
        seen = ", ".join(f"{key}: {_seen(key, attributes)}" for key in written)
        excluded = Text(f"被 except 排除（{seen}）", f"excluded by 'except' ({seen})")
        return Miss(reason, expected, seen, excluded)
    key = cast("Key", reason)
    expected = route.when.asked()[key]
    seen_value = _seen(key, attributes)
    return Miss(reason, expected, seen_value, _sentence(key, expected, seen_value))


def _seen(key: Key, attributes: Attributes) -> str | None:
    if key == "contract":
        return f"{attributes.contract}@{attributes.version}"
    value: str | None = getattr(attributes, key)
    return value


def _sentence(key: Key, expected: tuple[str, ...], seen: str | None) -> Text:
    shown = ", ".join(expected[:5]) + (", …" if len(expected) > 5 else "")
    begins = bool(accepted(key, expected).prefixes) and key != "contract"
    wanted = Text(
        f"{key} 应{'以此开头' if begins else '为'}：{shown}",
        f"{key} should {'begin with' if begins else 'be'} {shown}",
    )
    if seen is None:
        return Text(f"{wanted.zh}；消息未给出 {key}", f"{wanted.en}; the message says none")
    return Text(f"{wanted.zh}；消息为 {seen}", f"{wanted.en}; the message says {seen}")


_NOT_SO = Text("表达式 if 对这条消息不成立", "its expression does not hold for the message")
_KEPT_BACK: Mapping[Reason, Text] = MappingProxyType({
    "fallback": Text("兜底路由：已有路由接收，不再兜底", "a fallback: another route took the message"),
    "copy": Text("抄送路由：没有路由接收，不单独抄送", "a copy: no route took the message, and a copy alone is none"),
})  # fmt: skip


def _as_dict(one: Considered) -> dict[str, object]:
    return {
        "route": one.route,
        "title": one.title,
        "as": one.kind,
        "file": one.file,
        "line": one.line,
        "destinations": list(one.destinations),
        "conditions": {key: list(values) for key, values in one.conditions.items()},
        "if": one.condition or None,
        "strict": one.strict,
        "miss": None
        if one.miss is None
        else {
            "reason": one.miss.reason,
            "expected": list(one.miss.expected),
            "seen": one.miss.seen,
            "sentence": one.miss.sentence._asdict(),
        },
    }
