# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Time stamps: over the signature's value, by an authority one trusts; and what they prove."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certs.seals.check import Aspect, Verdict
from certs.seals.reading import Signature, read
from certs.seals.timestamps import stamped
from certs.x509.anchors import Trust
from connectors.e_seal.sealing.authority import Algorithm, Authority
from connectors.e_seal.sealing.seals import with_stamp
from connectors.e_seal.sealing.timestamps import make_token
from tests.certs.seals.town import KINDS, NOW, Town, codes, failures, known, listed, town
from tests.support.openssl import openssl

DAY = timedelta(days=1)
STAMPERS = {one: town(one).authority.issue("测试时间戳", purpose="time_stamping") for one in KINDS}


@pytest.fixture(params=KINDS)
def here(request: pytest.FixtureRequest) -> Town:
    return town(request.param)


def value_of(signature: bytes) -> bytes:
    found = read(signature)
    assert isinstance(found, Signature)
    return found.value


def token(here: Town, covered: bytes, **other: object) -> bytes:
    kind = here.authority.algorithm
    moment = other.get("moment", NOW)
    return make_token(other.get("by", STAMPERS[kind]), kind, covered, moment)  # type: ignore[arg-type]  # they are what they are called


@pytest.mark.parametrize("version", [4, 5])
def test_a_stamp_over_the_value_holds(here: Town, version: int) -> None:
    signature = here.signature(version)
    examined = here.examined(with_stamp(signature, token(here, value_of(signature))))

    assert examined.verdict is Verdict.HELD, examined.faults
    assert examined.impressions[0].facts.timestamped


def test_a_seal_of_version_5_may_prove_when_it_was_made(here: Town) -> None:
    seal = here.seal(5)
    made = read(seal)
    assert made is not None
    whole = with_stamp(seal, token(here, made.value), is_seal=True)

    assert here.examined(whole).verdict is Verdict.HELD
    assert here.examined(here.signature(5, seal=whole)).verdict is Verdict.HELD
    assert "TIMESTAMP" in failures(here.examined(with_stamp(seal, token(here, b"another"), is_seal=True)))


@pytest.mark.parametrize("kind", [Algorithm.RSA, Algorithm.ECDSA])
def test_openssl_says_the_same(kind: Algorithm, tmp_path: Path) -> None:
    here = town(kind)
    (tmp_path / "token").write_bytes(token(here, b"value"))
    (tmp_path / "data").write_bytes(b"value")
    (tmp_path / "root.der").write_bytes(here.authority.certificate)
    openssl("x509", "-inform", "DER", "-in", tmp_path / "root.der", "-out", tmp_path / "root.pem")
    said = openssl(
        *("ts", "-verify", "-token_in", "-in", tmp_path / "token", "-data", tmp_path / "data"),
        *("-CAfile", tmp_path / "root.pem", "-attime", str(int(NOW.timestamp()))),
    )

    assert said.returncode == 0, said.stderr


def test_a_stamp_of_something_else(here: Town) -> None:
    signature = here.signature()

    assert failures(here.examined(with_stamp(signature, token(here, b"another")))) == {"TIMESTAMP"}


def test_a_stamp_by_nobody_in_particular(here: Town) -> None:
    signature = here.signature()
    covered = value_of(signature)
    stranger = Authority(here.authority.algorithm, NOW, "别的根").issue("时间戳", purpose="time_stamping")

    assert failures(here.examined(with_stamp(signature, token(here, covered, by=stranger)))) == {"STAMPER_NO_ANCHOR"}
    assert failures(here.examined(with_stamp(signature, token(here, covered, by=here.signer)))) == {"STAMPER_USAGE"}
    assert failures(here.examined(with_stamp(signature, b"junk"))) == {"TIMESTAMP"}
    ahead = token(here, covered, moment=NOW + DAY)
    assert failures(here.examined(with_stamp(signature, ahead))) >= {"SIGNED_IN_FUTURE"}


def test_a_stamp_proves_that_the_seal_came_before_the_revocation(here: Town) -> None:
    signature = here.signature(moment=NOW - 2 * DAY)
    revoked = listed(here.authority.revocation_list([(here.signer.certificate, NOW - DAY)]))
    trust = Trust((here.anchor,), (), (revoked,))
    then = token(here, value_of(signature), moment=NOW - 2 * DAY)

    assert codes(here.examined(signature, trust=trust)) == ["SIGNER_REVOKED_LATER"]
    assert here.examined(with_stamp(signature, then), trust=trust).verdict is Verdict.HELD
    late = token(here, value_of(signature))
    assert failures(here.examined(with_stamp(signature, late), trust=trust)) == {"SIGNER_REVOKED"}


@settings(max_examples=200)
@given(st.data())
def test_no_changed_byte_of_a_token_holds(data: st.DataObject) -> None:
    here = town(Algorithm.ECDSA)
    sound = SOUND
    place = data.draw(st.integers(0, len(sound) - 1))
    changed = sound[:place] + bytes([sound[place] ^ data.draw(st.integers(1, 255))]) + sound[place + 1 :]
    found = stamped(changed, b"value", here.trust, NOW)

    # What names the algorithms outside of what is signed may differ; the moment and what it is about may not.
    assert found.moment in {None, NOW}
    assert all(one.aspect in {Aspect.MOMENT, Aspect.REVOCATION} for one in found.checks)


def test_the_stamper_is_known() -> None:
    assert known(STAMPERS[Algorithm.RSA].certificate).purposes == frozenset({"time_stamping"})


SOUND = make_token(STAMPERS[Algorithm.ECDSA], Algorithm.ECDSA, b"value", NOW)
