# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a route may fill into a record is known when the table is loaded, with its place."""

from pathlib import Path

import pytest

from hub.config.load import Loaded, load_deployment

DEPLOYMENT = """\
journal: postgresql://nobody@127.0.0.1/none
systems:
  portal: {sends: [cn.gov.application.submitted]}
  civil: {speaks: {contracts: {"*": [1]}}}
destinations:
  civil: {system: civil, connector: mailbox}
"""
TABLE = """\
version: 1
purposes:
  narrow: {fields: {"*": required}}
  handling: {fields: all}
routes:
  - name: all
    when: {contract: "cn.gov.application.submitted@%s"}
    to:
      - {destination: civil, purpose: %s, fill: {%s: '%s'}}
"""


@pytest.mark.parametrize(
    ("version", "purpose", "field", "value", "code"),
    [
        ("1", "handling", "summary", '"x"', None),
        ("1", "handling", "sumary", '"x"', "E_ROUTE_FIELD_UNKNOWN"),
        ("1", "handling", "materials", '"x"', "E_ROUTE_FILL_TYPE"),
        ("1", "handling", "case_no", '"x"', "E_ROUTE_FILL_TYPE"),
        ("1", "narrow", "summary", '"x"', "E_ROUTE_FILL_PURPOSE"),
        ("2", "handling", "local_item_code", '"x"', "E_ROUTE_FILL_UNSPOKEN"),
        ("1", "handling", "summary", "data.applicant.name", "E_ROUTE_ATTRIBUTE_PERSONAL"),
        ("1", "handling", "summary", "data.nothing", "E_ROUTE_EXPRESSION"),
        ("1", "handling", "summary", "1 + 1", "E_ROUTE_EXPRESSION"),
    ],
)
def test_a_field_that_has_no_place_is_refused_at_its_line(
    tmp_path: Path, version: str, purpose: str, field: str, value: str, code: str | None
) -> None:
    (tmp_path / "govhub.yaml").write_text(DEPLOYMENT, encoding="utf-8")
    (tmp_path / "routes.yaml").write_text(TABLE % (version, purpose, field, value), encoding="utf-8")
    loaded = load_deployment(tmp_path / "govhub.yaml", {})
    if code is None:
        assert isinstance(loaded, Loaded), loaded
        return
    assert not isinstance(loaded, Loaded)
    errors = [fault for fault in loaded if fault.severity == "error"]
    assert [(fault.code, fault.at.line) for fault in errors] == [(code, 9)]
    assert errors[0].remedy.zh
