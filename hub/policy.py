# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""How a destination's deliveries are judged: when to try and to ask again, and what a dead letter does to its lane."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from connectors.sdk import Idempotency
from hub.ports.ids import Ids


@dataclass(frozen=True, slots=True)
class Learns:
    """Where a system says what it calls a case: the first group of ``pattern`` in its receipts to messages of ``contracts``."""

    system: str
    pattern: re.Pattern[str]
    contracts: frozenset[str]

    def number(self, contract: str, receipt: str) -> str:
        """The system's own number; empty: it says none."""
        found = self.pattern.search(receipt) if contract in self.contracts else None
        return found[1].strip() if found is not None and found[1] else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """When to try again and what a dead letter does to its lane. Counted in the journal, never in the broker.

    The first ``immediate`` failures in a row are tried again at once, the others after pauses that double from ``first`` up to
    ``longest`` seconds. ``poison``: so many sends in a row that broke the connector or the process, and it is dead.
    A doubt is asked about ``ask_first`` seconds later, then after pauses that double up to ``ask_longest``. The final answer to
    what was accepted should be in after ``answer_within`` seconds; it comes through the journal's answers, unless
    ``answered_later`` is False: then whoever fetched it says what became of it. ``dead_corrected``: a corrected record takes
    the place of a refused one in its lane. A final answer with one of the codes ``expiries`` says that it was too late: such a
    delivery is expired, and no dead letter. ``learns``: its
    receipts tell its own numbers.
    """

    attempts: int
    age: timedelta
    first: float
    longest: float
    idempotency: Idempotency
    ordered_completion: bool
    dead_continues: bool
    dead_corrected: bool = False
    immediate: int = 0
    poison: int = 5
    ask_first: float = 5.0
    ask_longest: float = 600.0
    answer_within: float | None = None
    answered_later: bool = True
    expiries: frozenset[str] = frozenset()
    learns: Learns | None = None


@dataclass(frozen=True, slots=True)
class Court:
    """What judging needs beside the case: who we are, ids for leaves, and chance between 0 and 1 for the jitter."""

    hub: str
    ids: Ids
    chance: Callable[[], float]
