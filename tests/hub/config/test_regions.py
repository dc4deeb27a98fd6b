# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Retired region codes: a route that names a region takes them too, by the hub's table and the deployment's own."""

from datetime import date
from pathlib import Path

import pytest

from contracts.attributes import Attributes
from hub.config.load import Loaded, load_deployment
from routing.plan import plan

DEPLOYMENT = """\
systems:
  portal: {sends: ["*"]}
  housing: {}
destinations:
  housing: {system: housing, connector: mailbox}
"""
ROUTES = """\
version: 1
routes:
  - {name: yanzhou, when: {region: "370812"}, to: housing}
  - {name: new, when: {region: "990002"}, except: {region: "990002001"}, to: housing}
"""
OWN = """\
version: 1
retired:
  - {code: "990001", successor: "990002", on: 2030-01-01, source: test}
"""
TODAY = date(2026, 3, 2)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "routes.yaml").write_text(ROUTES, encoding="utf-8")
    (tmp_path / "regions.yaml").write_text(OWN, encoding="utf-8")
    file = tmp_path / "govhub.yaml"
    file.write_text(DEPLOYMENT, encoding="utf-8")
    return file


def routes_of(config: Path, region: str, today: date = TODAY) -> tuple[str, ...]:
    loaded = load_deployment(config, {}, today)
    assert isinstance(loaded, Loaded), loaded
    return plan(loaded.table, Attributes(contract="c", version=1, source="portal", region=region)).routes


@pytest.mark.parametrize("code", ["370812", "370882", "370882001", "370882000000"])
def test_a_route_takes_the_code_its_region_had_before(config: Path, code: str) -> None:
    assert routes_of(config, code) == ("yanzhou",)


def test_before_its_day_a_code_is_its_own(config: Path) -> None:
    assert routes_of(config, "370882", date(2013, 10, 17)) == ()


def test_a_deployment_adds_its_own(config: Path) -> None:
    assert routes_of(config, "990001") == ()
    config.write_text(f"{DEPLOYMENT}regions: regions.yaml\n", encoding="utf-8")
    assert routes_of(config, "990001") == ()
    assert routes_of(config, "990001", date(2030, 1, 1)) == ("new",)
    assert routes_of(config, "370882") == ("yanzhou",)


@pytest.mark.parametrize(
    ("table", "code", "file"),
    [
        (None, "E_FILE_MISSING", "regions.yaml"),
        (OWN.replace("2030-01-01", "soon"), "E_TYPE", "regions.yaml"),
        (OWN.replace("990001", "370812").replace("990002", "370882"), "REGIONS_CIRCLE", "govhub.yaml"),
    ],
)
def test_what_is_wrong_with_its_table_is_told(config: Path, table: str | None, code: str, file: str) -> None:
    config.write_text(f"{DEPLOYMENT}regions: regions.yaml\n", encoding="utf-8")
    own = config.parent / "regions.yaml"
    own.unlink() if table is None else own.write_text(table, encoding="utf-8")

    faults = load_deployment(config, {}, TODAY)

    assert isinstance(faults, tuple)
    assert [(fault.code, Path(fault.at.file).name) for fault in faults] == [(code, file)]
