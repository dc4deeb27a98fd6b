# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The suite of a certificate, and a signer from its files. The key decides: nothing here asks a message what it would like."""

from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from certs import sm2
from certs.suites.gm import GM_1, Sm2Signer, available
from certs.suites.intl import INTL_1, EcdsaSigner
from certs.suites.suite import Signer, Suite
from certs.x509.anchors import brought
from certs.x509.certificate import Certificate
from contracts.text import Text

SUITES: tuple[Suite, ...] = (INTL_1, GM_1)


@dataclass(frozen=True, slots=True)
class Unfit:
    """Why a key or certificate cannot be used, and what to do. ``code`` is stable."""

    code: str
    reason: Text
    remedy: Text


SM2_MISSING = Unfit(
    "SM2_UNAVAILABLE",
    Text("本机没有支持 SM2 的 OpenSSL 3，gm-1 不可用。", "This machine has no OpenSSL 3 with SM2, which gm-1 needs."),
    Text(
        "请安装 OpenSSL 3（libcrypto.so.3），或改用 intl-1 证书。", "Install OpenSSL 3, or use a certificate of intl-1."
    ),
)
_NO_CERTIFICATE = Unfit(
    "CERT_UNREADABLE",
    Text("文件里没有可读的证书。", "There is no readable certificate in the file."),
    Text("请给出 PEM 或 DER 格式的 X.509 证书。", "Give an X.509 certificate, in PEM or DER."),
)
_NO_KEY = Unfit(
    "KEY_UNREADABLE",
    Text("私钥不可读，或带口令。", "The private key cannot be read, or has a pass phrase."),
    Text(
        "请给出不带口令的 PEM 私钥（PKCS#8 或 EC PRIVATE KEY）。",
        "Give a PEM key without one (PKCS#8 or EC PRIVATE KEY).",
    ),
)
_NO_SUITE = Unfit(
    "SUITE_UNKNOWN",
    Text("证书的密钥不属于任何算法套件。", "The certificate's key belongs to no suite."),
    Text("intl-1 用 P-256，gm-1 用 SM2。", "Use P-256 for intl-1, SM2 for gm-1."),
)
_OTHER_KEY = Unfit(
    "KEY_FOREIGN",
    Text("私钥与证书不是一对。", "The private key is not that of the certificate."),
    Text("请核对两个文件。", "Check the two files."),
)


def suite_of(certificate: Certificate) -> Suite | None:
    """The suite of the certificate's key; None if it has none."""
    return next((suite for suite in SUITES if suite.fits(certificate)), None)


def suite_named(name: str) -> Suite | None:
    """The suite of that name."""
    return next((suite for suite in SUITES if suite.name == name), None)


def signer_of(certificate_file: bytes, key_file: bytes) -> Signer | Unfit:
    """A signer from the contents of a certificate's file (its first certificate, PEM or DER) and a key's (PEM)."""
    found = brought({"certificate": certificate_file}).certificates
    if not found:
        return _NO_CERTIFICATE
    certificate = found[0]
    match suite_of(certificate):
        case None:
            return _NO_SUITE
        case suite if suite is GM_1:
            return _sm2(certificate, key_file)
        case _:
            return _ecdsa(certificate, key_file)


def _sm2(certificate: Certificate, key_file: bytes) -> Signer | Unfit:
    if not available():
        return SM2_MISSING
    key = sm2.private_key(key_file)
    if key is None:
        return _NO_KEY
    signer = Sm2Signer(certificate, key)
    return signer if GM_1.verify(b"", signer.sign(b""), certificate) else _OTHER_KEY


def _ecdsa(certificate: Certificate, key_file: bytes) -> Signer | Unfit:
    try:
        key = load_pem_private_key(key_file, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return _NO_KEY
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        return _OTHER_KEY
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return EcdsaSigner(certificate, key) if public == certificate.spki else _OTHER_KEY
