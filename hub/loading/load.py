# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A load from beginning to end: rows are read, checked and sent, in their order, a few hundred at a time."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from hub.loading.checking import Checker, Fit, Unfit
from hub.loading.export import Unread, Written
from hub.loading.sending import Away, Denied, Sender

TOGETHER = 500
"""Rows that are checked before any of them is sent."""


@dataclass(slots=True)
class Loaded:
    """How far it is. ``taken``: by the hub, now or in an earlier run. ``ended``: why it did not come to its end."""

    read: int = 0
    fit: int = 0
    taken: int = 0
    refused: int = 0
    codes: dict[str, int] = field(default_factory=dict)
    ended: Away | Denied | None = None


async def load(
    rows: Iterable[Written | Unread],
    checker: Checker,
    sender: Sender | None,
    refused: Callable[[Unfit], None],
    progress: Callable[[Loaded], None],
) -> Loaded:
    """Until all rows are read, or the hub takes nothing more. Without a sender rows are checked and nothing is sent.

    ``refused`` is told every row that is not taken, ``progress`` after every few hundred rows.
    """
    loading = _Loading(checker, sender, refused)
    for row in rows:
        loading.check(row)
        if loading.done.read % TOGETHER == 0:
            await loading.send()
            progress(loading.done)
            if loading.done.ended is not None:
                return loading.done
    await loading.send()
    progress(loading.done)
    return loading.done


@dataclass(slots=True)
class _Loading:
    checker: Checker
    sender: Sender | None
    refused: Callable[[Unfit], None]
    done: Loaded = field(default_factory=Loaded)
    fits: list[Fit] = field(default_factory=list)

    def check(self, row: Written | Unread) -> None:
        self.done.read += 1
        checked = self.checker.check(row)
        if isinstance(checked, Unfit):
            self._refuse(checked)
        else:
            self.done.fit += 1
            self.fits.append(checked)

    async def send(self) -> None:
        fits, self.fits = self.fits, []
        if self.sender is None:
            return
        async for answer in self.sender.send(fits):
            if isinstance(answer, Away | Denied):
                self.done.ended = answer
                return
            fit, unfit = answer
            if unfit is None:
                self.done.taken += 1
            else:
                self.checker.refuse(fit)
                self._refuse(unfit)

    def _refuse(self, unfit: Unfit) -> None:
        self.done.refused += 1
        self.done.codes[unfit.code] = self.done.codes.get(unfit.code, 0) + 1
        self.refused(unfit)
