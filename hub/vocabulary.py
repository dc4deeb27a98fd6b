# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The contract versions that are in use on this journal, as this hub knows them. 在用的契约版本

A version comes into use with its first message, and only when every hub at work knows it; so no message is ever accepted
that some hub could not read. A hub that knows less than what is in use does not join.
"""

import asyncio
from dataclasses import dataclass, field

from contracts.contract import Contract
from contracts.refusal import Refusal
from contracts.text import Text
from hub.ports.journal import Activations, JournalDown, Unready

LIVING = 10.0
"""Seconds after its last beat for which a hub counts as at work; its leases last no longer."""

_SOON = 5.0


@dataclass(slots=True)
class Vocabulary:
    """``active`` never holds a version that is not in use. ``unspoken`` are versions in use that this hub cannot read:
    then it works on nothing.
    """

    activations: Activations
    active: set[str] = field(default_factory=set)
    unspoken: tuple[str, ...] = ()
    asking: dict[str, asyncio.Task[Refusal | None]] = field(default_factory=dict)

    async def admit(self, contract: Contract) -> Refusal | None:
        """Have this version in use, or say why it cannot be yet. The first time it asks the journal."""
        if contract.schema_uri in self.active:
            return None
        # The first messages may come by the hundred: one of them asks, and all that came meanwhile share its answer, also when
        # that is long in coming.
        asked = self.asking.get(contract.schema_uri)
        if asked is None:
            asked = asyncio.create_task(self._activate(contract), name=f"activate {contract.schema_uri}")
            self.asking[contract.schema_uri] = asked
            asked.add_done_callback(lambda _: self.asking.pop(contract.schema_uri))
        return await asyncio.shield(asked)

    async def _activate(self, contract: Contract) -> Refusal | None:
        match await self.activations.activate(contract.schema_uri, LIVING):
            case None:
                self.active.add(contract.schema_uri)
                return None
            case Unready(hubs):
                named = {"contract": contract.schema_uri, "hubs": ", ".join(hubs)}
                return Refusal("E_CONTRACT_INACTIVE", _UNREADY.filled(**named), retry_after=_SOON)
            case JournalDown():
                return Refusal("E_JOURNAL_DOWN", _DOWN, retry_after=_SOON)


_UNREADY = Text(
    "契约 {contract} 尚未启用：实例 {hubs} 还不认识它，升级后自动启用。",
    "{contract} is not in use yet: hub {hubs} does not know it; it will be once that is upgraded.",
)
_DOWN = Text("中枢的登记库暂时不可用，消息未接收。", "The journal is away; the message was not accepted.")
