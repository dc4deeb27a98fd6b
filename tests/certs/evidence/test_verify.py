# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Containers that hold, containers that do not, and every single byte of one."""

import base64
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from certs.evidence.container import MANIFEST, SEAL, read, write
from certs.evidence.findings import CODES, Verdict
from certs.evidence.roles import Role
from certs.evidence.seal import digest_of, identity, seal, signature_in
from certs.evidence.verify import Result, verify
from certs.suites.detached import DetachedSigner
from tests.certs.evidence.making import NOW, Keys, Making, accepted, gm_key, intl_key, reworded, submission
from tests.certs.evidence.vectors import GOOD, VECTORS, Vector


@pytest.fixture(scope="module")
def keys() -> Keys:
    return Keys(intl_key(Role.RECEIPTS), intl_key(Role.LOG))


@pytest.fixture(scope="module")
def gm_keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    folder = tmp_path_factory.mktemp("gm")
    return Keys(gm_key(Role.RECEIPTS, folder), gm_key(Role.LOG, folder), gm_key(None, folder))


def test_an_honest_container_passes(keys: Keys) -> None:
    result = verify(Making(keys).made(), keys.anchors, NOW)
    assert {one.code for one in result.findings} == {"TIME_CLAIMED", "DELIVERY_OPEN", "SENDER_UNTRUSTED"}
    assert result.verdict is Verdict.PASSED
    assert [one.kind for one in result.structure.said] == [
        "accepted", "delivered", "not_delivered", "replayed", "delivered", "released", "accepted",
        "submission",
    ]  # fmt: skip


def test_one_of_gm_1_passes(gm_keys: Keys) -> None:
    result = verify(Making(gm_keys).made(), gm_keys.anchors, gm_keys.log.certificate.not_before + timedelta(hours=1))
    assert result.verdict is Verdict.PASSED, result.findings


def test_who_brings_the_senders_anchor_is_told_nothing_of_it(keys: Keys, gm_keys: Keys) -> None:
    for one in (keys, gm_keys):
        now = one.log.certificate.not_before + timedelta(hours=1)
        anchors = (*one.anchors, one.sender.certificate)
        at_now = reworded(submission(one.sender), receivedAt=f"{now:%Y-%m-%dT%H:%M:%S}Z")
        data = Making(one, statements=(accepted(), at_now)).made()
        assert "SENDER_UNTRUSTED" not in {found.code for found in verify(data, anchors, now).findings}
        early = reworded(at_now, receivedAt="2001-01-01T00:00:00Z")
        result = verify(Making(one, statements=(accepted(), early)).made(), anchors, now)
        assert "SENDER_UNTRUSTED" in {found.code for found in result.findings}, "it was not valid then"


def test_a_strict_verifier_lets_nothing_pass_that_only_the_hub_vouches_for(keys: Keys) -> None:
    data = Making(keys).made()
    assert verify(data, keys.anchors, NOW, strict=True).verdict is Verdict.INDETERMINATE
    assert verify(data + b"x", keys.anchors, NOW, strict=True).verdict is Verdict.FAILED


def test_a_bare_signature_needs_its_message(gm_keys: Keys) -> None:
    now = gm_keys.log.certificate.not_before + timedelta(hours=1)

    def result(*, parts: bool, **fields: Any) -> Result:
        statements = (accepted(), submission(gm_keys.sender, bare=True, **fields))
        return verify(Making(gm_keys, statements=statements, parts=parts).made(), gm_keys.anchors, now)

    assert result(parts=True).verdict is Verdict.PASSED
    assert {one.code for one in result(parts=False).findings} >= {"SUBMISSION_UNSEEN"}
    assert result(parts=False).verdict is Verdict.PASSED
    other = base64.b64encode(gm_keys.sender.sign(b"other")).decode()
    assert [one.code for one in result(parts=True, signature=other).findings if one.verdict is Verdict.FAILED] == [
        "SIGNATURE"
    ]


def test_without_an_anchor_nothing_is_believed(keys: Keys) -> None:
    assert verify(Making(keys).made(), (), NOW).verdict is Verdict.INDETERMINATE
    others = Keys(intl_key(Role.RECEIPTS), intl_key(Role.LOG))
    result = verify(Making(keys).made(), others.anchors, NOW)
    assert (result.verdict, {one.code for one in result.findings}) >= (Verdict.INDETERMINATE, set())
    assert "UNTRUSTED" in {one.code for one in result.findings}


def test_a_certificate_counts_while_it_is_valid(keys: Keys) -> None:
    late = verify(Making(keys).made(), keys.anchors, NOW + timedelta(days=9999))
    assert "CERTIFICATE_TIME" in {one.code for one in late.findings}
    assert late.verdict is Verdict.FAILED


def test_there_are_enough_vectors_and_each_has_a_rule_of_its_own() -> None:
    assert len(VECTORS) >= 60
    assert {vector.code for vector in VECTORS.values()} <= set(CODES)


@pytest.mark.parametrize("name", VECTORS)
def test_a_vector_gets_the_verdict_of_its_rule(keys: Keys, name: str) -> None:
    vector: Vector = VECTORS[name]
    result = verify(vector.make(keys), keys.anchors, NOW)
    assert result.verdict is CODES[vector.code][0] is not Verdict.PASSED
    reasons = {one.code for one in result.findings if one.verdict is result.verdict}
    assert reasons == {vector.code}, "for its own reason, and for no other"


@pytest.mark.parametrize("name", GOOD)
def test_what_looks_odd_and_is_sound_passes(keys: Keys, name: str) -> None:
    result = verify(GOOD[name](keys), keys.anchors, NOW)
    assert result.verdict is Verdict.PASSED, result.findings


def test_no_single_byte_may_be_another(keys: Keys) -> None:
    """Every byte of the container, each in two ways; none of it needs a signature to be seen."""
    whole = Making(keys).made()
    assert len(whole) <= 32 * 1024
    for at in range(len(whole)):
        for flip in (0x01, 0x80):
            changed = bytearray(whole)
            changed[at] ^= flip
            assert verify(bytes(changed), keys.anchors, NOW).verdict is Verdict.FAILED, at


def test_no_byte_of_the_seal_or_the_manifest_may_be_another_in_a_rebuilt_container(keys: Keys) -> None:
    """Who changes a byte may also mend the ZIP around it."""
    files = read(Making(keys).made())
    for name in (SEAL, MANIFEST):
        for at in range(len(files[name])):
            changed = bytearray(files[name])
            changed[at] ^= 0x01
            assert verify(write(files | {name: bytes(changed)}), keys.anchors, NOW).verdict is Verdict.FAILED, (
                name,
                at,
            )


def test_the_seal_that_is_built_again_is_the_one_that_the_suites_make(keys: Keys, gm_keys: Keys) -> None:
    for signer in (keys.receipts, gm_keys.receipts):
        made = DetachedSigner(signer).over(b"content")
        mine = identity(signer.certificate.der)
        assert mine is not None
        digest = digest_of(mine.suite, b"content")
        signature = signature_in(made, mine, digest)
        assert signature is not None
        assert seal(mine, digest, signature) == made
        assert signature_in(made, mine, bytes(32)) is None


def test_the_same_parts_make_the_same_container(keys: Keys, tmp_path: Path) -> None:
    files = read(Making(keys).made())
    assert write(files) == write(dict(reversed(files.items())))
