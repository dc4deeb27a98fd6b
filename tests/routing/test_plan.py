# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Which messages a condition takes, and that the index changes nothing about it."""

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.attributes import Attributes
from routing.carriage import Target
from routing.index import compile_table
from routing.plan import plan
from routing.planned import Plan
from routing.table import KEYS, Conditions, Exceptions, Route, RouteTable
from tests.routing.support import COMPLETED, SUBMITTED, compiled, message, table


def taken(condition: str, said: Attributes) -> bool:
    return plan(compiled(f"- {{name: a, when: {{{condition}}}, to: x}}"), said).destinations == ("x",)


@pytest.mark.parametrize(
    ("condition", "said", "expected"),
    [
        ("", message(), True),
        (f"contract: {SUBMITTED}", message(version=7), True),
        (f"contract: {SUBMITTED}", message(f"{SUBMITTED}.more"), False),
        (f"contract: {SUBMITTED}@1", message(), True),
        (f"contract: {SUBMITTED}@1", message(version=10), False),
        (f"contract: [{COMPLETED}, {SUBMITTED}@2]", message(version=2), True),
        (f"contract: [{COMPLETED}, {SUBMITTED}@2]", message(), False),
        ("source: [counter, portal]", message(), True),
        ("source: port", message(), False),
        ("region: 5105", message(region="510502"), True),
        ("region: 5105*", message(region="510502000000"), True),
        ("region: 5105", message(region="511602"), False),
        ("region: 510502000000", message(region="510502"), False),
        ("region: 5105", message(), False),
        ("region: '*'", message(region="1"), True),
        ("region: '*'", message(), False),
        ("item: XK01", message(item="XK01"), True),
        ("item: XK01", message(item="XK012"), False),
        ("item: XK01*", message(item="XK012"), True),
        ("item: [AA, XK01*]", message(item="XK01"), True),
        ("item: XK01*", message(item="XK0"), False),
        ("department: [A, B]", message(department="B"), True),
        ("department: [A, B]", message(), False),
        ("level: [3, 4]", message(level="4"), True),
        ("level: 3", message(level="33"), False),
        ("channel: [sms, voice]", message(channel="voice"), True),
        ("channel: sms", message(channel="mail"), False),
        ("channel: sms", message(), False),
        ("source: portal, level: 3", message(level="4"), False),
        ("source: portal, level: 3", message(level="3"), True),
    ],
)
def test_conditions(condition: str, said: Attributes, expected: bool) -> None:  # noqa: FBT001  # because it is a table
    assert taken(condition, said) is expected


def test_destinations_are_united_each_once_in_the_order_of_the_table() -> None:
    routes = compiled(
        f"- {{name: a, when: {{item: 'X*'}}, to: [z, m]}}\n"
        f"- {{name: b, when: {{source: other}}, to: [never]}}\n"
        f"- {{name: c, when: {{contract: {SUBMITTED}}}, to: [m, b]}}\n"
        f"- {{name: d, when: {{}}, to: [z, a]}}\n"
    )

    assert plan(routes, message(item="X1")) == Plan(("z", "m", "b", "a"), ("a", "c", "d"), routes.table.version_id)


def test_an_exception_holds_only_as_a_whole() -> None:
    routes = compiled("- {name: a, when: {region: 51}, except: {source: portal, region: 5105}, to: x}")

    assert plan(routes, message(region="511602")).destinations == ("x",)
    assert plan(routes, message(region="510502", source="counter")).destinations == ("x",)
    assert plan(routes, message(region="510502")).destinations == ()


def test_a_message_that_nobody_wants() -> None:
    routes = compiled("- {name: a, when: {source: counter}, to: x}")

    assert plan(routes, message()) == Plan((), (), routes.table.version_id)


def test_an_empty_table() -> None:
    assert plan(compile_table(table("  []")), message()).destinations == ()


# The naive reading of a table, written apart from the one under test.


def condition_holds(key: str, written: str, said: Attributes) -> bool:
    if key == "contract":
        name, _, version = written.partition("@")
        return said.contract == name and version in {"", str(said.version)}
    value: str | None = getattr(said, key)
    if value is None:
        return False
    if key == "region" or written.endswith("*"):
        return value.startswith(written.rstrip("*"))
    return value == written


def all_hold(conditions: Conditions, said: Attributes) -> bool:
    return all(
        any(condition_holds(key, one, said) for one in written)
        for key in KEYS
        if (written := getattr(conditions, key)) is not None
    )


def naive(routes: RouteTable, said: Attributes) -> Plan:
    destinations: list[str] = []
    names = []
    for route in routes.routes:
        if all_hold(route.when, said) and not (route.exceptions and all_hold(route.exceptions, said)):
            names.append(route.name)
            for one in route.to:
                if one.destination not in destinations:
                    destinations.append(one.destination)
    return Plan(tuple(destinations), tuple(names), routes.version_id)


# Few letters, so that values meet often.
code = st.text("12", min_size=1, max_size=4)
contracts = st.sampled_from(["a", "a.b", "b", "c"])
values = {
    "contract": st.builds(str.__add__, contracts, st.sampled_from(["", "", "@1", "@2"])),
    "source": st.sampled_from(["p", "q", "r"]),
    "region": st.builds(str.__add__, code, st.sampled_from(["", "*"])),
    "item": st.builds(str.__add__, code, st.sampled_from(["", "*"])) | st.just("*"),
    "department": st.sampled_from(["d", "dd"]),
    "level": st.sampled_from(["3", "4"]),
    "channel": st.sampled_from(["sms", "mail"]),
}
asked = st.fixed_dictionaries(
    {}, optional={key: st.lists(value, min_size=1, max_size=3).map(tuple) for key, value in values.items()}
)
conditions = asked.map(lambda keys: Conditions(**keys))
exceptions = st.none() | asked.filter(bool).map(lambda keys: Exceptions(**keys))
targets = st.lists(st.sampled_from("uvwxyz").map(lambda one: Target(destination=one)), min_size=1, max_size=3)
tables = st.lists(st.tuples(conditions, exceptions, targets), max_size=60).map(
    lambda routes: RouteTable(
        tuple(
            Route(name=f"r{order}", when=when, **{"except": barred}, to=tuple(to))
            for order, (when, barred, to) in enumerate(routes)
        ),
        "0" * 16,
        table("  []").source,
    )
)
maybe = st.none() | code
messages = st.builds(
    Attributes,
    contract=contracts,
    version=st.sampled_from([1, 2, 12]),
    source=values["source"],
    region=maybe,
    item=maybe,
    department=st.none() | values["department"],
    level=st.none() | values["level"],
    channel=st.none() | values["channel"],
)


@settings(max_examples=150, deadline=None)
@given(tables, st.lists(messages, min_size=1, max_size=20))
def test_the_index_plans_as_a_naive_reader_does(routes: RouteTable, said: list[Attributes]) -> None:
    ready = compile_table(routes)

    assert [plan(ready, one) for one in said] == [naive(routes, one) for one in said]


@given(st.text(string.printable + "*@\x1f", max_size=10), st.text(max_size=5))
def test_no_attribute_raises(contract: str, anything: str) -> None:
    said = Attributes(contract=contract, version=1, source=anything, region=anything, item=anything)

    assert plan(compiled("- {name: a, when: {contract: a, region: 5, item: 'x*'}, to: x}"), said).destinations == ()
