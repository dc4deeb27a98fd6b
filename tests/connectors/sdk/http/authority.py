# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A made-up authority and the certificates it gives, by openssl: new ones for every test."""

import hashlib
import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Identity:
    """A certificate and its key."""

    certificate: Path
    key: Path

    @property
    def pin(self) -> str:
        der = ssl.PEM_cert_to_DER_cert(self.certificate.read_text())
        return f"sha256:{hashlib.sha256(der).hexdigest()}"


class Authority:
    """Vouches for others."""

    def __init__(self, folder: Path, name: str = "authority") -> None:
        self._folder = folder
        self.own = self._make(name, "-x509", "-addext", "keyUsage=critical,keyCertSign", "-days", "2")

    @property
    def file(self) -> str:
        return str(self.own.certificate)

    def identity(self, name: str) -> Identity:
        """A certificate for this name, good for 127.0.0.1 and as a client."""
        return self._make(
            name, "-x509", "-CA", self.own.certificate, "-CAkey", self.own.key, "-days", "2",
            "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE",
        )  # fmt: skip

    def _make(self, name: str, *options: str | Path) -> Identity:
        made = Identity(self._folder / f"{name}.pem", self._folder / f"{name}.key")
        subprocess.run(
            ["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/O=made up/CN={name}",
             "-keyout", made.key, "-out", made.certificate, *options],
            check=True, capture_output=True,
        )  # fmt: skip
        return made


def server_context(own: Identity, clients: Authority | None = None) -> ssl.SSLContext:
    """How a server proves who it is, and whom it wants to see."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(own.certificate, own.key)
    if clients is not None:
        context.load_verify_locations(clients.file)
        context.verify_mode = ssl.CERT_REQUIRED
    return context
