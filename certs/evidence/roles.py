# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Who may speak as a hub's evidence and as its log, among the certificates that a verifier trusts.

A certificate that the verifier brought itself (pinned) may, unless it says that it has the other part. One that an anchor
issued may only if it says so, in its extended key usage: else any department of the same CA could sign receipts.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from certs.x509.certificate import Certificate
from certs.x509.chain import Chain, chain


class Role(StrEnum):
    """A purpose of extended key usage; identifiers made of UUIDs (X.667), which need no registry."""

    RECEIPTS = "2.25.29366176925917885067327090126230192041"
    """Receipts and exported containers."""
    LOG = "2.25.108232424023430564540565939864064173803"
    """Checkpoints of the log, and nothing else."""


class Distrust(StrEnum):
    """Why a certificate is not believed in a part."""

    UNTRUSTED = "UNTRUSTED"
    ROLE = "KEY_ROLE"
    EXPIRED = "CERTIFICATE_TIME"


@dataclass(frozen=True, slots=True)
class Anchors:
    """What a verifier brought with it."""

    certificates: tuple[Certificate, ...]

    def trusts(
        self, certificate: Certificate, role: Role, moment: datetime, others: tuple[Certificate, ...] = ()
    ) -> Distrust | None:
        """Whether that certificate may speak in that part at that moment; None: it may. ``others`` fill gaps of the chain."""
        purposes = certificate.purposes or frozenset()
        if role not in purposes and any(other in purposes for other in Role):
            return Distrust.ROLE
        if certificate in self.certificates:
            return None if certificate.valid_at(moment) else Distrust.EXPIRED
        if not isinstance(chain(certificate, self.certificates, others, moment), Chain):
            return Distrust.UNTRUSTED
        return None if role in purposes else Distrust.ROLE
