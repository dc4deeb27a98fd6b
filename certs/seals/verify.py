# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Any sealed file, verified: an OFD, a PDF, a seal, or a signature made with one. What it is, its first bytes say."""

from datetime import datetime

from certs.seals.check import Aspect, Check, Examined, Kind, failed, held
from certs.seals.content import Content
from certs.seals.ofd import verify_ofd
from certs.seals.reading import Seal, read
from certs.seals.ses import verify_seal, verify_signature
from certs.sm2 import Sm2UnavailableError
from certs.x509.anchors import Trust

MAX_BYTES = 256 * 2**20
_PDF_WITHIN = 1024


def verify(data: Content, trust: Trust, at: datetime, document: Content | None = None) -> Examined:
    """What this file is worth. ``at`` is now, with an offset. ``document`` is what a bare signature is about, if it is given.

    Computes only, in this thread: a large file takes its time. Never raises, whatever the bytes.
    """
    if len(data) > MAX_BYTES:
        return Examined(Kind.NEITHER, (), (failed(Aspect.FORM, "TOO_LARGE"),))
    try:
        return _verified(data, trust, at, document)
    except Sm2UnavailableError:
        return Examined(Kind.NEITHER, (), (failed(Aspect.SIGNATURE, "SM2_UNAVAILABLE"),))


def _verified(data: Content, trust: Trust, at: datetime, document: Content | None) -> Examined:
    if data[:2] == b"PK":
        return verify_ofd(data, trust, at)
    if b"%PDF-" in data[:_PDF_WITHIN]:
        # Here, because the library takes a quarter of a second, which a hub without PDFs need not spend.
        from certs.seals.pdf import verify_pdf  # noqa: PLC0415

        return verify_pdf(data, trust, at)
    found = read(bytes(data))
    if found is None:
        return Examined(Kind.NEITHER, (), (failed(Aspect.FORM, "FORM"),))
    form: tuple[Check, ...] = (held(Aspect.FORM),)
    if isinstance(found, Seal):
        return Examined(Kind.SEAL, (verify_seal(found, trust, at),), form)
    return Examined(Kind.SIGNATURE, (verify_signature(found, document, trust, at),), form)
