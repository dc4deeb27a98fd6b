# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""One signature for the receipts of a commit: the leaves of its statements form a Merkle tree, and its root is signed.

Each receipt carries the signature, the place of its leaf in that tree, and the path from there to the root: it can be
verified alone, and signing costs the same for one message and for hundreds.
"""

import base64
from collections.abc import Sequence

from certs.evidence.tree import paths, root, root_by_inclusion
from certs.suites.suite import Signer

_DOMAIN = b"govhub receipts 1\n"


def signed_bytes(suite: str, root_: bytes) -> bytes:
    """What is signed: a domain that nothing else has, the suite and the root in base64, a line each."""
    return b"%b%b\n%b\n" % (_DOMAIN, suite.encode(), base64.b64encode(root_))


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


def root_of(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root that a receipt's path leads to; None if it leads nowhere."""
    return root_by_inclusion(leaf, index, size, path)
