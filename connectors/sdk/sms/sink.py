# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What every destination for text messages does beside its protocol: the line, reports, and saying what cannot be asked."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Final, Generic, Self, TypeVar

from connectors.sdk.outcomes import Delivered, InDoubt, Outcome, QueryOutcome, Rejected, Unavailable
from connectors.sdk.parcel import Parcel
from connectors.sdk.sink import Context
from connectors.sdk.sms.conversation import Conversation
from connectors.sdk.sms.line import Brought, Line
from connectors.sdk.sms.reports import Reports

C = TypeVar("C", bound=Conversation[Any, Any])

_CHECK_SECONDS: Final = 20.0
_CLOSED: Final = Unavailable("CLOSED: this destination is being closed")


class TextSink(ABC, Generic[C]):
    """A :class:`connectors.sdk.Sink`. ``upstream``: a source of the same account will take what people send."""

    def __init__(self, context: Context, line: Callable[[], Line[C]], *, upstream: bool) -> None:
        self.context = context
        self._make_line = line
        self._line: Line[C] | None = None
        self._reports = Reports(context)
        self._upstream = upstream
        self._count = 0

    @abstractmethod
    def prepared(self, parcel: Parcel) -> Any:
        """What a parcel comes to before anybody is called; ``Rejected`` where it cannot be sent."""

    @abstractmethod
    async def carry(self, prepared: Any, session: C, seconds: float) -> Outcome:
        """Send it by that connection, within so many seconds."""

    async def __aenter__(self) -> Self:
        self._reports.start()
        self._line = self._make_line()
        self._line.join(self)
        return self

    async def __aexit__(self, *exc: object) -> None:
        line, self._line = self._line, None
        if line is not None:
            await line.leave(self)
        await self._reports.end()

    async def send(self, parcel: Parcel) -> Outcome:
        """As the port says. Parts that were taken beside others that were not leave it in doubt: ``PARTLY_TAKEN``."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + parcel.timeout
        if self._line is None:
            return _CLOSED
        prepared = self.prepared(parcel)
        if isinstance(prepared, Rejected):
            return prepared
        session = await self._line.session(parcel.timeout)
        if isinstance(session, Unavailable):
            return session
        return await self.carry(prepared, session, deadline - loop.time())

    async def query(self, idempotency_key: str) -> QueryOutcome:  # noqa: ARG002  # because nobody can be asked
        """A gateway knows nothing of our keys."""
        return InDoubt("NOT_QUERYABLE: a gateway cannot be asked about a message")

    async def check(self) -> Outcome:
        """Whether we are logged in, or can be."""
        if self._line is None:
            return _CLOSED
        session = await self._line.session(_CHECK_SECONDS)
        return session if isinstance(session, Unavailable) else Delivered("LOGGED_IN")

    def report(self, brought: Brought) -> bool:
        """As :class:`connectors.sdk.sms.line.User` says."""
        self._reports.take(brought)
        return True

    def upstream(self, brought: Brought) -> bool:  # noqa: ARG002  # because none is for a destination
        """As :class:`connectors.sdk.sms.line.User` says."""
        return False

    def expects_upstream(self) -> bool:
        """As :class:`connectors.sdk.sms.line.User` says."""
        return self._upstream

    def next_reference(self) -> int:
        """A number that tells the parts of one message from those of another."""
        self._count += 1
        return self._count
