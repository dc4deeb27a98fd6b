# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The keys that a hub signs its evidence with: those of its deployment, or development keys made beside the built-in database."""

from pathlib import Path

from structlog.typing import FilteringBoundLogger

from certs.evidence.development import development_pair
from certs.evidence.receipts import ReceiptSigner
from certs.evidence.roles import Role
from certs.suites.choosing import Unfit, signer_of
from certs.x509.anchors import brought
from hub.config.load import Loaded
from hub.evidence.authority import Authority
from hub.evidence.kept import KeptCheckpoint
from hub.evidence.state import Evidence, NoteSigner
from hub.ports.clock import Clock

FOLDER = "evidence"


def evidence_folder(loaded: Loaded) -> Path:
    """Where a hub keeps its own keys and the newest checkpoint."""
    return loaded.path(loaded.deployment.hub.data) / FOLDER


def evidence_of(loaded: Loaded, clock: Clock, log: FilteringBoundLogger) -> Evidence:
    """What this deployment signs with. A key that cannot be used any more is told of, and nothing is signed."""
    kept = KeptCheckpoint(evidence_folder(loaded))
    signers = {}
    for role in Role:
        pair = _pair(loaded, role, clock)
        if pair is None:
            return Evidence(kept=kept)
        signer = pair if isinstance(pair, OSError) else signer_of(*pair)
        if isinstance(signer, OSError | Unfit):
            reason = signer.reason.en if isinstance(signer, Unfit) else str(signer)
            log.error("no evidence is signed", key=role.name.lower(), reason=reason)
            return Evidence(kept=kept)
        signers[role] = signer
    seals = signers[Role.RECEIPTS]
    return Evidence(NoteSigner(signers[Role.LOG]), ReceiptSigner(seals), seals, kept, authorities_of(loaded))


def authorities_of(loaded: Loaded) -> tuple[Authority, ...]:
    """Who stamps the time; the files were readable when the deployment was."""
    section = loaded.deployment.evidence
    return tuple(
        Authority(one.url, brought({one.anchors: loaded.path(one.anchors).read_bytes()}).certificates, one.policy,
                  one.timeout_seconds)
        for one in (section.timestamps if section is not None else ())
    )  # fmt: skip


def certificates_of(loaded: Loaded) -> dict[Role, bytes]:
    """The files of the certificates by which the evidence of this deployment is known, PEM. Raises ``OSError``."""
    return {role: file.read_bytes() for role in Role if (file := _files(loaded, role)[0]).exists()}


def _files(loaded: Loaded, role: Role) -> tuple[Path, Path]:
    """Certificate and key."""
    section = loaded.deployment.evidence
    name = role.name.lower()
    if section is None:
        folder = evidence_folder(loaded)
        return folder / f"{name}.crt.pem", folder / f"{name}.key.pem"
    keys = section.receipts if role is Role.RECEIPTS else section.log
    return loaded.path(keys.certificate), loaded.path(keys.key)


def _pair(loaded: Loaded, role: Role, clock: Clock) -> tuple[bytes, bytes] | OSError | None:
    """The contents of a role's two files; None: this deployment has no keys."""
    certificate, key = _files(loaded, role)
    own = loaded.deployment.evidence is not None
    if not own and loaded.deployment.journal != "embedded":
        return None
    try:
        if not own and not (certificate.exists() and key.exists()):
            _make(loaded.deployment.hub.name, role, clock, certificate, key)
        return certificate.read_bytes(), key.read_bytes()
    except OSError as error:
        return error


def _make(hub: str, role: Role, clock: Clock, certificate: Path, key: Path) -> None:
    private, public = development_pair(hub, role, clock.now())
    key.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    aside = key.with_suffix(".part")
    aside.touch(mode=0o600)
    aside.write_bytes(private)
    certificate.write_bytes(public)
    aside.replace(key)
