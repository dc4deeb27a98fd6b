# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Carry one parcel, whatever the connector does. 投递"""

import hashlib

from structlog.typing import FilteringBoundLogger

from connectors.sdk import InDoubt, Outcome, Parcel, Sink
from connectors.sdk.guard import broke, guarded
from connectors.sdk.host import ProcessSink


async def send(sink: Sink, parcel: Parcel, log: FilteringBoundLogger) -> Outcome:
    """The outcome, always: a connector that raises, hangs or answers nonsense has a bug, and the outcome is in doubt.

    What broke it is told by the digest of the body, so that it can be found again without being shown.
    """

    async def call() -> object:
        try:
            return await sink.send(parcel)
        except Exception as bug:
            log.error("connector raised", error=type(bug).__name__, exc_info=bug)
            raise

    # A connector in a process of its own is guarded there, and here it is known over which sends its process ended: a second
    # guard would cut in before that, and blame whoever merely waited for a process that another one had blocked.
    outcome = await sink.send(parcel) if isinstance(sink, ProcessSink) else await guarded(call, parcel.timeout)
    if isinstance(outcome, InDoubt) and broke(outcome.reason):
        return InDoubt(f"{outcome.reason}; body sha256 {hashlib.sha256(parcel.body).hexdigest()}")
    return outcome
