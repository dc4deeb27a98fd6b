# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A department behind a network gap: the other end of both streams, by the connector's own code, in folders of this machine."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any, Self

import structlog
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from connectors.ferry.config import SinkConfig, SourceConfig
from connectors.ferry.simulator import Gap, Trouble
from connectors.ferry.sink import FerrySink
from connectors.ferry.source import FerrySource
from connectors.sdk import Context, Item, Parcel, Taken
from connectors.sdk.session import open_session
from hub.ports.clock import Clock
from hub.sandbox.far_side import Arrival, Book, Spoken, Temper, section_of, sources_of
from hub.sandbox.script import Script

_LOOK = 0.1
_LATE_ROUNDS = 15
_RESEND_SECONDS = 3.0
_HUB, _OURS, _SEAL = "hub", "department", "seal"
_WAYS = ("outbox", "inbox", "acks", "key_secret", "peer_keys", "seal_secret")
"""Settings about the way through the real gap, and whom it is believed: here are folders and keys of the sandbox."""
_PREFIX = "cloudEvents:"


class FerryFarSide:
    """Reads bundles and acknowledges them, and sends bundles of its own.

    The acknowledgement is the answer. Slow: it is a while on its way back. Silent: it is lost there, once; the hub sends the
    bundle again, and the other end answers a repeat.
    """

    tempers: Sequence[Temper] = (Temper.READY, Temper.SLOW, Temper.SILENT)

    def __init__(self, script: Script, clock: Clock) -> None:
        self.book = Book()
        self._script = script
        self._clock = clock
        self._place = Path(mkdtemp(prefix="govhub-sandbox-ferry-"))
        self._secrets: dict[str, str] = {}
        self._temper = Temper.READY
        self._seen = 0
        self._said = 0
        self._reading: SourceConfig | None = None
        self._speaking: SinkConfig | None = None
        self._mouth: asyncio.Future[FerrySink] = asyncio.get_running_loop().create_future()

    async def __aenter__(self) -> Self:
        for name in ("to-us", "acks-sent", "acks-heard", "from-us", "acks-to-us"):
            (self._place / name).mkdir()
        for end in (_HUB, _OURS):
            key = ec.generate_private_key(ec.SECP256R1())
            self._secrets[end] = key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            ).decode()
            self._file(f"{end}.pem").write_bytes(
                key.public_key().public_bytes(
                    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
                )
            )
        self._file("hub.key").write_text(self._secrets[_HUB], encoding="ascii")
        return self

    async def __aexit__(self, *exc: object) -> None:
        await asyncio.to_thread(rmtree, self._place, ignore_errors=True)

    def led_here(self, deployment: dict[str, Any]) -> Sequence[str]:
        settings = section_of(deployment, self._script.destination)["settings"]
        sources, untried = sources_of(deployment, "ferry")
        ends = [settings, *sources]
        untried += [name for name in _WAYS if any(one.get(name) is not None for one in ends)]
        for one in ends:
            self._keyed(deployment, one)
        settings |= {
            "outbox": str(self._file("to-us")),
            "acks": str(self._file("acks-heard")),
            "state": str(self._file("hub-sends")),
            "resend_seconds": _RESEND_SECONDS,
        }
        reading = {"inbox": settings["outbox"], "acks": str(self._file("acks-sent")), "state": str(self._file("reads"))}
        self._reading = SourceConfig.model_validate(self._end(settings, reading))
        if sources:
            sources[0] |= {
                "inbox": str(self._file("from-us")),
                "acks": str(self._file("acks-to-us")),
                "state": str(self._file("hub-reads")),
            }
            way = {"outbox": sources[0]["inbox"], "acks": sources[0]["acks"], "state": str(self._file("sends"))}
            self._speaking = SinkConfig.model_validate(self._end(sources[0], way))
        return untried

    def behave(self, temper: Temper) -> None:
        self._temper, self._seen = temper, len(self.book.arrivals)

    async def at_work(self, url: str, key: str) -> None:  # noqa: ARG002  # because the port asks for them
        assert self._reading is not None, "it was led here"
        async with AsyncExitStack() as stack:
            context = Context(
                destination=self._script.destination,
                http=await stack.enter_async_context(open_session()),
                log=structlog.wrap_logger(None, wrapper_class=structlog.make_filtering_bound_logger(50)),
                secret=self._secrets.__getitem__,
                monotonic=self._clock.monotonic,
                now=self._clock.now,
            )
            if self._speaking is not None:
                self._mouth.set_result(await stack.enter_async_context(FerrySink(self._speaking, context)))
            source = await stack.enter_async_context(FerrySource(self._reading, context))
            async with asyncio.TaskGroup() as group:
                group.create_task(self._carry_back())
                group.create_task(self._read(source))

    async def say(self, spoken: Spoken) -> bool:
        if self._speaking is None:
            return False
        self._said += 1
        attributes = {
            "specversion": "1.0",
            "id": spoken.id,
            "source": self._script.department,
            "type": spoken.contract.type,
            "dataschema": spoken.contract.schema_uri,
            "subject": spoken.case,
        }
        parcel = Parcel(
            # Its system hands the same record over again: to the gap that is another message, with the same id.
            idempotency_key=f"{spoken.id}/{self._said}",
            content_type=spoken.content_type,
            body=spoken.body,
            attributes=attributes,
        )
        await (await self._mouth).send(parcel)
        return True

    async def _read(self, source: FerrySource) -> None:
        while True:
            items = await source.take()
            for item in items:
                await self.book.note(_arrival(item, len(self.book.arrivals)))
            await source.settle([(item.token, Taken()) for item in items])

    async def _carry_back(self) -> None:
        """Bring our acknowledgements to the hub, as the present temper has it."""
        gap = Gap(self._file("acks-sent"), self._file("acks-heard"), self._fate, _LATE_ROUNDS)
        while True:
            await asyncio.to_thread(gap.move)
            await self._clock.sleep(_LOOK)

    def _fate(self, _: str) -> Trouble:
        if self._temper is Temper.SLOW:
            return Trouble.DELAY
        if self._temper is Temper.SILENT and len(self.book.arrivals) > self._seen:
            self._temper = Temper.READY
            return Trouble.LOSE
        return Trouble.NONE

    def _keyed(self, deployment: dict[str, Any], settings: dict[str, Any]) -> None:
        """The hub's end of a stream has a key of the sandbox, and believes ours."""
        deployment["secrets"][settings["key_secret"]] = f"file:{self._file('hub.key')}"
        settings |= {"peer_keys": [str(self._file(f"{_OURS}.pem"))], "poll_seconds": _LOOK}
        if (sealed := settings.get("seal_secret")) is not None:
            self._secrets[_SEAL] = Path(deployment["secrets"][sealed].removeprefix("file:")).read_text(encoding="ascii")

    def _end(self, settings: Mapping[str, Any], way: Mapping[str, str]) -> dict[str, Any]:
        """Our end of the stream that the hub's settings tell of."""
        seal = {"seal_secret": _SEAL} if settings.get("seal_secret") is not None else {}
        return {
            "stream": settings["stream"],
            "key_secret": _OURS,
            "peer_keys": [str(self._file(f"{_HUB}.pem"))],
            "poll_seconds": _LOOK,
            **seal,
            **way,
        }

    def _file(self, name: str) -> Path:
        return self._place / name


def _arrival(item: Item, number: int) -> Arrival:
    """A repeat of a bundle is no second message to the other end, so the message's own id tells them apart."""
    key = item.headers.get(_PREFIX + "id", f"message-{number}")
    return Arrival(str(key), item.content_type or "", item.body)
