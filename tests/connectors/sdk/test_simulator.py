# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Simulators are found beside their connectors, every word of theirs has a meaning, and scripts are read strictly."""

import re
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sdk import simulator as sdk
from connectors.sdk.discovery import Broken, offered
from connectors.sdk.simulator import Simulator, Word, script_of, simulators

FOUND = {name: one for name, one in simulators().items() if isinstance(one, Simulator)}


class Step(Word):
    OK = "ok", "好", "well"
    BUSY = "busy", "忙", "busy"


def test_every_kind_with_such_a_module_is_found() -> None:
    folders = {path.parent.name for path in Path(sdk.__file__).parents[1].glob("*/simulator.py")} - {"sdk"}
    assert set(FOUND) == folders >= {"rest", "soap", "rest_query", "ferry", "front_db"}


def test_every_kind_of_ours_has_one_and_its_readme_shows_how_to_start_it() -> None:
    """A binding comes with a simulator of its far side: a kind without one is not finished."""
    ours = {
        name: Path(sdk.__file__).parents[2].joinpath(*entry.module.split("."))
        for name, entry in offered().items()
        if isinstance(entry, EntryPoint) and entry.module.startswith("connectors.")
    }
    assert ours.keys() - FOUND.keys() == set()
    told = {name: (folder / "README.md").read_text("utf-8") for name, folder in ours.items()}
    assert {
        name for name, text in told.items() if not re.search(f"govhub simulate {name}\\b".replace("_", "[-_]"), text)
    } == set()


@pytest.mark.parametrize("name", FOUND)
def test_it_says_what_it_is_and_what_each_word_means(name: str) -> None:
    one = FOUND[name]
    assert one.name == name
    assert all(one.about)
    assert all(all(word.meaning) for word in one.words)
    fields = one.options.model_fields.values() if one.options is not None else ()
    assert all(field.description for field in fields)


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("", ()),
        ("ok", (Step.OK,)),
        (" ok , busy,", (Step.OK, Step.BUSY)),
        ("ok*2,busy", (Step.OK, Step.OK, Step.BUSY)),
        ("busy*0", ()),
        ("ok,bsy", "bsy"),
        ("ok*x", "ok*x"),
        ("ok*-1", "ok*-1"),
        ("ok*9999999999", "ok*9999999999"),
    ],
)
def test_a_script_is_read(text: str, script: object) -> None:
    assert script_of(Step, text) == script


@given(st.text(max_size=30))
def test_whatever_is_written_it_is_a_script_or_names_what_is_none(text: str) -> None:
    script = script_of(Step, text)
    assert script in text if isinstance(script, str) else set(script) <= set(Step)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("SIMULATOR = 1", Broken("other", "other_kind.simulator:SIMULATOR is no simulator")),
        ("raise SystemExit(3)", Broken("other", "other_kind.simulator cannot be loaded: SystemExit")),
        ("", None),
        (None, None),
    ],
)
def test_a_strangers_module_breaks_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str | None, expected: object
) -> None:
    (tmp_path / "other_kind").mkdir()
    (tmp_path / "other_kind/__init__.py").touch()
    if source is not None:
        (tmp_path / "other_kind/simulator.py").write_text(source, "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(
        sdk, "offered", lambda: {"other": EntryPoint("other", "other_kind:CONNECTOR", "govhub.connectors")}
    )
    try:
        assert simulators().get("other") == expected
    finally:
        for name in [one for one in sys.modules if one.startswith("other_kind")]:
            del sys.modules[name]
