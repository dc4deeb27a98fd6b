# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The child's side of :mod:`connectors.sdk.lookup_host`."""

from collections.abc import Coroutine, Mapping
from typing import Any

from connectors.sdk.lookup import Found, NotFound, Question
from connectors.sdk.lookup_guard import GuardedLookup
from connectors.sdk.lookup_wire import found_spoken, question_of
from connectors.sdk.outcomes import Rejected, Unavailable
from connectors.sdk.receiver_child import result
from connectors.sdk.receiver_wire import Spoken

_UNSAYABLE = Unavailable("CONNECTOR_NONSENSE: the records are not JSON, or too long to be handed over")


class LookupAtWork:
    """One guarded lookup, asked as the hub asks."""

    def __init__(self, lookup: GuardedLookup) -> None:
        self._lookup = lookup

    def call(self, head: Mapping[str, Any], _body: bytes) -> Coroutine[Any, Any, Spoken] | None:
        """What is to be done about a frame; None: nothing."""
        match head:
            case {"is": "ask", "question": dict(written), "seconds": int() | float() as seconds}:
                return self._ask(question_of(written, seconds))
            case {"is": "check"}:
                return self._check()
            case _:
                return None

    async def _ask(self, question: Question) -> Spoken:
        match await self._lookup.ask(question):
            case Found() | NotFound() as found:
                return found_spoken(found) or result(_UNSAYABLE)
            case Rejected() | Unavailable() as failure:
                return result(failure)

    async def _check(self) -> Spoken:
        return result(await self._lookup.check())
