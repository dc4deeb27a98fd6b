# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a verifier brings: anchors, certificates to fill gaps with, and revocation data, out of files in PEM or DER.

A file may hold several certificates in PEM. What the file is, its contents say, not its name.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from certs.x509.certificate import Certificate, certificate
from certs.x509.revocation import RevocationData, ocsp_answers, revocation_list

_PEM = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,40})-----([A-Za-z0-9+/=\s]*)-----END \1-----")


@dataclass(frozen=True, slots=True)
class Trust:
    """What a verifier trusts. ``anchors`` end chains; ``others`` are intermediates; ``revocation`` is what is known of
    revocation, at the time it was brought.
    """

    anchors: tuple[Certificate, ...] = ()
    others: tuple[Certificate, ...] = ()
    revocation: tuple[RevocationData, ...] = ()


@dataclass(frozen=True, slots=True)
class Brought:
    """What was found in files; ``unread`` are names of files, or members of files, that nobody could read."""

    certificates: tuple[Certificate, ...] = ()
    revocation: tuple[RevocationData, ...] = ()
    unread: tuple[str, ...] = field(default=())


def brought(files: Mapping[str, bytes]) -> Brought:
    """Everything that these files hold, by name. Never raises."""
    certificates: list[Certificate] = []
    revocation: list[RevocationData] = []
    unread = []
    for name, content in sorted(files.items()):
        members = _members(content)
        if not members:
            unread.append(name)
        for place, der in enumerate(members, start=1):
            if (one := certificate(der)) is not None:
                certificates.append(one)
            elif (listed := revocation_list(der)) is not None:
                revocation.append(listed)
            elif (answers := ocsp_answers(der)) is not None:
                revocation += answers
            else:
                unread.append(f"{name}#{place}")
    return Brought(tuple(certificates), tuple(revocation), tuple(unread))


def _members(content: bytes) -> list[bytes]:
    """The DER elements of a file."""
    if b"-----BEGIN" not in content:
        return [content] if content else []
    found = []
    for match in _PEM.finditer(content):
        try:
            found.append(base64.b64decode(match[2], validate=False))
        except binascii.Error:
            found.append(b"")
    return found
