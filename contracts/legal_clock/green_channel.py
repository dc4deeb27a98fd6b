# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The green channel (绿色通道): items that are to be handled faster than others. Pure.

One rule for every limit. Of an item in the channel:

    working days that the hub itself gives     shortened to the share that is left, rounded up, never less than one
    a span between two moments                 shortened to that share
    the promised period                        the item's own number of working days, where it has one and that ends sooner
    what the law gives                         never shortened
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class GreenChannel:
    """``items``: by item code, or by its beginning and a star, the working days promised there; None: no own number. The longest
    beginning that fits counts. ``share`` is what is left of a limit, above 0 and at most 1.
    """

    share: float = 1.0
    items: Mapping[str, int | None] = field(default_factory=dict)

    def has(self, item: str | None) -> bool:
        """Whether an item is in the channel."""
        return self._pattern(item) is not None

    def working_days(self, item: str | None, days: int) -> int:
        """What is left of so many working days; all of them where the item is not in the channel."""
        return max(1, math.ceil(days * self.share)) if self.has(item) else days

    def until(self, item: str | None, begun: datetime, due: datetime) -> datetime:
        """When a limit from one moment to another ends."""
        return begun + (due - begun) * self.share if self.has(item) else due

    def own_days(self, item: str | None) -> int | None:
        """The working days promised for the item; None: it has no number of its own, or is not in the channel."""
        pattern = self._pattern(item)
        return None if pattern is None else self.items[pattern]

    def promised_days(self, item: str | None, days: int | None) -> int | None:
        """What becomes of a promised period that the hub itself gives."""
        if (own := self.own_days(item)) is not None:
            return own if days is None else min(own, days)
        return None if days is None else self.working_days(item, days)

    def _pattern(self, item: str | None) -> str | None:
        if item is None or not self.items:
            return None
        fitting = [one for one in self.items if one == item or (one.endswith("*") and item.startswith(one[:-1]))]
        return max(fitting, key=lambda one: (not one.endswith("*"), len(one)), default=None)
