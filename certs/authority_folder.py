# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The folder of a development authority: its key, what it issued, its revocation list. Keys are 0600, the folder 0700.

``ca.pem``, ``ca.key``, ``crl.pem``, ``index.json`` and, below ``issued``, a certificate and a key for each. It must not lie in a
repository: keys are never committed. One command at a time works on it, by a lock.
"""

import base64
import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from certs import sm2
from certs.authority import Entropy, Revoked, Use, Wanted, issued_by, revocation_list, self_signed
from certs.suites.choosing import SM2_MISSING, Unfit, signer_of
from certs.suites.gm import available
from certs.suites.suite import Signer
from certs.x509.certificate import Certificate
from contracts.text import Text

_AUTHORITY_DAYS = 3650
_IN_A_REPOSITORY = Unfit(
    "CA_IN_REPOSITORY",
    Text(
        "此目录在代码仓库之内，密钥会被提交。", "This folder lies in a repository, where its keys would be committed."
    ),
    Text("请用 --ca 指定仓库之外的目录。", "Name a folder outside of it with --ca."),
)
_OTHER_SUITE = Unfit(
    "CA_OTHER_SUITE",
    Text("此目录的 CA 属于另一算法套件。", "The authority of this folder is of another suite."),
    Text("请用 --ca 另指目录：每个套件一个 CA。", "Name another folder with --ca: one authority for each suite."),
)
_UNREADABLE = Unfit(
    "CA_UNREADABLE",
    Text("目录里的 CA 不可读。", "The authority in this folder cannot be read."),
    Text("请检查 ca.pem、ca.key 与 index.json。", "Look at ca.pem, ca.key and index.json."),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """One certificate as the index has it; ``serial`` is hexadecimal, files are relative to the folder."""

    name: str
    organisation: str
    use: str
    serial: str
    hosts: tuple[str, ...]
    issued_at: datetime
    not_after: datetime
    certificate: str
    key: str
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Authority:
    """An open folder. ``now`` and ``entropy`` are injected."""

    folder: Path
    signer: Signer
    now: Callable[[], datetime]
    entropy: Entropy
    index: dict[str, Any]

    def issued(self) -> list[Issued]:
        """Everything it ever issued, the oldest first."""
        return [_read(one) for one in self.index["issued"]]

    def issue(self, name: str, use: Use, *, days: float, organisation: str = "", hosts: tuple[str, ...] = ()) -> Issued:
        """A new key and its certificate, beside those that this name has already."""
        spki, key = new_key(self.signer.suite.name)
        wanted = Wanted(
            name=name,
            organisation=organisation,
            spki=spki,
            use=use,
            begins=self.now(),
            lasts=timedelta(days=days),
            hosts=hosts,
        )
        made = issued_by(self.signer, wanted, self.entropy)
        stem = f"issued/{name}-{made.serial[:12]}"
        _write(self.folder / f"{stem}.key", key, 0o600)
        _write(self.folder / f"{stem}.pem", pem("CERTIFICATE", made.der) + self._certificate_pem(), 0o644)
        one = Issued(
            name=name,
            organisation=organisation,
            use=use.value,
            serial=made.serial,
            hosts=hosts,
            issued_at=self.now(),
            not_after=made.not_after,
            certificate=f"{stem}.pem",
            key=f"{stem}.key",
        )
        self.index["issued"].append(_written(one))
        self._save()
        return one

    def revoke(self, serials: set[str]) -> list[Issued]:
        """Revoke what is not revoked yet of these, and write the list; what was revoked now."""
        now, done = self.now(), []
        for entry in self.index["issued"]:
            if entry["serial"] in serials and entry.get("revoked_at") is None:
                entry["revoked_at"] = now.isoformat()
                done.append(_read(entry))
        self.list_revoked(days=self.index["crl_days"])
        return done

    def list_revoked(self, *, days: float) -> Path:
        """Write the revocation list anew; good for so many days."""
        self.index["crl_number"] += 1
        self.index["crl_days"] = days
        revoked = [Revoked(one.serial, one.revoked_at) for one in self.issued() if one.revoked_at is not None]
        made = revocation_list(
            self.signer, revoked, made=self.now(), lasts=timedelta(days=days), number=self.index["crl_number"]
        )
        _write(self.folder / "crl.pem", pem("X509 CRL", made), 0o644)
        self._save()
        return self.folder / "crl.pem"

    def _certificate_pem(self) -> bytes:
        return pem("CERTIFICATE", self.signer.certificate.der)

    def _save(self) -> None:
        _write(self.folder / "index.json", orjson.dumps(self.index, option=orjson.OPT_INDENT_2), 0o600)


@contextmanager
def opened(
    folder: Path, suite: str, now: Callable[[], datetime], entropy: Entropy, *, make: bool = False
) -> Iterator[Authority | Unfit | None]:
    """The authority of this folder, alone; None: there is none. ``make``: then one is made."""
    if any((parent / ".git").exists() for parent in (folder, *folder.resolve().parents)):
        yield _IN_A_REPOSITORY
        return
    if not (folder / "index.json").exists() and not make:
        yield None
        return
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = None if (folder / "index.json").exists() else _made(folder, suite, now, entropy)
        yield made if isinstance(made, Unfit) else _opened(folder, suite, now, entropy)
    finally:
        os.close(lock)


def new_key(suite: str) -> tuple[bytes, bytes]:
    """A new key of this suite: its SubjectPublicKeyInfo (DER), and itself (PEM)."""
    if suite == "gm-1":
        key = sm2.PrivateKey.generate()
        return key.public(), pem("EC PRIVATE KEY", key.private())
    made = ec.generate_private_key(ec.SECP256R1())
    spki = made.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return spki, made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def pem(label: str, der: bytes) -> bytes:
    """These bytes in PEM (RFC 7468)."""
    text = base64.b64encode(der)
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    name = label.encode()
    return b"-----BEGIN " + name + b"-----\n" + b"\n".join(lines) + b"\n-----END " + name + b"-----\n"


def _made(folder: Path, suite: str, now: Callable[[], datetime], entropy: Entropy) -> Unfit | None:
    if suite == "gm-1" and not available():
        return SM2_MISSING
    spki, key = new_key(suite)
    sign = _signing(suite, key)
    wanted = Wanted(
        name="govhub development CA",
        organisation="",
        spki=spki,
        use=Use.CA,
        begins=now(),
        lasts=timedelta(days=_AUTHORITY_DAYS),
    )
    root: Certificate = self_signed(wanted, suite, sign, entropy)
    (folder / "issued").mkdir(mode=0o700, exist_ok=True)
    _write(folder / "ca.key", key, 0o600)
    _write(folder / "ca.pem", pem("CERTIFICATE", root.der), 0o644)
    index = {"suite": suite, "crl_number": 0, "crl_days": 30.0, "issued": []}
    _write(folder / "index.json", orjson.dumps(index), 0o600)
    authority = _opened(folder, suite, now, entropy)
    if isinstance(authority, Authority):
        authority.list_revoked(days=30.0)
    return None


def _signing(suite: str, key: bytes) -> Callable[[bytes], bytes]:
    if suite == "gm-1":
        found = sm2.private_key(key)
        assert found is not None, "it was made this moment"
        return found.sign
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415  # because only a new authority needs them
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415

    loaded = load_pem_private_key(key, None)
    assert isinstance(loaded, ec.EllipticCurvePrivateKey), "it was made this moment"
    return lambda message: loaded.sign(message, ec.ECDSA(SHA256()))


def _opened(folder: Path, suite: str, now: Callable[[], datetime], entropy: Entropy) -> Authority | Unfit:
    try:
        index = orjson.loads((folder / "index.json").read_bytes())
        signer = signer_of((folder / "ca.pem").read_bytes(), (folder / "ca.key").read_bytes())
        found = index["suite"]
    except (OSError, ValueError, KeyError, TypeError):
        return _UNREADABLE
    if suite and found != suite:
        return _OTHER_SUITE
    return signer if isinstance(signer, Unfit) else Authority(folder, signer, now, entropy, index)


def _write(file: Path, content: bytes, mode: int) -> None:
    """Whole or not at all."""
    draft = file.with_name(f"{file.name}.new")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as opened_file:  # noqa: PTH123  # for the mode
        opened_file.write(content)
    draft.replace(file)


def _written(one: Issued) -> dict[str, Any]:
    return {name: getattr(one, name) for name in Issued.__slots__} | {
        "issued_at": one.issued_at.isoformat(),
        "not_after": one.not_after.isoformat(),
        "revoked_at": None if one.revoked_at is None else one.revoked_at.isoformat(),
        "hosts": list(one.hosts),
    }


def _read(entry: dict[str, Any]) -> Issued:
    moments = {name: datetime.fromisoformat(entry[name]) for name in ("issued_at", "not_after")}
    revoked = entry.get("revoked_at")
    return Issued(
        **{
            **entry,
            **moments,
            "hosts": tuple(entry["hosts"]),
            "revoked_at": None if revoked is None else datetime.fromisoformat(revoked),
        }
    )
