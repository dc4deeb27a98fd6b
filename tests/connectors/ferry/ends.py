# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Both ends of a stream in one folder: keys, settings, and far sides for the SDK's rules."""

# ruff: noqa: ASYNC110  # because a folder tells nobody that it has changed: it is looked at

import asyncio
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from connectors.ferry.acknowledgement import Acknowledgement, RefusedEntry
from connectors.ferry.bundle import GENESIS, Bundle, Entry, Kind, pack, take_apart, unpack
from connectors.ferry.config import SinkConfig, SourceConfig
from connectors.ferry.ledger import Ledger, Made
from connectors.ferry.post import Post
from connectors.sdk import Context, Settings
from connectors.sdk.far_side import Arrived, Behaviour
from connectors.sdk.feed import Lying

SEAL = "0123456789abcdeffedcba9876543210"
_PAUSE = 0.01


class Ends:
    """The folders and keys of one stream. ``secrets`` are for both ends."""

    def __init__(self, folder: Path, *, sealed: bool = False) -> None:
        self.folder = folder
        self.outbox, self.inbox = folder / "outbox", folder / "inbox"
        self.acks_sent, self.acks_heard = folder / "acks-sent", folder / "acks-heard"
        for one in (self.outbox, self.inbox, self.acks_sent, self.acks_heard):
            one.mkdir(parents=True)
        self.secrets: dict[str, str] = {"seal": SEAL}
        for name in ("sender", "receiver"):
            self.renew(name)
        self._seal = {"seal_secret": "seal"} if sealed else {}

    def renew(self, name: str) -> None:
        """A new key pair for one end."""
        key = ec.generate_private_key(ec.SECP256R1())
        self.secrets[name] = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()
        (self.folder / f"{name}.pem").write_bytes(
            key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        )

    def sender(self, **changes: Any) -> dict[str, Any]:
        return {
            "stream": "a-to-b-1",
            "state": str(self.folder / "sender-state"),
            "key_secret": "sender",
            "peer_keys": [str(self.folder / "receiver.pem")],
            "outbox": str(self.outbox),
            "acks": str(self.acks_heard),
            "poll_seconds": 0.02,
            "linger_seconds": 0.0,
        } | self._seal | changes  # fmt: skip

    def receiver(self, **changes: Any) -> dict[str, Any]:
        return {
            "stream": "a-to-b-1",
            "state": str(self.folder / "receiver-state"),
            "key_secret": "receiver",
            "peer_keys": [str(self.folder / "sender.pem")],
            "inbox": str(self.inbox),
            "acks": str(self.acks_sent),
            "prefetch": 20,
            "poll_seconds": 0.02,
        } | self._seal | changes  # fmt: skip


class FerryFarSide:
    """Whoever empties the outbox, and reads what is in the bundles."""

    def __init__(self, ends: Ends, context: Context | None = None) -> None:
        self._ends = ends
        self._away = ends.outbox.with_name("outbox.away")
        self._refused: list[RefusedEntry] = []
        self._reach = (0, GENESIS)
        self._acknowledged = 0
        if context is not None:
            self._post = Post(SourceConfig.model_validate(ends.receiver()), context)

    @property
    def settings(self) -> Settings:
        return self._ends.sender()

    @property
    def arrived(self) -> Sequence[Arrived]:
        home = self._ends.outbox if self._ends.outbox.exists() else self._away
        return [
            Arrived(
                idempotency_key=one.key, content_type=one.content_type, body=one.body, attributes=dict(one.attributes)
            )
            for path in sorted(home.glob("*.bundle"))
            for one in entries_of(path.read_bytes())
        ]

    async def behave(self, behaviour: Behaviour) -> None:
        """A folder can be away; it can do nothing else."""
        if behaviour is Behaviour.OUTAGE and self._ends.outbox.exists():
            self._ends.outbox.rename(self._away)
        elif behaviour is not Behaviour.OUTAGE and self._away.exists():
            self._away.rename(self._ends.outbox)

    async def answer(self, idempotency_key: str, *, refused: bool = False) -> None:
        """Acknowledge everything up to the bundle it is in; what was refused before stays refused."""
        bundles = [take_apart(path.read_bytes()) for path in sorted(self._ends.outbox.glob("*.bundle"))]
        for bundle in bundles:
            assert isinstance(bundle, Bundle), bundle
            if not any(entry.key == idempotency_key for entry in entries_of_bundle(bundle)):
                continue
            if refused:
                self._refused.append(
                    RefusedEntry(sequence=bundle.header.sequence, key=idempotency_key, code="E_CONTRACT_INVALID")
                )
            self._reach = max(self._reach, (bundle.header.sequence, bundle.hash))
        self._acknowledged += 1
        said = Acknowledgement(contiguous=self._reach[0], hash=self._reach[1], refused=tuple(self._refused))
        written = self._post.write(
            Kind.ACKNOWLEDGEMENT, self._acknowledged, GENESIS, said.model_dump_json(exclude_defaults=True).encode()
        ).written
        name = f"{self._acknowledged:012d}.bundle"
        (self._ends.acks_heard / f".{name}").write_bytes(written)
        (self._ends.acks_heard / f".{name}").rename(self._ends.acks_heard / name)

    async def until_arrived(self, count: int) -> None:
        while len(self.arrived) < count:
            await asyncio.sleep(_PAUSE)


