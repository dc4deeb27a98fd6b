# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Client certificates, authorities and pins, read again when their files change: rotation is live."""

import hashlib
import hmac
import os
import ssl
from typing import Annotated, Self

from pydantic import BaseModel, Field, model_validator

from connectors.sdk.secret import STRICT

_LOOK_SECONDS = 1.0

Path = Annotated[str, Field(min_length=1, max_length=1024)]
Pin = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]


class TlsConfig(BaseModel):
    """How both sides prove who they are. Verification cannot be switched off."""

    model_config = STRICT

    ca_file: Path | None = Field(
        title="认可对端证书的机构证书（PEM 文件）；不写用系统的。",
        default=None,
        description="A PEM file of the authorities that may vouch for the far side, instead of the system's.",
        examples=["/etc/govhub/trust/city-ca.pem"],
    )
    certificate_file: Path | None = Field(
        title="我方证书及其上级证书的 PEM 文件（双向 TLS）。",
        default=None,
        description="A PEM file of our certificate and those between it and its authority (mutual TLS).",
        examples=["/etc/govhub/tls/hub.pem"],
    )
    key_file: Path | None = Field(
        title="我方私钥的 PEM 文件。",
        default=None,
        description="A PEM file of its private key.",
        examples=["/etc/govhub/tls/hub.key"],
    )
    pins: tuple[Pin, ...] = Field(
        title="对端证书（DER）的 SHA-256；写了则除机构认可外还须是其中之一。换证前把新的也写上。",
        default=(),
        max_length=20,
        description="SHA-256 of the far side's certificate in DER; if any is given, its certificate must be one of these "
        "beside being vouched for. Write the next one beside the present one before it changes.",
        examples=[["sha256:" + "0d" * 32]],
    )

    @model_validator(mode="after")
    def _pair(self) -> Self:
        if (self.certificate_file is None) != (self.key_file is None):
            raise ValueError("certificate_file and key_file belong together")
        return self

    @property
    def files(self) -> tuple[str, ...]:
        """Everything that is read."""
        return tuple(name for name in (self.ca_file, self.certificate_file, self.key_file) if name is not None)


def context_of(config: TlsConfig) -> ssl.SSLContext:
    """A context for calling. Raises ``OSError`` (of which ``ssl.SSLError`` is one) when a file cannot be read or used."""
    context = ssl.create_default_context(cafile=config.ca_file)
    if config.certificate_file is not None:
        context.load_cert_chain(config.certificate_file, config.key_file, password=_no_password)
    if config.pins:
        context.sslobject_class = _pinned(frozenset(config.pins))
    return context


def _no_password() -> str:
    """A key that wants a password is refused; without this OpenSSL would ask for it on the terminal."""
    return ""


def _pinned(pins: frozenset[str]) -> type[ssl.SSLObject]:
    class Pinned(ssl.SSLObject):
        """A connection whose far side must show a certificate that was named."""

        def do_handshake(self) -> None:
            """As always, then look at the certificate."""
            super().do_handshake()
            shown = hashlib.sha256(self.getpeercert(binary_form=True) or b"").hexdigest()
            if not any(hmac.compare_digest(f"sha256:{shown}", pin) for pin in pins):
                raise ssl.SSLCertVerificationError("the certificate is none of those that were pinned")

    return Pinned


class LiveTls:
    """The context that fits the files as they are now. A new context means new connections; those under way end in peace."""

    def __init__(self, config: TlsConfig) -> None:
        self._config = config
        self._looked = float("-inf")
        self._seen: tuple[object, ...] | None = None
        self._context: ssl.SSLContext | None = None

    def present(self, monotonic: float) -> ssl.SSLContext:
        """The context of this moment (on the monotonic clock). Raises ``OSError`` while there is none that works.

        Files that were replaced by something unusable leave the last good context in force.
        """
        if self._context is None or monotonic - self._looked >= _LOOK_SECONDS:
            self._looked = monotonic
            self._look()
        assert self._context is not None, "looking raises when there is none"
        return self._context

    def _look(self) -> None:
        try:
            seen = tuple(_state(name) for name in self._config.files)
            if self._context is None or seen != self._seen:
                self._context, self._seen = context_of(self._config), seen
        except OSError:
            if self._context is None:
                raise


def _state(name: str) -> tuple[int, int, int]:
    stat = os.stat(name)  # noqa: PTH116  # because a path object for every look costs more than the look
    return stat.st_mtime_ns, stat.st_size, stat.st_ino
