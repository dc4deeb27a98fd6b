# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Envelope encryption (信封加密): values are sealed by data keys, and data keys are wrapped by a master key.

A sealed value is the data key's number (4 bytes), the nonce (12), the ciphertext and the tag (16). Its associated data say where
it lies, so that a value which somebody moved to another row does not open there. GCM is that of NIST SP 800-38D; SM4 is
GB/T 32907.
"""

import hashlib
import hmac
import struct
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeAlias

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from contracts.text import Text

Entropy: TypeAlias = Callable[[int], bytes]
"""So many random bytes, as ``os.urandom`` gives them."""

OVERHEAD = 32
"""Bytes by which a value grows when it is sealed."""

_NUMBER = struct.Struct(">I")
_NONCE = 12
_HEAD = _NUMBER.size + _NONCE
_TAG = 16
_DRAWN = 2**32
"""Nonces that share one draw."""


class Suite(StrEnum):
    """Ciphers by which values are sealed and keys wrapped."""

    AES_256_GCM = "aes-256-gcm"
    SM4_GCM = "sm4-gcm"

    @property
    def key_bytes(self) -> int:
        """The length of its keys."""
        return 32 if self is Suite.AES_256_GCM else 16


@dataclass(frozen=True, slots=True)
class KeyTrouble:
    """A key cannot be had or used: ``code`` is stable; ``place`` names the file or token."""

    code: str
    place: str
    reason: Text
    remedy: Text


class MasterKey(Protocol):
    """What wraps data keys (主密钥). It may block for some milliseconds; safe for use from several threads.

    A master key may have predecessors, by which older data keys are wrapped still. Nothing is raised for what a file or device
    can do: that is a :class:`KeyTrouble`.
    """

    def current(self) -> str | KeyTrouble:
        """The name of the key that wraps now: a fingerprint or label, never the key."""
        ...

    def wrap(self, key: bytes, about: bytes) -> tuple[str, bytes] | KeyTrouble:
        """The name of the wrapping key, and ``key`` wrapped; it unwraps only with the same ``about``."""
        ...

    def unwrap(self, master: str, wrapped: bytes, about: bytes) -> bytes | KeyTrouble:
        """The key that was wrapped by the master key of that name."""
        ...


class Nonces:
    """Nonces that never come twice from one of these: 64 bits drawn by chance, and a 32-bit counter. Not thread-safe."""

    def __init__(self, entropy: Entropy) -> None:
        self._entropy = entropy
        self._drawn = b""
        self._count = _DRAWN

    def next(self) -> bytes:
        """Twelve bytes."""
        if self._count == _DRAWN:
            self._drawn, self._count = self._entropy(_NONCE - _NUMBER.size), 0
        self._count += 1
        return self._drawn + _NUMBER.pack(self._count - 1)


class DataKey:
    """One data key, unwrapped. Sealing 2 KB takes about 2 µs by AES."""

    def __init__(self, number: int, suite: Suite, key: bytes, nonces: Nonces) -> None:
        self.number = number
        self._suite = suite
        self._key = key
        self._head = _NUMBER.pack(number)
        self._nonces = nonces
        self._cipher = _cipher(suite, key)

    def seal(self, value: bytes, place: bytes) -> bytes:
        """The value, readable only with this key and for whoever says the same place."""
        nonce = self._nonces.next()
        return self._head + nonce + self._cipher.encrypt(nonce, value, place)

    def open(self, sealed: bytes, place: bytes) -> bytes | None:
        """The value; None: these bytes were not sealed by this key, or not for this place, or were changed."""
        if len(sealed) < OVERHEAD:
            return None
        try:
            return self._cipher.decrypt(sealed[_NUMBER.size : _HEAD], sealed[_HEAD:], place)
        except InvalidTag:
            return None

    def derived(self, context: bytes) -> "DerivedKey":
        """A key for one thing that is sealed in parts; other contexts give other keys (HMAC-SHA-256)."""
        key = hmac.digest(self._key, context, "sha256")[: self._suite.key_bytes]
        return DerivedKey(_cipher(self._suite, key))


class DerivedKey:
    """Whoever uses it sees to it that no nonce of its comes twice."""

    def __init__(self, cipher: "AESGCM | _Sm4Gcm") -> None:
        self._cipher = cipher

    def encrypt(self, nonce: bytes, plain: bytes, about: bytes) -> bytes:
        """Ciphertext and tag."""
        return self._cipher.encrypt(nonce, plain, about)

    def decrypt(self, nonce: bytes, sealed: bytes, about: bytes) -> bytes | None:
        """The plain bytes; None: it was not sealed so."""
        try:
            return self._cipher.decrypt(nonce, sealed, about)
        except InvalidTag:
            return None


def number_of(sealed: bytes) -> int | None:
    """The number of the data key that sealed these bytes; None: they are too short to be sealed."""
    return _NUMBER.unpack_from(sealed)[0] if len(sealed) >= OVERHEAD else None


def wrap(suite: Suite, master: bytes, nonce: bytes, key: bytes, about: bytes) -> bytes:
    """A key wrapped by another: nonce, ciphertext, tag."""
    return nonce + _cipher(suite, master).encrypt(nonce, key, about)


def unwrap(suite: Suite, master: bytes, wrapped: bytes, about: bytes) -> bytes | None:
    """What :func:`wrap` wrapped; None: it was something else."""
    try:
        return _cipher(suite, master).decrypt(wrapped[:_NONCE], wrapped[_NONCE:], about)
    except (InvalidTag, ValueError):
        return None


def fingerprint(key: bytes) -> str:
    """A name for a master key that tells nothing of it."""
    return hashlib.sha256(b"govhub master key\0" + key).hexdigest()[:16]


def _cipher(suite: Suite, key: bytes) -> "AESGCM | _Sm4Gcm":
    return AESGCM(key) if suite is Suite.AES_256_GCM else _Sm4Gcm(key)


class _Sm4Gcm:
    """SM4 in GCM with the calls of ``AESGCM``, since the library has it among its modes only."""

    def __init__(self, key: bytes) -> None:
        self._key = algorithms.SM4(key)

    def encrypt(self, nonce: bytes, data: bytes, associated: bytes) -> bytes:
        sealing = Cipher(self._key, modes.GCM(nonce)).encryptor()
        sealing.authenticate_additional_data(associated)
        return sealing.update(data) + sealing.finalize() + sealing.tag

    def decrypt(self, nonce: bytes, data: bytes, associated: bytes) -> bytes:
        if len(data) < _TAG:
            raise InvalidTag
        opening = Cipher(self._key, modes.GCM(nonce, data[-_TAG:])).decryptor()
        opening.authenticate_additional_data(associated)
        return opening.update(data[:-_TAG]) + opening.finalize()
