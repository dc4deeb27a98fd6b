# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Who is speaking: a bearer of a known key, and nobody else."""

import orjson
import pytest

from certs.api_key import KeyRing, digest_of
from contracts.problem import problem
from contracts.refusal import Refusal
from hub.stages.identify import identify

KEY = "ghk_made-up"
RING = KeyRing.of([("portal", [digest_of(KEY)])])


@pytest.mark.parametrize("written", [f"Bearer {KEY}", f"bearer {KEY}", f"BEARER   {KEY} "])
def test_the_bearer_of_a_key_is_its_system(written: str) -> None:
    assert identify(RING, written) == "portal"


@pytest.mark.parametrize("written", [None, "", " ", "Bearer", "Bearer ", KEY, f"Basic {KEY}", f"Bearer\t{KEY}"])
def test_no_key(written: str | None) -> None:
    refusal = identify(RING, written)
    assert isinstance(refusal, Refusal)
    assert refusal.code == "E_KEY_MISSING"


@pytest.mark.parametrize("key", ["ghk_other", KEY + "x", "x" * 100_000, "\udcff", "鑰匙", "a b"])
def test_a_key_of_nobody_is_told_so_and_not_repeated(key: str) -> None:
    refusal = identify(RING, f"Bearer {key}")
    assert isinstance(refusal, Refusal)
    assert refusal.code == "E_KEY_UNKNOWN"
    document = problem(refusal, None)
    assert document["status"] == 401
    assert key not in orjson.dumps(document).decode()
