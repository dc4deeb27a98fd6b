# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A department with a message queue: queues of the sandbox's own on a real broker, read and filled as its system would."""

import asyncio
import os
import secrets
import ssl
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any, Self

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from aio_pika.exceptions import AMQPError
from yarl import URL

from hub.config.load import resolve_secret
from hub.ports.clock import Clock
from hub.sandbox import broker_words as words
from hub.sandbox.far_side import Arrival, Book, FarSideError, Spoken, Temper, section_of, sources_of
from hub.sandbox.relay import Relay
from hub.sandbox.script import Folder

_PORTS = {"amqp": 5672, "amqps": 5671}
_PASSWORD_NAME = "sandbox-amqp"  # noqa: S105  # because it is the name of a secret
_CONNECT_SECONDS = 10.0
_UNUSED_MS = 10 * 60_000
"""The broker itself removes queues that a trial left behind when it was killed."""
_WAYS = ("exchange", "routing_key", "queue", "refused_queue", "user", "password_secret", "tls_ca_file")
"""Settings about the department's own queues, and about whom the hub is there."""
_PREFIX = "cloudEvents:"


class AmqpFarSide:
    """Consumes its queue and acknowledges; publishes with the attributes of the CloudEvents binding.

    A queue's answer is the broker's confirm. Slow and silent are what a relay between the hub and the broker does to it.
    ``broker`` is the URL of the one to use, user and password in it; else the script's, else the destination's own.
    """

    tempers: Sequence[Temper] = (Temper.READY, Temper.SLOW, Temper.SILENT)

    def __init__(self, folder: Folder, clock: Clock, broker: str | None = None) -> None:
        self.book = Book()
        self._script = folder.script
        self._clock = clock
        self._url, self._authorities = _broker(folder, broker)
        self._place = Path(mkdtemp(prefix="govhub-sandbox-amqp-"))
        self._name = f"govhub-sandbox-{secrets.token_hex(6)}"
        self._stack = AsyncExitStack()
        self._relay = Relay("", 0, None, clock)
        self._channel: AbstractChannel | None = None
        self._speaks = False

    async def __aenter__(self) -> Self:
        self._stack.push_async_callback(asyncio.to_thread, rmtree, self._place, ignore_errors=True)
        try:
            await self._open()
        except BaseException as error:
            await self._stack.aclose()
            if isinstance(error, AMQPError | OSError):
                raise FarSideError(*words.unreachable(self._shown, type(error).__name__)) from error
            raise
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._stack.aclose()

    def led_here(self, deployment: dict[str, Any]) -> Sequence[str]:
        settings = section_of(deployment, self._script.destination)["settings"]
        sources, untried = sources_of(deployment, "amqp")
        ends = [settings, *sources]
        untried += [name for name in _WAYS if any(one.get(name) is not None for one in ends)]
        password = self._place / "password"
        password.write_text(self._url.password or "", encoding="utf-8")
        deployment["secrets"][_PASSWORD_NAME] = f"file:{password}"
        path = self._url.raw_path if self._url.raw_path != "/" else ""
        for one in ends:
            one.pop("tls_ca_file", None)
            one |= {
                "url": f"amqp://127.0.0.1:{self._relay.port}{path}",
                "user": self._url.user,
                "password_secret": _PASSWORD_NAME,
            }
        settings |= {"exchange": "", "routing_key": self._queue("in")}
        for one in sources[:1]:
            one["queue"] = self._queue("out")
            if not one.get("dead_letter"):
                one["refused_queue"] = self._queue("refused")
        for name in [n for n, one in (deployment.get("sources") or {}).items() if one["settings"] in sources[1:]]:
            del deployment["sources"][name]
            untried.append(f"sources.{name}")
        self._speaks = bool(sources)
        return untried

    def behave(self, temper: Temper) -> None:
        self._relay.temper = temper

    async def at_work(self, url: str, key: str) -> None:  # noqa: ARG002  # because the port asks for them
        queue = await self._opened.get_queue(self._queue("in"))
        await queue.consume(self._take)
        await asyncio.Event().wait()

    async def say(self, spoken: Spoken) -> bool:
        if not self._speaks:
            return False
        attributes = {
            "specversion": "1.0",
            "id": spoken.id,
            "source": self._script.department,
            "type": spoken.contract.type,
            "dataschema": spoken.contract.schema_uri,
            "subject": spoken.case,
        }
        message = aio_pika.Message(
            spoken.body,
            content_type=spoken.content_type,
            message_id=spoken.id,
            delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
            headers={_PREFIX + name: value for name, value in attributes.items()},
        )
        await self._opened.default_exchange.publish(message, self._queue("out"))
        return True

    async def _open(self) -> None:
        tls = None
        if self._url.scheme == "amqps":
            tls = ssl.create_default_context(cafile=self._authorities)
        host, port = str(self._url.raw_host), self._url.port or _PORTS[self._url.scheme]
        self._relay = await self._stack.enter_async_context(Relay(host, port, tls, self._clock))
        connection = await self._stack.enter_async_context(aio_pika.Connection(self._url, ssl_context=tls))
        await connection.connect(timeout=_CONNECT_SECONDS)
        self._channel = await connection.channel()
        await self._channel.set_qos(prefetch_count=1)  # one after the other, as it came
        dead = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": self._queue("refused")}
        for part, arguments in (("in", {}), ("out", dead), ("refused", {})):
            name = self._queue(part)
            await self._channel.declare_queue(name, durable=True, arguments={"x-expires": _UNUSED_MS, **arguments})
            self._stack.push_async_callback(self._channel.queue_delete, name)

    async def _take(self, message: AbstractIncomingMessage) -> None:
        key = message.message_id or f"message-{len(self.book.arrivals)}"
        await self.book.note(Arrival(key, message.content_type or "", message.body))
        await message.ack()

    def _queue(self, part: str) -> str:
        return f"{self._name}.{part}"

    @property
    def _opened(self) -> AbstractChannel:
        assert self._channel is not None, "it is open"
        return self._channel

    @property
    def _shown(self) -> str:
        """The broker without its password."""
        return str(self._url.with_password(None))


def _broker(folder: Folder, given: str | None) -> tuple[URL, str | None]:
    """The broker's URL with user and password, and a file of who may vouch for it. Raises :class:`FarSideError`."""
    reference = given or folder.script.broker
    if reference is not None:
        said = resolve_secret(reference, os.environ, folder.path)
        url = URL(said or "")
        if url.scheme not in _PORTS or not url.raw_host:
            raise FarSideError(*words.no_address(reference if said is None else ""))
        user = url.user or "guest"
        return url.with_user(user).with_password(url.password or user), None
    destinations, known = folder.raw["destinations"], folder.raw.get("secrets")
    assert isinstance(destinations, dict), "it loads"
    own = destinations[folder.script.destination]["settings"]
    named = known.get(own.get("password_secret")) if isinstance(known, dict) else None
    user = str(own.get("user", "guest"))
    password = user if named is None else resolve_secret(str(named), os.environ, folder.path)
    return URL(str(own["url"])).with_user(user).with_password(password or ""), own.get("tls_ca_file")
