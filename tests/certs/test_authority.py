# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The development authority: openssl believes what it issues and what it revokes, and keys are nobody else's to read."""

import stat
from datetime import timedelta
from pathlib import Path

import pytest

from certs.authority import Use
from certs.authority_folder import Authority, opened
from certs.suites.choosing import Unfit, signer_of
from certs.x509.anchors import brought
from certs.x509.revocation import Standing, standing
from hub.ports.clock import SystemClock
from tests.support.openssl import DISTID, openssl

NOW = SystemClock().now()
SUITES = ("intl-1", "gm-1")


def entropy(size: int) -> bytes:
    return bytes(range(size))


def at(folder: Path, suite: str) -> Authority:
    with opened(folder, suite, lambda: NOW, entropy, make=True) as authority:
        assert isinstance(authority, Authority), authority
        return authority


def verified(folder: Path, suite: str, certificate: Path, *words: str) -> bool:
    vfyopt = ("-vfyopt", DISTID) if suite == "gm-1" else ()
    return openssl("verify", "-CAfile", folder / "ca.pem", *vfyopt, *words, certificate).returncode == 0


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("use", [Use.CLIENT, Use.SERVER, Use.SIGNING, Use.OCSP, Use.TSA])
def test_openssl_verifies_what_it_issues(tmp_path: Path, suite: str, use: Use) -> None:
    ca = at(tmp_path / "ca", suite)
    one = ca.issue("portal", use, days=30, organisation="某局", hosts=("hub.test", "127.0.0.1"))
    purposes = {Use.CLIENT: "sslclient", Use.SERVER: "sslserver", Use.TSA: "timestampsign"}

    assert verified(ca.folder, suite, ca.folder / one.certificate, "-purpose", purposes.get(use, "any"), "-x509_strict")
    files = [(ca.folder / name).read_bytes() for name in (one.certificate, one.key)]
    signer = signer_of(*files)
    assert not isinstance(signer, Unfit)
    assert signer.suite.name == suite


@pytest.mark.parametrize("suite", SUITES)
def test_what_is_revoked_stands_in_its_list_at_once(tmp_path: Path, suite: str) -> None:
    ca = at(tmp_path / "ca", suite)
    one = ca.issue("portal", Use.CLIENT, days=30)
    crl = ("-crl_check", "-CRLfile", str(ca.folder / "crl.pem"))
    before = brought({"crl": (ca.folder / "crl.pem").read_bytes()}).revocation
    leaf = brought({"c": (ca.folder / one.certificate).read_bytes()}).certificates[0]

    assert standing(leaf, ca.signer.certificate, before, NOW) is Standing.GOOD
    if suite == "intl-1":  # openssl 3.0 checks SM2 lists under an empty identity, whatever it is told
        assert verified(ca.folder, suite, ca.folder / one.certificate, *crl)
    assert [gone.serial for gone in ca.revoke({one.serial})] == [one.serial]
    assert ca.revoke({one.serial}) == []
    after = brought({"crl": (ca.folder / "crl.pem").read_bytes()}).revocation
    assert standing(leaf, ca.signer.certificate, after, NOW + timedelta(seconds=1)) is Standing.REVOKED
    assert not verified(ca.folder, suite, ca.folder / one.certificate, *crl)


def test_keys_are_for_their_owner_alone_and_serials_come_from_what_is_given(tmp_path: Path) -> None:
    folder = tmp_path / "ca"
    one = at(folder, "intl-1").issue("portal", Use.CLIENT, days=30)

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for name in ("ca.key", one.key, "index.json"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600, name
    assert one.serial == f"{int.from_bytes(entropy(16), 'big') | 1 << 126:x}"


def test_a_folder_in_a_repository_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    with opened(tmp_path / "deep/ca", "intl-1", lambda: NOW, entropy, make=True) as found:
        assert isinstance(found, Unfit)
        assert found.code == "CA_IN_REPOSITORY"
    assert not (tmp_path / "deep").exists()


def test_a_folder_has_one_suite_and_what_it_issued_is_found_again(tmp_path: Path) -> None:
    first = at(tmp_path / "ca", "intl-1").issue("portal", Use.SIGNING, days=30)
    again = at(tmp_path / "ca", "intl-1")
    with opened(tmp_path / "ca", "gm-1", lambda: NOW, entropy) as found:
        assert isinstance(found, Unfit)
        assert found.code == "CA_OTHER_SUITE"
    (tmp_path / "ca/index.json").write_bytes(b"{")
    with opened(tmp_path / "ca", "", lambda: NOW, entropy) as found:
        assert isinstance(found, Unfit)
        assert found.code == "CA_UNREADABLE"
    with opened(tmp_path / "nothing", "", lambda: NOW, entropy) as found:
        assert found is None
    assert again.issued() == [first]
