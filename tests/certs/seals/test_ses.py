# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Seals and signatures of the three versions: what holds, and what each change breaks."""

from datetime import timedelta
from pathlib import Path

import pytest
from asn1crypto.core import OctetBitString
from hypothesis import given, settings
from hypothesis import strategies as st

from certs import sm2
from certs.seals.check import Aspect, Examined, Kind, Verdict
from certs.seals.reading import Seal, Signature, read
from certs.seals.structures import SealV1, SealV4, SignatureV1, SignatureV4
from certs.seals.verify import verify
from certs.x509.anchors import Trust
from certs.x509.certificate import certificate
from connectors.e_seal.sealing.authority import Algorithm, Authority
from connectors.e_seal.sealing.seals import SealPlan, make_seal, make_signature
from tests.certs.seals.town import KINDS, NOW, VERSIONS, Town, codes, failures, known, listed, town
from tests.support.openssl import verifies

DAY = timedelta(days=1)
HASHES = {Algorithm.RSA: "sha256", Algorithm.ECDSA: "sha256", Algorithm.SM2: "sm3"}


@pytest.fixture(params=KINDS)
def here(request: pytest.FixtureRequest) -> Town:
    return town(request.param)


@pytest.fixture(params=VERSIONS)
def version(request: pytest.FixtureRequest) -> int:
    return int(request.param)


def seal_of(data: bytes) -> Seal:
    found = read(data)
    assert isinstance(found, Seal)
    return found


def signature_of(data: bytes) -> Signature:
    found = read(data)
    assert isinstance(found, Signature)
    return found


def test_a_sound_signature_holds_in_every_aspect(here: Town, version: int) -> None:
    examined = here.examined(here.signature(version))

    assert examined.kind is Kind.SIGNATURE
    assert examined.verdict is Verdict.HELD, examined.faults
    [impression] = examined.impressions
    assert {one.aspect for one in impression.checks} == set(Aspect) - {Aspect.FORM, Aspect.COVERAGE}
    assert impression.facts.structure == f"ses_v{version}"
    assert impression.facts.seal_id == "00000000000000"
    assert impression.facts.sealed_at == NOW
    assert impression.facts.certificate_serial == known(here.signer.certificate).serial


def test_a_seal_by_itself_holds(here: Town, version: int) -> None:
    examined = here.examined(here.seal(version))

    assert (examined.kind, examined.verdict) == (Kind.SEAL, Verdict.HELD)


def test_openssl_says_the_same_of_the_bytes_that_were_signed(here: Town, version: int, tmp_path: Path) -> None:
    signature = signature_of(here.signature(version))
    maker, signer = known(signature.seal.maker), known(signature.signer)
    digest = HASHES[here.authority.algorithm]

    assert verifies(tmp_path, maker.spki, signature.seal.signed, signature.seal.value, digest)
    assert verifies(tmp_path, signer.spki, signature.signed, signature.value, digest)
    assert not verifies(tmp_path, maker.spki, signature.seal.der, signature.seal.value, digest)


def test_a_raw_signature_of_64_bytes_holds_as_well() -> None:
    here = town(Algorithm.SM2)
    whole = SignatureV4.load(here.signature())
    both = sm2.raw(whole["value"].native)
    assert both is not None
    whole["value"] = OctetBitString(both)

    assert here.examined(whole.dump(force=True)).verdict is Verdict.HELD


def test_users_listed_by_digest_are_users(here: Town) -> None:
    listed_so = here.signature(seal=here.seal(by_digest=True))

    assert here.examined(listed_so).verdict is Verdict.HELD


