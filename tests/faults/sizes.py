# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""How much of each row is run: one word in ``GOVHUB_FAULTS`` decides, and every report says which it was."""

import os
from dataclasses import dataclass
from typing import Final

VARIABLE: Final = "GOVHUB_FAULTS"
SEED: Final = "GOVHUB_FAULTS_SEED"
"""A number to begin from; unset: a new one for every run. It is printed either way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Seconds unless said otherwise. ``outages`` are the lengths a row goes through, one after the other."""

    name: str
    repetitions: int
    rate: float
    """Messages per second and row."""
    kills: float
    """How long hubs are killed one after the other (F1)."""
    broker_kills: int
    outages: tuple[float, ...]
    partitions: tuple[float, ...]
    stop: float
    alarm: float
    calm: float
    """What the p99 of those that no fault touched may be. In the short size other tests share the machine: there the
    figure is told, and only a standstill fails the row."""
    noise: float
    """What a busy machine may add to a bound that is a share of something short."""
    crashes: int
    """How often a hub dies at each of the named points (F2)."""
    duplicates: int
    cases: int
    """Cases of interleaved process records (D4)."""
    unaffected: float
    """How long the other destinations are watched while some are ill (N4)."""
    row_seconds: float
    """The time-out of one test."""


SHORT = Size(
    name="short", repetitions=1, rate=30, kills=10, broker_kills=1, outages=(4,), partitions=(12,), stop=16, alarm=4,
    calm=30, noise=5.0, crashes=1, duplicates=1000, cases=200, unaffected=5, row_seconds=180,
)  # fmt: skip
FULL = Size(
    name="full", repetitions=3, rate=60, kills=120, broker_kills=3, outages=(5, 60), partitions=(5, 60), stop=60,
    alarm=30, calm=30, noise=5.0, crashes=1, duplicates=1000, cases=2000, unaffected=20, row_seconds=900,
)  # fmt: skip
SOAK = Size(
    name="soak", repetitions=20, rate=200, kills=600, broker_kills=20, outages=(5, 60, 300), partitions=(5, 60, 300),
    stop=120, alarm=600, calm=2, noise=0.25, crashes=50, duplicates=1000, cases=10_000, unaffected=60, row_seconds=7200,
)  # fmt: skip

SIZES: Final = {one.name: one for one in (SHORT, FULL, SOAK)}


def chosen() -> Size:
    """The size of this run. An unknown word is no reason to run something else than was asked for."""
    return SIZES[os.environ.get(VARIABLE, SHORT.name)]
