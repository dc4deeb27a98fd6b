# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Keys and certificates for one measurement: the hub's for its evidence, the sender's for its messages, and who issued them."""

import secrets
from dataclasses import dataclass
from pathlib import Path

from certs.authority import Use
from certs.authority_folder import Authority, Issued, opened
from hub.ports.clock import SystemClock

_DAYS = 2


@dataclass(frozen=True, slots=True)
class Papers:
    """The folder of an authority of one suite. The sections are a deployment's; paths are absolute."""

    folder: Path
    receipts: Issued
    log: Issued
    sender: Issued

    @property
    def evidence(self) -> dict[str, object]:
        """The section ``evidence``: everything is signed, and no authority stamps the time."""
        return {"receipts": self._pair(self.receipts), "log": self._pair(self.log)}

    @property
    def trust(self) -> dict[str, object]:
        """The section ``trust``, with the revocation of the sender's certificate looked at for every message."""
        return {
            "anchors": [str(self.folder / "ca.pem")],
            "revocation": {"crls": [str(self.folder / "crl.pem")]},
        }

    @property
    def signature(self) -> dict[str, object]:
        """The sender's section ``signature``: every message must be signed."""
        return {"policy": "required", "certificates": [str(self.folder / self.sender.certificate)]}

    @property
    def signer(self) -> tuple[str, str]:
        """The files of the sender's certificate and key."""
        pair = self._pair(self.sender)
        return pair["certificate"], pair["key"]

    def _pair(self, one: Issued) -> dict[str, str]:
        return {"certificate": str(self.folder / one.certificate), "key": str(self.folder / one.key)}


def papers_of(suite: str, folder: Path) -> Papers:
    """New ones. Raises ``RuntimeError`` where this machine has not got the suite."""
    with opened(folder, suite, SystemClock().now, secrets.token_bytes, make=True) as authority:
        if not isinstance(authority, Authority):
            raise RuntimeError(str(authority and authority.reason))  # noqa: TRY004  # because it is an outcome
        made = [authority.issue(name, Use.SIGNING, days=_DAYS) for name in ("receipts", "log", "sender")]
        authority.list_revoked(days=_DAYS)
        return Papers(folder, *made)
