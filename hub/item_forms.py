# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The items' own forms as this hub knows them now: swapped as a whole while it runs, never half. 事项表单"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from contracts.cloudevent import JsonValue
from contracts.fault import Fault
from contracts.item_forms.load import LoadedForms
from contracts.item_forms.policy import FormPolicy, judge
from contracts.item_forms.registry import FormRegistry
from contracts.refusal import Violation

CHECK_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Unread:
    """The folder as it is now cannot be used: what is wrong, and since when. The forms read before it stay in use."""

    faults: tuple[Fault, ...]
    since: datetime


@dataclass(slots=True)
class ItemForms:
    """``folder`` is looked at every ``check_seconds``; None: no forms are registered, and none ever will be.

    ``digest`` is of the folder's content when it was last read, whether it could be used or not. ``read`` rings after each
    reading. ``policies`` hold what differs for single systems.
    """

    registry: FormRegistry = field(default_factory=FormRegistry)
    policy: FormPolicy = field(default_factory=FormPolicy)
    policies: Mapping[str, FormPolicy] = field(default_factory=dict)
    folder: Path | None = None
    check_seconds: float = CHECK_SECONDS
    digest: str = ""
    unread: Unread | None = None
    read: asyncio.Condition = field(default_factory=asyncio.Condition)

    def violations(self, system: str, contract: str, data: JsonValue) -> tuple[Violation, ...]:
        """Everything wrong with the form in a record that this system sends."""
        return judge(self.registry, self.policies.get(system, self.policy), contract, data)

    async def take(self, digest: str, loaded: LoadedForms | tuple[Fault, ...], now: datetime) -> None:
        """What the folder holds at ``now``: the new forms at once, or the old ones with what is wrong with the new."""
        self.digest = digest
        if isinstance(loaded, LoadedForms):
            self.registry, self.unread = loaded.registry, None
        else:
            self.unread = Unread(loaded, now)
        async with self.read:
            self.read.notify_all()
