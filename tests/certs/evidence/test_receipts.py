# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""One signature for many receipts; each is verified alone, and in no other place."""

import base64
import hashlib
import json
import subprocess
from pathlib import Path

import pytest

from certs.evidence.receipt_form import signed_bytes
from certs.evidence.receipts import ReceiptSigner
from certs.evidence.roles import Role
from certs.evidence.tree import root_by_inclusion
from tests.support.evidence import signer_for

LEAVES = [hashlib.sha256(b"%d" % n).digest() for n in range(7)]


@pytest.mark.parametrize("count", [1, 2, 7])
def test_every_receipt_leads_to_the_one_root_that_was_signed(count: int, tmp_path: Path) -> None:
    signer = signer_for(Role.RECEIPTS)
    made = [json.loads(one) for one in ReceiptSigner(signer).over(LEAVES[:count])]
    assert len({one["value"] for one in made}) == 1
    for leaf, one in zip(LEAVES, made, strict=False):
        assert (one["suite"], one["key"]) == ("intl-1", f"sha256:{signer.certificate.digest('sha256').hex()}")
        root = root_by_inclusion(leaf, one["index"], one["size"], [bytes.fromhex(step) for step in one["path"]])
        assert root is not None
        signature = base64.b64decode(one["value"])
        assert signer.suite.verify(signed_bytes("intl-1", root), signature, signer.certificate)
        by_others(tmp_path, signer.certificate.der, signed_bytes("intl-1", root), signature)


def by_others(folder: Path, certificate: bytes, message: bytes, signature: bytes) -> None:
    """What openssl says of it."""
    for name, content in (("cert.der", certificate), ("message", message), ("signature", signature)):
        (folder / name).write_bytes(content)
    key = subprocess.run(
        ["openssl", "x509", "-inform", "DER", "-in", folder / "cert.der", "-pubkey", "-noout"],
        check=True,
        capture_output=True,
    )
    (folder / "key.pem").write_bytes(key.stdout)
    subprocess.run(
        ["openssl", "dgst", "-sha256", "-verify", folder / "key.pem", "-signature", folder / "signature", folder / "message"],
        check=True,
        capture_output=True,
    )  # fmt: skip


def test_nothing_to_sign_is_not_signed() -> None:
    assert ReceiptSigner(signer_for(Role.RECEIPTS)).over([]) == []
