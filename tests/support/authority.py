# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A development authority for one test, with what it issued ready to use."""

import secrets
from datetime import datetime, timedelta
from pathlib import Path

from certs.authority import Use
from certs.authority_folder import Authority, Issued, opened
from certs.suites.choosing import Unfit, signer_of
from certs.suites.suite import Signer
from certs.x509.anchors import brought
from certs.x509.certificate import Certificate
from hub.ports.clock import SystemClock


class Ca:
    """The folder of an authority; ``shift`` moves its clock."""

    def __init__(self, folder: Path, suite: str = "intl-1") -> None:
        self.folder = folder
        self.shift = timedelta()
        with opened(folder, suite, self._now, secrets.token_bytes, make=True) as found:
            assert isinstance(found, Authority), found
            self._authority = found

    def _now(self) -> datetime:
        return SystemClock().now() + self.shift

    @property
    def anchor(self) -> Certificate:
        return self._authority.signer.certificate

    @property
    def file(self) -> Path:
        return self.folder / "ca.pem"

    @property
    def crl(self) -> Path:
        return self.folder / "crl.pem"

    def issue(self, name: str, use: Use = Use.CLIENT, *, days: float = 30, hosts: tuple[str, ...] = ()) -> Issued:
        return self._authority.issue(name, use, days=days, hosts=hosts)

    def revoke(self, one: Issued) -> None:
        self._authority.revoke({one.serial})

    def list_revoked(self, days: float) -> None:
        self._authority.list_revoked(days=days)

    def pair(self, one: Issued) -> tuple[Path, Path]:
        """Its certificate's and its key's file."""
        return self.folder / one.certificate, self.folder / one.key

    def certificate(self, one: Issued) -> Certificate:
        return brought({"one": (self.folder / one.certificate).read_bytes()}).certificates[0]

    def signer(self, one: Issued) -> Signer:
        found = signer_of(*(file.read_bytes() for file in self.pair(one)))
        assert not isinstance(found, Unfit), found
        return found
