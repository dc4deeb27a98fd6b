# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The simulated gateway under the control of the SDK's rules, for both roles."""

import asyncio
from collections.abc import Mapping, Sequence
from itertools import repeat
from pathlib import Path

import orjson

from connectors.sdk import Settings
from connectors.sdk.far_side import Arrived, Behaviour
from connectors.sdk.feed import Lying
from connectors.sms_smpp.packets import Message
from connectors.sms_smpp.simulator import Centre
from connectors.sms_smpp.simulator_words import Step

SECRETS = {"sms-centre": "secret08"}
NUMBER = "13900000000"
_MOST = 140
_STEPS = {
    Behaviour.ACCEPT: Step.OK,
    Behaviour.REFUSE: Step.REFUSE,
    Behaviour.HANG: Step.LOSE,
    Behaviour.CUT: Step.CUT,
}


def account_of(gateway: Centre) -> dict[str, object]:
    """The settings of whoever logs in there."""
    return {
        "host": "127.0.0.1",
        "port": gateway.port,
        "system_id": gateway.options.system_id,
        "password": "sms-centre",
    }


def sending(gateway: Centre, **changes: object) -> dict[str, object]:
    """The settings of a destination there."""
    return {**account_of(gateway), "sender": "106900001", "to": "{/to}", "answer_seconds": 5, **changes}


class SmppFarSide:
    """A gateway that takes, refuses, hangs, cuts or is away."""

    def __init__(self, gateway: Centre) -> None:
        self._gateway = gateway

    @property
    def settings(self) -> Settings:
        """The key and the body are the text, so that it is seen what arrives."""
        return sending(self._gateway, to=NUMBER, text="{key}\n{body}", prefix="")

    @property
    def arrived(self) -> Sequence[Arrived]:
        """As the rules want it; a text message has no attributes and no type."""
        return [_arrived(one.content, one.coding) for one in self._gateway.taken]

    async def behave(self, behaviour: Behaviour) -> None:
        """As the rules want it."""
        if behaviour is Behaviour.OUTAGE:
            await self._gateway.shut()
            return
        self._gateway.steps = repeat(_STEPS[behaviour])
        if not self._gateway.listening:
            await self._gateway.open()

    async def until_arrived(self, count: int) -> None:
        """As the rules want it."""
        await self._gateway.until(lambda: len(self._gateway.taken) >= count)


def _arrived(content: bytes, coding: int) -> Arrived:
    key, _, body = content.decode("utf-16-be" if coding == 8 else "ascii").partition("\n")
    return Arrived(idempotency_key=key, content_type="", body=body.encode())


class SmppReporting(SmppFarSide):
    """A gateway that reports on a message only when it is asked to."""

    async def behave(self, behaviour: Behaviour) -> None:
        """As the rules want it."""
        await super().behave(behaviour)
        self.hold_reports()

    def hold_reports(self) -> None:
        """From now on nothing is reported by itself."""
        self._gateway.steps = repeat(Step.SILENT)

    async def answer(self, idempotency_key: str, *, refused: bool = False) -> None:
        """Bring the report on the text that begins with this key."""
        place = next(place for place, one in enumerate(self.arrived) if one.idempotency_key == idempotency_key)
        self._gateway.tell(place, Step.UNDELIVERED if refused else Step.OK)


class SmppFeed:
    """A gateway that brings what people send."""

    def __init__(self, gateway: Centre, folder: Path) -> None:
        self._gateway = gateway
        self._folder = folder

    @property
    def settings(self) -> Mapping[str, object]:
        """As the rules want it."""
        return {
            **account_of(self._gateway),
            "prefetch": 20,
            "form": "text",
            "refused_folder": str(self._folder),
            "answer_seconds": 5,
        }

    async def put(self, messages: Sequence[Lying]) -> None:
        """As the rules want it; a person's message has 140 octets at most."""
        for one in messages:
            self._gateway.bring(Message(source=NUMBER, destination="106900001", content=one.body[:_MOST]))

    async def until_left(self, count: int) -> None:
        """As the rules want it."""
        waiting = self._gateway.undelivered
        await self._gateway.until(lambda: len(waiting) == count and (not count or not self._gateway.somebody))

    async def until_refused(self, count: int) -> Sequence[tuple[bytes, str]]:
        """As the rules want it."""
        while True:
            files = sorted(self._folder.glob("*.json")) if self._folder.is_dir() else []
            if len(files) >= count:
                told = [orjson.loads(file.read_bytes()) for file in files]
                return [(one["body"].encode(), one["code"]) for one in told]
            await asyncio.sleep(0.01)

    async def outage(self, *, away: bool) -> None:
        """As the rules want it."""
        if away:
            await self._gateway.shut()
        elif not self._gateway.listening:
            await self._gateway.open()
