# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Route tables held against a deployment: purposes for what is brought, lookups that may be asked, circles of processors."""

from pathlib import Path

import pytest

from hub.config.load import Loaded, load_deployment

DEPLOYMENT = """\
systems:
  portal: {sends: [cn.gov.application.submitted, cn.gov.process.step, cn.gov.notice.requested]}
  housing: {sends: [cn.gov.process.step]}
  platform: {sends: [cn.gov.notice.dispatched, cn.gov.notice.reported, cn.gov.notice.requested]}
destinations:
  housing: {system: housing, connector: mailbox}
  ear: {system: housing, connector: mailbox}
  notices:
    system: platform
    connector: message_platform
    settings: {templates: templates.yaml, number_secret: numbers, channels: {sms: ear}}
secrets: {numbers: "env:NUMBERS"}
"""
TABLE = """\
version: 1
purposes:
  handling: {fields: all}
  counting: {fields: {cn.gov.process.step: impersonal}}
routes:
  - name: all
    when: {contract: cn.gov.application.submitted}
    to: %s
"""


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    (tmp_path / "govhub.yaml").write_text(DEPLOYMENT, encoding="utf-8")
    (tmp_path / "templates.yaml").write_text(TEMPLATES, encoding="utf-8")
    return tmp_path


TEMPLATES = (Path("examples/notices") / "templates.yaml").read_text(encoding="utf-8")


def told(desk: Path, table: str) -> list[tuple[int, str]]:
    (desk / "routes.yaml").write_text(table, encoding="utf-8")
    loaded = load_deployment(desk / "govhub.yaml", {"NUMBERS": "made-up"})
    faults = loaded.warnings if isinstance(loaded, Loaded) else loaded
    return [(one.at.line, one.code) for one in faults if "ROUTE" in one.code]


@pytest.mark.parametrize(
    ("target", "faults"),
    [
        ("housing", [(8, "W_ROUTE_PERSONAL")]),
        ("[{destination: housing, purpose: handling}]", []),
        ("[{destination: housing, purpose: counting}]", [(8, "E_ROUTE_PURPOSE_CONTRACT")]),
        (
            "[{destination: housing, ask: [{attribute: a, lookup: offices, by: {code: item_code}, take: n}]}]",
            [(8, "E_ROUTE_LOOKUP_UNKNOWN")],
        ),
    ],
)
def test_what_a_destination_is_sent(desk: Path, target: str, faults: list[tuple[int, str]]) -> None:
    assert told(desk, TABLE % target) == faults


def test_personal_data_is_told_once_for_a_destination(desk: Path) -> None:
    more = "  - {name: steps, when: {contract: cn.gov.process.step}, to: [ear, housing]}\n"

    assert told(desk, TABLE % "housing" + more) == [(8, "W_ROUTE_PERSONAL"), (9, "W_ROUTE_PERSONAL")]


def test_an_expression_that_does_not_fit_keeps_the_deployment_from_running(desk: Path) -> None:
    wrong = TABLE.replace("    to:", "    if: data.aplicant.type == '1'\n    to:") % "housing"

    assert told(desk, wrong) == [(8, "E_ROUTE_EXPRESSION")]


@pytest.mark.parametrize(
    ("route", "faults"),
    [
        ("{name: n, when: {contract: cn.gov.notice.requested}, to: notices}", []),
        ("{name: n, when: {contract: cn.gov.notice.dispatched}, to: notices}", [(9, "E_ROUTE_CIRCLE")]),
        ("{name: n, when: {contract: cn.gov.notice.dispatched, source: portal}, to: notices}", []),
        ("{name: n, when: {}, except: {source: platform}, to: notices}", []),
    ],
)
def test_what_a_processor_emits_must_not_come_back_to_it(desk: Path, route: str, faults: list[tuple[int, str]]) -> None:
    table = TABLE % "[{destination: housing, purpose: handling}]" + f"  - {route}\n"

    assert [one for one in told(desk, table) if one[1] == "E_ROUTE_CIRCLE"] == faults


LOOKUP = """\
lookups:
  offices: {connector: database_query, systems: [%s], settings: {url: "sqlite", query: "select 1"}}
"""


def test_nobody_may_be_asked_for_a_system_that_may_not_ask(desk: Path) -> None:
    (desk / "govhub.yaml").write_text(DEPLOYMENT + LOOKUP % "portal", encoding="utf-8")
    ask = "[{destination: housing, ask: [{attribute: a, lookup: offices, by: {code: kode}, take: n}]}]"

    assert told(desk, TABLE % ask) == [(8, "E_ROUTE_LOOKUP_SYSTEM"), (8, "E_ROUTE_FIELD_UNKNOWN")]
