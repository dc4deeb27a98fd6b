# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Everything by which one hub knows who is speaking, but for the API keys."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from certs.x509.certificate import Certificate
from hub.identities.clients import Clients
from hub.identities.expiring import Expiring, ExpiryWatch
from hub.identities.fetching import RevocationFeed
from hub.identities.signing import Signing
from hub.identities.trusting import Trusting
from hub.ports.clock import Clock, SystemClock


@dataclass(frozen=True, slots=True)
class Certificates:
    """What the deployment's files hold: anchors, issuers in between, and the registered signing certificates by system."""

    anchors: Sequence[Certificate] = ()
    others: Sequence[Certificate] = ()
    signing: Sequence[tuple[str, Certificate]] = ()
    unread: Sequence[str] = ()


@dataclass(slots=True, kw_only=True)
class Identities:
    """One per hub. ``reread`` gives the files' contents if they changed since it was last asked, and blocks on the disk."""

    trusting: Trusting
    clients: Clients = field(default_factory=Clients)
    signing: Signing = field(default_factory=Signing)
    expiry: ExpiryWatch = field(default_factory=ExpiryWatch)
    feed: RevocationFeed | None = None
    reread: Callable[[], Certificates | None] = lambda: None
    reread_seconds: float = 5.0
    check_seconds: float = 300.0
    lasting: Sequence[Expiring] = ()
    """API keys with an end."""
    own: Callable[[], datetime | None] = lambda: None
    """The end of the certificate that the hub serves with."""
    unread: Sequence[str] = ()
    known: Certificates = field(default_factory=Certificates)

    @classmethod
    def none(cls, clock: Clock | None = None) -> "Identities":
        """Nobody is known by a certificate."""
        return cls(trusting=Trusting(clock or SystemClock()))

    def take(self, found: Certificates) -> None:
        """From now on these certificates. Files that cannot be read change nothing: what they held before stays."""
        self.unread = found.unread
        if found.unread:
            return
        self.known = found
        self.trusting.believe(found.anchors, found.others)
        self.signing.register(found.signing)
        self.clients.holders.register(found.signing)

    def gather(self) -> None:
        """Look through everything that has an end."""
        ends = list(self.lasting)
        if (until := self.own()) is not None:
            ends.append(Expiring("hub", "tls", "", until))
        ends += [Expiring("trust", "anchor", one.serial, one.not_after) for one in self.known.anchors]
        ends += [Expiring("trust", "intermediate", one.serial, one.not_after) for one in self.known.others]
        ends += [Expiring(system, "signing", one.serial, one.not_after) for system, one in self.known.signing]
        for leaf, _ in tuple(self.trusting.seen.values()):
            system = self.clients.system_of(leaf.der)
            if system is not None:
                ends.append(Expiring(system, "client", leaf.serial, leaf.not_after))
        self.expiry.gather(ends)
