# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Carry one parcel, whatever the connector does. 投递"""

from structlog.typing import FilteringBoundLogger

from connectors.sdk import Outcome, Parcel, Sink
from connectors.sdk.guard import guarded


async def send(sink: Sink, parcel: Parcel, log: FilteringBoundLogger) -> Outcome:
    """The outcome, always: a connector that raises, hangs or answers nonsense has a bug, and the outcome is in doubt."""

    async def call() -> object:
        try:
            return await sink.send(parcel)
        except Exception as bug:
            log.error("connector raised", error=type(bug).__name__, exc_info=bug)
            raise

    return await guarded(call, parcel.timeout)
