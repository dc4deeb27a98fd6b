# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""TLS of the hub's own server: its certificate, read again while it serves, and the certificates that clients show.

A certificate that has expired or whose issuer is unknown never gets past the handshake; the client is told by a TLS alert, and
the hub's log by a line with the same code that HTTP would have had. What changes while a connection lasts (a revocation,
an end of validity) is looked at for every request: see :mod:`hub.identities.trusting`. Sessions are never resumed where clients
show certificates, so no old handshake outlives its certificate.
"""

import asyncio
import ssl
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from structlog.typing import FilteringBoundLogger

from certs import sm2
from certs.x509.anchors import brought
from certs.x509.certificate import Certificate
from contracts.text import Text

HANDSHAKE_SECONDS = 10.0
_CODES = {
    9: "E_CERT_NOT_YET_VALID",
    10: "E_CERT_EXPIRED",
    2: "E_CERT_UNKNOWN_ISSUER",
    18: "E_CERT_UNKNOWN_ISSUER",
    19: "E_CERT_UNKNOWN_ISSUER",
    20: "E_CERT_UNKNOWN_ISSUER",
    21: "E_CERT_UNKNOWN_ISSUER",
    7: "E_CERT_UNKNOWN_ISSUER",
    26: "E_CERT_USAGE",
    24: "E_CERT_USAGE",
    25: "E_CERT_USAGE",
    79: "E_CERT_USAGE",
    66: "E_CERT_ALGORITHM",
    67: "E_CERT_ALGORITHM",
    68: "E_CERT_ALGORITHM",
}
"""By the X509_V_ERR of OpenSSL."""
_AUTH = {"none": ssl.CERT_NONE, "optional": ssl.CERT_OPTIONAL, "required": ssl.CERT_REQUIRED}
_MINIMUM = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """The PEM texts of a certificate with its chain, and of its key."""

    certificate: str
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Unusable:
    """Why a certificate and its key cannot be served with."""

    reason: Text


class ServerTls:
    """One per server. ``read`` gives the files as they are now and may block on the disk; ``turned_away`` hears of every
    handshake that failed for the client's certificate.
    """

    def __init__(
        self,
        read: Callable[[], TlsFiles | None],
        *,
        client_auth: str,
        minimum: str,
        turned_away: Callable[[str], None],
        log: FilteringBoundLogger,
    ) -> None:
        self._read = read
        self._log = log
        self._served: TlsFiles | None = None
        self._trusted: frozenset[bytes] = frozenset()
        self.not_after: datetime | None = None
        self.context = _context(client_auth, minimum, turned_away)

    def refresh(self, anchors: Sequence[Certificate]) -> Unusable | bool:
        """Read it again, and serve new handshakes with it if it changed; connections stay as they are. What cannot be used is
        not used. Anchors are added; one that was taken away fails at the first request instead of the handshake.

        For the thread that shakes hands: OpenSSL exchanges certificate and key one after the other, and has no key between.
        """
        self._trust(anchors)
        return self._serve(self._look())

    async def keep(self, anchors: Callable[[], Sequence[Certificate]], every: float = 5.0) -> None:
        """Refresh for as long as the server lives."""
        while True:
            await asyncio.sleep(every)
            done = await self.refreshed(anchors())
            if isinstance(done, Unusable):
                self._log.warning("certificate not usable", reason=done.reason.en)
            elif done:
                self._log.info("certificate exchanged", until=None if self.not_after is None else str(self.not_after))

    async def refreshed(self, anchors: Sequence[Certificate]) -> Unusable | bool:
        """The same, while the disk is waited for elsewhere."""
        self._trust(anchors)
        return self._serve(await asyncio.to_thread(self._look))

    def _look(self) -> TlsFiles | Unusable | None:
        """What is there to be served; None: what is served already."""
        files = self._read()
        if files is None:
            return _MISSING
        if files == self._served:
            return None
        return _load(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), files) or files

    def _serve(self, found: TlsFiles | Unusable | None) -> Unusable | bool:
        if not isinstance(found, TlsFiles):
            return False if found is None else found
        if (wrong := _load(self.context, found)) is not None:
            return wrong
        self._served = found
        own = brought({"certificate": found.certificate.encode()}).certificates
        self.not_after = own[0].not_after if own else None
        return True

    def _trust(self, anchors: Sequence[Certificate]) -> None:
        wanted = [
            one.der for one in anchors if not sm2.is_sm2(one.spki)
        ]  # TLS with SM2 is none that OpenSSL 3.0 speaks
        new = [der for der in wanted if der not in self._trusted]
        if new:
            self.context.load_verify_locations(cadata=b"".join(new))
            self._trusted = self._trusted | frozenset(new)


def _context(client_auth: str, minimum: str, turned_away: Callable[[str], None]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = _MINIMUM[minimum]
    context.verify_mode = _AUTH[client_auth]
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION | ssl.OP_CIPHER_SERVER_PREFERENCE
    if client_auth != "none":
        context.options |= ssl.OP_NO_TICKET
        context.num_tickets = 0
    context.set_alpn_protocols(["http/1.1"])

    class Listened(ssl.SSLObject):
        """A handshake whose failure is heard of, by the client too: asyncio drops both the error and the alert."""

        failed: ssl.SSLError | None = None

        def do_handshake(self) -> None:
            """Raises ``SSLError`` when it has failed, at the second call: at the first the alert is sent."""
            if self.failed is not None:
                raise self.failed
            try:
                super().do_handshake()
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError, ssl.SSLSyscallError, ssl.SSLEOFError):
                raise
            except ssl.SSLError as error:
                self.failed = error
                if (code := _code(error)) is not None:
                    turned_away(code)
                raise ssl.SSLWantReadError from error

    context.sslobject_class = Listened
    return context


def _code(error: ssl.SSLError) -> str | None:
    """What it says about the client's certificate; None: it is about something else."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _CODES.get(error.verify_code, "E_CERT_UNKNOWN_ISSUER")
    return "E_CERT_MISSING" if error.reason == "PEER_DID_NOT_RETURN_A_CERTIFICATE" else None


def _load(context: ssl.SSLContext, files: TlsFiles) -> Unusable | None:
    """The context reads from files only: so the key lies in one of our own (0600) for that moment."""
    with tempfile.TemporaryDirectory(prefix="govhub-tls-") as folder:
        key, certificate = Path(folder, "key"), Path(folder, "certificate")
        key.touch(mode=0o600)
        key.write_text(files.key + "\n", encoding="utf-8")
        certificate.write_text(files.certificate, encoding="utf-8")
        try:
            context.load_cert_chain(certificate, key, password=_no_password)
        except (ssl.SSLError, ValueError, OSError):
            return _MISFIT
    return None


def _no_password() -> str:
    """OpenSSL would ask at the terminal."""
    return ""


def certificate_of(transport: asyncio.BaseTransport) -> bytes | None:
    """The certificate (DER) that the client of this connection showed; None: none, or no TLS."""
    found: Any = transport.get_extra_info("ssl_object")
    return None if found is None else found.getpeercert(binary_form=True)


_MISSING = Unusable(Text("TLS 证书或私钥读不到。", "The TLS certificate or its key cannot be read."))
_MISFIT = Unusable(
    Text(
        "TLS 证书与私钥不匹配、不可读，或私钥带口令。",
        "Certificate and key do not fit, cannot be read, or need a pass phrase.",
    )
)
