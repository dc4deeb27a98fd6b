# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The hall (政务服务大厅): hears of acceptances, licences and collections, has the applicant told, documents sealed and licences
sent, and writes down what came of each.

What comes back goes into its book beside the effect: ``confirmed`` (a notice), ``sealed`` (a document, fetched from the hub under
its digest and kept in ``folder``), ``moved`` (a parcel, one entry for each event).
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hub.demo.far.calling import Hub
from hub.demo.far.fate import Morning
from hub.demo.far.ledger import Ledger
from hub.demo.far.services import MOVED, REPORTED, SEALED, Wish, document, request, wish_of


class Hall:
    """``ofd``: whether OFDs can be sealed on this machine."""

    def __init__(self, morning: Morning, hub: Callable[[], Hub], ledger: Ledger, folder: Path, *, ofd: bool) -> None:
        self._morning = morning
        self._hub = hub
        self._ledger = ledger
        self._folder = folder
        self._ofd = ofd
        self._tasks: set[asyncio.Task[None]] = set()
        self._resting = False

    async def on_effect(self, received: dict[str, Any]) -> None:
        """A message has arrived."""
        index = self._morning.index(received.get("subject", ""))
        if index is None or self._resting:  # of another morning, still on its way
            return
        match received["type"]:
            case contract if contract == REPORTED:
                await self._confirmed(received["data"])
            case contract if contract == SEALED:
                self._start(self._collect(received["subject"], received["data"]))
            case contract if contract == MOVED:
                await self._moved(received["data"])
            case contract:
                fate = self._morning.fate(index)
                turn = next(
                    turn for turn in fate.turns if (turn.contract, turn.number) == (contract, int(received["sequence"]))
                )
                if (wish := wish_of(fate, turn)) is not None:
                    self._start(self._ask(wish))

    def rest(self) -> None:
        """Begin nothing more."""
        self._resting = True

    async def finish(self) -> None:
        """Nothing is under way any more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _ask(self, wish: Wish) -> None:
        if wish.service == "seal":
            await self._hub().upload(document(wish.fate, ofd=self._ofd))
        now = datetime.now(UTC)  # noqa: TID251  # because another's system has its own clock
        await self._hub().send(request(wish, now, ofd=self._ofd))

    async def _confirmed(self, data: dict[str, Any]) -> None:
        for one in data.get("statuses") or ():
            await self._ledger.write("confirmed", number=data["notice_no"], status=one["status"])

    async def _collect(self, case: str, data: dict[str, Any]) -> None:
        content = b""
        if data["result"] == "done":
            content = await self._hub().fetched(case, data["digest"], data["size"])
        if content:
            name = f"{data['task_no']}{'.pdf' if data['structure'] == 'pades' else '.ofd'}"
            await asyncio.to_thread((self._folder / name).write_bytes, content)
        told = {"result": data["result"], "structure": data.get("structure", ""), "whole": bool(content)}
        await self._ledger.write("sealed", number=data["task_no"], **told)

    async def _moved(self, data: dict[str, Any]) -> None:
        told = {"waybill": data["waybill_no"], "status": data["status"]}
        await self._ledger.write("moved", number=data.get("order_no", ""), **told)

    def _start(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