class FerryFeed:
    """Whoever fills the inbox, five messages to a bundle."""

    def __init__(self, ends: Ends, context: Context) -> None:
        self._ends = ends
        config = SinkConfig.model_validate(ends.sender())
        self._post = Post(config, context)
        self._ledger = Ledger(config.state, config.stream)
        self._put = 0
        self._away = ends.inbox.with_name("inbox.away")

    @property
    def settings(self) -> Settings:
        return self._ends.receiver()

    async def put(self, messages: Sequence[Lying]) -> None:
        for start in range(0, len(messages), 5):
            some = {f"m{self._put + number}": one for number, one in enumerate(messages[start : start + 5])}
            self._put += len(some)

            def make(new: Sequence[str], sequence: int, previous: str, some: Mapping[str, Lying] = some) -> Made:
                return self._post.write(
                    Kind.MESSAGES, sequence, previous, pack([_entry(key, some[key]) for key in new])
                )

            sequence = max(self._ledger.append(list(some), make).values())
            written = self._ledger.bundle(sequence)
            assert written is not None
            temporary = self._ends.inbox / f".{sequence}"
            temporary.write_bytes(written)
            temporary.rename(self._ends.inbox / f"{sequence:012d}.bundle")

    async def until_left(self, count: int) -> None:
        while self._put - self._settled() != count:
            await asyncio.sleep(_PAUSE)

    async def until_refused(self, count: int) -> Sequence[tuple[bytes, str]]:
        folder = self._ends.folder / "receiver-state" / "refused"
        while len(list(folder.glob("*.body"))) < count:
            await asyncio.sleep(_PAUSE)
        return [
            (path.read_bytes(), orjson.loads(path.with_suffix(".error.json").read_bytes())["code"])
            for path in sorted(folder.glob("*.body"))
        ]

    async def outage(self, *, away: bool) -> None:
        if away:
            self._ends.inbox.rename(self._away)
        else:
            self._away.rename(self._ends.inbox)

    def _settled(self) -> int:
        """Messages of bundles that are settled whole, and of the others those that are noted."""
        state = self._ends.folder / "receiver-state" / "state.sqlite"
        if not state.exists():
            return 0
        with closing(sqlite3.connect(state)) as connection:
            found = connection.execute("select value from meta where name = 'sequence'").fetchone()
            [noted] = connection.execute("select count(*) from settled").fetchone()
        whole = int(found[0]) if found else 0
        rows = [self._ledger.bundle(sequence) for sequence in range(1, whole + 1)]
        return sum(len(entries_of(row)) for row in rows if row is not None) + int(noted)


def _entry(key: str, one: Lying) -> Entry:
    attributes = {name.removeprefix("cloudEvents:"): value for name, value in one.headers.items()}
    return Entry(key=key, content_type=one.content_type, attributes=attributes, body=one.body)


def entries_of(written: bytes) -> list[Entry]:
    """The messages of a bundle that is not sealed."""
    bundle = take_apart(written)
    assert isinstance(bundle, Bundle), bundle
    return entries_of_bundle(bundle)


def entries_of_bundle(bundle: Bundle) -> list[Entry]:
    """The same, of one that was taken apart."""
    entries = unpack(bundle.payload)
    assert isinstance(entries, list), entries
    return entries
