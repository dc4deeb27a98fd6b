# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
import dataclasses
import json

from contracts.text import Text
from routing.explain import NEARLY_SHOWN, Explanation, Miss, explain, unroutable
from routing.plan import plan
from tests.routing.support import SUBMITTED, compiled, message

ROUTES = compiled(
    f"- {{name: taken, title: 全部, when: {{contract: {SUBMITTED}}}, to: [x, y]}}\n"
    f"- {{name: region, when: {{contract: {SUBMITTED}, region: [5105, 5116]}}, to: z}}\n"
    f"- {{name: version, when: {{contract: {SUBMITTED}@2}}, to: z}}\n"
    "- {name: item, when: {item: XK01}, to: z}\n"
    "- {name: barred, when: {source: portal}, except: {source: portal, level: 3}, to: z}\n"
    "- {name: far, when: {source: counter, level: 4}, to: z}\n"
    "- {name: far-too, when: {source: counter}, except: {level: 3}, to: z}\n"
)
SAID = message(region="370800", level="3")


def misses(explanation: Explanation) -> dict[str, Miss | None]:
    return {one.route: one.miss for one in explanation.nearly}


def test_what_matched_and_where_it_stands() -> None:
    (only,) = explain(ROUTES, SAID).matched

    assert (only.route, only.title, only.file, only.line, only.destinations) == (
        "taken",
        "全部",
        "routes.yaml",
        3,
        ("x", "y"),
    )
    assert only.conditions == {"contract": (SUBMITTED,)}
    assert only.miss is None


def test_an_explanation_agrees_with_the_plan() -> None:
    assert explain(ROUTES, SAID).plan == plan(ROUTES, SAID)


def test_what_nearly_matched_and_why_not() -> None:
    assert misses(explain(ROUTES, SAID)) == {
        "region": Miss(
            "region",
            ("5105", "5116"),
            "370800",
            Text(
                "region 应以此开头：5105, 5116；消息为 370800",
                "region should begin with 5105, 5116; the message says 370800",
            ),
        ),
        "version": Miss(
            "contract",
            (f"{SUBMITTED}@2",),
            f"{SUBMITTED}@1",
            Text(
                f"contract 应为：{SUBMITTED}@2；消息为 {SUBMITTED}@1",
                f"contract should be {SUBMITTED}@2; the message says {SUBMITTED}@1",
            ),
        ),
        "item": Miss(
            "item",
            ("XK01",),
            None,
            Text("item 应为：XK01；消息未给出 item", "item should be XK01; the message says none"),
        ),
        "barred": Miss(
            "except",
            ("source: portal", "level: 3"),
            "source: portal, level: 3",
            Text("被 except 排除（source: portal, level: 3）", "excluded by 'except' (source: portal, level: 3)"),
        ),
    }


def test_long_lists_are_cut_in_sentences_only() -> None:
    routes = compiled("- {name: a, when: {level: [1, 2, 3, 4, 5, 6]}, to: x}")
    miss = misses(explain(routes, message()))["a"]

    assert miss is not None
    assert len(miss.expected) == 6
    assert miss.sentence.en == "level should be 1, 2, 3, 4, 5, …; the message says none"


def test_many_near_misses_are_counted_not_listed() -> None:
    routes = compiled("".join(f"- {{name: r{n}, when: {{item: I{n}}}, to: x}}\n" for n in range(50)))
    explanation = explain(routes, message())

    assert len(explanation.nearly) == NEARLY_SHOWN
    assert (explanation.nearly_count, explanation.considered) == (50, 50)


def test_an_explanation_as_json() -> None:
    explanation = explain(ROUTES, SAID)
    told = json.loads(json.dumps(explanation.as_dict()))

    assert told["destinations"] == ["x", "y"]
    assert told["nearly"][0]["miss"]["sentence"]["zh"].startswith("region")
    assert [one["route"] for one in told["matched"]] == ["taken"]
    assert json.dumps(dataclasses.asdict(explanation))


def test_the_refusal_names_attributes_and_neither_values_nor_systems() -> None:
    routes = compiled(
        "- {name: a, when: {region: 5105, source: portal}, to: x}\n"
        "- {name: b, when: {source: secret-system}, to: x}\n"
        "- {name: c, when: {item: XK}, to: x}\n"
        "- {name: d, when: {source: portal}, except: {source: portal}, to: x}\n"
    )
    refusal = unroutable(explain(routes, message(region="370800")), {"item": "$.data.item"})

    assert refusal.code == "E_UNROUTABLE"
    assert [one.path for one in refusal.violations] == ["$.source", "$.data", "$.data.item", "$"]
    assert refusal.violations[2].remedy.en == "Add the item."
    assert not any(secret in str(refusal) for secret in ("370800", "5105", "secret-system", "XK"))


def test_a_refusal_without_near_misses() -> None:
    refusal = unroutable(explain(compiled("  []"), message()))

    assert (refusal.code, refusal.violations) == ("E_UNROUTABLE", ())
