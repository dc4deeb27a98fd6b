# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Writing bundles as one end, and reading them as the other: signed, sealed, and believed only from whom they should be."""

import hashlib
from datetime import datetime

from connectors.ferry import keys
from connectors.ferry.bundle import (
    Bundle,
    Damaged,
    Header,
    Kind,
    Seal,
    assemble,
    authenticated,
    signed_bytes,
    take_apart,
)
from connectors.ferry.config import EndConfig
from connectors.ferry.ledger import Made
from connectors.sdk import Context


class Post:
    """Keys are asked for anew whenever something is written or read: rotation is live. Raises :class:`keys.KeyFault`."""

    def __init__(self, config: EndConfig, context: Context) -> None:
        self._config = config
        self._context = context

    def write(self, kind: Kind, sequence: int, previous: str, payload: bytes) -> Made:
        """A bundle of this stream. Blocks for a moment: it reads secrets and signs."""
        signer = keys.signer(self._secret(self._config.key_secret))
        seal = None
        if self._config.seal_secret is not None:
            key = keys.sealing_key(self._secret(self._config.seal_secret))
            nonce, payload = keys.seal(key, payload, authenticated(self._config.stream, sequence, previous))
            seal = Seal(nonce=nonce.hex())
        header = Header(
            kind=kind,
            stream=self._config.stream,
            sequence=sequence,
            previous=previous,
            made=_written(self._context.now()),
            suite=keys.SUITE,
            key=signer.id,
            seal=seal,
            size=len(payload),
            sha256=hashlib.sha256(payload).hexdigest(),
        )
        signed = signed_bytes(header)
        return Made(hashlib.sha256(signed).hexdigest(), assemble(signed, signer.sign(signed), payload))

    def read(self, kind: Kind, written: bytes) -> Bundle | Damaged:
        """A bundle of this stream and kind, from the other end, its payload opened; or why it is none."""
        bundle = take_apart(written)
        if isinstance(bundle, Damaged):
            return bundle
        header = bundle.header
        if header.stream != self._config.stream:
            return Damaged("OTHER_STREAM")
        known = keys.peers(self._config.peer_keys)
        fault = keys.distrust(known, header.key, header.suite, bundle.signed, bundle.signature)
        if fault:
            return Damaged(fault)
        if header.kind is not kind:
            return Damaged("OTHER_KIND")
        return self._open(bundle)

    def _open(self, bundle: Bundle) -> Bundle | Damaged:
        header = bundle.header
        if self._config.seal_secret is None:
            return Damaged("SEALED") if header.seal is not None else bundle
        if header.seal is None:
            return Damaged("NOT_SEALED")
        key = keys.sealing_key(self._secret(self._config.seal_secret))
        beside = authenticated(header.stream, header.sequence, header.previous)
        opened = keys.unseal(key, bytes.fromhex(header.seal.nonce), bundle.payload, beside)
        if opened is None:
            return Damaged("SEAL_BROKEN")
        return Bundle(header, bundle.signed, bundle.signature, opened)

    def _secret(self, name: str) -> str:
        try:
            return self._context.secret(name)
        except KeyError:
            raise keys.KeyFault("a secret is not there") from None


def _written(now: datetime) -> str:
    return now.isoformat(timespec="seconds")
