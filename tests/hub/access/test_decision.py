# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What no grant allows is denied: for every system, verb and contract there is, whatever the names look like."""

import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.catalogue import builtin
from hub.access.decision import Access, Allowed, Asked, Denied, Lacking, Verb
from hub.config.load import Loaded, load_deployment

APPLICATION = "cn.gov.application.submitted"
ACCEPTED = "cn.gov.acceptance.decided"
STEP = "cn.gov.process.step"
ITEM = "11510502008506170T4000117001000"

DEPLOYMENT = f"""\
systems:
  portal:
    sends: [{APPLICATION}]
    queries: [{{contract: {ACCEPTED}, regions: ["5105*"]}}]
  housing:
    sends:
      - {{contract: {ACCEPTED}, regions: ["510502"], items: ["{ITEM[:20]}*"]}}
      - {STEP}
    receives: [{APPLICATION}]
  mute: {{receives: [], queries: []}}
  superior: {{sends: ["*"]}}
destinations: {{housing: {{system: housing, connector: mailbox}}}}
lookups:
  people:
    connector: rest_query
    settings: {{url: "http://127.0.0.1/{{c.n}}", required: [n], answers: [{{means: found, statuses: [200], records: /d}}]}}
    systems: [portal]
"""
ROUTES = f"version: 1\nroutes:\n  - {{name: all, when: {{contract: {APPLICATION}}}, to: housing}}\n"
SYSTEMS = ("portal", "housing", "mute", "superior", "deleted", "")
TYPES = tuple(dict.fromkeys(contract.type for contract in builtin().all()))


@pytest.fixture(scope="module")
def access(tmp_path_factory: pytest.TempPathFactory) -> Access:
    folder: Path = tmp_path_factory.mktemp("access")
    (folder / "routes.yaml").write_text(ROUTES, encoding="utf-8")
    (folder / "govhub.yaml").write_text(DEPLOYMENT, encoding="utf-8")
    loaded = load_deployment(folder / "govhub.yaml", {})
    assert isinstance(loaded, Loaded), loaded
    return loaded.access


def expected(system: str, verb: Verb, contract: str) -> str | None:
    """The rule that lets a message without region and item pass, out of the deployment above, said once more by hand."""
    match system, verb:
        case "portal", Verb.SEND:
            return "systems.portal.sends[0]" if contract == APPLICATION else None
        case "housing", Verb.SEND:
            return "systems.housing.sends[1]" if contract == STEP else None
        case "superior", Verb.SEND:
            return "systems.superior.sends[0]"
        case "housing", Verb.RECEIVE:
            return "systems.housing.receives[0]" if contract == APPLICATION else None
        case (("portal" | "superior"), Verb.RECEIVE):
            return f"systems.{system}.receives:routed"
        case (("housing" | "superior"), Verb.QUERY):
            return f"systems.{system}.queries:own"
        case "portal", Verb.LOOK_UP:
            return "lookups.people.systems[0]" if contract == "people" else None
        case _:
            return None


def test_the_whole_matrix_of_systems_verbs_and_contracts(access: Access) -> None:
    asked = list(itertools.product(SYSTEMS, Verb, (*TYPES, "people", "pensions")))
    wrong = {}
    for system, verb, contract in asked:
        decision = access.decide(Asked(system=system, verb=verb, contract=contract))
        rule = expected(system, verb, contract)
        if (decision.rule if isinstance(decision, Allowed) else None) != rule:
            wrong[system, verb, contract] = (decision, rule)
    assert wrong == {}
    assert len(asked) > 6 * 4 * 30


@pytest.mark.parametrize(
    ("region", "item", "decision"),
    [
        ("510502", ITEM, Allowed("systems.housing.sends[0]")),
        ("510502001", ITEM, Allowed("systems.housing.sends[0]")),  # a township of it
        ("510502000000", ITEM, Allowed("systems.housing.sends[0]")),
        ("510503", ITEM, Denied(Lacking.REGION)),
        ("510500", ITEM, Denied(Lacking.REGION)),  # the city above it
        ("510502", "1" * 31, Denied(Lacking.ITEM)),
        (None, ITEM, Denied(Lacking.REGION)),
        ("510502", None, Denied(Lacking.ITEM)),
        ("", "", Denied(Lacking.REGION)),
        ("５１０５０２", ITEM, Denied(Lacking.REGION)),  # full-width digits
    ],
)
def test_limits_of_region_and_item(
    access: Access, region: str | None, item: str | None, decision: Allowed | Denied
) -> None:
    asked = Asked(system="housing", verb=Verb.SEND, contract=ACCEPTED, region=region, item=item)
    assert access.decide(asked) == decision


@pytest.mark.parametrize(
    ("system", "contract"),
    [
        ("portal", "*"),
        ("portal", APPLICATION.upper()),
        ("portal", APPLICATION + " "),
        ("portal", APPLICATION.replace("o", "\N{CYRILLIC SMALL LETTER O}")),
        ("portal", APPLICATION.replace(".", "%2E")),
        ("portal", APPLICATION + "\0"),
        ("portal", "cn.gov.application.*"),
        ("portal", f"urn:govhub:contract:{APPLICATION}:1"),
        ("Portal", APPLICATION),
        ("portal ", APPLICATION),
        ("p\N{CYRILLIC SMALL LETTER O}rtal", APPLICATION),
        ("portal\0", APPLICATION),
        ("*", APPLICATION),
    ],
)
def test_names_that_only_look_like_one(access: Access, system: str, contract: str) -> None:
    assert isinstance(access.decide(Asked(system=system, verb=Verb.SEND, contract=contract)), Denied)
    assert not access.conceivable(system, Verb.SEND, contract)


@given(st.text(), st.sampled_from(list(Verb)), st.text(), st.none() | st.text(), st.none() | st.text())
def test_without_grants_nobody_may_anything(
    system: str, verb: Verb, contract: str, region: str | None, item: str | None
) -> None:
    asked = Asked(system=system, verb=verb, contract=contract, region=region, item=item)
    assert Access().decide(asked) == Denied(Lacking.CONTRACT)
