# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Materials sealed piece by piece: a head that names the data key, and chunks of 64 KiB, each with its number and whether it is
the last.

Every material has a key of its own, made of the data key, a salt and its digest, so a counter is nonce enough, and chunks that
were exchanged, left out or taken from another material do not open.
"""

import struct
from collections.abc import Awaitable, Callable
from typing import Final

from certs.envelope import DataKey
from hub.ports.materials import MaterialKeys, StoreDown

_MAGIC: Final = b"govhub sealed 1\n"
_SALT: Final = 16
_NUMBER: Final = struct.Struct(">I")
HEAD: Final = len(_MAGIC) + _NUMBER.size + _SALT
CHUNK: Final = 64 * 1024
_TAG: Final = 16


class Sealer:
    """Seals one material on its way in. Not for two."""

    def __init__(self, key: DataKey, digest: str, salt: bytes) -> None:
        self._key = key.derived(_context(digest, salt))
        self._head = _MAGIC + _NUMBER.pack(key.number) + salt
        self._held = bytearray()
        self._count = 0

    def feed(self, piece: bytes) -> bytes:
        """What is to be written now; a chunk is held back until it is known whether it is the last."""
        self._held += piece
        written = bytearray()
        while len(self._held) > CHUNK:
            written += self._chunk(bytes(self._held[:CHUNK]), last=False)
            del self._held[:CHUNK]
        return bytes(written)

    def finish(self) -> bytes:
        """The rest."""
        return self._chunk(bytes(self._held), last=True)

    def _chunk(self, plain: bytes, *, last: bool) -> bytes:
        head, self._head = self._head, b""
        sealed = self._key.encrypt(_nonce(self._count, last=last), plain, b"")
        self._count += 1
        return head + sealed


class Unsealing:
    """Opens one material while it is read. What does not open ends the bytes, and so they do not fit their digest."""

    def __init__(
        self, key: DataKey, digest: str, head: bytes, read: Callable[[], Awaitable[bytes | StoreDown]]
    ) -> None:
        self._key = key.derived(_context(digest, head[-_SALT:]))
        self._read = read
        self._held = bytearray()
        self._count = 0
        self._ended = False

    async def piece(self) -> bytes | StoreDown:
        """The next bytes; empty at the end."""
        plain = bytearray()
        while not self._ended and not plain:
            piece = await self._read()
            if isinstance(piece, StoreDown):
                return piece
            self._held += piece
            while len(self._held) > CHUNK + _TAG and not self._ended:
                plain += self._open(bytes(self._held[: CHUNK + _TAG]), last=False)
                del self._held[: CHUNK + _TAG]
            if not piece and not self._ended:
                plain += self._open(bytes(self._held), last=True)
                self._ended = True
        return bytes(plain)

    def _open(self, chunk: bytes, *, last: bool) -> bytes:
        opened = self._key.decrypt(_nonce(self._count, last=last), chunk, b"")
        self._count += 1
        self._ended = opened is None
        return opened or b""


def number_in(head: bytes) -> int | None:
    """The number of the key of a material that begins like this; None: it is not sealed."""
    if len(head) < HEAD or not head.startswith(_MAGIC):
        return None
    found: int = _NUMBER.unpack_from(head, len(_MAGIC))[0]
    return found


def plain_size(stored: int) -> int:
    """The length of a material whose sealed form has this one."""
    body = stored - HEAD
    return body - _TAG * max(1, -(-body // (CHUNK + _TAG)))


async def sealer(keys: MaterialKeys | None, digest: str, system: str) -> Sealer | StoreDown | None:
    """What seals a material of this system; None: nothing does."""
    if keys is None:
        return None
    key = await keys.current(system)
    return key if isinstance(key, StoreDown) else Sealer(key, digest, keys.salt(_SALT))


async def unsealed(
    keys: MaterialKeys | None, digest: str, stored: int, read: Callable[[], Awaitable[bytes | StoreDown]]
) -> tuple[int, Callable[[], Awaitable[bytes | StoreDown]]] | StoreDown | None:
    """Length and pieces of a material as it was, sealed or not. None: its key is destroyed, and so is it."""
    head = bytearray()
    while len(head) < HEAD and (piece := await read()):
        if isinstance(piece, StoreDown):
            return piece
        head += piece
    begun = [bytes(head)]

    async def again() -> bytes | StoreDown:
        return begun.pop() if begun else await read()

    number = number_in(begun[0])
    if number is None:
        return stored, again
    if keys is None:
        return StoreDown("sealed, and there is no master key")
    key = await keys.numbered(number)
    if not isinstance(key, DataKey):
        return key
    opened, begun[0] = Unsealing(key, digest, begun[0][:HEAD], again), begun[0][HEAD:]
    if not begun[0]:
        begun.clear()
    return plain_size(stored), opened.piece


def _context(digest: str, salt: bytes) -> bytes:
    return b"govhub material\0" + salt + digest.encode()


def _nonce(count: int, *, last: bool) -> bytes:
    return bytes(7) + bytes((last,)) + _NUMBER.pack(count)
