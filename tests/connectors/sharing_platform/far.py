# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The simulated platform under the control of the SDK's rules: as a far side, as a feed, and as a register."""

import asyncio
import base64
from collections.abc import Callable, Mapping, Sequence
from itertools import repeat
from types import MappingProxyType
from typing import Any, Self

from connectors.sdk import Settings
from connectors.sdk.far_side import Arrived, Behaviour
from connectors.sdk.feed import Lying
from connectors.sharing_platform.record import digest_of
from connectors.sharing_platform.registers import PERSONS
from connectors.sharing_platform.simulator import SERVICES, SharingPlatform, Step

RID = "r_govhub"
APP_KEY = "made-up-app-key"
SECRETS = MappingProxyType({"app-key": APP_KEY})
WORDS = {
    Behaviour.ACCEPT: Step.OK,
    Behaviour.REFUSE: Step.REFUSE,
    Behaviour.OUTAGE: Step.BUSY,
    Behaviour.HANG: Step.HANG,
    Behaviour.CUT: Step.LOSE,
}


def account(platform: SharingPlatform) -> dict[str, object]:
    return {"url": platform.address, "rid": RID, "app_key": "app-key"}


class _Controlled:
    """A platform whose script is always the same word."""

    def __init__(self) -> None:
        self.platform = _Reporting(requesters={RID: APP_KEY, "r_other": "other-key"})

    async def __aenter__(self) -> Self:
        await self.platform.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.platform.__aexit__(*exc)

    async def behave(self, behaviour: Behaviour) -> None:
        self.platform.away = behaviour is Behaviour.OUTAGE
        self.platform.script = repeat(WORDS[behaviour])


class _Reporting(SharingPlatform):
    """Its check answers as its calls do while it is away."""

    away = False

    async def _there(self, request: Any) -> Any:
        answer = await super()._there(request)
        if self.away:
            answer.set_status(503)
        return answer


class SharingFarSide(_Controlled):
    """As a destination: what is put there has arrived, whatever was answered."""

    def __init__(self) -> None:
        super().__init__()
        self.arrived: list[Arrived] = []
        self._changed = asyncio.Condition()
        self.platform.on_put = self._put

    @property
    def settings(self) -> Settings:
        return {"platform": account(self.platform), "services": SERVICES, "materials": False}

    async def until_arrived(self, count: int) -> None:
        async with self._changed:
            await self._changed.wait_for(lambda: len(self.arrived) >= count)

    async def _put(self, record: dict[str, Any]) -> None:
        arrived = Arrived(
            idempotency_key=record["record_id"],
            content_type=record["content_type"],
            body=base64.b64decode(record["content"]),
            attributes=record["attributes"],
        )
        async with self._changed:
            self.arrived.append(arrived)
            self._changed.notify_all()


class SharingFeed(_Controlled):
    """As a source: records that another has put, which wait until they are acknowledged."""

    def __init__(self) -> None:
        super().__init__()
        self._number = 0

    @property
    def settings(self) -> Settings:
        return {"platform": account(self.platform), "services": SERVICES, "prefetch": 20, "poll_seconds": 0.05}

    async def put(self, messages: Sequence[Lying]) -> None:
        for message in messages:
            self._number += 1
            attributes = {name.removeprefix("cloudEvents:"): value for name, value in message.headers.items()}
            record = {
                "record_id": f"k-{self._number}",
                "record_source": "other",
                "attributes": attributes,
                "content_type": message.content_type,
                "digest": digest_of(message.body),
                "content": base64.b64encode(message.body).decode(),
                "materials": [],
            }
            self.platform.put("r_other", record)

    async def until_left(self, count: int) -> None:
        await self._until(lambda: len([one for one in self.platform.records.values() if one.told is None]) == count)

    async def until_refused(self, count: int) -> Sequence[tuple[bytes, str]]:
        def aside() -> list[tuple[bytes, str]]:
            refused = [one for one in self.platform.records.values() if one.told and one.told["state"] == "refused"]
            return [(base64.b64decode(one.record["content"]), one.told["code"]) for one in refused if one.told]

        await self._until(lambda: len(aside()) >= count)
        return aside()

    async def outage(self, *, away: bool) -> None:
        await self.behave(Behaviour.OUTAGE if away else Behaviour.ACCEPT)

    async def _until(self, fits: Callable[[], bool]) -> None:
        await self.platform.until(fits)


class SharingRegister(_Controlled):
    """As a register of persons, by REST or by SOAP."""

    known: Mapping[str, str] = {"name": "张示例", "number": "P-001"}
    unknown: Mapping[str, str] = {"name": "张示例", "number": "P-999"}

    def __init__(self, style: str) -> None:
        super().__init__()
        self._style = style

    @property
    def settings(self) -> Settings:
        common = {"platform": account(self.platform), "sid": PERSONS, "required": ["name", "number"]}
        if self._style == "rest":
            wrap = {"json": {"xm": "{c.name}", "bh": "{c.number}", "cxsy": "{c.purpose}"}}
            answers = [
                {"at": "/code", "in": ["0"], "means": "found", "records": "/data"},
                {"at": "/code", "in": ["404"], "means": "not_found"},
                {"at": "/code", "in": ["422"], "means": "rejected", "code": "/code"},
            ]
            return {**common, "wrap": wrap, "answers": answers}
        answers = [
            {"at": "/Envelope/Body/queryResponse/code", "in": ["0"], "means": "found",
             "records": "/Envelope/Body/queryResponse/person"},
            {"at": "/Envelope/Body/queryResponse/code", "in": ["404"], "means": "not_found"},
            {"at": "/code", "in": ["422"], "means": "rejected", "code": "/code"},
        ]  # fmt: skip
        body = "<q:query xmlns:q='urn:people'><xm>{c.name}</xm><bh>{c.number}</bh></q:query>"
        return {**common, "style": "soap", "soap_action": "urn:query", "soap_body": body, "answers": answers}

    async def until_asked(self, count: int) -> None:
        await self.platform.until(lambda: len([one for one in self.platform.calls if one[0] == PERSONS]) >= count)


def put_of(platform: SharingPlatform, key: str, body: bytes, **changes: object) -> None:
    """A record that another puts, without a notice."""
    record = {
        "record_id": key,
        "record_source": "housing",
        "attributes": {"specversion": "1.0", "id": key, "source": "housing", "type": "cn.gov.process.step"},
        "content_type": "application/json",
        "digest": digest_of(body),
        "content": base64.b64encode(body).decode(),
        "materials": [],
        **changes,
    }
    platform.put("r_other", record)
