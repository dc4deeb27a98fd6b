# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""By what a deployment's parties are known, made ready for a hub: keys, certificates, signatures, and the hub's own TLS."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from certs.api_key import KeyRing
from certs.x509.anchors import Brought
from hub.config.deployment import Deployment
from hub.config.load import Loaded, resolve_secret
from hub.config.parties import OperatorSection, SystemSection, terms_of
from hub.config.trust import TrustSection, read_certificates
from hub.identities.clients import Clients
from hub.identities.expiring import Expiring
from hub.identities.fetching import RevocationFeed
from hub.identities.identities import Certificates, Identities
from hub.identities.signing import Policy, Signing
from hub.identities.trusting import Freshness, Trusting
from hub.ports.clock import Clock


def keys_of(members: Mapping[str, SystemSection] | Mapping[str, OperatorSection]) -> KeyRing:
    """Whose key is whose, with their terms."""
    return KeyRing.of((name, map(terms_of, member.keys)) for name, member in members.items())


def identities_of(loaded: Loaded, clock: Clock) -> Identities:
    """Everything but the keys, with the certificates that the files hold now. Blocks on the disk."""
    deployment, home = loaded.deployment, loaded.home
    trust = deployment.trust
    clients = Clients.of((name, system.certificates) for name, system in deployment.systems.items())
    identities = Identities(
        trusting=Trusting(clock),
        clients=clients,
        signing=Signing(
            {
                name: Policy(system.signature.policy, system.signature.contracts)
                for name, system in deployment.systems.items()
                if system.signature is not None
            },
            holders=clients.holders,
        ),
        lasting=tuple(_ends(deployment)),
    )
    if trust is None:
        return identities
    files = _Files(trust, deployment.systems, home)
    identities.reread, identities.reread_seconds = files.reread, trust.check_seconds
    if (found := files.reread()) is not None:
        identities.take(found)
    if (revocation := trust.revocation) is not None:
        identities.trusting.freshness = Freshness(timedelta(days=revocation.age_days), revocation.strict)
        identities.check_seconds = revocation.check_seconds
        keep = loaded.path(deployment.hub.data) / "trust"
        identities.feed = RevocationFeed(revocation.crls, revocation.ocsp, home, keep)
        identities.trusting.learn(identities.feed.kept())
    identities.gather()
    return identities


def secret_of(loaded: Loaded, name: str) -> Callable[[], str | None]:
    """The present value of a secret at every call: rotation is live."""
    reference = loaded.deployment.secrets[name]
    return lambda: resolve_secret(reference, os.environ, loaded.home)


def _ends(deployment: Deployment) -> Iterator[Expiring]:
    for section in (deployment.systems, deployment.operators):
        for name, member in section.items():
            for key in map(terms_of, member.keys):
                if key.not_after is not None:
                    yield Expiring(name, "api_key", key.digest.removeprefix("sha256:")[:12], key.not_after)


@dataclass(slots=True)
class _Files:
    """The certificates of the deployment, read again when any file of theirs changes."""

    trust: TrustSection
    systems: Mapping[str, SystemSection]
    home: Path
    _seen: tuple[object, ...] = field(default=())

    def reread(self) -> Certificates | None:
        """Their contents, if they changed."""
        seen = tuple(_look(self.home / name) for name in self._names())
        if seen == self._seen:
            return None
        self._seen = seen
        anchors = read_certificates(self.trust.anchors, self.home)
        others = read_certificates(self.trust.intermediates, self.home)
        signing = [
            (name, read_certificates(system.signature.certificates, self.home))
            for name, system in self.systems.items()
            if system.signature is not None
        ]
        read = (anchors, others, *(found for _, found in signing))
        return Certificates(
            anchors=anchors.certificates,
            others=others.certificates,
            signing=[(name, one) for name, found in signing for one in found.certificates],
            unread=tuple(_unread(read)),
        )

    def _names(self) -> Iterator[str]:
        yield from self.trust.anchors
        yield from self.trust.intermediates
        for system in self.systems.values():
            if system.signature is not None:
                yield from system.signature.certificates


def _unread(read: Iterable[Brought]) -> Iterator[str]:
    for found in read:
        yield from found.unread


def _look(file: Path) -> object:
    """What changes when the file does."""
    try:
        found = file.stat()
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_size, found.st_ino)
