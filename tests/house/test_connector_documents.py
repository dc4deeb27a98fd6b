# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The pages of the connectors are what their manifests and models say: ``govhub connectors docs`` writes them."""

from connectors.sdk.discovery import Broken, load, offered
from connectors.sdk.documents import described
from hub.cli.connectors_kinds import INDEXES, documents
from tests.house.tree import ROOT

DOCS = ROOT / "docs"


def test_they_are_fresh() -> None:
    entries = [one for one in offered().values() if not isinstance(one, Broken) and one.value.startswith("connectors.")]
    ours = [described(one) for entry in entries if not isinstance(one := load(entry.value, entry.name), Broken)]
    made = documents(ours, {name: (DOCS / name).read_text("utf-8") for name in INDEXES})

    assert {"connectors/rest.md", "connectors/amqp.zh-CN.md", *INDEXES} <= made.keys()
    stale = [
        name for name, text in made.items() if not (DOCS / name).is_file() or (DOCS / name).read_text("utf-8") != text
    ]
    assert not stale, f"run govhub connectors docs: {stale}"
    assert {path.name for path in (DOCS / "connectors").iterdir()} == {
        name.removeprefix("connectors/") for name in made if name.startswith("connectors/")
    }
