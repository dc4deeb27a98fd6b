# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
import pytest

from contracts.located import Fault
from routing.table import load
from tests.routing.support import faults, table

FULL = """\
- name: housing-applications
  title: 不动产申请到住建
  when:
    contract: [cn.gov.application.submitted@1, cn.gov.prereview]
    source: portal
    region: 5105
    item: [XK0010100Y, "11370800MB2855918437*"]
    department: 11370800MB28559184
    level: [3, 4]
    channel: sms
  except: {source: counter}
  to: [housing, {destination: municipal}]
"""


def test_a_route_with_everything() -> None:
    (route,) = table(FULL).routes

    assert route.when.asked() == {
        "contract": ("cn.gov.application.submitted@1", "cn.gov.prereview"),
        "source": ("portal",),
        "region": ("5105",),
        "item": ("XK0010100Y", "11370800MB2855918437*"),
        "department": ("11370800MB28559184",),
        "level": ("3", "4"),
        "channel": ("sms",),
    }
    assert route.exceptions is not None
    assert route.exceptions.asked() == {"source": ("counter",)}
    assert [target.destination for target in route.to] == ["housing", "municipal"]


def test_a_table_knows_its_lines() -> None:
    assert table(FULL).at(0, "when", "item", 1).line == 9


def test_the_version_names_the_content_not_the_layout() -> None:
    plain = table("- {name: a, when: {source: [portal]}, to: [x]}")
    spread = table("# note\n- to: x\n  name: a\n  when:\n    source: portal\n")
    other = table("- {name: a, when: {source: [portal]}, to: [y]}")

    assert plain.version_id == spread.version_id
    assert plain.version_id != other.version_id
    assert len(plain.version_id) == 16


def test_a_table_keeps_the_name_it_had_before_there_were_channels() -> None:
    told = table("- {name: a, when: {source: [portal]}, to: [x]}")

    assert told.version_id == "da8d5787dd0ec85c"
    assert told.version_id != table("- {name: a, when: {source: [portal], channel: sms}, to: [x]}").version_id


def route(text: str) -> str:
    return "version: 1\nroutes:\n- {" + text + "}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("routes: []", (1, 1, "E_KEY_MISSING", "version")),
        ("version: 2\nroutes: []", (1, 10, "E_VALUE", "version")),
        ("version: 1\nroutes: {}", (2, 9, "E_TYPE", "routes")),
        ("version: 1\nroute: []\nroutes: []", (2, 1, "E_KEY_UNKNOWN", "route")),
        (route("name: a, to: [x]"), (3, 3, "E_KEY_MISSING", "routes[0].when")),
        (route("name: a, when: {}"), (3, 3, "E_KEY_MISSING", "routes[0].to")),
        (route("name: a, when: {}, to: []"), (3, 27, "E_VALUE", "routes[0].to")),
        (route("name: a, when: {}, to: [{}]"), (3, 28, "E_KEY_MISSING", "routes[0].to[0].destination")),
        (route("name: a, when: {}, to: [1]"), (3, 28, "E_TYPE", "routes[0].to[0]")),
        (route("name: A b, when: {}, to: [x]"), (3, 10, "E_VALUE", "routes[0].name")),
        (route("name: a, when: {regoin: 1}, to: [x]"), (3, 20, "E_KEY_UNKNOWN", "routes[0].when.regoin")),
        (route("name: a, when: {region: 泸州}, to: [x]"), (3, 28, "E_VALUE", "routes[0].when.region")),
        (route("name: a, when: {region: [5105, 5*5]}, to: [x]"), (3, 35, "E_VALUE", "routes[0].when.region[1]")),
        (route("name: a, when: {region: 5105020000001}, to: [x]"), (3, 28, "E_VALUE", "routes[0].when.region")),
        (route("name: a, when: {item: 'A*B'}, to: [x]"), (3, 26, "E_VALUE", "routes[0].when.item")),
        (route("name: a, when: {item: ''}, to: [x]"), (3, 26, "E_VALUE", "routes[0].when.item")),
        (route("name: a, when: {source: port*}, to: [x]"), (3, 28, "E_VALUE", "routes[0].when.source")),
        (route("name: a, when: {source: []}, to: [x]"), (3, 28, "E_VALUE", "routes[0].when.source")),
        (route("name: a, when: {source: {x: 1}}, to: [x]"), (3, 28, "E_TYPE", "routes[0].when.source")),
        (route("name: a, when: {source: true}, to: [x]"), (3, 28, "E_TYPE", "routes[0].when.source")),
        (route("name: a, when: {level: 1.5}, to: [x]"), (3, 27, "E_TYPE", "routes[0].when.level")),
        (route("name: a, when: {contract: cn.gov.*}, to: [x]"), (3, 30, "E_VALUE", "routes[0].when.contract")),
        (route("name: a, when: {contract: a@b}, to: [x]"), (3, 30, "E_VALUE", "routes[0].when.contract")),
        (route("name: a, when: {contract: a@0}, to: [x]"), (3, 30, "E_VALUE", "routes[0].when.contract")),
        (route("name: a, when: {}, except: {}, to: [x]"), (3, 31, "E_VALUE", "routes[0].except")),
        ("version: 1\nroutes:\n- 5", (3, 3, "E_TYPE", "routes[0]")),
    ],
)
def test_what_is_no_table_is_told_at_its_place(text: str, expected: tuple[int, int, str, str]) -> None:
    assert faults(text) == [expected]


def test_a_key_without_value_is_not_a_key_that_takes_anything() -> None:
    assert [code for _, _, code, _ in faults("version: 1\nroutes:\n- name: a\n  when:\n    source:\n  to: x")] == [
        "E_VALUE"
    ]


def test_names_are_unique() -> None:
    loaded = load("version: 1\nroutes:\n- {name: a, when: {}, to: x}\n- {name: a, when: {}, to: y}", "routes.yaml")

    assert isinstance(loaded, tuple)
    (fault,) = loaded
    assert isinstance(fault, Fault)
    assert (fault.code, fault.at.line, fault.at.column) == ("E_ROUTE_NAME_TWICE", 4, 10)
    assert "line 3" in fault.problem.en


def test_a_text_that_is_no_yaml() -> None:
    assert [code for _, _, code, _ in faults("version: [")] == ["E_YAML_SYNTAX"]
