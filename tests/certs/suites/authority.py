# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Keys and certificates of both suites, made by the system's openssl for one test."""

from dataclasses import dataclass
from pathlib import Path

from certs.suites.choosing import Unfit, signer_of
from certs.suites.suite import Signer
from tests.support.openssl import DISTID, openssl

KINDS = {"intl-1": ("EC", "ec_paramgen_curve:P-256", "-sha256"), "gm-1": ("SM2", None, "-sm3")}


@dataclass(frozen=True, slots=True)
class Made:
    """The files of one self-signed certificate, and its signer."""

    key: Path
    certificate: Path
    signer: Signer


def made(folder: Path, suite: str, name: str = "portal") -> Made:
    """A key and its self-signed certificate, in a folder of this name."""
    algorithm, option, digest = KINDS[suite]
    home = folder / f"{suite}-{name}"
    home.mkdir()
    key, certificate = home / "key.pem", home / "cert.pem"
    options = () if option is None else ("-pkeyopt", option)
    sigopt = ("-sigopt", DISTID) if suite == "gm-1" else ()
    for words in (
        ("genpkey", "-algorithm", algorithm, *options, "-out", key),
        (
            "req",
            "-x509",
            "-new",
            "-key",
            key,
            digest,
            *sigopt,
            "-subj",
            f"/CN={name}",
            "-days",
            "30",
            "-out",
            certificate,
        ),
    ):
        done = openssl(*words)
        assert done.returncode == 0, done.stderr
    signer = signer_of(certificate.read_bytes(), key.read_bytes())
    assert not isinstance(signer, Unfit), signer
    return Made(key, certificate, signer)
