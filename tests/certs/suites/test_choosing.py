# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A signer from its files: what fits, and what is wrong with what does not."""

from pathlib import Path

import pytest

from certs import sm2
from certs.suites import choosing
from certs.suites.choosing import Unfit, signer_of
from tests.certs.suites.authority import made
from tests.support.openssl import openssl


@pytest.mark.parametrize("suite", ["intl-1", "gm-1"])
def test_a_key_and_its_certificate_make_a_signer(tmp_path: Path, suite: str) -> None:
    signer = made(tmp_path, suite).signer

    assert signer.suite.name == suite
    assert signer.suite.verify(b"message", signer.sign(b"message"), signer.certificate)
    assert not signer.suite.verify(b"massage", signer.sign(b"message"), signer.certificate)


def test_a_key_as_rfc_5915_has_it_is_read(tmp_path: Path) -> None:
    one = made(tmp_path, "gm-1")
    done = openssl("ec", "-in", one.key)
    assert b"BEGIN SM2 PRIVATE KEY" in done.stdout, done.stderr

    for written in (done.stdout, done.stdout.replace(b"SM2 PRIVATE", b"EC PRIVATE")):  # other tools call it so
        assert not isinstance(signer_of(one.certificate.read_bytes(), written), Unfit)


@pytest.mark.parametrize("suite", ["intl-1", "gm-1"])
def test_what_does_not_fit_says_why(tmp_path: Path, suite: str) -> None:
    one, other = made(tmp_path, suite), made(tmp_path, suite, "other")
    certificate = one.certificate.read_bytes()
    rsa = openssl("genpkey", "-algorithm", "RSA").stdout
    cases = {
        "CERT_UNREADABLE": (b"nothing", one.key.read_bytes()),
        "KEY_UNREADABLE": (certificate, b"nothing"),
        "KEY_FOREIGN": (certificate, other.key.read_bytes()),
    }
    for code, files in cases.items():
        found = signer_of(*files)
        assert isinstance(found, Unfit)
        assert found.code == code
    assert isinstance(signer_of(certificate, rsa), Unfit)


def test_a_key_of_no_suite_is_refused(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    openssl("genpkey", "-algorithm", "RSA", "-out", key)
    openssl("req", "-x509", "-new", "-key", key, "-subj", "/CN=portal", "-out", certificate)
    found = signer_of(certificate.read_bytes(), key.read_bytes())

    assert isinstance(found, Unfit)
    assert found.code == "SUITE_UNKNOWN"


def test_a_system_without_sm2_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = made(tmp_path, "gm-1")

    def missing() -> None:
        raise sm2.Sm2UnavailableError

    monkeypatch.setattr(sm2, "_library", missing)
    found = signer_of(one.certificate.read_bytes(), one.key.read_bytes())

    assert found == choosing.SM2_MISSING
