# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Detached signatures of both suites, with openssl as the far side; and everything that must not pass."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certs.suites.choosing import suite_named, suite_of
from certs.suites.detached import DetachedSigner, Wrong, verify
from certs.suites.signed_data import read
from tests.certs.suites.authority import Made, made
from tests.support.openssl import openssl, verifies

BODY = '{"id": "1", "备注": "中文"}\r\n'.encode()
SUITES = ("intl-1", "gm-1")


@pytest.fixture(scope="module")
def parties(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Made]:
    folder = tmp_path_factory.mktemp("parties")
    return {suite: made(folder, suite) for suite in SUITES}


def signed_by_openssl(one: Made, folder: Path, *words: str) -> bytes:
    (folder / "body").write_bytes(BODY)
    files: tuple[str | Path, ...] = ("-in", folder / "body", "-signer", one.certificate, "-inkey", one.key)
    done = openssl("cms", "-sign", "-binary", "-outform", "DER", *files, *words)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("suite", SUITES)
def test_what_it_makes_it_reads_and_verifies(parties: dict[str, Made], suite: str) -> None:
    signer = parties[suite].signer
    found = read(DetachedSigner(signer).over(BODY, {"1.3.6.1.4.1.99999.1": b"\x0c\x01a"}))

    assert found is not None
    assert found.suite == suite
    assert found.certificates == (signer.certificate.der,)
    assert verify(found, BODY, signer.certificate, signer.suite) is None
    assert verify(found, BODY + b" ", signer.certificate, signer.suite) is Wrong.CONTENT


def test_openssl_verifies_what_intl_1_made(parties: dict[str, Made], tmp_path: Path) -> None:
    one = parties["intl-1"]
    signature, body = tmp_path / "signature.der", tmp_path / "body"
    signature.write_bytes(DetachedSigner(one.signer).over(BODY))
    words = (
        *("cms", "-verify", "-binary", "-cades", "-inform", "DER", "-in", signature, "-content", body),
        *("-CAfile", one.certificate, "-purpose", "any", "-out", tmp_path / "out"),
    )
    body.write_bytes(BODY)
    assert openssl(*words).returncode == 0
    body.write_bytes(BODY[:-1])
    assert openssl(*words).returncode != 0


def test_openssl_verifies_the_attributes_that_gm_1_signed(parties: dict[str, Made], tmp_path: Path) -> None:
    signer = parties["gm-1"].signer
    found = read(DetachedSigner(signer).over(BODY))

    assert found is not None
    assert verifies(tmp_path, signer.certificate.spki, found.attributes, found.signature, "sm3")
    assert not verifies(tmp_path, signer.certificate.spki, found.attributes + b"\0", found.signature, "sm3")


@pytest.mark.parametrize("extra", [(), ("-nocerts",), ("-keyid",), ("-nosmimecap",)], ids=str)
def test_what_openssl_signs_as_cades_is_verified(
    parties: dict[str, Made], tmp_path: Path, extra: tuple[str, ...]
) -> None:
    one = parties["intl-1"]
    found = read(signed_by_openssl(one, tmp_path, "-cades", "-md", "sha256", *extra))
    if extra == ("-keyid",):  # a key's name binds no certificate
        assert found is None
        return
    assert found is not None
    assert verify(found, BODY, one.signer.certificate, one.signer.suite) is None


@pytest.mark.parametrize(
    ("words", "wrong"),
    [(("-md", "sha256"), Wrong.CERTIFICATE), (("-md", "sha1", "-cades"), None), (("-noattr", "-md", "sha256"), None)],
    ids=["binds no certificate", "SHA-1", "no attributes"],
)
def test_weaker_signatures_of_openssl_are_not_taken(
    parties: dict[str, Made], tmp_path: Path, words: tuple[str, ...], wrong: Wrong | None
) -> None:
    one = parties["intl-1"]
    found = read(signed_by_openssl(one, tmp_path, *words))
    if found is None:
        assert wrong is None
    else:
        assert verify(found, BODY, one.signer.certificate, one.signer.suite) is wrong


@pytest.mark.parametrize("suite", SUITES)
def test_a_signature_is_one_certificate_s_alone(parties: dict[str, Made], tmp_path: Path, suite: str) -> None:
    signer, other = parties[suite].signer, made(tmp_path, suite).signer
    found = read(DetachedSigner(signer).over(BODY))
    assert found is not None
    same_name = replace(other.certificate, serial=signer.certificate.serial)

    assert verify(found, BODY, other.certificate, signer.suite) is Wrong.CERTIFICATE
    assert verify(found, BODY, same_name, signer.suite) is Wrong.CERTIFICATE


def test_suites_are_never_mixed(parties: dict[str, Made]) -> None:
    intl, gm = (parties[suite].signer for suite in SUITES)
    found = read(DetachedSigner(intl).over(BODY))
    assert found is not None

    assert verify(found, BODY, gm.certificate, gm.suite) is Wrong.SUITE
    assert verify(found, BODY, intl.certificate, gm.suite) is Wrong.SUITE
    assert (suite_of(intl.certificate), suite_of(gm.certificate)) == tuple(map(suite_named, SUITES))
    assert suite_named("none") is None


@pytest.mark.parametrize("suite", SUITES)
def test_no_flipped_byte_of_what_is_signed_passes(parties: dict[str, Made], suite: str) -> None:
    """The certificates and the wrapping are not signed: what verifies after a flip must say the same."""
    signer = parties[suite].signer
    der = DetachedSigner(signer).over(BODY)
    before = read(der)
    assert before is not None
    for place in range(len(der)):
        found = read(der[:place] + bytes((der[place] ^ 1,)) + der[place + 1 :])
        if found is None or verify(found, BODY, signer.certificate, signer.suite) is not None:
            continue
        assert replace(found, certificates=before.certificates) == before, place


@given(st.binary(max_size=300))
def test_no_bytes_raise(junk: bytes) -> None:
    assert read(junk) is None


@given(st.data())
def test_no_mutation_raises(data: st.DataObject) -> None:
    der = bytearray(_SAMPLE)
    for _ in range(data.draw(st.integers(1, 4))):
        der[data.draw(st.integers(0, len(der) - 1))] = data.draw(st.integers(0, 255))
    found = read(bytes(der))
    if found is not None:
        suite = suite_named(found.suite)
        assert suite is not None
        verify(found, BODY, _SIGNER.certificate, suite)


def _sample() -> tuple[bytes, "Made"]:
    import tempfile  # noqa: PLC0415  # because one folder is enough for the module

    with tempfile.TemporaryDirectory() as folder:
        one = made(Path(folder), "intl-1")
        return DetachedSigner(one.signer).over(BODY), one


_SAMPLE, _MADE = _sample()
_SIGNER = _MADE.signer
