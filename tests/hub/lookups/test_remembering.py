# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What is remembered, for how long, and how much of it."""

from connectors.sdk import Found, NotFound
from hub.config.lookups import CacheSection
from hub.lookups.remembering import Memory, Remembered

HIT, MISS = Found(({"name": "示例企业"},)), NotFound()
ONE, TWO = {"code": "1"}, {"code": "2"}


def test_nothing_is_remembered_unless_said() -> None:
    memory = Memory(CacheSection())
    memory.keep(ONE, HIT, 0)

    assert (memory.recall(ONE, 0), len(memory)) == (None, 0)


def test_hits_and_misses_last_as_long_as_each_may() -> None:
    memory = Memory(CacheSection(hit_seconds=10, miss_seconds=2))
    memory.keep(ONE, HIT, 0)
    memory.keep(TWO, MISS, 0)

    assert memory.recall(ONE, 10) == Remembered(HIT, 10, stale=False)
    assert memory.recall(TWO, 2) == Remembered(MISS, 2, stale=False)
    assert memory.recall(TWO, 2.1) is None
    assert memory.recall(ONE, 10.1) is None


def test_what_is_old_is_said_to_be() -> None:
    memory = Memory(CacheSection(hit_seconds=1, stale_seconds=5))
    memory.keep(ONE, HIT, 0)

    assert memory.recall(ONE, 6) == Remembered(HIT, 6, stale=True)
    assert memory.recall(ONE, 6.1) is None


def test_the_oldest_goes_for_the_newest() -> None:
    memory = Memory(CacheSection(hit_seconds=10, entries=2))
    for number in range(3):
        memory.keep({"code": str(number)}, HIT, number)

    assert (memory.recall({"code": "0"}, 3), len(memory)) == (None, 2)
    assert memory.recall({"code": "2"}, 3) is not None


def test_criteria_are_not_kept_in_the_clear() -> None:
    memory = Memory(CacheSection(hit_seconds=10))
    memory.keep({"id_number": "\ud800 made-up"}, HIT, 0)

    assert memory.recall({"id_number": "\ud800 made-up"}, 1) is not None
    assert "made-up" not in repr(vars(memory))
