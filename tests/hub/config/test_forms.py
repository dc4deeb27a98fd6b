# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The ``forms`` section of a deployment: where forms are, and what becomes of what is not registered."""

from pathlib import Path

import pytest

from contracts.item_forms.policy import FormPolicy
from hub.config.load import Loaded, load_deployment
from tests.contracts.item_forms.desk import GOOD

DEPLOYMENT = "systems: {portal: {}, terminal: {}}\ndestinations: {}\n"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "forms").mkdir()
    (tmp_path / "forms" / "shop.yaml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "routes.yaml").write_text("version: 1\nroutes: []\n", encoding="utf-8")
    return tmp_path / "govhub.yaml"


def loaded(config: Path, forms: str) -> Loaded:
    config.write_text(DEPLOYMENT + forms, encoding="utf-8")
    found = load_deployment(config)
    assert isinstance(found, Loaded), found
    return found


def places(config: Path, forms: str) -> list[tuple[str, str]]:
    config.write_text(DEPLOYMENT + forms, encoding="utf-8")
    found = load_deployment(config)
    assert isinstance(found, tuple)
    return [(fault.code, f"{Path(fault.at.file).name}:{fault.at.line}:{fault.at.column}") for fault in found]


def test_without_a_section_every_form_is_carried_unchecked(config: Path) -> None:
    forms = loaded(config, "").item_forms()

    assert (forms.folder, forms.registry.all(), forms.policy) == (None, (), FormPolicy("accept", "refuse", "accept"))


def test_a_system_differs_only_in_what_it_says(config: Path) -> None:
    section = "forms: {unregistered: refuse, systems: {terminal: {missing: refuse}}}\n"
    forms = loaded(config, section).item_forms()

    assert forms.folder == config.parent / "forms"
    assert [form.name for form in forms.registry.all()] == ["shop"]
    assert forms.policy == FormPolicy("refuse", "refuse", "accept")
    assert forms.policies == {"terminal": FormPolicy("refuse", "refuse", "refuse")}
    assert forms.digest


def test_warnings_of_forms_are_warnings_of_the_deployment(config: Path) -> None:
    (config.parent / "forms" / "shop.yaml").write_text(GOOD.replace(", maxLength: 20", ""), encoding="utf-8")

    assert "FORM_UNBOUNDED" in [fault.code for fault in loaded(config, "forms: {}\n").warnings]


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        ("forms: {folder: nowhere}\n", ("FORM_FOLDER", "govhub.yaml:3:17")),
        ("forms: {unregistered: maybe}\n", ("E_VALUE", "govhub.yaml:3:23")),
        ("forms: {check_seconds: 0}\n", ("E_VALUE", "govhub.yaml:3:24")),
        ("forms: {systems: {termnal: {}}}\n", ("NAME_UNKNOWN", "govhub.yaml:3:19")),
    ],
)
def test_faults_of_the_section(config: Path, section: str, expected: tuple[str, str]) -> None:
    assert expected in places(config, section)


def test_faults_of_the_folder_stop_the_deployment(config: Path) -> None:
    (config.parent / "forms" / "shop.yaml").write_text(GOOD.replace("title: 面积", "title: a"), encoding="utf-8")

    assert places(config, "forms: {}\n") == [("FORM_TITLE", "shop.yaml:11:5")]
