# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Carry one parcel, whatever the connector does. 投递"""

import asyncio

from structlog.typing import FilteringBoundLogger

from connectors.sdk import Accepted, Delivered, InDoubt, Outcome, Parcel, Rejected, Sink, Unavailable

_GRACE = 2.0  # a connector keeps its own deadline; this one is for those that do not


async def send(sink: Sink, parcel: Parcel, log: FilteringBoundLogger) -> Outcome:
    """The outcome, always: a connector that raises, hangs or answers nonsense has a bug, and the outcome is in doubt."""
    try:
        async with asyncio.timeout(parcel.timeout + _GRACE):
            outcome: object = await sink.send(parcel)
    except TimeoutError:
        return InDoubt("connector overran its deadline")
    except Exception as bug:  # because a bug in a connector must end as an outcome
        log.error("connector raised", error=type(bug).__name__, exc_info=bug)
        return InDoubt(f"connector raised {type(bug).__name__}")
    if isinstance(outcome, Delivered | Accepted | Rejected | Unavailable | InDoubt):
        return outcome
    log.error("connector answered nonsense", answer=type(outcome).__name__)
    return InDoubt(f"connector answered {type(outcome).__name__}")
