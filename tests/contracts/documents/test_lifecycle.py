# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The page of the life of a case says what the rules say."""

import pytest

from contracts.catalogue import builtin
from contracts.documents.files import files
from contracts.documents.lifecycle_picture import picture
from contracts.documents.page import Language
from contracts.lifecycle.message import READINGS, Kind
from contracts.lifecycle.rules import BARS, CONTRADICTION, WAITS, Bar, Wait
from contracts.lifecycle.standing import Ticking

RULES: tuple[Wait | Bar, ...] = (*WAITS, *BARS)
PAGE = files()["lifecycle.md"]
EVENTS = PAGE.split('<a id="events"></a>')[1].split("<a id=")[0]


@pytest.mark.parametrize(
    "arrow",
    [
        "[*] --> unknown",
        "unknown --> applied: application",
        "applied --> correcting: prereview·to be corrected, correction requested, acceptance·to be corrected",
        "correcting --> applied: correction supplied",
        "correcting --> prereviewed: prereview·passed, correction supplied",
        "prereviewed --> handling: acceptance·accepted",
        "applied --> refused: prereview·refused, acceptance·refused",
        "handling --> suspended: special procedure started·any other special procedure",
        "suspended --> handling: special procedure ended",
        "suspended --> closed: completion",
        "handling --> closed: completion",
        "closed --> licensed: licence",
        "licensed --> collected: collection",
        "collected --> [*]",
    ],
)
def test_the_picture_shows_the_way_of_a_case(arrow: str) -> None:
    assert f"    {arrow}" in picture(Language.EN).splitlines()


def test_the_picture_leads_nowhere_else() -> None:
    leaving = [line.split()[0] for line in picture(Language.EN).splitlines() if "-->" in line]

    assert leaving.count("collected") == 1
    assert "refused --> handling" not in picture(Language.EN)


@pytest.mark.parametrize("kind", Kind)
def test_every_event_and_every_code_is_listed_with_its_contract(kind: Kind) -> None:
    reading = READINGS[kind]
    listed = [line for line in EVENTS.splitlines() if f"[`{kind.value}`](contracts/{kind.value}.md)" in line]

    assert listed
    assert all(f"`{reading.at}` |" in line for line in listed)
    for code in reading.outcomes or ():
        assert sum(f"`{reading.decides} = {code.value}` " in line for line in listed) == 1


def test_codes_of_a_later_version_say_so() -> None:
    assert "`result = withdrawn` withdrawn by the applicant (since version 2)" in EVENTS
    assert "`result = voided` voided<br>" in EVENTS


def test_every_rule_and_every_state_of_the_clock_is_told() -> None:
    numbers = [*(wait.number for wait in WAITS), *(bar.number for bar in BARS), CONTRADICTION]

    assert [number for number in numbers if PAGE.count(f"| {number} |") != 1] == []
    assert [one for one in Ticking if f"- `{one.value}`: " not in PAGE] == []


def test_each_contract_repeats_its_own_rules_only() -> None:
    pages = files()
    for kind in Kind:
        told = pages[f"contracts/{kind.value}.md"].split('<a id="lifecycle"></a>')[1].split('<a id="v')[0]
        own = {rule.number for rule in RULES if any(on.kind is kind for on in rule.on)}
        assert {rule.number for rule in RULES if f"| {rule.number} |" in told} == own
    others = {contract.type for contract in builtin().all()} - {kind.value for kind in Kind}
    assert [name for name in others if '<a id="lifecycle"></a>' in pages[f"contracts/{name}.md"]] == []
