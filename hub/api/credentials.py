# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""By what a system is known, as it is told: its keys and certificates with their ends, and never a secret."""

from collections.abc import Iterator
from typing import Any

from aiohttp import web

from certs.api_key import digest_of
from certs.suites.choosing import suite_of
from certs.x509.certificate import Certificate
from hub.api.gate import presented
from hub.identities.clients import FINGERPRINT, fingerprint_of, subject_of
from hub.running import Hub


def credentials(hub: Hub, request: web.Request, system: str) -> list[dict[str, Any]]:
    """Everything of one system's, each kind in a stable order. ``presented`` is said of what this request shows."""
    shown = presented(request, hub.proxy)
    key = digest_of((shown.authorization or "").partition(" ")[2].strip())
    certificate = None if shown.certificate is None else fingerprint_of(shown.certificate)
    return [*_keys(hub, system, key), *_clients(hub, system, certificate), *_signing(hub, system)]


def _keys(hub: Hub, system: str, presented_now: str) -> Iterator[dict[str, Any]]:
    terms = hub.keys.terms
    for digest in sorted(digest for digest, holder in hub.keys.holders.items() if holder == system):
        term = terms.get(digest)
        yield _document(
            "api_key",
            digest,
            is_presented=digest == presented_now,
            begins=None if term is None else term.not_before,
            ends=None if term is None else term.not_after,
            scopes=[] if term is None else sorted(term.scopes),
        )


def _clients(hub: Hub, system: str, presented_now: str | None) -> Iterator[dict[str, Any]]:
    """Registered names. What is known of a certificate is known since it was last shown to this hub."""
    identities = hub.identities
    seen = {fingerprint_of(leaf.der): leaf for leaf, _ in tuple(identities.trusting.seen.values())}
    for name in sorted(name for name, holder in identities.clients.systems.items() if holder == system):
        if name.startswith(FINGERPRINT):
            yield _of_client(name, name, seen.get(name), presented_now)
            continue
        found = sorted(mark for mark, leaf in seen.items() if subject_of(leaf.der) == name)
        for mark in found:
            yield _of_client(name, mark, seen[mark], presented_now)
        if not found:
            yield _of_client(name, None, None, presented_now)


def _of_client(name: str, mark: str | None, leaf: Certificate | None, presented_now: str | None) -> dict[str, Any]:
    return _document(
        "client_certificate",
        mark,
        name=name,
        is_presented=mark is not None and mark == presented_now,
        begins=None if leaf is None else leaf.not_before,
        ends=None if leaf is None else leaf.not_after,
    )


def _signing(hub: Hub, system: str) -> Iterator[dict[str, Any]]:
    registered = [one for one in hub.identities.signing.registered.get(system, ()) if not one.authority]
    for one in sorted(registered, key=lambda one: (one.not_after, one.serial)):
        suite = suite_of(one)
        yield _document(
            "signing_certificate",
            fingerprint_of(one.der),
            suite=None if suite is None else suite.name,
            begins=one.not_before,
            ends=one.not_after,
        )


def _document(
    kind: str,
    digest: str | None,
    *,
    name: str | None = None,
    suite: str | None = None,
    is_presented: bool = False,
    begins: Any = None,
    ends: Any = None,
    scopes: list[str] | None = None,
) -> dict[str, Any]:
    return {
        "kind": kind,
        "digest": digest,
        "name": name,
        "suite": suite,
        "scopes": scopes or [],
        "presented": is_presented,
        "validFrom": begins,
        "expiresAt": ends,
    }
