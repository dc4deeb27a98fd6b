# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The pages of the connectors are what their manifests and models say: ``govhub connectors docs`` writes them."""

import re
from collections.abc import Iterator
from typing import get_args

from pydantic import BaseModel

from connectors.sdk.discovery import Broken, load, offered
from connectors.sdk.documents import described, model_of, roles_of
from hub.cli.connectors_kinds import INDEXES, documents
from tests.house.tree import ROOT

DOCS = ROOT / "docs"
OURS = [one for one in offered().values() if not isinstance(one, Broken) and one.value.startswith("connectors.")]


def untitled(model: type[BaseModel], seen: set[type[BaseModel]]) -> Iterator[str]:
    """Every field, at any depth, whose title has no Chinese or whose description has no English."""
    if model in seen:
        return
    seen.add(model)
    for name, field in model.model_fields.items():
        if not re.search("[\u4e00-\u9fff]", field.title or "") or not re.search("[A-Za-z]", field.description or ""):
            yield f"{model.__module__}.{model.__name__}.{name}"
        for inner in models(field.annotation):
            yield from untitled(inner, seen)


def models(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from models(inner)


def test_every_setting_of_ours_is_said_in_both_languages() -> None:
    seen: set[type[BaseModel]] = set()
    without: list[str] = []
    for entry in OURS:
        connector = load(entry.value, entry.name)
        assert not isinstance(connector, Broken), connector
        for role in roles_of(connector):
            without += untitled(model_of(connector, role), seen)

    assert not without, "give each a title in Chinese"
    assert len(seen) > 40, "settings within settings are looked at too"


def test_every_kind_of_ours_has_a_page_in_both_languages() -> None:
    for entry in OURS:
        page = (ROOT / "connectors" / entry.value.partition(":")[0].split(".")[1] / "README.md").read_text("utf-8")

        assert len(re.findall("[\u4e00-\u9fff]", page)) > 100, f"{entry.name}: it says too little in Chinese"
        assert len(re.findall("[A-Za-z]{3,}", page)) > 100, f"{entry.name}: it says too little in English"


def test_they_are_fresh() -> None:
    ours = [described(one) for entry in OURS if not isinstance(one := load(entry.value, entry.name), Broken)]
    made = documents(ours, {name: (DOCS / name).read_text("utf-8") for name in INDEXES})

    assert {"connectors/rest.md", "connectors/amqp.zh-CN.md", *INDEXES} <= made.keys()
    stale = [
        name for name, text in made.items() if not (DOCS / name).is_file() or (DOCS / name).read_text("utf-8") != text
    ]
    assert not stale, f"run govhub connectors docs: {stale}"
    assert {path.name for path in (DOCS / "connectors").iterdir()} == {
        name.removeprefix("connectors/") for name in made if name.startswith("connectors/")
    }
