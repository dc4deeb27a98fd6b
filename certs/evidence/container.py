# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The container: an ASiC-E (ETSI EN 319 162-1) in the one form that a ZIP of these files can have.

Every file is stored, names are ASCII and sorted (``mimetype`` first), dates are fixed, nothing is optional. So whoever reads one
builds it again and compares: a byte that is different anywhere, also where a ZIP reader never looks, is seen.
"""

import base64
import hashlib
import re
import struct
import zlib
from collections.abc import Mapping

MIMETYPE = b"application/vnd.etsi.asic-e+zip"
MANIFEST = "META-INF/ASiCManifest.xml"
SEAL = "META-INF/signature.p7s"
MAX_BYTES = 256 * 2**20
_MAX_FILES = 60_000
_NAME = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._-]{0,79}(/[A-Za-z0-9][A-Za-z0-9._-]{0,79}){0,3}")
_LOCAL = struct.Struct("<IHHHHHIIIHH")
_CENTRAL = struct.Struct("<IHHHHHHIIIHHHHHII")
_END = struct.Struct("<IHHHHIIH")
_VERSION, _DATE = 10, 0x21  # nothing beyond plain storing; 1980-01-01
_TYPES = {
    "json": "application/json",
    "note": "text/plain",
    "txt": "text/plain",
    "tst": "application/vnd.etsi.timestamp-token",
    "crt": "application/pkix-cert",
}

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<asic:ASiCManifest xmlns:asic="http://uri.etsi.org/02918/v1.2.1#" '
    'xmlns:ds="http://www.w3.org/2000/09/xmldsig#">\n'
    f'<asic:SigReference URI="{SEAL}" MimeType="application/x-pkcs7-signature"/>\n'
)


class FormError(ValueError):
    """These bytes are no container in its one form."""


def write(files: Mapping[str, bytes]) -> bytes:
    """The container of these files; ``mimetype`` is added."""
    return zipped({"mimetype": MIMETYPE, **dict(sorted(files.items()))})


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A plain ZIP of these files, in their order."""
    body, directory, count = [], [], 0
    at = 0
    for name, content in files.items():
        raw, crc, size = name.encode("ascii"), zlib.crc32(content), len(content)
        body += [_LOCAL.pack(0x04034B50, _VERSION, 0, 0, 0, _DATE, crc, size, size, len(raw), 0), raw, content]
        directory += [
            _CENTRAL.pack(0x02014B50, _VERSION, _VERSION, 0, 0, 0, _DATE, crc, size, size, len(raw), 0, 0, 0, 0, 0, at),
            raw,
        ]
        at += _LOCAL.size + len(raw) + size
        count += 1
    listed = b"".join(directory)
    return b"".join([*body, listed, _END.pack(0x06054B50, 0, 0, count, count, len(listed), at, 0)])


def read(data: bytes) -> dict[str, bytes]:
    """Its files but ``mimetype``. Raises ``FormError`` for every other sequence of bytes than :func:`write` makes."""
    if len(data) > MAX_BYTES:
        raise FormError("too large")
    files: dict[str, bytes] = {}
    at = 0
    while data[at : at + 4] == b"PK\x03\x04":
        if at + _LOCAL.size > len(data) or len(files) > _MAX_FILES:
            raise FormError("a broken entry")
        *_, size, length, _ = _LOCAL.unpack_from(data, at)
        at += _LOCAL.size
        name = data[at : at + length]
        if not _NAME.fullmatch(name) or at + length + size > len(data):
            raise FormError("a name or a size that cannot be")
        if name.decode() in files:
            raise FormError("an entry stands twice")
        files[name.decode()] = data[at + length : at + length + size]
        at += length + size
    kind = files.pop("mimetype", None)
    if kind != MIMETYPE or write(files) != data:
        raise FormError("not the bytes that these files make")
    return files


def manifest(files: Mapping[str, bytes]) -> bytes:
    """The manifest of these files: everything but itself and the signature, with digest and length."""
    parts = [_HEAD]
    for name, content in sorted(files.items()):
        if name in {MANIFEST, SEAL}:
            continue
        kind = _TYPES.get(name.rpartition(".")[2], "application/octet-stream")
        digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
        parts.append(
            f'<asic:DataObjectReference URI="{name}" MimeType="{kind}">'
            '<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>'
            f"<ds:DigestValue>{digest}</ds:DigestValue>"
            '<asic:DataObjectReferenceExtensions><asic:Extension Critical="false">'
            f'<length xmlns="urn:govhub:evidence:1">{len(content)}</length>'
            "</asic:Extension></asic:DataObjectReferenceExtensions></asic:DataObjectReference>\n"
        )
    return "".join([*parts, "</asic:ASiCManifest>\n"]).encode()