class TestChanges:
    def test_another_document(self, here: Town, version: int) -> None:
        assert codes(here.examined(here.signature(version), b"another")) == ["DOCUMENT_CHANGED"]

    def test_no_document_is_unknown_and_never_a_pass(self, here: Town, version: int) -> None:
        examined = here.examined(here.signature(version), None)

        assert examined.verdict is Verdict.UNKNOWN
        assert codes(examined) == ["DOCUMENT_NOT_GIVEN"]

    def test_a_replaced_picture(self, here: Town, version: int) -> None:
        """Signed anew by the signer, whom nobody asked to make seals."""
        spec = SealV1 if version == 1 else SealV4
        seal = spec.load(here.seal(version))
        seal["info"]["picture"]["data"] = b"another picture"
        changed = seal.dump(force=True)

        assert failures(here.examined(changed)) == {"SEAL_CHANGED"}
        assert failures(here.examined(here.signature(version, seal=changed))) == {"SEAL_CHANGED"}

    def test_a_changed_signature(self, here: Town, version: int) -> None:
        spec = SignatureV1 if version == 1 else SignatureV4
        whole = spec.load(here.signature(version))
        whole["to_sign"]["property"] = "/another"

        assert failures(here.examined(whole.dump(force=True))) == {"SIGNATURE"}

    def test_a_signer_whom_the_seal_does_not_list(self, here: Town, version: int) -> None:
        other = here.authority.issue("别人")

        assert failures(here.examined(here.signature(version, signer=other))) == {"SIGNER_NOT_LISTED"}

    def test_a_seal_used_beyond_its_time(self, here: Town, version: int) -> None:
        seal = make_seal(
            SealPlan(version=version, made=NOW - 30 * DAY, begin=NOW - 30 * DAY, end=NOW - DAY),
            here.maker,
            (here.signer.certificate,),
        )

        assert failures(here.examined(here.signature(version, seal=seal))) == {"SEAL_PERIOD"}

    def test_a_signer_whose_certificate_had_run_out(self, here: Town, version: int) -> None:
        late = here.authority.issue("过期的人", days=(-100, -1))
        seal = make_seal(SealPlan.around(NOW, version), here.maker, (late.certificate,))

        assert failures(here.examined(here.signature(version, seal=seal, signer=late))) == {"SIGNER_EXPIRED"}
        then = here.signature(version, seal=seal, signer=late, moment=NOW - 2 * DAY)
        assert here.examined(then).verdict is Verdict.HELD

    def test_a_certificate_that_may_not_sign(self, here: Town) -> None:
        wrong = here.authority.issue("加密证书", usage=frozenset({"key_encipherment"}))
        seal = make_seal(SealPlan.around(NOW), here.maker, (wrong.certificate,))

        assert failures(here.examined(here.signature(seal=seal, signer=wrong))) == {"SIGNER_USAGE"}

    def test_an_authority_nobody_trusts(self, here: Town, version: int) -> None:
        stranger = known(Authority(here.authority.algorithm, NOW, "别的根").certificate)
        examined = here.examined(here.signature(version), trust=Trust((stranger,)))

        assert failures(examined) == {"SIGNER_NO_ANCHOR", "MAKER_NO_ANCHOR"}

    def test_revocation(self, here: Town, version: int) -> None:
        signature = here.signature(version)

        def under(*revoked: tuple[bytes, int]) -> Examined:
            dated = [(der, NOW + days * DAY) for der, days in revoked]
            return here.examined(
                signature, trust=Trust((here.anchor,), (), (listed(here.authority.revocation_list(dated)),))
            )

        assert codes(under((here.signer.certificate, -1))) == ["SIGNER_REVOKED"]
        assert codes(under((here.maker.certificate, -40))) == ["MAKER_REVOKED"]
        assert codes(under((here.signer.certificate, 1))) == ["SIGNER_REVOKED_LATER"]
        assert under((here.signer.certificate, 1)).verdict is Verdict.UNKNOWN

    def test_revocation_that_nobody_told_is_unknown(self, here: Town) -> None:
        examined = here.examined(here.signature(), trust=Trust((here.anchor,)))

        assert examined.verdict is Verdict.UNKNOWN
        assert set(codes(examined)) == {"SIGNER_REVOCATION_UNKNOWN", "MAKER_REVOCATION_UNKNOWN"}

    @pytest.mark.parametrize(
        ("ahead", "code"),
        [
            (timedelta(minutes=4), []),
            (timedelta(hours=8), ["MOMENT_AMBIGUOUS"]),
            (timedelta(hours=9), ["SIGNED_IN_FUTURE"]),
        ],
    )
    def test_the_moment_of_signing(self, here: Town, version: int, ahead: timedelta, code: list[str]) -> None:
        assert codes(here.examined(here.signature(version, moment=NOW + ahead))) == code

    def test_without_anchors_the_certificates_that_came_along_vouch_for_nothing(self, here: Town) -> None:
        assert "SIGNER_NO_ANCHOR" in failures(here.examined(here.signature(), trust=Trust()))


