# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Grants in the deployment file: what cannot be meant is told with its line and a remedy."""

from pathlib import Path

import pytest

from hub.config.load import Loaded, load_deployment

_FILE = """\
systems:
  portal: {sends: [cn.gov.application.submitted]}
  housing:
    GRANT
destinations: {housing: {system: housing, connector: mailbox}}
"""
_ROUTES = "version: 1\nroutes:\n  - {name: all, when: {contract: cn.gov.application.submitted}, to: [housing]}\n"


def loaded(folder: Path, grant: str, routes: str = _ROUTES) -> Loaded | list[tuple[str, int, str]]:
    """The deployment, or its errors by file, line and code."""
    (folder / "routes.yaml").write_text(routes, encoding="utf-8")
    (folder / "govhub.yaml").write_text(_FILE.replace("GRANT", grant), encoding="utf-8")
    found = load_deployment(folder / "govhub.yaml", {})
    if isinstance(found, Loaded):
        return found
    for one in found:
        assert one.remedy.zh, one
        assert one.remedy.en, one
    return [(Path(one.at.file).name, one.at.line, one.code) for one in found]


@pytest.mark.parametrize(
    ("grant", "code"),
    [
        ("sends: [cn.gov.application.submited]", "NAME_UNKNOWN"),
        ("receives: [cn.gov.application.submitted, {contract: cn.gov.nothing}]", "NAME_UNKNOWN"),
        ("queries: [{contract: cn.gov.nothing, regions: ['51']}]", "NAME_UNKNOWN"),
        ("sends: [{contract: cn.gov.identity.asserted, items: ['1*']}]", "GRANT_UNLIMITED"),
    ],
)
def test_grants_that_cannot_be_meant(tmp_path: Path, grant: str, code: str) -> None:
    assert loaded(tmp_path, grant) == [("govhub.yaml", 4, code)]


@pytest.mark.parametrize(
    "grant",
    [
        "sends: [{contract: cn.gov.acceptance.decided, regions: ['Jiangyang']}]",
        "sends: [{contract: cn.gov.acceptance.decided, regions: ['5105**']}]",
        "sends: [{contract: cn.gov.acceptance.decided, items: ['*']}]",
        "sends: [{contract: cn.gov.acceptance.decided, area: ['51']}]",
        "sends: [7]",
    ],
)
def test_limits_that_cannot_be_read(tmp_path: Path, grant: str) -> None:
    found = loaded(tmp_path, grant)
    assert isinstance(found, list)
    assert {(file, line) for file, line, _ in found} == {("govhub.yaml", 4)}


def test_a_route_that_brings_what_may_not_be_received(tmp_path: Path) -> None:
    assert loaded(tmp_path, "receives: [cn.gov.process.step]") == [("routes.yaml", 3, "E_ROUTE_RECEIVER")]
    assert isinstance(loaded(tmp_path, "receives: [cn.gov.application.submitted]"), Loaded)


def test_what_is_granted_for_a_region_is_granted_for_what_became_part_of_it(tmp_path: Path) -> None:
    found = loaded(tmp_path, "sends: [{contract: cn.gov.acceptance.decided, regions: ['510502']}]")
    assert isinstance(found, Loaded)
    assert found.deployment.systems["housing"].contracts_sent == {"cn.gov.acceptance.decided"}
