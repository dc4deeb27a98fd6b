# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Sampling a window of history evenly: many thin slices, each with the weight of what it stands for."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Final

from hub.ports.journal import JournalDown, SampledMessage, Samples

SLICES: Final = 100
PER_SLICE: Final = 100


async def sampled(
    samples: Samples, since: datetime, until: datetime, *, slices: int = SLICES, per_slice: int = PER_SLICE
) -> AsyncIterator[tuple[Sequence[SampledMessage], float] | JournalDown]:
    """Each slice with its weight: how many messages one of it stands for. At most ``slices * per_slice`` messages.

    A slice that holds more than is read is taken to go on as it began.
    """
    length = (until - since) / slices
    for n in range(slices):
        start, end = since + n * length, since + (n + 1) * length
        found = await samples.slice(start, end, per_slice)
        if isinstance(found, JournalDown):
            yield found
            return
        weight = 1.0
        if len(found) == per_slice:
            covered = max((found[-1].accepted_at - start).total_seconds(), 0.001)
            weight = max(1.0, length.total_seconds() / covered)
        yield found, weight
