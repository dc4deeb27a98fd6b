# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The sink of a processor: no network, a process in the journal instead."""

from dataclasses import dataclass
from typing import Self
from uuid import UUID

import orjson

from connectors.sdk import Accepted, Delivered, InDoubt, NotSeen, Outcome, Parcel, QueryOutcome, Rejected, Unavailable
from hub.ports.journal import Beginning, Entered, Joining, JournalDown, Processes, Unwritable
from hub.processors.processor import Correlation, Processor

_AGAIN = 2.0


@dataclass(frozen=True, slots=True)
class Intake:
    """Its idempotency key is the delivery's id, and so is the process's: a repeat begins nothing anew, and joins once."""

    destination: str
    processor: Processor
    processes: Processes

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Nothing is open."""

    async def send(self, parcel: Parcel) -> Outcome:
        """``Accepted`` once the process stands in the journal; its id is the reference of the answer to come. ``Delivered``
        once a message has joined one; ``Accepted`` where its process is to answer it, then its own id is the reference.
        """
        refusal = self.processor.refusal(parcel)
        if refusal is not None:
            return refusal
        correlation = self.processor.correlation(parcel)
        match await self._enter(parcel, correlation):
            case Entered.BEGUN:
                return Accepted(parcel.idempotency_key)
            case Entered.JOINED:
                return Accepted(parcel.idempotency_key) if correlation.answered else Delivered("joined")
            case Entered.KEY_TAKEN:
                return correlation.taken
            case Entered.NO_DELIVERY:
                return Rejected("PROCESS_UNKNOWN", "its delivery is not open any more")
            case Entered.NO_PROCESS:
                return correlation.stray
            case Unwritable(reason):
                return InDoubt(f"PROCESS_UNWRITABLE: {reason}")
            case JournalDown(reason):
                return Unavailable(f"JOURNAL_DOWN: {reason}", _AGAIN)

    async def _enter(self, parcel: Parcel, correlation: Correlation) -> Entered | JournalDown | Unwritable:
        delivery = UUID(parcel.idempotency_key)
        if correlation.joins is None:
            return await self.processes.begin(Beginning(delivery, correlation.keys))
        joining = Joining(
            delivery=delivery,
            destination=self.destination,
            key=correlation.joins,
            attributes=orjson.dumps(dict(parcel.attributes)),
            body=parcel.body,
            answered=correlation.answered,
        )
        entered = await self.processes.join(joining)
        if entered is not Entered.NO_PROCESS or not correlation.keys:
            return entered
        entered = await self.processes.begin(Beginning(delivery, correlation.keys))
        if entered is Entered.KEY_TAKEN:  # by another message a moment ago
            return await self.processes.join(joining)
        return entered

    async def query(self, idempotency_key: str) -> QueryOutcome | NotSeen:
        """Never needed: a repeat is safe."""
        return InDoubt(f"NOT_ASKED: {len(idempotency_key)}")

    async def check(self) -> Outcome:
        """It is always there."""
        return Delivered()
