# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Far sides that act and are not heard: the real server or the kind's simulator, and before it what eats the reply."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import orjson
from yarl import URL

from connectors.logistics.simulator import Carrier, Options
from connectors.sdk.far_side import Behaviour, FarSide
from connectors.sms_cmpp.simulator import Gateway
from connectors.sms_smpp.simulator import Centre
from contracts.cloudevent import CloudEvent
from tests.connectors import far_database, far_seals
from tests.connectors.far_amqp import AmqpFarSide
from tests.connectors.far_database import DatabaseFarSide
from tests.connectors.far_files import FtpFarSide, SftpFarSide
from tests.connectors.far_http import HttpFarSide
from tests.connectors.far_mail import MailFarSide
from tests.connectors.logistics import far_side as parcels
from tests.connectors.sharing_platform import far as sharing
from tests.connectors.sms_cmpp import far_side as cmpp
from tests.connectors.sms_smpp import far_side as smpp
from tests.faults.proxy import CLEAR, Proxy, Weather
from tests.support.hubs import event

GENERIC = Path(__file__).parents[2] / "connectors" / "e_seal" / "profiles" / "generic.yaml"
MUTE = Weather(mute=True)
CREATING = Weather(mute_from=b"POST /tasks ")
"""Before a task is created its file is uploaded, which has no effect and leaves no doubt."""


class Way(StrEnum):
    """How the reply is eaten."""

    CUT = "cut"
    """The connection ends in its place."""
    SILENCE = "silence"
    """Nothing comes, and the connection stays."""


@dataclass(kw_only=True)
class Line:
    """A far side, and what eats its replies."""

    far: FarSide
    settings: dict[str, Any]
    eat: Callable[[Way], Awaitable[object]]
    """Have the next reply eaten."""
    digest: Callable[[], Awaitable[object]]
    """All is well again."""
    forget: Callable[[], Awaitable[object]]
    """Have the far side forget all it got, as one that failed before it wrote anything down."""
    secrets: Mapping[str, str] = field(default_factory=dict)
    message: Callable[[int], CloudEvent] = lambda number: event(f"case-{number}")

    @property
    def keys(self) -> list[str]:
        """The key of everything that reached the far side whole, in order."""
        return [one.idempotency_key for one in self.far.arrived]


Opened = Callable[[Path, Any], AbstractAsyncContextManager[Line]]


def _led(said: Any, target: int, port: int) -> Any:
    """The settings, with every address of one port led to another."""
    match said:
        case Mapping():
            return {name: _led(one, target, port) for name, one in said.items()}
        case list() | tuple():
            return [_led(one, target, port) for one in said]
        case str():
            return re.sub(rf":{target}\b", f":{port}", said)
        case int() if said == target and not isinstance(said, bool):
            return port
        case _:
            return said


def _forgetting(far: Any) -> Callable[[], Awaitable[object]]:
    async def forget() -> None:
        far.arrived.clear()

    return forget


@asynccontextmanager
async def proxied(far: FarSide, target: int, *, eating: Weather = MUTE, **changes: Any) -> AsyncIterator[Line]:
    """The far side with a proxy before it, which passes requests on and swallows what is said to them."""
    settings = {name: one for name, one in {**far.settings, **changes}.items() if one is not None}
    async with Proxy(target) as proxy:
        cutting: list[asyncio.Task[None]] = []

        async def cut() -> None:
            await proxy.swallowed.wait()
            proxy.reset()

        async def eat(way: Way) -> None:
            proxy.swallowed.clear()
            proxy.change(eating)
            if way is Way.CUT:
                cutting.append(asyncio.create_task(cut()))

        async def digest() -> None:
            proxy.change(CLEAR)

        led = _led(settings, target, proxy.port)
        try:
            yield Line(far=far, settings=led, eat=eat, digest=digest, forget=_forgetting(far))
        finally:
            for one in cutting:
                one.cancel()


@asynccontextmanager
async def relayed(far: Any, **changes: Any) -> AsyncIterator[Line]:
    """A real server behind its own relay, which knows the one answer that counts: the confirm, the commit, the rename."""

    async def eat(way: Way) -> None:
        await far.behave(Behaviour.CUT if way is Way.CUT else Behaviour.HANG)

    async def digest() -> None:
        await far.behave(Behaviour.ACCEPT)

    yield Line(far=far, settings={**far.settings, **changes}, eat=eat, digest=digest, forget=_forgetting(far))


