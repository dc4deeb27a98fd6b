# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Publishing: each parcel is one file, which appears under its name in one step, whole, and never over another one."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from connectors.file_drop import sidecar
from connectors.file_drop.config import SIDECAR, SinkConfig
from connectors.file_drop.digests import checksum_file
from connectors.file_drop.file_system import AwayError, Content, Entry, Fault, FileSystem, Kind, Trouble, join
from connectors.file_drop.naming import file_name
from connectors.file_drop.opening import open_file_system
from connectors.sdk import (
    Context,
    Delivered,
    InDoubt,
    NotSeen,
    Outcome,
    Parcel,
    QueryOutcome,
    Rejected,
    Unavailable,
)

_REFUSED = {
    Trouble.TOO_LARGE: "larger than the far side takes",
    Trouble.BAD_NAME: "the far side does not take the file's name",
}


@dataclass(slots=True)
class _Progress:
    """``last_step``: the request that makes the message complete for its reader is under way."""

    last_step: bool = False


class FileSink:
    """An open way into one folder."""

    def __init__(self, config: SinkConfig, context: Context, files: FileSystem | None = None) -> None:
        self._config = config
        self._files = files or open_file_system(config, context)
        self._closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._closed = True
        await self._files.close()

    async def send(self, parcel: Parcel) -> Outcome:
        """As the port says."""
        if self._closed:
            return Unavailable("CLOSED: closed by us")
        name = self._name(parcel)
        pieces = self._pieces(parcel, name)
        if pieces is None:
            return Rejected("UNSENDABLE", "the attributes cannot be written beside the file")
        progress = _Progress()
        try:
            async with asyncio.timeout(parcel.timeout):
                return await self._publish(parcel, pieces, progress) or Delivered(self._receipt(name))
        except AwayError as away:
            if progress.last_step and away.asked:
                return InDoubt(f"CUT: {away}")
            return Unavailable(f"AWAY: {away}")
        except TimeoutError:
            if progress.last_step:
                return InDoubt("TIMED_OUT: no answer to the last rename in time")
            return Unavailable("TIMED_OUT: the file was not written in time")

    async def query(self, idempotency_key: str) -> QueryOutcome:
        """Look for the file that makes the message complete, here and wherever the reader moves what it has read."""
        if self._config.idempotency != "queryable":
            return InDoubt("NOT_ASKABLE: whoever reads the folder takes files away")
        name = file_name(self._config.name, self._config.name_encoding, idempotency_key, {})
        try:
            for folder in ("", *self._config.seen_in):
                # The reader may move the file alone, so there it counts without its companions.
                last = self._last_of(name) if not folder else name
                found = await self._files.look(join(folder.encode(self._config.name_encoding), last))
                if isinstance(found, Entry):
                    return Delivered(self._receipt(name))
                if found.trouble is not Trouble.GONE:
                    return InDoubt(f"{found.trouble}: {found.detail}")
        except AwayError as away:
            return Unavailable(f"AWAY: {away}")
        return NotSeen()

    async def check(self) -> Outcome:
        """Look at the folder."""
        try:
            found = await self._files.look(b"")
        except AwayError as away:
            return Unavailable(f"AWAY: {away}")
        match found:
            case Entry(kind=Kind.FOLDER):
                return Delivered()
            case Entry():
                return Unavailable("NO_FOLDER: what has the folder's name is none")
            case Fault(trouble, detail):
                return Unavailable(f"{trouble}: {detail}")

    async def _publish(
        self, parcel: Parcel, pieces: Sequence[tuple[bytes, bytes]], progress: _Progress
    ) -> Outcome | None:
        """Publish the pieces in order; None when all are there, as they should be."""
        temporary = self._temporary(parcel.idempotency_key, parcel.attempt)
        if parcel.attempt > 1:
            await self._files.remove([self._temporary(parcel.idempotency_key, parcel.attempt - 1)])
        for number, (name, body) in enumerate(pieces, start=1):
            fault = await self._files.write(temporary, body)
            if fault is not None:
                return _outcome_of(fault)
            progress.last_step = number == len(pieces)
            [fault] = await self._files.move([(temporary, name)], durable=True)
            if fault is not None:
                await self._files.remove([temporary])
                other = await self._unless_same(fault, name, body)
                if other is not None:
                    return other
        return None

    async def _unless_same(self, fault: Fault, name: bytes, body: bytes) -> Outcome | None:
        """None when the name is taken by the very same bytes: then it is we who published them before."""
        if fault.trouble is not Trouble.EXISTS:
            return _outcome_of(fault)
        [there] = await self._files.read([name], len(body), len(body) + 1)
        match there:
            case Content(found) if found == body:
                return None
            case Content() | Fault(trouble=Trouble.TOO_LARGE | Trouble.NOT_A_FILE):
                return Rejected("NAME_TAKEN", "another file, with other content, has this name already")
            case Fault(trouble=Trouble.GONE | Trouble.CHANGING):
                return Unavailable("NAME_TAKEN: another file with this name came and went")
            case Fault():
                return Unavailable(f"NAME_TAKEN: and what is there cannot be read ({there.trouble})")

    def _pieces(self, parcel: Parcel, name: bytes) -> list[tuple[bytes, bytes]] | None:
        """What is published for one parcel, in order; the last one makes it complete. None: it cannot be written."""
        pieces = [(name, parcel.body)]
        if self._config.mode == "sidecar":
            beside = sidecar.write(
                sidecar.Sidecar(
                    key=parcel.idempotency_key, content_type=parcel.content_type, attributes=parcel.attributes
                )
            )
            if beside is None:
                return None
            pieces.insert(0, (name + SIDECAR.encode(), beside))
        match self._config.completion:
            case "none":
                pass
            case "ok":
                pieces.append((self._last_of(name), b""))
            case algorithm:
                pieces.append((self._last_of(name), checksum_file(algorithm, name, parcel.body)))
        return pieces

    def _last_of(self, name: bytes) -> bytes:
        match self._config.completion:
            case "none":
                return name
            case "ok":
                return name + self._config.ok_suffix.encode()
            case algorithm:
                return name + b"." + algorithm.encode()

    def _name(self, parcel: Parcel) -> bytes:
        return file_name(self._config.name, self._config.name_encoding, parcel.idempotency_key, parcel.attributes)

    def _receipt(self, name: bytes) -> str:
        return name.decode(self._config.name_encoding, "replace")

    def _temporary(self, key: str, attempt: int) -> bytes:
        """Of its own in each attempt, so that one that still hangs somewhere cannot write into another's; and known to the next
        attempt, which clears it away.
        """
        digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:24]
        return f"{self._config.temporary_prefix}{digest}-{attempt}{self._config.temporary_suffix}".encode()


def _outcome_of(fault: Fault) -> Outcome:
    told = _REFUSED.get(fault.trouble)
    if told is not None:
        return Rejected(fault.trouble, told)
    if fault.trouble is Trouble.GONE:
        return Unavailable("NO_FOLDER: the folder is not there")
    return Unavailable(f"{fault.trouble}: {fault.detail}")
