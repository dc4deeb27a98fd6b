# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A destination that is open: its sink, how it wants its messages, and how much it is sent at a time."""

import asyncio
from dataclasses import dataclass, field

from structlog.typing import FilteringBoundLogger

from connectors.sdk import Sink
from hub.stages.judge import Policy
from hub.stages.translate import Form


@dataclass(frozen=True, slots=True)
class Outlet:
    """``slots`` bounds concurrent sends. ``shelved`` is set whenever a delivery went on the shelf of a mailbox."""

    name: str
    system: str
    sink: Sink
    form: Form
    policy: Policy
    slots: asyncio.Semaphore
    log: FilteringBoundLogger
    shelved: asyncio.Event = field(default_factory=asyncio.Event)
