# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Chains and revocation, judged by openssl as well."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp

from certs.x509.algorithms import SM2_WITH_SM3, Signed, signed
from certs.x509.anchors import brought
from certs.x509.certificate import Certificate, certificate
from certs.x509.chain import Broken, Chain, chain
from certs.x509.revocation import Standing, ocsp_answers, revocation_list, standing
from connectors.e_seal.sealing.authority import Algorithm, Authority, new_key
from tests.certs.seals.town import KINDS, NOW, Town, known, listed, town
from tests.support.openssl import DISTID, openssl

DAY = timedelta(days=1)


def pem(der: bytes, label: str = "CERTIFICATE") -> bytes:
    import base64  # noqa: PLC0415  # because only this needs it

    return b"-----BEGIN %s-----\n%s-----END %s-----\n" % (label.encode(), base64.encodebytes(der), label.encode())


@pytest.fixture(params=KINDS)
def here(request: pytest.FixtureRequest) -> Town:
    return town(request.param)


def test_a_chain_leads_to_the_anchor_and_openssl_says_so_too(here: Town, tmp_path: Path) -> None:
    leaf = known(here.signer.certificate)
    (tmp_path / "root.pem").write_bytes(pem(here.authority.certificate))
    (tmp_path / "leaf.pem").write_bytes(pem(leaf.der))
    judged = openssl(
        *(
            "verify",
            "-CAfile",
            tmp_path / "root.pem",
            "-attime",
            str(int(NOW.timestamp())),
            "-vfyopt",
            DISTID,
            tmp_path / "leaf.pem",
        )
        if here.authority.algorithm is Algorithm.SM2
        else ("verify", "-CAfile", tmp_path / "root.pem", "-attime", str(int(NOW.timestamp())), tmp_path / "leaf.pem")
    )

    assert chain(leaf, (here.anchor,), (), NOW) == Chain((leaf, here.anchor))
    assert judged.returncode == 0, judged.stderr


def test_an_anchor_of_the_same_name_with_another_key_is_none(here: Town) -> None:
    other = known(Authority(here.authority.algorithm, NOW).certificate)
    leaf = known(here.signer.certificate)

    assert other.subject == here.anchor.subject
    assert chain(leaf, (other,), (), NOW) is Broken.SIGNATURE
    assert isinstance(chain(leaf, (other, here.anchor), (), NOW), Chain)


def test_what_comes_with_a_file_is_no_anchor(here: Town) -> None:
    leaf = known(here.signer.certificate)

    assert chain(leaf, (), (here.anchor,), NOW) is Broken.NO_ANCHOR


@pytest.mark.parametrize("days", [-366, 366])
def test_a_certificate_has_its_time(here: Town, days: int) -> None:
    assert chain(known(here.signer.certificate), (here.anchor,), (), NOW + days * DAY) is Broken.EXPIRED


def test_a_holder_issues_nothing(here: Town) -> None:
    leaf = known(here.signer.certificate)
    forged = replace(leaf, issuer=leaf.subject, subject=b"somebody", der=b"forged")

    assert chain(forged, (here.anchor,), (leaf,), NOW) is Broken.NOT_AUTHORITY


def test_a_strange_critical_extension_makes_it_good_for_nothing(here: Town) -> None:
    leaf = replace(known(here.signer.certificate), strange=("1.2.3",))

    assert chain(leaf, (here.anchor,), (), NOW) is Broken.STRANGE_EXTENSION


def test_a_circle_of_names_ends() -> None:
    leaf = known(town(Algorithm.ECDSA).signer.certificate)
    circle = [replace(leaf, subject=bytes([n]), issuer=bytes([(n + 1) % 9]), der=bytes([n])) for n in range(9)]

    assert chain(circle[0], (), circle * 30, NOW) is Broken.NO_ANCHOR


@pytest.mark.parametrize("kind", KINDS)
def test_the_key_decides_and_an_algorithm_of_another_kind_is_never_tried(kind: Algorithm) -> None:
    key = new_key(kind)
    others = {new_key(other).oid for other in KINDS if other is not kind}

    assert signed(key.oid, key.spki(), b"message", key.sign(b"message")) is Signed.YES
    assert signed(key.oid, key.spki(), b"massage", key.sign(b"message")) is Signed.NO
    assert {signed(other, key.spki(), b"message", key.sign(b"message")) for other in others} == {
        Signed.UNKNOWN_ALGORITHM
    }
    assert signed("1.2.840.113549.1.1.5", key.spki(), b"message", key.sign(b"message")) is Signed.UNKNOWN_ALGORITHM
    assert signed(SM2_WITH_SM3, b"junk", b"message", b"junk") is Signed.UNKNOWN_ALGORITHM


