# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""One signature for the receipts of a commit: the leaves of its statements form a Merkle tree, and its root is signed.

Each receipt carries the signature, the place of its leaf in that tree, and the path from there to the root: it can be
verified alone, and signing costs the same for one message and for hundreds.
"""

import base64
from collections.abc import Sequence

from certs.evidence.receipt_form import signed_bytes
from certs.evidence.tree import paths, root
from certs.suites.suite import Signer


class ReceiptSigner:
    """Signs with the key of the receipts. As safe from several threads as its signer is."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer
        suite = signer.suite.name
        key = signer.certificate.digest("sha256").hex()
        self._head = f'{{"suite":"{suite}","key":"sha256:{key}","value":"'.encode()
        self._suite = suite

    def over(self, leaves: Sequence[bytes]) -> list[bytes]:
        """For each leaf what its receipt is to carry as ``signature``, JSON. Raises what the signer raises."""
        if not leaves:
            return []
        value = base64.b64encode(self._signer.sign(signed_bytes(self._suite, root(leaves))))
        head = b'%b%b","size":%d,"index":' % (self._head, value, len(leaves))
        return [
            b'%b%d,"path":[%b]}' % (head, n, b",".join(b'"%b"' % one.hex().encode() for one in path))
            for n, path in enumerate(paths(leaves))
        ]
