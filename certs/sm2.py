# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""SM2 signatures over SM3 (GB/T 32918.2), by the system's OpenSSL 3: no well-kept Python package has them.

The signer's identity in Z is always the default one, ``1234567812345678`` (GM/T 0009, 10): OpenSSL 3 itself would take an
empty one, and then nothing verifies that others signed. The work is done outside of Python's lock.
"""

import base64
import binascii
import ctypes
import ctypes.util
import re
import weakref
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

from certs.sm2_tables import Tables, declared

DEFAULT_ID = b"1234567812345678"
_RAW = 64
_LONGEST_SIGNATURE = 80
_POINT = 65
_OFTEN = 16
"""Signatures after which a key is worth its tables, which take as long as twenty of them."""
_SM2_CURVE = b"SM2"
_CURVE = bytes.fromhex("06082a811ccf5501822d")
"""1.2.156.10197.1.301, as DER writes it."""
_PEM = re.compile(rb"-----BEGIN (PRIVATE KEY|EC PRIVATE KEY|SM2 PRIVATE KEY)-----([A-Za-z0-9+/=\s]+)-----END \1-----")


class Sm2UnavailableError(RuntimeError):
    """The system has no OpenSSL 3 with SM2: no seal of this country can be verified on it."""


class PublicKey:
    """One key, loaded. Safe for use from several threads. One that is used often gets its tables."""

    def __init__(self, handle: int, point: bytes = b"") -> None:
        self._handle = handle
        self._point = point
        self._used = 0
        weakref.finalize(self, _library().EVP_PKEY_free, handle)

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether the signature is this key's over the message. DER of r and s, or both as 64 bytes: both occur."""
        written = _as_der(signature)
        self._used += 1
        tables = _tables(self._point) if self._used > _OFTEN else None
        parts = raw(written) if tables is not None else None
        if tables is not None and parts is not None and _der_of(parts) == written:
            r, s = (int.from_bytes(parts[at : at + _RAW // 2], "big") for at in (0, _RAW // 2))
            return tables.verify(message, r, s)
        return bool(written) and _with_context(
            self._handle,
            lambda library, context: (
                library.EVP_DigestVerifyInit(context, None, library.EVP_sm3(), None, self._handle) == 1
                and library.EVP_DigestVerify(context, written, len(written), message, len(message)) == 1
            ),
        )


class PrivateKey:
    """One key in this process's memory: made here, or read from its file."""

    def __init__(self, handle: int) -> None:
        self._handle = handle
        weakref.finalize(self, _library().EVP_PKEY_free, handle)

    @classmethod
    def generate(cls) -> "PrivateKey":
        """A new key from the system's own randomness."""
        library = _library()
        handle = library.EVP_PKEY_Q_keygen(None, None, _SM2_CURVE)
        if not handle:
            raise Sm2UnavailableError("this OpenSSL makes no SM2 keys")
        return cls(handle)

    def public(self) -> bytes:
        """Its SubjectPublicKeyInfo, DER."""
        return self._written("i2d_PUBKEY")

    def private(self) -> bytes:
        """Itself as RFC 5915 has it, DER: for whoever signs elsewhere."""
        return self._written("i2d_PrivateKey")

    def sign(self, message: bytes) -> bytes:
        """A signature, DER of r and s."""
        made = ctypes.create_string_buffer(_LONGEST_SIGNATURE)
        length = ctypes.c_size_t(_LONGEST_SIGNATURE)
        done = _with_context(
            self._handle,
            lambda library, context: (
                library.EVP_DigestSignInit(context, None, library.EVP_sm3(), None, self._handle) == 1
                and library.EVP_DigestSign(context, made, ctypes.byref(length), message, len(message)) == 1
            ),
        )
        assert done, "a key that was made signs"
        return made.raw[: length.value]

    def _written(self, call: str) -> bytes:
        library = _library()
        pointer = ctypes.c_void_p()
        length = getattr(library, call)(self._handle, ctypes.byref(pointer))
        assert length > 0, "a key that was made can be written"
        try:
            return ctypes.string_at(pointer.value or 0, length)
        finally:
            library.CRYPTO_free(pointer, None, 0)


def is_sm2(spki: bytes) -> bool:
    """Whether a SubjectPublicKeyInfo names the curve of SM2. Needs no OpenSSL."""
    return _CURVE in spki[:40]


@lru_cache(maxsize=1024)
def public_key(spki: bytes) -> PublicKey | None:
    """The key of a SubjectPublicKeyInfo (DER), kept; None if it is no SM2 key."""
    library = _library()
    start = ctypes.c_char_p(spki)
    handle = library.d2i_PUBKEY(None, ctypes.byref(start), len(spki))
    if not handle:
        library.ERR_clear_error()
        return None
    if not library.EVP_PKEY_is_a(handle, _SM2_CURVE):
        library.EVP_PKEY_free(handle)
        return None
    return PublicKey(handle, spki[-_POINT:] if spki[-_POINT : -_POINT + 1] == b"\x04" else b"")


@lru_cache(maxsize=64)
def _tables(point: bytes) -> Tables | None:
    """Those of a key; None: there are none to be had."""
    library = _library()
    if not point or not declared(library):
        return None
    try:
        return Tables(library, point, DEFAULT_ID)
    except ValueError:
        library.ERR_clear_error()
        return None


def private_key(pem: bytes) -> PrivateKey | None:
    """The key of a PEM file, in PKCS#8 or as RFC 5915 has it, without a pass phrase; None if it is no SM2 key."""
    found = _PEM.search(pem)
    if found is None:
        return None
    try:
        der = base64.b64decode(found[2])
    except binascii.Error:
        return None
    library = _library()
    start = ctypes.c_char_p(der)
    handle = library.d2i_AutoPrivateKey(None, ctypes.byref(start), len(der))
    if not handle:
        library.ERR_clear_error()
        return None
    if not library.EVP_PKEY_is_a(handle, _SM2_CURVE):
        library.EVP_PKEY_free(handle)
        return None
    return PrivateKey(handle)


def raw(signature: bytes) -> bytes | None:
    """A DER signature as r and s of 32 bytes each; None if it is none."""
    parts = bytearray()
    rest = signature[2:]
    if len(signature) < 2 or signature[0] != 0x30 or signature[1] != len(rest):
        return None
    for _ in range(2):
        if len(rest) < 2 or rest[0] != 0x02 or len(rest) < 2 + rest[1]:
            return None
        number, rest = rest[2 : 2 + rest[1]].lstrip(b"\0"), rest[2 + rest[1] :]
        parts += number.rjust(_RAW // 2, b"\0")
    return bytes(parts) if not rest and len(parts) == _RAW else None


def _as_der(signature: bytes) -> bytes:
    """DER as it is; 64 bytes that are no DER become DER; what can be neither becomes empty."""
    if len(signature) != _RAW or raw(signature) is not None:
        return signature if len(signature) <= _LONGEST_SIGNATURE else b""
    return _der_of(signature)


def _der_of(parts: bytes) -> bytes:
    half = _RAW // 2
    integers = b"".join(_integer(part) for part in (parts[:half], parts[half:]))
    return b"\x30" + bytes([len(integers)]) + integers


def _integer(part: bytes) -> bytes:
    number = part.lstrip(b"\0") or b"\0"
    if number[0] & 0x80:
        number = b"\0" + number
    return b"\x02" + bytes([len(number)]) + number


def _with_context(handle: int, work: Callable[[Any, int], bool]) -> bool:
    """Whether the work succeeded, in a context for this key under the default identity. A failure leaves no error behind."""
    library = _library()
    context = library.EVP_MD_CTX_new()
    key_context = library.EVP_PKEY_CTX_new(handle, None)
    try:
        library.EVP_MD_CTX_set_pkey_ctx(context, key_context)
        good = library.EVP_PKEY_CTX_set1_id(key_context, DEFAULT_ID, len(DEFAULT_ID)) == 1 and work(library, context)
    finally:
        library.EVP_MD_CTX_free(context)
        library.EVP_PKEY_CTX_free(key_context)
    if not good:
        library.ERR_clear_error()
    return good


def _found() -> ctypes.CDLL:
    """By its name on Linux, else by whatever this system calls it. Raises ``OSError``."""
    try:
        return ctypes.CDLL("libcrypto.so.3")
    except OSError:
        return ctypes.CDLL(ctypes.util.find_library("crypto") or "libcrypto.3.dylib")


def available() -> bool:
    """Whether this system can do SM2 at all."""
    try:
        PrivateKey.generate()
    except Sm2UnavailableError:
        return False
    return True


@cache
def _library() -> Any:
    try:
        library = _found()
        pointer, size, text = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p
        for function, result, arguments in (
            ("d2i_PUBKEY", pointer, (pointer, pointer, ctypes.c_long)),
            ("d2i_AutoPrivateKey", pointer, (pointer, pointer, ctypes.c_long)),
            ("i2d_PUBKEY", ctypes.c_int, (pointer, pointer)),
            ("i2d_PrivateKey", ctypes.c_int, (pointer, pointer)),
            ("CRYPTO_free", None, (pointer, text, ctypes.c_int)),
            ("EVP_PKEY_is_a", ctypes.c_int, (pointer, text)),
            ("EVP_PKEY_free", None, (pointer,)),
            ("EVP_PKEY_Q_keygen", pointer, (pointer, text, text)),
            ("EVP_PKEY_CTX_new", pointer, (pointer, pointer)),
            ("EVP_PKEY_CTX_free", None, (pointer,)),
            ("EVP_PKEY_CTX_set1_id", ctypes.c_int, (pointer, text, ctypes.c_int)),
            ("EVP_MD_CTX_new", pointer, ()),
            ("EVP_MD_CTX_free", None, (pointer,)),
            ("EVP_MD_CTX_set_pkey_ctx", None, (pointer, pointer)),
            ("EVP_sm3", pointer, ()),
            ("EVP_DigestVerifyInit", ctypes.c_int, (pointer, pointer, pointer, pointer, pointer)),
            ("EVP_DigestVerify", ctypes.c_int, (pointer, text, size, text, size)),
            ("EVP_DigestSignInit", ctypes.c_int, (pointer, pointer, pointer, pointer, pointer)),
            ("EVP_DigestSign", ctypes.c_int, (pointer, pointer, pointer, text, size)),
            ("ERR_clear_error", None, ()),
        ):
            found = getattr(library, function)
            found.restype, found.argtypes = result, arguments
    except (OSError, AttributeError) as error:
        raise Sm2UnavailableError("this system has no libcrypto of OpenSSL 3") from error
    return library