class TestVersions:
    def test_bytes_of_one_version_are_never_taken_for_another(self, here: Town) -> None:
        """The layout and the header must agree: what a signature covers differs between them."""
        old, new = SealV1.load(here.seal(1)), SealV4.load(here.seal(4))
        old["info"]["header"]["version"] = 4
        new["info"]["header"]["version"] = 1

        for passed_off in (old, new):
            assert codes(here.examined(passed_off.dump(force=True))) == ["FORM"]

    def test_a_seal_of_version_1_in_the_layout_of_version_4(self, here: Town) -> None:
        """Its signature covers certificate and algorithm too, so it does not hold there."""
        old = seal_of(here.seal(1))
        whole = SealV4.load(here.seal(4))
        whole["value"] = OctetBitString(old.value)

        assert failures(here.examined(whole.dump(force=True))) == {"SEAL_CHANGED"}

    def test_an_unknown_version_or_mark(self, here: Town) -> None:
        for change in ({"version": 6}, {"id": "XX"}):
            whole = SealV4.load(here.seal(4))
            for name, value in change.items():
                whole["info"]["header"][name] = value
            assert codes(here.examined(whole.dump(force=True))) == ["FORM"]


class TestHostile:
    @settings(max_examples=300)
    @given(data=st.data())
    def test_no_changed_byte_holds(self, data: st.DataObject) -> None:
        here = town(Algorithm.SM2)
        sound = SAMPLES[data.draw(st.sampled_from(VERSIONS))]
        place = data.draw(st.integers(0, len(sound) - 1))
        byte = data.draw(st.integers(1, 255))
        changed = sound[:place] + bytes([sound[place] ^ byte]) + sound[place + 1 :]

        assert here.examined(changed).verdict is Verdict.FAILED

    @given(st.sampled_from(VERSIONS), st.integers(0, 5000))
    def test_no_beginning_holds(self, version: int, length: int) -> None:
        sound = SAMPLES[version]

        assert codes(town(Algorithm.SM2).examined(sound[: min(length, len(sound) - 1)])) == ["FORM"]

    @given(st.binary(max_size=500))
    def test_any_bytes_are_examined(self, junk: bytes) -> None:
        assert verify(junk, Trust(), NOW).verdict is Verdict.FAILED

    def test_a_bomb_of_nested_elements(self) -> None:
        bomb = b"\x30\x80" * 100_000

        assert codes(verify(bomb, Trust(), NOW)) == ["FORM"]

    def test_a_certificate_that_is_none(self, here: Town) -> None:
        whole = SignatureV4.load(here.signature())
        whole["cert"] = b"junk"
        examined = here.examined(whole.dump(force=True))

        assert failures(examined) == {"SIGNATURE", "SIGNER_CERTIFICATE"}

    def test_every_code_says_what_to_do_in_both_languages(self, here: Town) -> None:
        for fault in here.examined(here.signature(), b"another", Trust()).faults:
            assert fault.meaning is not None
            assert all((*fault.meaning.says, *fault.meaning.remedy))


def test_a_certificate_is_found_in_what_was_made() -> None:
    here = town(Algorithm.SM2)

    assert certificate(signature_of(make_signature(4, here.seal(), here.signer, b"", NOW)).signer) is not None


SAMPLES = {one: town(Algorithm.SM2).signature(one) for one in VERSIONS}
