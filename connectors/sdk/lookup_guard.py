# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Run a question so that whatever the connector does, a finding comes back, and in time. As :mod:`connectors.sdk.guard`."""

import asyncio
from typing import Self

from connectors.sdk.guard import MARGIN_SECONDS, QUESTION_SECONDS, guarded, raised, sound
from connectors.sdk.lookup import Finding, Found, Lookup, NotFound, Question
from connectors.sdk.lookup_wire import MOST_RECORDS
from connectors.sdk.outcomes import Outcome, Rejected, Unavailable


class GuardedLookup:
    """A lookup in the hub's own process, every call of which is guarded."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup

    async def __aenter__(self) -> Self:
        await self._lookup.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._lookup.__aexit__(*exc)

    async def ask(self, question: Question) -> Finding:
        """As the lookup's, whatever it does. A question has no effect, so all that is not an answer is ``Unavailable``."""
        try:
            async with asyncio.timeout(question.timeout + MARGIN_SECONDS):
                finding: object = await self._lookup.ask(question)
        except TimeoutError:
            return Unavailable("OVERDUE: the connector ignored its time-out")
        except (Exception, SystemExit) as error:  # noqa: BLE001  # because a connector may raise anything
            return Unavailable(f"CONNECTOR_RAISED: {raised(error)}")
        return _sound(finding) or Unavailable("CONNECTOR_NONSENSE: what it returned is not a finding")

    async def check(self) -> Outcome:
        """As the lookup's, whatever it does."""
        return await guarded(self._lookup.check, QUESTION_SECONDS)


def _sound(finding: object) -> Finding | None:
    match finding:
        case Found(records=tuple() as records, complete=bool()) if 0 < len(records) <= MOST_RECORDS:
            return finding
        case NotFound():
            return finding
        case Rejected() | Unavailable():
            kept = sound(finding)
            return kept if isinstance(kept, Rejected | Unavailable) else None
        case _:
            return None
