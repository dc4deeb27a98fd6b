# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A receiver that is open: which system speaks through it, what has come of its callers, and a guard around its code."""

import asyncio
import re
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from structlog.typing import FilteringBoundLogger

from connectors.sdk import Admission, Admitted, Disposition, Reply, Request, TurnedAway
from connectors.sdk.guard import raised
from connectors.sdk.metrics import Meter
from connectors.sdk.receiver import MAX_ITEMS, MAX_NOTE_BYTES
from connectors.sdk.receiver_host import Fallen, OpenReceiver
from hub.inlet import Bringer

_SECONDS = 10.0  # a receiver waits for nobody, so this is generous
_MAX_REPLY_BYTES = 4 * 2**20
_CODE = re.compile(r"[A-Z][A-Z0-9_]{0,63}")
_Told = TypeVar("_Told")


@dataclass(slots=True, kw_only=True)
class Reception:
    """``taken``, ``refused`` and ``turned_away`` count since the hub started."""

    name: str
    bringer: Bringer
    receiver: OpenReceiver
    log: FilteringBoundLogger
    taken: int = 0
    refused: int = 0
    turned_away: dict[str, int] = field(default_factory=dict)
    kind: str = ""
    meter: Meter = field(default_factory=Meter)

    async def admit(self, request: Request) -> Admission | Fallen:
        """As the receiver's, whatever it does."""
        told = await self._guarded(self.receiver.admit(request))
        return told if isinstance(told, Fallen) or _is_sound(told) else _nonsense("admit")

    async def reply(self, note: str, answers: Sequence[tuple[int, Disposition]]) -> Reply | Fallen:
        """As the receiver's, whatever it does."""
        told = await self._guarded(self.receiver.reply(note, answers))
        return told if isinstance(told, Fallen) or _is_reply(told) else _nonsense("reply")

    def turn_away(self, code: str) -> None:
        """Count it."""
        self.turned_away[code] = self.turned_away.get(code, 0) + 1

    async def _guarded(self, call: Awaitable[_Told]) -> _Told | Fallen:
        try:
            async with asyncio.timeout(_SECONDS):
                return await call
        except TimeoutError:
            return Fallen("RECEIVER_OVERDUE")
        except (Exception, SystemExit) as error:  # noqa: BLE001  # because a connector's code may raise anything
            return Fallen(f"RECEIVER_RAISED: {raised(error)}")


def _nonsense(call: str) -> Fallen:
    return Fallen(f"RECEIVER_NONSENSE: what {call} returned is none of its answers")


def _is_sound(told: object) -> bool:
    match told:
        case Admitted(items=items, note=note):
            tokens = {item.token for item in items}
            return 0 < len(items) == len(tokens) <= MAX_ITEMS and len(note.encode()) <= MAX_NOTE_BYTES
        case TurnedAway(code=code, reply=reply):
            return _CODE.fullmatch(code) is not None and _is_reply(reply)
        case _:
            return _is_reply(told)


def _is_reply(told: object) -> bool:
    return isinstance(told, Reply) and 200 <= told.status <= 599 and len(told.body) <= _MAX_REPLY_BYTES
