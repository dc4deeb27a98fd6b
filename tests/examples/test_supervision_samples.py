# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The maps of the supervision exchange keep their samples, in both bindings, and nothing of applicants is written by either."""

import pytest

from connectors.front_db.profiles import SUPERVISION
from contracts.catalogue import builtin
from contracts.mapping.cases import Ran, run_beside
from contracts.mapping.loading import Loaded, load
from hub.cli.province import checked
from tests.house.tree import ROOT

MAPS = {"rows": SUPERVISION / "mapping.yaml", "xml": ROOT / "examples/supervision/xml.yaml"}


@pytest.mark.parametrize("name", MAPS)
def test_the_samples_are_kept(name: str) -> None:
    loaded = load(MAPS[name], builtin())
    assert isinstance(loaded, Loaded), loaded
    ran = run_beside(MAPS[name], loaded.site_map, builtin())
    assert isinstance(ran, Ran), ran
    assert len(ran.results) >= 7
    assert not ran.failed


def test_the_profile_is_whole_as_a_sites_own_folder_would_have_to_be() -> None:
    found = checked(SUPERVISION)
    assert (found.faults, found.questions, found.untold, found.failed) == ((), (), (), ())


@pytest.mark.parametrize("name", MAPS)
def test_nothing_of_applicants_goes_up(name: str) -> None:
    text = MAPS[name].read_text("utf-8")
    assert "path: applicant" not in text
    assert "path: contact" not in text
