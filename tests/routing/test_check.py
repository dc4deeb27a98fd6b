# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
import pytest

from contracts.located import Fault
from routing.check import Known, check
from tests.routing.support import COMPLETED, SUBMITTED, table

KNOWN = Known(
    destinations={"housing", "municipal", "portal"},
    systems={"portal", "counter"},
    contracts={SUBMITTED: {1, 2}, COMPLETED: {1}},
)


def found(routes: str, known: Known = KNOWN) -> list[tuple[int, str, str, str]]:
    return [(fault.at.line, fault.severity, fault.code, fault.path) for fault in check(table(routes), known)]


def one(routes: str) -> Fault:
    (fault,) = check(table(routes), KNOWN)
    return fault


def test_a_sound_table() -> None:
    sound = (
        f"- {{name: a, when: {{contract: {SUBMITTED}, region: 5105}}, to: [housing, municipal]}}\n"
        f"- {{name: b, when: {{contract: [{COMPLETED}@1], source: counter}}, to: portal}}\n"
        f"- {{name: c, when: {{contract: {SUBMITTED}, region: 5105}}, to: portal}}\n"
    )

    assert found(sound) == []


def test_names_that_nobody_knows() -> None:
    routes = (
        f"- name: a\n  when:\n    contract: [{SUBMITTED}, cn.gov.aplication.submitted@1]\n    source: portl\n"
        "  except:\n    source: nobody\n  to: [housing, munical]\n"
    )

    assert found(routes) == [
        (5, "error", "E_ROUTE_CONTRACT_UNKNOWN", "routes[0].when.contract[1]"),
        (6, "error", "E_ROUTE_SYSTEM_UNKNOWN", "routes[0].when.source[0]"),
        (8, "error", "E_ROUTE_SYSTEM_UNKNOWN", "routes[0].except.source[0]"),
        (9, "error", "E_ROUTE_DESTINATION_UNKNOWN", "routes[0].to[1]"),
    ]
    assert [fault.remedy.en for fault in check(table(routes), KNOWN)] == [
        f"Did you mean '{SUBMITTED}'?",
        "Did you mean 'portal'?",
        "Correct the name, or declare it in the configuration first.",
        "Did you mean 'municipal'?",
    ]


def test_what_is_not_known_here_is_not_checked() -> None:
    assert found("- {name: a, when: {contract: x, source: y}, to: z}", Known()) == []


def test_a_version_that_does_not_exist() -> None:
    fault = one(f"- {{name: a, when: {{contract: {SUBMITTED}@3}}, to: housing}}")

    assert (fault.code, fault.remedy.en) == ("E_ROUTE_VERSION_UNKNOWN", "Its versions are: 1, 2.")


@pytest.mark.parametrize(
    ("when", "barred", "unreachable"),
    [
        ("source: portal", "source: [portal, counter]", True),
        ("region: 510502", "region: 5105", True),
        (f"contract: {SUBMITTED}@1", f"contract: {SUBMITTED}", True),
        ("source: portal, level: 3", "source: portal", True),
        ("source: [portal, counter]", "source: portal", False),
        ("region: 5105", "region: 510502", False),
        ("source: portal", "source: portal, level: 3", False),
        ("", "source: portal", False),
    ],
)
def test_a_route_that_can_never_act(when: str, barred: str, unreachable: bool) -> None:  # noqa: FBT001  # because it is a table
    routes = f"- {{name: a, when: {{{when}}}, except: {{{barred}}}, to: housing}}"

    assert [code for _, _, code, _ in found(routes)] == ["E_ROUTE_UNREACHABLE"] * unreachable


def test_the_same_route_again() -> None:
    routes = (
        "- {name: a, when: {region: [5105, 5116]}, to: [housing]}\n"
        "- {name: b, when: {region: [5116, 5105]}, to: housing}\n"
    )

    assert found(routes) == [(4, "error", "E_ROUTE_DUPLICATE", "routes[1].name")]
    assert "'a' of line 3" in one(routes).problem.en


@pytest.mark.parametrize(
    ("first", "second", "idle"),
    [
        ("when: {region: 51}, to: [housing, municipal]", "when: {region: 5105, level: 3}, to: housing", [2]),
        ("when: {item: XK0101}, to: housing", "when: {item: [XK*, AA]}, to: housing", [1]),
        (f"when: {{contract: {SUBMITTED}}}, to: housing", f"when: {{contract: {SUBMITTED}@1}}, to: housing", [2]),
        ("when: {}, to: housing", "when: {source: counter}, except: {level: 3}, to: housing", [2]),
        (
            "when: {}, except: {level: 3}, to: housing",
            "when: {source: counter}, except: {level: [3, 4]}, to: housing",
            [2],
        ),
        ("when: {}, except: {level: 3}, to: housing", "when: {source: counter}, to: housing", []),
        (
            "when: {}, except: {level: [3, 4]}, to: housing",
            "when: {source: counter}, except: {level: 3}, to: housing",
            [],
        ),
        ("when: {region: 51}, to: housing", "when: {region: [5105, 37]}, to: housing", []),
        ("when: {region: 51}, to: housing", "when: {region: 5105}, to: [housing, municipal]", []),
        ("when: {region: 51}, to: housing", "when: {level: 3}, to: housing", []),
    ],
)
def test_a_route_that_adds_nothing(first: str, second: str, idle: list[int]) -> None:
    routes = f"- {{name: a, {first}}}\n- {{name: b, {second}}}"

    assert found(routes) == [(2 + n, "warning", "W_ROUTE_IDLE", f"routes[{n - 1}].name") for n in idle]


def test_a_value_inside_another_of_its_list() -> None:
    routes = "- {name: a, when: {region: [5105, 510502, 37, 37]}, to: housing}"

    assert [path for _, _, _, path in found(routes)] == ["routes[0].when.region[1]", "routes[0].when.region[3]"]
    assert {code for _, _, code, _ in found(routes)} == {"W_ROUTE_VALUE_IDLE"}


@pytest.mark.parametrize(("region", "below"), [("510500", "5105"), ("510000", "51")])
def test_the_code_of_a_whole_city_is_no_prefix_of_its_districts(region: str, below: str) -> None:
    fault = one(f"- {{name: a, when: {{region: '{region}'}}, to: housing}}")

    assert (fault.code, fault.severity, fault.remedy.en) == (
        "W_ROUTE_REGION_WHOLE", "warning", f"Write {below} to take what lies below.",
    )  # fmt: skip


def test_a_message_sent_back_to_its_sender() -> None:
    assert found("- {name: a, when: {source: [portal, counter]}, to: [housing, portal]}") == [
        (3, "warning", "W_ROUTE_LOOP", "routes[0].to[1]")
    ]
    assert found("- {name: a, when: {source: [portal, counter]}, except: {source: portal}, to: portal}") == []


def test_a_destination_written_twice() -> None:
    assert found("- {name: a, when: {}, to: [housing, municipal, housing]}") == [
        (3, "warning", "W_ROUTE_DESTINATION_TWICE", "routes[0].to[2]")
    ]


def test_a_table_without_routes() -> None:
    assert found("  []") == [(3, "warning", "W_ROUTE_NONE", "routes")]


def test_a_large_table_is_checked_by_index() -> None:
    """All pairs of three thousand routes would be nine million comparisons."""
    routes = "".join(f"- {{name: r{n}, when: {{item: I{n:05}}}, to: housing}}\n" for n in range(3000))

    assert found(routes) == []
