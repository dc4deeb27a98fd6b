# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A question to a responder about one certificate (RFC 6960, 4.1.1)."""

import hashlib

from asn1crypto import algos, ocsp
from asn1crypto.keys import PublicKeyInfo

from certs.x509.certificate import Certificate


def question(subject: Certificate, issuer: Certificate) -> bytes:
    """The question, DER. The certificate is named by SHA-1, which all responders know (RFC 5019, 2.1.1)."""
    key = bytes(PublicKeyInfo.load(issuer.spki)["public_key"].contents[1:])
    name = {
        "hash_algorithm": algos.DigestAlgorithm({"algorithm": "sha1"}),
        "issuer_name_hash": hashlib.sha1(subject.issuer, usedforsecurity=False).digest(),
        "issuer_key_hash": hashlib.sha1(key, usedforsecurity=False).digest(),
        "serial_number": int(subject.serial, 16),
    }
    asked = ocsp.OCSPRequest({"tbs_request": {"request_list": [{"req_cert": ocsp.CertId(name)}]}})
    return bytes(asked.dump())
