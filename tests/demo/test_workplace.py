# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A run's folder: the configuration in it can be run, keys stand nowhere else, and nobody works in it twice."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from hub.config.identities import keys_of
from hub.config.load import Loaded, load_deployment
from hub.demo.far.fate import Morning
from hub.demo.far.papers import event
from hub.demo.far.services import goes_up, request, wish_of
from hub.demo.scenario import PARTIES, SYSTEMS, Scenario
from hub.demo.workplace import Unusable, Workplace, open_workplace
from hub.ports.clock import SystemClock
from routing.plan import plan
from tests.house.tree import ROOT

PORTS = {"portal": 40001, "housing": 40002, "civil": 0, "municipal": 40003, "hall": 40004}
BESIDE = {
    "sms_port": 40005,
    "seals_url": "http://127.0.0.1:40006",
    "sf_url": "http://127.0.0.1:40007/std/service",
    "province_url": "postgresql:///govhub?host=/tmp/nowhere&port=5432",
    "province_user": "govhub",
}
SERVICES = {"hall", "notices", "sms", "seals", "sf", "province"}
TEMPLATE = ROOT / "hub/demo/template"
MORNING = Morning(2026, "0a0b0c", 60)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workplace]:
    place = open_workplace(tmp_path / "demo", "0a0b0c", SystemClock())
    assert isinstance(place, Workplace)
    yield place
    os.close(place.lock)


def loaded(place: Workplace) -> Loaded:
    place.province_part()
    place.configure(PORTS, BESIDE, None, None)
    loaded = load_deployment(place.config)
    assert isinstance(loaded, Loaded), loaded
    return loaded


def test_the_configuration_can_be_run(place: Workplace) -> None:
    deployment = loaded(place).deployment

    assert set(deployment.destinations) - {"housing-records"} - SERVICES == set(SYSTEMS)
    assert {name for name, system in deployment.systems.items() if system.keys} == set(PARTIES)
    assert set(deployment.sources) == {"housing-waiting", "sms-in", "seal-callbacks", "sf-routes"}
    assert (deployment.journal, deployment.bus) == ("embedded", "memory")


def test_the_route_table_has_no_fault_not_even_a_suspicion(place: Workplace) -> None:
    assert loaded(place).warnings == ()


def test_the_routes_say_what_the_scenario_expects_of_them(place: Workplace) -> None:
    """The scenario has its own words for it, so that reconciliation does not take the hub's."""
    hub, now, scenario = loaded(place), SystemClock().now(), Scenario.of(MORNING)
    for fate in scenario.fates.values():
        for turn in fate.turns:
            said = event(fate, turn, now)
            contract = hub.registry.by_schema(said["dataschema"])
            assert contract is not None
            checked = contract.check(said["data"], said["subject"])
            assert not isinstance(checked, tuple)
            assert checked.warnings == ()
            planned = plan(hub.table, checked.attributes(said["source"]))
            assert set(planned.destinations) - SERVICES == scenario.destinations(said["source"], fate.case)
            assert ("province" in planned.destinations) == goes_up(turn)
            if wish_of(fate, turn) is not None:
                assert "hall" in planned.destinations


def test_what_the_hall_asks_is_in_order_and_goes_to_one_service_each(place: Workplace) -> None:
    hub, now = loaded(place), SystemClock().now()
    places = {"notice": ("notices",), "seal": ("seals",), "parcel": ("sf",)}
    wishes = Scenario.of(MORNING).wishes
    for wish in wishes:
        said = request(wish, now, ofd=True)
        contract = hub.registry.by_schema(said["dataschema"])
        assert contract is not None
        checked = contract.check(said["data"], said["subject"])
        assert not isinstance(checked, tuple), checked
        assert tuple(plan(hub.table, checked.attributes(said["source"])).destinations) == places[wish.service]

    assert {wish.service for wish in wishes} == set(places)
    assert len({wish.number for wish in wishes}) == len(wishes)


def test_the_forms_of_the_morning_are_registered_and_filled_in_rightly(place: Workplace) -> None:
    forms, now = loaded(place).item_forms(), SystemClock().now()
    said = [event(fate, turn, now) for fate in Scenario.of(MORNING).fates.values() for turn in fate.turns]

    assert [forms.violations(one["source"], one["type"], one["data"]) for one in said] == [()] * len(said)
    carried = {one["data"]["form"]["item_code"] for one in said if "form" in one["data"]}
    assert carried == {str(selector) for form in forms.registry.all() for selector in form.selectors}


def test_the_keys_open_the_hub_and_stand_in_no_file_that_others_may_read(place: Workplace) -> None:
    systems = loaded(place).deployment.systems
    ring = keys_of(systems)
    for system in (*SYSTEMS, "hall"):
        part = place.part(system, MORNING, 1.0)
        assert orjson.loads(part.read_bytes())["key"] == place.keys[system]
    place.providers_part()

    assert {ring.identify(key): system for system, key in place.keys.items()} == {name: name for name in PARTIES}
    secrets = {*place.keys.values(), *place.tokens.values()}
    for path in filter(Path.is_file, place.folder.rglob("*")):
        if any(secret in path.read_text(encoding="utf-8") for secret in secrets):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_addresses_with_passwords_stand_apart(place: Workplace) -> None:
    bus, journal = "amqp://u:made-up@127.0.0.1/", "postgresql://u:made-up@127.0.0.1/d"
    place.province_part()
    place.configure(PORTS, BESIDE, bus, journal)

    assert "made-up" not in place.config.read_text(encoding="utf-8")
    assert (place.folder / "secrets/bus").read_text(encoding="utf-8") == bus
    assert isinstance(load_deployment(place.config), Loaded)


def test_a_second_demonstration_in_the_same_place_is_refused(place: Workplace) -> None:
    second = open_workplace(place.folder.parents[1], "0d0e0f", SystemClock())

    assert isinstance(second, Unusable)


def test_a_place_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    assert isinstance(open_workplace(tmp_path / "file" / "demo", "0a0b0c", SystemClock()), Unusable)


def test_only_the_last_runs_are_kept_and_nothing_else_is_touched(tmp_path: Path) -> None:
    mine = tmp_path / "runs" / "mine"
    mine.mkdir(parents=True)
    for n in range(9):
        (tmp_path / "runs" / f"20260101T00000{n}Z-0a0b0c").mkdir()
    place = open_workplace(tmp_path, "0a0b0c", SystemClock())
    assert isinstance(place, Workplace)
    os.close(place.lock)

    kept = sorted(path.name for path in (tmp_path / "runs").iterdir() if path != mine)
    assert mine.is_dir()
    assert kept == [*(f"20260101T00000{n}Z-0a0b0c" for n in range(5, 9)), place.folder.name]


@pytest.mark.parametrize(
    "name", [str(path.relative_to(TEMPLATE)) for path in sorted(TEMPLATE.rglob("*.yaml")) if path.is_file()]
)
def test_the_example_is_what_the_demonstration_uses(name: str) -> None:
    example, template = ROOT / "examples/morning" / name, TEMPLATE / name

    assert example.read_bytes() == template.read_bytes()
