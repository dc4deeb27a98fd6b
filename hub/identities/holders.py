# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""One key, one holder: a key that serves two systems proves neither of them. 一钥一主

Registered signing certificates say first whose a key is; the key of a client certificate is its system's from when it is first
seen. Whoever comes later with a key of somebody else is refused, and health tells of it until the hub starts again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from certs.x509.certificate import Certificate
from contracts.refusal import Refusal
from contracts.text import Text

_MOST_SEEN = 10_000
_MOST_TOLD = 20

SHARED = Refusal(
    "E_CERT_KEY_SHARED",
    Text("此证书的密钥已属于另一系统。", "The key of this certificate is another system's already."),
)


@dataclass(slots=True)
class KeyHolders:
    """One per hub. Keys are compared as the certificates have them (SubjectPublicKeyInfo, DER)."""

    registered: Mapping[bytes, frozenset[str]] = field(default_factory=dict)
    shared: set[tuple[str, ...]] = field(default_factory=set)
    """The systems that were found with one key, for health; nobody else needs to know which."""
    _seen: dict[bytes, str] = field(default_factory=dict)

    def register(self, signing: Sequence[tuple[str, Certificate]]) -> None:
        """From now on these are the registered signing certificates. Issuers that stand in the files beside them are nobody's."""
        holders: dict[bytes, set[str]] = {}
        for system, one in signing:
            if one.authority:
                continue
            holders.setdefault(one.spki, set()).add(system)
        self.registered = {key: frozenset(systems) for key, systems in holders.items()}
        for systems in self.registered.values():
            if len(systems) > 1:
                self._tell(systems)

    def refused(self, certificate: Certificate, system: str) -> Refusal | None:
        """Why this system may not be known by this key; None: it is its own, from now on at the latest."""
        holders = self.registered.get(certificate.spki)
        if holders is None:
            if len(self._seen) >= _MOST_SEEN:
                self._seen.clear()
            holders = frozenset({self._seen.setdefault(certificate.spki, system)})
        if holders == {system}:
            return None
        self._tell({*holders, system})
        return SHARED

    def _tell(self, systems: Iterable[str]) -> None:
        if len(self.shared) < _MOST_TOLD:
            self.shared.add(tuple(sorted(systems)))
