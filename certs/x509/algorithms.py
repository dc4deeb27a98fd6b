# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Whether a signature is a key's: RSA, ECDSA and SM2, by the algorithm that is named beside it and the key that is held."""

from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache, partial

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from certs import sm2

SM2_WITH_SM3 = "1.2.156.10197.1.501"
SM3 = "1.2.156.10197.1.401"
_SM2_AS_EC = "1.2.156.10197.1.301"  # some makers name the curve where the signature algorithm belongs

_HASHES: dict[str, hashes.HashAlgorithm] = {
    "2.16.840.1.101.3.4.2.1": hashes.SHA256(),
    "2.16.840.1.101.3.4.2.2": hashes.SHA384(),
    "2.16.840.1.101.3.4.2.3": hashes.SHA512(),
}
_RSA: dict[str, hashes.HashAlgorithm] = {
    "1.2.840.113549.1.1.11": hashes.SHA256(),
    "1.2.840.113549.1.1.12": hashes.SHA384(),
    "1.2.840.113549.1.1.13": hashes.SHA512(),
}
_ECDSA: dict[str, hashes.HashAlgorithm] = {
    "1.2.840.10045.4.3.2": hashes.SHA256(),
    "1.2.840.10045.4.3.3": hashes.SHA384(),
    "1.2.840.10045.4.3.4": hashes.SHA512(),
}
_LEAST_RSA_BITS = 2048


class Signed(StrEnum):
    """What is known of a signature."""

    YES = "yes"
    NO = "no"
    UNKNOWN_ALGORITHM = "unknown_algorithm"
    """Nobody here can compute it, or nobody should trust it any more (MD5, SHA-1, short RSA keys)."""


@lru_cache(maxsize=1024)
def _key(spki: bytes) -> rsa.RSAPublicKey | ec.EllipticCurvePublicKey | sm2.PublicKey | None:
    if sm2.is_sm2(spki):
        return sm2.public_key(spki)
    try:
        key = load_der_public_key(spki)
    except (ValueError, UnsupportedAlgorithm):
        return None
    if isinstance(key, rsa.RSAPublicKey):
        return key if key.key_size >= _LEAST_RSA_BITS else None
    return key if isinstance(key, ec.EllipticCurvePublicKey) else None


def signed(algorithm: str, spki: bytes, message: bytes, signature: bytes, digest: str = "") -> Signed:
    """``algorithm`` and ``digest`` are object identifiers in dots; the digest counts where the algorithm names only the key's
    kind. The key decides: an algorithm of another kind is unknown, never tried.
    """
    key = _key(spki)
    match key:
        case sm2.PublicKey():
            known = algorithm in {SM2_WITH_SM3, _SM2_AS_EC} and digest in {"", SM3}
            return _said(key.verify(message, signature)) if known else Signed.UNKNOWN_ALGORITHM
        case rsa.RSAPublicKey():
            chosen = _RSA.get(algorithm) or (_HASHES.get(digest) if algorithm == "1.2.840.113549.1.1.1" else None)
            if chosen is None:
                return Signed.UNKNOWN_ALGORITHM
            return _tried(partial(key.verify, signature, message, padding.PKCS1v15(), chosen))
        case ec.EllipticCurvePublicKey():
            chosen = _ECDSA.get(algorithm) or (_HASHES.get(digest) if algorithm == "1.2.840.10045.2.1" else None)
            if chosen is None:
                return Signed.UNKNOWN_ALGORITHM
            return _tried(partial(key.verify, signature, message, ec.ECDSA(chosen)))
        case None:
            return Signed.UNKNOWN_ALGORITHM


def _tried(verify: Callable[[], None]) -> Signed:
    try:
        verify()
    except InvalidSignature:
        return Signed.NO
    return Signed.YES


def _said(good: bool) -> Signed:  # noqa: FBT001  # because it is the one thing it is told
    return Signed.YES if good else Signed.NO
