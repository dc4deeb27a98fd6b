# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Receipts of a commit, signed together just before it is written, when it is known who shares it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from certs.evidence.receipts import ReceiptSigner
from certs.receipt import with_signature
from hub.ports.journal import Acceptance


@dataclass(slots=True)
class Signing:
    """``signer`` is set once a hub has its keys; without one receipts stay as they are.

    A software key signs in less time than a thread takes to be asked, so it is asked here. One in a device that cannot be
    reached raises ``OSError``, which counts as the journal being away: nothing is accepted without the receipt it was to have.
    """

    signer: ReceiptSigner | None = None

    def over(self, batch: Sequence[Acceptance]) -> Sequence[Acceptance]:
        """The same acceptances, each with its signed receipt."""
        if self.signer is None:
            return batch
        signatures = self.signer.over([one.leaf.hash for one in batch])
        return [
            replace(one, receipt=with_signature(one.receipt, signature))
            for one, signature in zip(batch, signatures, strict=True)
        ]
