# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""How a department that can only call out gets its messages: long poll, take effect, acknowledge.

It is not always in form: now and then it asks for a message again later, and once in a while it forgets to acknowledge
what it has worked on, so that the same message comes again when the lease has run out.
"""

import asyncio
from typing import Any

from hub.demo.far.calling import Hub
from hub.demo.far.chance import chance
from hub.demo.far.inbox import Inbox


class Collecting:
    """Fetches until cancelled."""

    def __init__(self, hub: Hub, mailbox: str, inbox: Inbox, seed: int) -> None:
        self._hub = hub
        self._mailbox = f"/v1/mailbox/{mailbox}"
        self._inbox = inbox
        self._seed = seed
        self._met: set[str] = set()

    async def run(self) -> None:
        """Never returns; an unreachable hub is asked again."""
        while True:
            status, shelf = await self._hub.get_json(f"{self._mailbox}?max=50&wait=10")
            match status:
                case 200:
                    await self._work_off(shelf)
                case 204:
                    continue
                case _:
                    await asyncio.sleep(0.5)

    async def _work_off(self, shelf: Any) -> None:
        results = await asyncio.gather(*(self._take(one) for one in shelf["messages"]))
        results = [result for result in results if result is not None]
        for _ in range(5):
            if not results:
                return
            status, _said = await self._hub.post_json(
                f"{self._mailbox}/ack", {"lease": shelf["lease"], "results": results}
            )
            if status not in {0, 503}:
                return
            await asyncio.sleep(0.3)

    async def _take(self, one: Any) -> dict[str, Any] | None:
        delivery, event = one["delivery"], one["event"]
        drawn = 0.5 if delivery in self._met else chance(self._seed, event["id"], "collecting")
        self._met.add(delivery)
        if drawn < 0.02:
            return {"delivery": delivery, "outcome": "retry", "after_seconds": 1}
        await self._inbox.take(delivery, event)
        if drawn > 0.99:
            return None
        return {"delivery": delivery, "outcome": "delivered", "receipt": f"MZ-{event['id']}"}
