# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Time stamp tokens of a made-up authority (RFC 3161), with whatever key it has."""

import hashlib
from datetime import datetime
from typing import Any

from asn1crypto import cms, tsp, x509
from asn1crypto.core import ParsableOctetString, SetOf

from connectors.e_seal.sealing.authority import Algorithm, Holder

_POLICY = "1.2.3.4.1"


def make_token(holder: Holder, algorithm: Algorithm, covered: bytes, moment: datetime, serial: int = 1) -> bytes:
    """A token over these bytes, DER. The holder's certificate has to be for time stamping."""
    digest = "sm3" if algorithm is Algorithm.SM2 else "sha256"
    statement = tsp.TSTInfo(
        {
            "version": "v1",
            "policy": _POLICY,
            "message_imprint": {"hash_algorithm": {"algorithm": digest}, "hashed_message": _hashed(digest, covered)},
            "serial_number": serial,
            "gen_time": moment.replace(microsecond=0),
        }
    ).dump()
    certificate = x509.Certificate.load(holder.certificate)
    bound = tsp.SigningCertificateV2({"certs": [{"cert_hash": hashlib.sha256(holder.certificate).digest()}]})
    attributes = cms.CMSAttributes(
        [
            {"type": "content_type", "values": ["tst_info"]},
            {"type": "message_digest", "values": [_hashed(digest, statement)]},
            {"type": "signing_certificate_v2", "values": [bound]},
        ]
    )
    body = {
        "version": "v3",
        "digest_algorithms": [{"algorithm": digest}],
        "encap_content_info": cms.EncapsulatedContentInfo(
            {"content_type": "tst_info", "content": ParsableOctetString(statement)}
        ),
        "certificates": [certificate],
        "signer_infos": [
            {
                "version": "v1",
                "sid": {
                    "issuer_and_serial_number": {
                        "issuer": certificate.issuer,
                        "serial_number": certificate.serial_number,
                    }
                },
                "digest_algorithm": {"algorithm": digest},
                "signed_attrs": attributes,
                "signature_algorithm": {"algorithm": holder.key.oid},
                "signature": holder.key.sign(_as_set(attributes)),
            }
        ],
    }
    return _dumped(cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(body)}))


def _as_set(attributes: SetOf) -> bytes:
    """What is signed: the attributes as a SET OF, in the order of DER."""
    written: bytes = attributes.dump()
    return b"\x31" + written[1:]


def _hashed(name: str, data: bytes) -> bytes:
    return hashlib.new(name, data).digest()


def _dumped(value: Any) -> bytes:
    written: bytes = value.dump()
    return written
