# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What is in the hub's way, and since when. Watched all the time, so that it is known also when nobody asked. 健康状况"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from hub.deadlines import Outlook
from hub.ports.journal import Standing


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing in the way (or, as a concern, one that should be seen to) since it began."""

    what: str
    reason: str
    since: datetime
    destination: str | None = None
    source: str | None = None


@dataclass(slots=True)
class Health:
    """As the watching worker last saw it. ``standings`` may be a little older, ``looked_at`` says when they were made."""

    blocked: tuple[Condition, ...] = ()
    concerns: tuple[Condition, ...] = ()
    standings: Sequence[Standing] = ()
    standings_at: float | None = None
    unowned: int = 0
    outlooks: Mapping[str, Outlook] = field(default_factory=dict)
    """Of destinations that are shut, as last looked at."""
    _since: dict[tuple[str, str | None, str | None], datetime] = field(default_factory=dict)

    def found(self, blocked: Sequence[Condition], concerns: Sequence[Condition]) -> None:
        """What one look found. What was there at the last look keeps its beginning."""
        seen = {_key(one): one.since for one in (*blocked, *concerns)}
        self._since = {key: min(since, self._since.get(key, since)) for key, since in seen.items()}
        self.blocked = tuple(map(self._kept, blocked))
        self.concerns = tuple(map(self._kept, concerns))

    def _kept(self, one: Condition) -> Condition:
        return replace(one, since=self._since[_key(one)])


def _key(one: Condition) -> tuple[str, str | None, str | None]:
    return one.what, one.destination, one.source
