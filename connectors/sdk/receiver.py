# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The port a connector implements to be called: the far side sends a request to the hub, in a form of its own.

A source fetches; a receiver is called. The hub serves ``/v1/in/NAME`` and every path below it, reads the body within its
limits, and asks the receiver twice:

    admit    what is it? messages, an answer without any (a WSDL, the echo of a challenge), or nothing we want
    reply    the messages were committed, refused or put off: how is that said in the caller's own form?

Between the two lies COMMIT 1. All values are serialisable, so that a receiver may run in a process of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self, TypeAlias

from pydantic import BaseModel

from connectors.sdk.manifest import Manifest
from connectors.sdk.sink import Context
from connectors.sdk.source import Disposition, Item

MAX_NOTE_BYTES = 16 * 1024
"""The longest note a receiver may write to itself, in bytes of UTF-8."""

MAX_ITEMS = 100
"""The most messages one call may bring."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request as it came, unread.

    ``path`` is what follows the source's name, as written: empty, or it begins with ``/``. ``query`` is the query string as
    written, without the question mark. ``headers`` are all of them, in their order. ``body`` are the exact bytes. ``url`` is
    the address the caller used, as far as the hub knows, without the query. ``peer`` is the caller's network address;
    ``subject`` the subject of its client certificate (RFC 4514), empty without one.
    """

    method: str
    path: str = ""
    query: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    url: str = ""
    peer: str = ""
    subject: str = ""

    def header(self, name: str) -> str:
        """The value of a header, in any case; empty without it. One that stands twice is joined by ``, `` (RFC 9110, 5.3), so
        that nobody can smuggle a second signature past the first.
        """
        wanted = name.lower()
        return ", ".join(value for known, value in self.headers if known.lower() == wanted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the caller is told. The hub adds the length, and leaves out headers that belong to the connection."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """The call brings these messages, one at least; tokens differ within one call, mean nothing beyond it, and are
    at least 0 and less than 2**62.

    ``note`` is what the receiver wants to know again when it replies: a receiver remembers nothing in between.
    """

    items: tuple[Item, ...]
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnedAway:
    """Nothing of it is taken, and no message was understood: a wrong signature, a call nobody defined, a body nobody can read.

    ``code`` is stable and in capitals (``BAD_SIGNATURE``), for the log and the counters; ``reply`` says it to the caller.
    """

    code: str
    reply: Reply


Admission: TypeAlias = Admitted | Reply | TurnedAway


class Receiver(Protocol):
    """An open way in for callers. Used as ``async with connector.receiver(config, context) as receiver``, once.

    Entering waits for nobody. It holds no state between calls that matters: several hubs share the callers, and any of them
    may see the repeat of a call that another one answered.
    """

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *exc: object) -> None: ...

    async def admit(self, request: Request) -> Admission:
        """What a request is.

        Concurrency: called concurrently. Cancellation: at any await, when the caller hangs up. Idempotency: the same request
        gives the same items, whichever hub it reaches and whenever (within its time window, if its signature has one): by
        their ids the journal recognises repeats, which get the first answer again. Raising is a bug, answered with status
        500; whatever the bytes are, they are an :data:`Admission`. Must not wait for anybody outside; what it has to tell of
        deliveries it gives to ``Context.answers`` here, and says that it should come again where that did not keep it.
        """
        ...

    async def reply(self, note: str, answers: Sequence[tuple[int, Disposition]]) -> Reply:
        """What became of the messages, in the caller's form; an answer for every item, by token.

        ``Taken`` has the hub's receipt, the same bytes for every repeat. ``Refused`` will never be taken as it is.
        ``NotNow`` was not taken and should come again. Concurrency and cancellation as for :meth:`admit`; no effects, so it
        may be asked again. Raising is a bug; the messages stay taken, and the caller may repeat its call.
        """
        ...


class ReceiverConnector(Protocol):
    """A kind of connector with the role ``receiver``; the entry point is the same as for a sink."""

    @property
    def manifest(self) -> Manifest:
        """The most this kind can promise."""
        ...

    @property
    def receiver_config(self) -> type[BaseModel]:
        """A frozen pydantic model; unknown keys are refused, every field has a description."""
        ...

    def receiver(self, config: Any, context: Context) -> Receiver:
        """A new, unopened receiver. ``config`` is an instance of :attr:`receiver_config`. Pure: touches nothing."""
        ...
