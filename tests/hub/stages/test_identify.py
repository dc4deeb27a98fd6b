# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Who is speaking: a bearer of a known key, and nobody else."""

from datetime import UTC, datetime, timedelta

import orjson
import pytest

from certs.api_key import KeyRing, KeyTerms, Scope, digest_of
from contracts.problem import problem
from contracts.refusal import Refusal
from hub.identities.clients import Clients
from hub.identities.trusting import Trusting
from hub.operators import Operators, Right
from hub.stages.identify import Known, Presented, Vouched, identify, identify_at
from tests.support.journals import SteppedClock

KEY = "ghk_made-up"
RING = KeyRing.of([("portal", [digest_of(KEY)])])
NOW = datetime(2026, 3, 2, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize("written", [f"Bearer {KEY}", f"bearer {KEY}", f"BEARER   {KEY} "])
def test_the_bearer_of_a_key_is_its_system(written: str) -> None:
    assert identify(RING, written, NOW) == "portal"


@pytest.mark.parametrize("written", [None, "", " ", "Bearer", "Bearer ", KEY, f"Basic {KEY}", f"Bearer\t{KEY}"])
def test_no_key(written: str | None) -> None:
    refusal = identify(RING, written, NOW)
    assert isinstance(refusal, Refusal)
    assert refusal.code == "E_KEY_MISSING"


@pytest.mark.parametrize("key", ["ghk_other", KEY + "x", "x" * 100_000, "\udcff", "鑰匙", "a b"])
def test_a_key_of_nobody_is_told_so_and_not_repeated(key: str) -> None:
    refusal = identify(RING, f"Bearer {key}", NOW)
    assert isinstance(refusal, Refusal)
    assert refusal.code == "E_KEY_UNKNOWN"
    document = problem(refusal, None)
    assert document["status"] == 401
    assert key not in orjson.dumps(document).decode()


def test_who_was_vouched_for_needs_no_key() -> None:
    assert identify(RING, Vouched("portal"), NOW) == "portal"


OLD, NEW = "ghk_made-up-old", "ghk_made-up-new"
ROTATING = KeyRing.of(
    [
        (
            "portal",
            [KeyTerms(digest_of(OLD), not_after=NOW + DAY), KeyTerms(digest_of(NEW), not_before=NOW - DAY)],
        ),
        ("fetcher", [KeyTerms(digest_of("ghk_made-up-f"), scopes=frozenset({Scope.MAILBOX}))]),
    ]
)


@pytest.mark.parametrize(
    ("days", "old", "new"),
    [(-2, "portal", "E_KEY_NOT_YET_VALID"), (0, "portal", "portal"), (2, "E_KEY_EXPIRED", "portal")],
)
def test_while_one_key_replaces_another_one_of_them_always_serves(days: int, old: str, new: str) -> None:
    told = [identify(ROTATING, f"Bearer {key}", NOW + days * DAY) for key in (OLD, NEW)]
    assert [one.code if isinstance(one, Refusal) else one for one in told] == [old, new]


@pytest.mark.parametrize("scope", Scope)
def test_a_key_is_good_for_its_scopes_alone(scope: Scope) -> None:
    known = Known(ROTATING, Operators(RING), Clients(), Trusting(SteppedClock()))
    told = identify_at(known, Presented("Bearer ghk_made-up-f"), NOW, None, scope)

    assert (told.code if isinstance(told, Refusal) else told) == (
        "fetcher" if scope is Scope.MAILBOX else "E_KEY_SCOPE"
    )
    assert identify_at(known, Presented(f"Bearer {NEW}"), NOW, None, scope) == "portal"


def test_operators_and_systems_are_never_taken_for_each_other() -> None:
    known = Known(ROTATING, Operators(RING, {"portal": frozenset({Right.READ})}), Clients(), Trusting(SteppedClock()))
    at_systems = identify_at(known, Presented(f"Bearer {KEY}"), NOW, None)
    at_operators = identify_at(known, Presented(f"Bearer {NEW}"), NOW, Right.READ)

    assert isinstance(at_systems, Refusal)
    assert isinstance(at_operators, Refusal)
    assert (at_systems.code, at_operators.code) == ("E_SYSTEMS_ONLY", "E_OPERATORS_ONLY")
    assert identify_at(known, Presented(f"Bearer {KEY}"), NOW, Right.READ) == "portal"