class TestLists:
    def test_openssl_reads_our_list(self, here: Town, tmp_path: Path) -> None:
        (tmp_path / "list.der").write_bytes(here.authority.revocation_list([(here.signer.certificate, NOW)]))
        said = openssl("crl", "-inform", "DER", "-in", tmp_path / "list.der", "-noout", "-text")

        assert said.returncode == 0
        assert known(here.signer.certificate).serial.upper().encode() in said.stdout

    @pytest.mark.parametrize(
        ("since", "expected"),
        [
            (None, Standing.GOOD),
            (-DAY, Standing.REVOKED),
            (timedelta(), Standing.REVOKED),
            (DAY, Standing.REVOKED_LATER),
        ],
    )
    def test_what_a_list_says(self, here: Town, since: timedelta | None, expected: Standing) -> None:
        revoked = () if since is None else ((here.signer.certificate, NOW + since),)
        one = listed(here.authority.revocation_list(revoked))

        assert standing(known(here.signer.certificate), here.anchor, (one,), NOW) is expected

    def test_nobody_brought_one(self, here: Town) -> None:
        assert standing(known(here.signer.certificate), here.anchor, (), NOW) is Standing.UNKNOWN

    def test_a_list_that_has_run_out_says_nothing_of_later(self, here: Town) -> None:
        one = listed(here.authority.revocation_list(days=7))

        assert standing(known(here.signer.certificate), here.anchor, (one,), NOW + 8 * DAY) is Standing.UNKNOWN
        assert standing(known(here.signer.certificate), here.anchor, (one,), NOW - 8 * DAY) is Standing.GOOD

    def test_a_list_of_another_authority_says_nothing(self, here: Town) -> None:
        other = Authority(here.authority.algorithm, NOW)
        forged = listed(other.revocation_list([(here.signer.certificate, NOW - DAY)]))

        assert standing(known(here.signer.certificate), here.anchor, (forged,), NOW) is Standing.UNKNOWN

    def test_a_changed_list_says_nothing(self, here: Town) -> None:
        changed = replace(listed(here.authority.revocation_list()), tbs=b"changed")

        assert standing(known(here.signer.certificate), here.anchor, (changed,), NOW) is Standing.UNKNOWN


class TestOcsp:
    """Answers made by the library of cryptography, which knows no SM2."""

    @pytest.fixture
    def here(self) -> Town:
        return town(Algorithm.ECDSA)

    def answer(self, here: Town, status: ocsp.OCSPCertStatus, by: Town | None = None) -> bytes:
        signer = by or here
        leaf, root = (
            x509.load_der_x509_certificate(der) for der in (here.signer.certificate, here.authority.certificate)
        )
        key = serialization.load_der_private_key(signer.authority._key.private(), None)
        revoked = NOW.replace(tzinfo=None) - DAY if status is ocsp.OCSPCertStatus.REVOKED else None
        built = (
            ocsp.OCSPResponseBuilder()
            .add_response(
                cert=leaf,
                issuer=root,
                algorithm=hashes.SHA256(),
                cert_status=status,
                this_update=NOW - DAY,
                next_update=NOW + DAY,
                revocation_time=revoked,
                revocation_reason=None,
            )
            .responder_id(ocsp.OCSPResponderEncoding.HASH, x509.load_der_x509_certificate(signer.authority.certificate))
        )
        return built.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)  # type: ignore[arg-type]  # it is an EC key

    @pytest.mark.parametrize(
        ("status", "expected"),
        [
            (ocsp.OCSPCertStatus.GOOD, Standing.GOOD),
            (ocsp.OCSPCertStatus.REVOKED, Standing.REVOKED),
            (ocsp.OCSPCertStatus.UNKNOWN, Standing.UNKNOWN),
        ],
    )
    def test_what_it_says(self, here: Town, status: ocsp.OCSPCertStatus, expected: Standing) -> None:
        answers = ocsp_answers(self.answer(here, status))

        assert answers is not None
        assert standing(known(here.signer.certificate), here.anchor, answers, NOW) is expected
        assert standing(known(here.maker.certificate), here.anchor, answers, NOW) is Standing.UNKNOWN

    def test_a_strangers_answer_says_nothing(self, here: Town) -> None:
        authority = Authority(Algorithm.ECDSA, NOW)
        answers = ocsp_answers(self.answer(here, ocsp.OCSPCertStatus.GOOD, Town(authority, here.maker, here.signer)))

        assert answers is not None
        assert standing(known(here.signer.certificate), here.anchor, answers, NOW) is Standing.UNKNOWN

    def test_an_error_is_no_answer(self) -> None:
        error = ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.TRY_LATER)

        assert ocsp_answers(error.public_bytes(serialization.Encoding.DER)) is None


class TestFiles:
    def test_what_a_file_is_its_contents_say(self, here: Town) -> None:
        both = pem(here.authority.certificate) + b"a comment\n" + pem(here.signer.certificate)
        crl = here.authority.revocation_list()
        found = brought(
            {"ca.txt": both, "list.cer": crl, "list.pem": pem(crl, "X509 CRL"), "readme": b"hello", "empty": b""}
        )

        assert {one.der for one in found.certificates} == {here.authority.certificate, here.signer.certificate}
        assert found.revocation == (revocation_list(crl), revocation_list(crl))
        assert found.unread == ("empty", "readme#1")

    def test_a_damaged_member_is_named(self, here: Town) -> None:
        found = brought({"ca.pem": pem(here.authority.certificate) + pem(b"junk")})

        assert len(found.certificates) == 1
        assert found.unread == ("ca.pem#2",)


def test_cryptography_reads_the_same_of_a_certificate() -> None:
    der = town(Algorithm.RSA).signer.certificate
    ours, theirs = known(der), x509.load_der_x509_certificate(der)

    assert isinstance(ours, Certificate)
    assert int(ours.serial, 16) == theirs.serial_number
    assert (ours.not_before, ours.not_after) == (theirs.not_valid_before_utc, theirs.not_valid_after_utc)
    assert ours.tbs == theirs.tbs_certificate_bytes
    assert ours.common_name == "测试签章人"
    assert certificate(der[:-1]) is None
