# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Who signs bundles, who is believed, and how payloads are sealed. The suite is the key's, never the bundle's choice."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature, InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

SUITE = "intl-1"
"""ECDSA on P-256 with SHA-256 (FIPS 186-5), signatures in DER."""
_TAG = 16


class KeyFault(Exception):  # noqa: N818  # because it is what a key has, and no bug
    """A key that cannot be used; the message says why and holds nothing of it."""


@dataclass(frozen=True, slots=True)
class Signer:
    """One's own key. ``id`` is how bundles name it."""

    id: str
    private: ec.EllipticCurvePrivateKey

    def sign(self, signed: bytes) -> bytes:
        """A signature over these bytes."""
        return self.private.sign(signed, ec.ECDSA(hashes.SHA256()))


def signer(pem: str) -> Signer:
    """The signer of a private key in PEM, without a passphrase. Raises :class:`KeyFault`."""
    try:
        key = serialization.load_pem_private_key(pem.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeyFault("the secret holds no private key in PEM without a passphrase") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise KeyFault("the key is not on the curve P-256")
    return Signer(_id(key.public_key()), key)


Peers = Mapping[str, ec.EllipticCurvePublicKey]
"""Keys that are believed, by id."""


def peers(files: Sequence[str]) -> Peers:
    """The public keys in these PEM files, read now. Raises :class:`KeyFault`."""
    found: dict[str, ec.EllipticCurvePublicKey] = {}
    for file in files:
        try:
            key = serialization.load_pem_public_key(Path(file).read_bytes())
        except (OSError, ValueError, UnsupportedAlgorithm) as error:
            raise KeyFault(f"{file} holds no public key in PEM") from error
        if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
            raise KeyFault(f"the key in {file} is not on the curve P-256")
        found[_id(key)] = key
    return found


def distrust(known: Peers, key: str, suite: str, signed: bytes, signature: bytes) -> str:
    """Why a signature is not believed; empty when it is."""
    public = known.get(key)
    if public is None:
        return "KEY_UNKNOWN"
    if suite != SUITE:
        return "SUITE_FOREIGN"
    try:
        public.verify(signature, signed, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return "SIGNATURE_INVALID"
    return ""


def sealing_key(secret: str) -> bytes:
    """An SM4 key (GB/T 32907), written as 32 hexadecimal digits. Raises :class:`KeyFault`."""
    try:
        key = bytes.fromhex(secret.strip())
    except ValueError:
        key = b""
    if len(key) != 16:
        raise KeyFault("the sealing secret is not 32 hexadecimal digits")
    return key


def seal(key: bytes, payload: bytes, beside: bytes) -> tuple[bytes, bytes]:
    """Nonce and sealed payload (SM4 in GCM mode, tag of 16 bytes at the end)."""
    nonce = os.urandom(12)
    encryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(beside)
    return nonce, encryptor.update(payload) + encryptor.finalize() + encryptor.tag


def unseal(key: bytes, nonce: bytes, sealed: bytes, beside: bytes) -> bytes | None:
    """The payload; None when it was sealed with another key, or is not the one that was sealed."""
    if len(sealed) < _TAG:
        return None
    decryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce, sealed[-_TAG:])).decryptor()
    decryptor.authenticate_additional_data(beside)
    try:
        return decryptor.update(sealed[:-_TAG]) + decryptor.finalize()
    except InvalidTag:
        return None


def _id(key: ec.EllipticCurvePublicKey) -> str:
    """The beginning of the digest of the SubjectPublicKeyInfo."""
    written = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(written).hexdigest()[:32]
