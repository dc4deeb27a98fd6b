# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The platform's signature, and the form in which it gives a new secret. Pure.

The form of the national data-sharing exchange (国家数据共享交换平台), as field code and its interface description have it. The
body is not signed: what is put there is recognised by the digest beside it, and the way is TLS.
"""

import base64
import binascii
import hashlib
import hmac

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms
from cryptography.hazmat.primitives.ciphers.modes import ECB  # noqa: S304, RUF100  # because it is the platform's choice

_BLOCK = 16


def signature(secret: str, sid: str, rid: str, rtime: str) -> str:
    """Base64 of HMAC-SHA256 under the secret over service, requester and moment, written one after another."""
    return base64.b64encode(hmac.new(secret.encode(), f"{sid}{rid}{rtime}".encode(), "sha256").digest()).decode()


def headers(prefix: str, secret: str, sid: str, rid: str, rtime: str) -> dict[str, str]:
    """The four headers of a call; ``rtime`` in milliseconds since 1970."""
    return {
        f"{prefix}_rid": rid,
        f"{prefix}_sid": sid,
        f"{prefix}_rtime": rtime,
        f"{prefix}_sign": signature(secret, sid, rid, rtime),
    }


def unwrapped(app_key: str, given: str) -> str | None:
    """The new secret out of what the platform gives: AES-128 in ECB mode, PKCS#5 padding, base64. None: not under this key.

    The key is what Java's ``SHA1PRNG`` gives first when it is seeded with the app key: SHA-1 of SHA-1 of it, 16 bytes.
    """
    try:
        sealed = base64.b64decode(given, validate=True)
    except (binascii.Error, ValueError):
        return None
    if not sealed or len(sealed) % _BLOCK:
        return None
    decryptor = Cipher(algorithms.AES(_key(app_key)), ECB()).decryptor()  # noqa: S305  # because it is the platform's choice
    plain = decryptor.update(sealed) + decryptor.finalize()
    padding = plain[-1]
    if not 0 < padding <= _BLOCK or plain[-padding:] != bytes([padding]) * padding:
        return None
    try:
        return plain[:-padding].decode("ascii") or None
    except UnicodeDecodeError:
        return None


def wrapped(app_key: str, secret: str) -> str:
    """What a platform gives for a secret; the other direction of :func:`unwrapped`, for simulators."""
    plain = secret.encode()
    padding = _BLOCK - len(plain) % _BLOCK
    encryptor = Cipher(algorithms.AES(_key(app_key)), ECB()).encryptor()  # noqa: S305  # because it is the platform's choice
    return base64.b64encode(encryptor.update(plain + bytes([padding]) * padding) + encryptor.finalize()).decode()


def _key(app_key: str) -> bytes:
    first = hashlib.sha1(app_key.encode(), usedforsecurity=False).digest()
    return hashlib.sha1(first, usedforsecurity=False).digest()[:16]
