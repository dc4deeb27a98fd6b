# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The example forms: all right, all converting, and what they say is what they do."""

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from contracts.conversion import Converted, Inexpressible
from contracts.item_forms.form import Form
from contracts.item_forms.load import LoadedForms, load_folder
from contracts.item_forms.people import spoken_of
from contracts.item_forms.shape import fields, path_of
from contracts.item_forms.violations import ROOT as DATA
from tests.contracts.item_forms.desk import faults, values
from tests.house.tree import ROOT

FOLDER = ROOT / "examples/forms"
_loaded = load_folder(FOLDER)
assert isinstance(_loaded, LoadedForms), "\n".join(map(str, _loaded))
REGISTRY = _loaded.registry
FORMS = REGISTRY.all()
CONVERTIBLE = [form for form in FORMS if form.conversion is not None]


def named(form: Form) -> str:
    return f"{form.name}-{form.version}"


def item_of(form: Form) -> str:
    return str(form.selectors[0]).replace("*", "X")


def test_ten_items_three_of_them_in_two_versions() -> None:
    assert len({form.name for form in FORMS}) >= 10
    assert len(CONVERTIBLE) >= 3
    assert isinstance(_loaded, LoadedForms)
    assert _loaded.warnings == ()


@pytest.mark.parametrize("form", FORMS, ids=named)
def test_every_form_is_found_by_its_item(form: Form) -> None:
    assert REGISTRY.find(item_of(form), form.version) is form


@pytest.mark.parametrize("form", FORMS, ids=named)
def test_every_field_that_speaks_of_a_person_is_marked(form: Form) -> None:
    said = {path_of(field.way, DATA) for field in fields(form.schema) if spoken_of(field) is not None}
    waived = {path_of(field.way, DATA) for field in fields(form.schema) if field.get("x-personal") == "none"}

    assert said - waived <= set(form.personal)
    assert form.personal


@pytest.mark.parametrize("newer", CONVERTIBLE, ids=named)
@given(data=st.data())
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
def test_converting_there_and_back_gives_the_original_or_tells_of_a_loss(newer: Form, data: st.DataObject) -> None:
    item = item_of(newer)
    older = REGISTRY.find(item, newer.version - 1)
    assert older is not None
    source, other = (newer, older) if data.draw(st.booleans()) else (older, newer)
    filled = data.draw(values(source.schema))
    assume(not source.check(filled))
    form = {"item_code": item, "form_version": source.version, "data": filled}

    there = REGISTRY.convert(form, other.version)

    assert form["data"] is filled
    if isinstance(there, Inexpressible):
        assert there.path.startswith(DATA)
        return
    assert not other.check(there.data["data"])
    back = REGISTRY.convert(there.data, source.version)
    if isinstance(back, Converted):
        assert back.data == form or there.losses or back.losses
        assert all(loss.path.startswith(DATA) for loss in (*there.losses, *back.losses))
    else:
        assert there.losses


def test_a_folder_is_read_with_its_digest(tmp_path: Path) -> None:
    assert isinstance(_loaded, LoadedForms)
    again = load_folder(FOLDER)
    assert isinstance(again, LoadedForms)
    assert again.digest == _loaded.digest != ""


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md"])
def test_the_form_that_the_guide_shows_is_right(page: str) -> None:
    blocks = re.findall(r"^```yaml\n(.*?)^```$", (FOLDER / page).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    [shown] = [block for block in blocks if block.startswith("name:")]

    assert faults(shown) == []