def http(make: Callable[[Path], HttpFarSide], **changes: Any) -> Opened:
    @asynccontextmanager
    async def opened(folder: Path, _: Any) -> AsyncIterator[Line]:
        async with make(folder) as far, proxied(far, URL(far.url).port or 0, **changes) as line:
            yield line

    return opened


def amqp(**changes: Any) -> Opened:
    @asynccontextmanager
    async def opened(_: Path, broker: str) -> AsyncIterator[Line]:
        async with AmqpFarSide(broker) as far, relayed(far, **changes) as line:
            yield line

    return opened


def database(make: Callable[[Any], DatabaseFarSide]) -> Opened:
    @asynccontextmanager
    async def opened(_: Path, server: Any) -> AsyncIterator[Line]:
        async with make(server) as far, relayed(far) as line:

            async def forget() -> None:
                await server.execute("delete from inbox")
                far.arrived.clear()

            line.secrets, line.forget = far_database.SECRETS, forget
            yield line

    return opened


def files(**changes: Any) -> Opened:
    @asynccontextmanager
    async def opened(folder: Path, server: Any) -> AsyncIterator[Line]:
        (folder / "in").mkdir()
        async with AsyncExitStack() as stack:
            if hasattr(server, "private_key"):
                far: Any = SftpFarSide(folder / "in", server)
                secrets = {"sftp-key": server.private_key}
            else:
                far = await stack.enter_async_context(FtpFarSide(folder / "in", server.port))
                secrets = {"ftp": "made-up"}
            line = await stack.enter_async_context(relayed(far, **changes))

            async def forget() -> None:
                far.forget()

            line.secrets, line.forget = secrets, forget
            yield line

    return opened


def seals(*, asked: bool) -> Opened:
    @asynccontextmanager
    async def opened(folder: Path, _: Any) -> AsyncIterator[Line]:
        profile = folder / "profile.yaml"
        text = GENERIC.read_text(encoding="utf-8")
        profile.write_text(text if asked else re.sub(r"(?ms)^find:\n(?:[ #].*?\n|\n)+", "", text), encoding="utf-8")
        async with far_seals.SealFarSide(folder) as far:
            port = URL(str(far.settings["url"])).port or 0
            async with proxied(far, port, eating=CREATING, profile=str(profile), follow_seconds=0) as line:
                line.secrets = far_seals.SECRETS

                def message(number: int) -> CloudEvent:
                    case = f"510500-20260302-{number:06d}"
                    data = {**orjson.loads(far.good_body), "case_no": case, "task_no": f"YY-{number:06d}"}
                    return event(case, contract="cn.gov.seal.requested", data=data)

                async def forget() -> None:
                    far.forget()

                line.message, line.forget = message, forget
                yield line

    return opened


def carrier(name: str, **changes: Any) -> Opened:
    @asynccontextmanager
    async def opened(_: Path, __: Any) -> AsyncIterator[Line]:
        async with Carrier(options=Options(carrier=name)) as simulated:
            far = parcels.CarrierFarSide(simulated)
            port = URL(simulated.address).port or 0
            settings: dict[str, Any] = parcels.settings_of(simulated, order=parcels.ANY_MESSAGE, **changes)
            async with proxied(far, port, **settings) as line:

                async def forget() -> None:
                    simulated.orders.clear()
                    simulated.told.clear()

                line.secrets, line.forget = parcels.SECRETS, forget
                yield line

    return opened


@asynccontextmanager
async def gateway(_: Path, __: Any) -> AsyncIterator[Line]:
    async with Gateway() as simulated, proxied(cmpp.CmppFarSide(simulated), simulated.port, text="{key}") as line:
        line.secrets = cmpp.SECRETS
        yield line


@asynccontextmanager
async def centre(_: Path, __: Any) -> AsyncIterator[Line]:
    async with Centre() as simulated, proxied(smpp.SmppFarSide(simulated), simulated.port, text="{key}") as line:
        line.secrets = smpp.SECRETS
        yield line


@asynccontextmanager
async def post_office(_: Path, __: Any) -> AsyncIterator[Line]:
    async with MailFarSide() as far, relayed(far) as line:
        yield line


@asynccontextmanager
async def platform(_: Path, __: Any) -> AsyncIterator[Line]:
    async with sharing.SharingFarSide() as far, proxied(far, URL(far.platform.address).port or 0) as line:

        async def forget() -> None:
            far.platform.records.clear()
            far.arrived.clear()

        line.secrets, line.forget = sharing.SECRETS, forget
        yield line
