# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The index looks at few rules, however many there are, and stays small."""

from contracts.attributes import Attributes
from routing.index import Node
from routing.match import facts
from tests.routing.support import SUBMITTED, compiled, message


def tried(routes: str, said: Attributes) -> int:
    return len(compiled(routes).candidates(facts(said)))


def held(node: Node) -> int:
    inner = [
        child
        for branch in node.branches
        for children in (branch.exact, *(table for _, table in branch.prefixes))
        for child in children.values()
    ]
    return len(node.rules) + sum(map(held, inner))


def test_many_items_of_one_contract() -> None:
    routes = "".join(
        f"- {{name: r{n}, when: {{contract: {SUBMITTED}, source: portal, item: I{n:04}}}, to: x}}\n"
        for n in range(2000)
    )

    assert tried(routes, message(item="I0042")) == 1


def test_pairs_that_only_both_keys_tell_apart() -> None:
    routes = "".join(
        f"- {{name: r{n}-{m}, when: {{department: D{n}, region: {100 + m}}}, to: x}}\n"
        for n in range(40)
        for m in range(40)
    )

    assert tried(routes, message(department="D7", region="107001")) == 1


def test_prefixes_of_several_lengths() -> None:
    routes = "".join(
        f"- {{name: r{length}-{n}, when: {{item: '{n:0{length}}*'}}, to: x}}\n"
        for length in (4, 6, 8)
        for n in range(500)
    )

    assert tried(routes, message(item="0000012345")) == 3  # 0000*, 000001* and 00000123*


def test_a_rule_of_long_lists_does_not_multiply() -> None:
    """Lists in several keys would make as many places as their product has members."""
    lists = "source: [{}], department: [{}], level: [{}], region: [{}]".format(
        *(", ".join(f"{100 + n}" for n in range(30)) for _ in range(4))
    )
    ready = compiled("".join(f"- {{name: r{n}, when: {{{lists}}}, to: x}}\n" for n in range(50)))
    written = 50 * 120

    assert held(ready.root) < 20 * written
    assert len(ready.candidates(facts(message(source="100", department="100", level="100", region="100")))) == 50


def test_a_rule_is_kept_where_it_stands_alone() -> None:
    """Were it kept under the systems it names, it would be kept thirty times."""
    sources = ", ".join(f"s{n}" for n in range(30))
    ready = compiled(
        "".join(f"- {{name: r{n}, when: {{source: [{sources}], item: I{n}}}, to: x}}\n" for n in range(50))
    )

    assert held(ready.root) == 50


def test_a_rule_whose_values_contain_each_other_is_found_once() -> None:
    ready = compiled(
        "".join(f"- {{name: r{n}, when: {{item: [I{n}, I{n}*, I{n}0*]}}, to: x}}\n" for n in range(10, 40))
    )

    assert [rule.name for rule in ready.candidates(facts(message(item="I12")))] == ["r12"]
    assert [rule.name for rule in ready.candidates(facts(message(item="I1204")))] == ["r12"]
