# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Saying how far everything has come: soon after it changes, and again and again, since what is said may get lost."""

import asyncio

from connectors.ferry.acknowledgement import Acknowledgement
from connectors.ferry.bundle import GENESIS, Kind
from connectors.ferry.carrier import AwayError, FolderCarrier
from connectors.ferry.config import SourceConfig
from connectors.ferry.gaps import Gaps
from connectors.ferry.keys import KeyFault
from connectors.ferry.post import Post
from connectors.ferry.register import Register
from connectors.ferry.store import StateFault
from connectors.sdk import Context


class Acknowledger:
    """``is_due``: something has changed that the other end should hear of."""

    def __init__(self, config: SourceConfig, context: Context, post: Post, register: Register, gaps: Gaps) -> None:
        self._config = config
        self._context = context
        self._post = post
        self._register = register
        self._gaps = gaps
        self._carrier = FolderCarrier(config.acks)
        self._said = -config.ack_seconds
        self._missing: tuple[int, ...] = ()
        self._told = False
        self.is_due = False

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                now = self._context.monotonic()
                if now - self._said >= self._config.ack_seconds:
                    self.is_due = True
                await self.say_if_due()
                self._told = False
            except (AwayError, StateFault, KeyFault) as trouble:
                if not self._told:
                    self._context.log.error("cannot acknowledge", reason=str(trouble), stream=self._config.stream)
                self._told = True
            await asyncio.sleep(self._config.poll_seconds)

    async def say_if_due(self) -> None:
        """Put an acknowledgement on its way if there is something new in it."""
        missing = self._gaps.missing
        if not self.is_due and missing == self._missing:
            return
        self.is_due = False
        try:
            number, written = await asyncio.to_thread(self._written)
            await self._carrier.put(f"{self._config.stream}-ack-{number:012d}.bundle", written)
        except BaseException:
            self.is_due = True
            raise
        self._missing = missing
        self._said = self._context.monotonic()

    def _written(self) -> tuple[int, bytes]:
        number, position, refused, refused_from = self._register.acknowledging()
        said = Acknowledgement(
            contiguous=position.sequence,
            hash=position.hash,
            missing=self._gaps.missing,
            since=self._gaps.since,
            refused=refused,
            refused_from=refused_from,
        )
        payload = said.model_dump_json(exclude_defaults=True).encode()
        return number, self._post.write(Kind.ACKNOWLEDGEMENT, number, GENESIS, payload).written
